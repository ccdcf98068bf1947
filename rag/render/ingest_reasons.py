"""Why a file was refused, in Chinese: the index keeps the English sentence that scripts and logs show."""

import re

__all__ = ["reason_zh"]

# What the sentences of the readers begin or end with (the path stands in a column of its own), and what a reader of
# the list needs to know. The first that fits; a test holds that every sentence of the readers has one.
_REASONS = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"is empty\.$", "文件是空的。"),
        (r"pushed through another server", "这个编号是经另一台服务器推送的，请发给那一台。"),
        (
            r"takes more than (\d+) seconds to read",
            "读入需要{0}秒以上，请放进报道文件夹，用 youju build 收录。",
        ),
        (r"^and (\d+) more$", "另有{0}处没有读入。"),
        (r"has no text in it: page .{0,200}?vertical lines", "没有可读的文字：页面是竖排的，不能读入。"),
        (
            r"has no text in it: page .{0,200}?a picture without text: run",
            '没有可读的文字：页面是图片；安装文字识别扩展（pip install "youju[ocr]"）后可以识别。',
        ),
        (r"has no text in it: page .{0,200}?a picture", "没有可读的文字：页面是图片，上面没有认出文字。"),
        (r"has no text in it: page ", "没有可读的文字：字体没有编码，请从别处取得文本或做文字识别（OCR）。"),
        (r"has no text in it", "没有文字。"),
        (
            r"page (\d+) is a picture without text: run",
            '第{0}页是图片；安装文字识别扩展（pip install "youju[ocr]"）后可以识别。',
        ),
        (r"page (\d+) is a picture without text", "第{0}页是图片，上面没有认出文字。"),
        (r"is a picture: its words", '这是图片；安装文字识别扩展（pip install "youju[ocr]"）后可以识别。'),
        (r"too small for a page", "图片太小，不像一页报纸。"),
        (r"no page is so large", "图片太大，不像一页报纸。"),
        (r"is not a picture, or", "不是图片，或文件已损坏。"),
        (r"lacks the models of rapidocr", "文字识别扩展不完整，请重新安装。"),
        (r"page (\d+) is set in vertical lines", "第{0}页是竖排的，不能读入。"),
        (
            r"page (\d+) has characters without a code",
            "第{0}页的字体没有编码，请从别处取得文本或做文字识别（OCR）。",
        ),
        (r"link that leads out of its folder", "旁边的说明文件是指向文件夹以外的链接，不读入。"),
        (r"link leads out of the folder", "这是指向文件夹以外的链接，不读入。"),
        (r"is a link or lies behind one", "这是链接，不读入；请直接指定它所指的文件。"),
        (r"is no regular file", "这不是普通文件（管道、设备或套接字），不读入。"),
        (r"declares entities of its own", "文件里自行定义了实体（<!DOCTYPE>），不读入。"),
        (r"more than (\d+) attributes", "网页有一个元素的属性超过{0}个，不像一篇报道。"),
        (r"unpacks to more than ([\d.]+) million characters", "解压后有 {0} 百万字以上，不像一篇报道。"),
        (r"cannot be read as JSON: ", "旁边的说明文件不是 JSON。"),
        (r"cannot be read: ", "文件打不开，请检查权限。"),
        (r"is not a Word file", "不是 Word 文件（.docx），或文件已损坏。"),
        (r"is not an Excel file", "不是 Excel 文件（.xlsx），或文件已损坏、有密码。"),
        (r"is not a PowerPoint file", "不是演示文稿（.pptx），或文件已损坏、有密码。"),
        (r"is not an e-book", "不是电子书（.epub），或文件已损坏。"),
        (r"is not an archive", "不是压缩包（.zip），或文件已损坏。"),
        (r"is not an RTF file", "不是 RTF 文件，请用文字处理软件另存。"),
        (r"is not .{0,60}?, or it is damaged or locked", "不是这种文件，或文件已损坏、有密码。"),
        (r"the sheet '?(.{0,60}?)'? is hidden", "工作表“{0}”是隐藏的，没有读入。"),
        (r"is locked against copying", "电子书有版权保护（DRM），不能读入。"),
        (r"names a chapter", "缺少一章，电子书不完整。"),
        (r"leads out of its archive", "压缩包里的这一项指向压缩包以外，不解开。"),
        (r"is a link in an archive", "压缩包里的这一项是链接，不读入。"),
        (r"is locked with a password", "压缩包里的这一项有密码，请先解开。"),
        (r"is an archive in an archive", "压缩包里还有压缩包，请先解开外层。"),
        (r"from (\d+) kB: no article does", "压缩包里的这一项压缩得太厉害，不像报道。"),
        (r"holds (\d+) files of (\d+) MB", "压缩包里有{0}个文件、{1} MB，太多了，请解开后指定文件夹。"),
        (r"unpack the archive to see", "压缩包里的这一项已损坏。"),
        (r"has no page in it", "里面没有网页，不是存档网页（.mht），或文件已损坏。"),
        (r"has more than (\d+) parts", "有{0}个以上的部分，不像存档网页。"),
        (r"groups nested more than", "嵌套太深，不像一篇报道。"),
        (r"is not a PDF file", "不是 PDF 文件，或文件已损坏、有密码。"),
        (r"has (\d+) pages, more than (\d+)", "有{0}页，超过{1}页，请按期拆开。"),
        (r"has (\d+) MB: ", "文件太大（{0} MB），不像一篇报道。"),
        (r"is longer than (\d+) MB: ", "这一行太长（超过 {0} MB），不像一篇报道。"),
        (r"has a line of more than (\d+) MB", "有一行超过 {0} MB，不像一篇报道。"),
        (r"unpacks to (\d+) MB", "解压后有 {0} MB，不像一篇报道。"),
        (r"has (\d+) lines of a few characters", "有{0}行，每行只有几个字，不像一篇报道。"),
        (r"has (\d+) tags: ", "网页有{0}个标签，不像一篇报道。"),
        (r"a notice in its place: (.{0,200}?)\.$", "这一页没有报道，只有提示“{0}”，请重新保存。"),
        (r"a list of (\d+) links", "这一页是目录或列表（{0}个链接），不是一篇报道；请打开其中的报道再保存。"),
        (r"is larger than (\d+) kB: it does not describe", "旁边的说明文件超过 {0} kB，不像说明。"),
        (r"nested more than (\d+) deep", "网页嵌套太深，不像一篇报道。"),
        (r"needs LibreOffice", "读入这种文件需要安装 LibreOffice，或请另存为 .docx。"),
        (r"was not converted within|could not be converted", "没能转换，请另存为 .docx。"),
        (r"is not JSON: ", "不是 JSON。"),
        (r"is not a JSON object with fields", "旁边的说明文件不是含有标题、日期等字段的 JSON 对象。"),
        (r"is not a JSON object", "不是含有 text 字段的 JSON 对象。"),
        (
            r'is read without its field "(.{0,40}?)": the date (.{0,80}?) is not one',
            "已读入，但没有看懂字段“{0}”的日期 {1}。",
        ),
        (r'is read without its field "(.{0,40}?)"', "已读入，但没有看懂字段“{0}”。"),
        (r"has no words in a field of text; its fields are: (.{0,200})\.$", "没有正文字段；现有字段：{0}。"),
        (r"stands above the headings", "这一行在表头之上，没有读入。"),
        (
            r"is a table of more than (\d+) million",
            "表格超过 {0} 百万字，又不是报道清单；请写明列名（标题、正文、日期、来源）或拆开。",
        ),
        (r"elements nested too deep", "网页嵌套太深，不像一篇报道。"),
        (r'has no words in its field "text"', "text 字段里没有文字。"),
        (r'the field "(\w+)" is not a string', "字段 {0} 不是文字。"),
        (r'the field "(\w+)" holds a NUL', "字段 {0} 含有无效字符。"),
        (r"has (\d+) fields, the first line (\d+)", "这一行有{0}列，第一行有{1}列。"),
        (r"is not CSV: ", "不是 CSV。"),
        (r"the date '?(.{0,200}?)'? names a month and no day", "日期“{0}”只有月份，没有日。"),
        (r"the date '?(.{0,200}?)'? is not one like", "日期“{0}”不是 2024-10-20 这样的写法。"),
        (r"is of a kind that cannot be read \((.{0,200}?)\)", "不能读入这种文件（{0}）。"),
        (
            r"costs more than (\d+) seconds of work",
            "读入太费时（超过{0}秒），请拆开，或另存为每段一行的纯文本。",
        ),
        (r"is not the same encoding throughout", "全文编码不一致，请另存为 UTF-8。"),
        (r"is garbled: ", "文件是乱码，请重新取得原件。"),
        (r"is damaged: ", "文件已损坏。"),
        (r"is not text ", "不是常见编码的文本，请另存为 UTF-8。"),
        (r"is not text", "不是文本文件。"),
        (r"its name is not UTF-8", "文件名不是 UTF-8。"),
    )
)


def reason_zh(reason: str) -> str:
    """Return the English sentence of a refusal in Chinese, itself where it is not one of ours."""
    for pattern, said in _REASONS:
        if found := pattern.search(reason):
            return said.format(*found.groups())
    return reason
