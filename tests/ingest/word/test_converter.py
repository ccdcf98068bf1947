import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.packages import web_archive, zipped
from tests.support.word_files import DRAWN, paragraph, run, save_word, table

TITLE = paragraph("临江市公布旅游收入", style="Title")
LEAD = paragraph("临江市文旅局5月6日公布假期情况。")
LEVEL = '<w:lvl w:ilvl="{}"><w:start w:val="{}"/><w:numFmt w:val="{}"/><w:lvlText w:val="{}"/>{}</w:lvl>'


def read(path: Path) -> Article:
    ((_, article),) = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    return article


def lines(path: Path) -> list[str]:
    return read(path).text.split("\n")


def numbering(*levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="0">{"".join(levels)}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>'


def test_changes_are_read_as_accepted(tmp_path: Path) -> None:
    gone = '<w:del w:id="1"><w:r><w:delText>31.2</w:delText></w:r></w:del>'
    new = f'<w:ins w:id="2">{run("37.8")}</w:ins>'
    more = paragraph(f'<w:ins w:id="3">{run("其中过夜游客9.4万人次。")}</w:ins>')
    body = paragraph("全市接待游客", gone, new, "万人次。")
    article = read(save_word(tmp_path / "a.docx", TITLE, body, more))
    assert article.text == "临江市公布旅游收入\n全市接待游客37.8万人次。\n其中过夜游客9.4万人次。"
    assert [(drop.text, drop.rule) for drop in article.drops] == [("31.2", "deleted in Word")]


def test_what_was_moved_is_read_once(tmp_path: Path) -> None:
    said = "新馆于5月开放。"
    old = paragraph(f"<w:moveFrom>{run(said)}</w:moveFrom>", properties="<w:rPr><w:moveFrom/></w:rPr>")
    new = paragraph(f"<w:moveTo>{run(said)}</w:moveTo>")
    article = read(save_word(tmp_path / "a.docx", TITLE, old, LEAD, new))
    assert article.text.count(said) == 1
    assert article.text.endswith(said)
    assert [drop.rule for drop in article.drops] == ["moved in Word"]


def test_a_deleted_paragraph_mark_joins_two_paragraphs(tmp_path: Path) -> None:
    first = paragraph("全市接待游客37.8", properties="<w:rPr><w:del/></w:rPr>")
    path = save_word(tmp_path / "a.docx", TITLE, first, paragraph("万人次。"))
    assert "全市接待游客37.8万人次。" in lines(path)


def test_a_deleted_row_is_out(tmp_path: Path) -> None:
    rows = table(("县", "人次"), ("甲县", "12"), ("乙县", "15"))
    rows = rows.replace(
        '<w:tr><w:tc><w:p><w:pPr></w:pPr><w:r><w:rPr></w:rPr><w:t xml:space="preserve">甲县',
        "<w:tr><w:trPr><w:del/></w:trPr><w:tc><w:p><w:r><w:t>甲县",
    )
    article = read(save_word(tmp_path / "a.docx", TITLE, LEAD, rows))
    assert "甲县" not in article.text
    assert "乙县" in article.text
    assert [squeeze(drop.text) for drop in article.drops] == ["甲县12"]


def test_hidden_words_stay_out(tmp_path: Path) -> None:
    secrets = [
        paragraph(run("内部备注甲", "<w:vanish/>")),
        paragraph("游客", run("内部备注乙", '<w:rStyle w:val="Secret"/>'), "37万人次。"),
        paragraph(run("没有隐藏。", '<w:rStyle w:val="Secret"/><w:vanish w:val="0"/>')),
    ]
    article = read(save_word(tmp_path / "a.docx", TITLE, *secrets))
    assert article.text == "临江市公布旅游收入\n游客37万人次。\n没有隐藏。"
    assert {drop.rule for drop in article.drops} == {"hidden in Word"}


def test_content_controls_fields_and_links_are_read(tmp_path: Path) -> None:
    inner = f"<w:sdt><w:sdtPr/><w:sdtContent>{run('37.8')}</w:sdtContent></w:sdt>"
    field = f'<w:fldSimple w:instr="REF a">{run("5月")}</w:fldSimple>'
    spoken = "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText>PAGE</w:instrText></w:r>"
    body = paragraph(field, "接待", inner, f"<w:hyperlink>{run('万人次。')}</w:hyperlink>", spoken)
    block = f"<w:sdt><w:sdtContent>{paragraph('收入2.6亿元。')}</w:sdtContent></w:sdt>"
    text = read(save_word(tmp_path / "a.docx", TITLE, body, block)).text
    assert text == "临江市公布旅游收入\n5月接待37.8万人次。\n收入2.6亿元。"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('共有24支队伍参赛，冠军用时2分31秒。')}</w:txbxContent>"
    new = f"<w:drawing><wps:txbx>{box}</wps:txbx></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    both = f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice><mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>'
    for shape in (both, f"<w:r>{old}</w:r>"):
        found = lines(save_word(tmp_path / "a.docx", TITLE, LEAD, paragraph(shape)))
        assert found[2:] == ["共有24支队伍参赛，冠军用时2分31秒。"]


def test_notes_stand_behind_the_paragraph_with_their_numbers(tmp_path: Path) -> None:
    body = paragraph(
        "棉花总产量12.4万吨。",
        '<w:r><w:footnoteReference w:id="2"/></w:r>',
        "增长3.1%",
        '<w:r><w:footnoteReference w:id="3"/></w:r>',
        "。",
        '<w:r><w:endnoteReference w:id="2"/></w:r>',
    )
    notes = '<w:footnote w:id="0"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>' + "".join(
        f'<w:footnote w:id="{n}">{paragraph(said)}</w:footnote>'
        for n, said in ((3, "按可比价。"), (2, "不含兵团，含兵团为19.7万吨。"))
    )
    end = f'<w:endnote w:id="2">{paragraph("数据来自统计局。")}</w:endnote>'
    found = lines(save_word(tmp_path / "a.docx", TITLE, body, footnotes=notes, endnotes=end))
    assert found[1] == (
        "棉花总产量12.4万吨。¹增长3.1%²。ⁱ ¹不含兵团，含兵团为19.7万吨。 ²按可比价。 ⁱ数据来自统计局。"
    )


def test_notes_of_cells_follow_the_table(tmp_path: Path) -> None:
    cell = paragraph("12.4", '<w:r><w:footnoteReference w:id="2"/></w:r>')
    notes = f'<w:footnote w:id="2">{paragraph("不含兵团。")}</w:footnote>'
    rows = table(("作物", "产量"), ("棉花", cell))
    found = lines(save_word(tmp_path / "a.docx", TITLE, LEAD, rows, footnotes=notes))
    assert found[-1] == "¹不含兵团。"


@pytest.mark.parametrize(
    ("form", "text", "shown"),
    [
        ("decimal", "%1.", "11. "),
        ("chineseCounting", "第%1条", "第十一条 "),
        ("chineseCountingThousand", "（%1）", "（十一） "),
        ("upperRoman", "%1)", "XI) "),
        ("lowerLetter", "%1.", "k. "),
        ("decimalEnclosedCircleChinese", "%1", "⑪ "),
        ("ideographTraditional", "%1、", "11、 "),
        ("chineseLegalSimplified", "%1、", "壹拾壹、 "),
        ("decimalFullWidth", "%1．", "１１． "),
        ("bullet", "\uf0b7", ""),
    ],
)
def test_numbers_are_shown_as_word_writes_them(tmp_path: Path, form: str, text: str, shown: str) -> None:
    item = paragraph("压实责任，实行24小时值班", style="List")
    path = save_word(
        tmp_path / "a.docx", TITLE, LEAD, item, numbering=numbering(LEVEL.format(0, 11, form, text, ""))
    )
    assert lines(path)[2] == f"{shown}压实责任，实行24小时值班"


def test_levels_count_on_and_begin_anew(tmp_path: Path) -> None:
    def item(said: str, level: int, number: int = 1) -> str:
        return paragraph(
            said, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
        )

    rules = numbering(
        LEVEL.format(0, 1, "chineseCounting", "%1、", '<w:suff w:val="nothing"/>'),
        LEVEL.format(1, 1, "decimal", "%1.%2", "<w:isLgl/>"),
    )
    again = '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>'
    items = [
        item("甲", 0),
        item("乙", 1),
        item("丙", 1),
        item("丁", 0),
        item("戊", 1),
        item("己", 0, 2),
        item("庚", 0, 0),
    ]
    found = lines(save_word(tmp_path / "a.docx", TITLE, LEAD, *items, numbering=rules + again))
    assert found[2:] == ["一、甲", "1.1 乙", "1.2 丙", "二、丁", "2.1 戊", "一、己", "庚"]


def test_items_of_a_list_are_paragraphs_of_their_own_and_numbered_headings_head(tmp_path: Path) -> None:
    own = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = [
        paragraph("总体要求", style="H1", properties=own),
        LEAD,
        paragraph("备足物资，编织袋不少于5万条", style="Lower"),
        paragraph("加强巡查，每日巡查3次", style="Lower"),
    ]
    rules = numbering(LEVEL.format(0, 1, "chineseCounting", "%1、", '<w:suff w:val="nothing"/>'))
    article = read(save_word(tmp_path / "a.docx", TITLE, LEAD, *body, numbering=rules))
    kinds = [block.kind for block in article.blocks]
    assert article.text.split("\n")[2:] == [
        "一、总体要求",
        "临江市文旅局5月6日公布假期情况。",
        "二、备足物资，编织袋不少于5万条",
        "三、加强巡查，每日巡查3次",
    ]
    assert kinds[2] is BlockKind.HEADING
    assert kinds[4:] == [BlockKind.BODY, BlockKind.BODY]


def test_the_office_that_signs_below_numbered_paragraphs_is_not_the_title(tmp_path: Path) -> None:
    own = '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr>'
    body = [
        paragraph("江滩区关于加强夜市管理的通告"),
        paragraph("夜市营业时间为18时至次日1时。", properties=own),
        paragraph("摊位费每天35元。", properties=own),
        paragraph("江滩区城市管理局"),
        paragraph("2024年6月20日"),
    ]
    rules = numbering(LEVEL.format(0, 1, "chineseCounting", "第%1条", ""))
    article = read(save_word(tmp_path / "a.docx", *body, numbering=rules))
    assert article.title == "江滩区关于加强夜市管理的通告"
    assert article.blocks[-2].kind is BlockKind.BYLINE
    assert article.published == "2024-06-20"


def test_lines_that_each_name_a_thing_are_not_joined(tmp_path: Path) -> None:
    body = paragraph(
        run("岗位：语文教师"),
        "<w:r><w:br/></w:r>",
        run("人数：15人"),
        "<w:r><w:br/></w:r>",
        run("学历：本科"),
    )
    assert lines(save_word(tmp_path / "a.docx", TITLE, LEAD, body))[2:] == [
        "岗位：语文教师",
        "人数：15人",
        "学历：本科",
    ]


def test_a_merged_cell_is_said_once(tmp_path: Path) -> None:
    wide = f'<w:tcPr><w:gridSpan w:val="3"/></w:tcPr>{paragraph("三季度主要指标")}'
    top = f'<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{paragraph("农业")}'
    below = f"<w:tcPr><w:vMerge/></w:tcPr>{paragraph()}"
    rows = table((wide,), (top, "粮食", "12万吨"), (below, "棉花", "3万吨"))
    found = lines(save_word(tmp_path / "a.docx", TITLE, LEAD, rows))
    assert [squeeze(line) for line in found[2:]] == ["三季度主要指标", "农业粮食12万吨", "棉花3万吨"]


def test_a_table_in_a_cell_stands_in_its_row(tmp_path: Path) -> None:
    inner = paragraph() + table(("小学", "12"), ("初中", "8")) + paragraph()
    found = lines(
        save_word(
            tmp_path / "a.docx", TITLE, LEAD, table(("岗位", "人数"), ("数学教师", inner), ("校医", "2"))
        )
    )
    assert [squeeze(line) for line in found[2:]] == ["岗位人数", "数学教师小学12", "初中8", "校医2"]


def test_a_table_that_lays_out_a_page_gives_paragraphs(tmp_path: Path) -> None:
    long = "临江市新建图书馆十二座，今年开放。" * 20
    path = save_word(tmp_path / "a.docx", TITLE, table((long, "图书馆外景"), ("左", "右")))
    assert long in lines(path)


CHART = (
    f"<c:chartSpace {DRAWN}><c:title><a:p><a:r><a:t>各区收入</a:t></a:r></a:p></c:title>"
    "<c:ser><c:cat><c:pt><c:v>东城</c:v></c:pt></c:cat><c:val><c:pt><c:v>2.6</c:v></c:pt></c:val></c:ser></c:chartSpace>"
)
DIAGRAM = f"<dgm:dataModel {DRAWN}>" + "".join(
    f"<dgm:pt><dgm:t><a:p><a:r><a:t>{words}</a:t></a:r></a:p></dgm:t></dgm:pt>"
    for words in ("先预约", "", "后入馆")
)


def drawing(inner: str) -> str:
    return f"<w:r><w:drawing><a:graphic><a:graphicData>{inner}</a:graphicData></a:graphic></w:drawing></w:r>"


def test_lines_of_drawings_are_read_and_what_charts_and_objects_say_is_listed(tmp_path: Path) -> None:
    sheet = zipped(
        tmp_path / "a.xlsx", {"xl/sharedStrings.xml": "<sst xmlns='s'><si><t>编制人数</t></si></sst>"}
    )
    shape = "<w:r><w:pict><v:shape><v:textpath string='艺术字标题'/></v:shape></w:pict></w:r>"
    body = paragraph(
        "收入2.6亿元。",
        drawing('<c:chart r:id="c1"/>'),
        drawing('<dgm:relIds r:dm="d1"/>'),
        drawing("<a:txBody><a:p><a:r><a:t>画布上的字</a:t></a:r></a:p></a:txBody>"),
        shape,
        "<w:r><w:object><o:OLEObject ProgID='Excel.Sheet.12' r:id='o1'/></w:object></w:r>",
    )
    parts: dict[str, tuple[str, str | bytes]] = {
        "c1": ("chart", CHART),
        "d1": ("diagramData", f"{DIAGRAM}</dgm:dataModel>"),
        "o1": ("package", sheet.read_bytes()),
        "o2": ("oleObject", b"\xd0\xcf\x11\xe0"),
    }
    article = read(save_word(tmp_path / "a.docx", TITLE, body, beside=parts))
    assert article.text.split("\n")[1:] == ["收入2.6亿元。", "先预约", "后入馆", "画布上的字", "艺术字标题"]
    assert [(drop.text, drop.rule) for drop in article.drops] == [
        ("各区收入\n东城\n2.6", "chart"),
        ("编制人数", "embedded object"),
        ("?", "embedded object"),
    ]


def test_a_drawing_with_entities_is_refused(tmp_path: Path) -> None:
    parts = {"c1": ("chart", f'<!DOCTYPE c [<!ENTITY b "b">]>{CHART}')}
    with pytest.raises(IngestError, match="entities"):
        read(save_word(tmp_path / "a.docx", TITLE, LEAD, beside=parts))


PAGE = "<html><head><title>导出</title></head><body><p>全市接待游客37.8万人次。</p><p>收入2.6亿元。</p></body></html>"


@pytest.mark.parametrize(
    "content", [PAGE.encode(), web_archive(PAGE, "https://news.example/a"), "37.8万人次。".encode()]
)
def test_a_page_that_word_shows_in_its_place_is_read(tmp_path: Path, content: bytes) -> None:
    parts = {"h1": ("aFChunk", content)}
    article = read(save_word(tmp_path / "a.docx", TITLE, '<w:altChunk r:id="h1"/>', LEAD, beside=parts))
    assert "37.8万人次。" in article.text
    assert "导出" not in article.text
    other = {"h1": ("aFChunk", b"{\\rtf1 a}")}
    left = read(save_word(tmp_path / "a.docx", TITLE, '<w:altChunk r:id="h1"/>', LEAD, beside=other))
    assert [drop.rule for drop in left.drops] == ["embedded object"]


def math(inner: str) -> str:
    return f"<m:oMath>{inner}</m:oMath>"


def sign(words: str) -> str:
    return f"<m:r><m:t>{words}</m:t></m:r>"


@pytest.mark.parametrize(
    ("inner", "shown"),
    [
        (f"<m:f><m:num>{sign('1')}</m:num><m:den>{sign('n+1')}</m:den></m:f>", "1/(n+1)"),
        (f"<m:sSup><m:e>{sign('10')}</m:e><m:sup>{sign('-6')}</m:sup></m:sSup>", "10^(-6)"),
        (f"<m:sSub><m:e>{sign('CO')}</m:e><m:sub>{sign('2')}</m:sub></m:sSub>", "CO_2"),
        (
            f"<m:rad><m:radPr><m:degHide/></m:radPr><m:deg/><m:e>{sign('a+b')}</m:e></m:rad>",
            "√(a+b)",
        ),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{sign("i=1")}</m:sub><m:sup>{sign("n")}</m:sup><m:e>{sign("x")}</m:e></m:nary>',
            "∑_(i=1)^n x",
        ),
        (f"<m:d><m:e>{sign('x')}</m:e></m:d>{sign('=3')}", "(x)=3"),
        (
            f"<m:func><m:fName><m:limLow><m:e>{sign('lim')}</m:e><m:lim>{sign('n→∞')}</m:lim></m:limLow></m:fName><m:e>{sign('x')}</m:e></m:func>",
            "lim_(n→∞) x",
        ),
        (
            f"<m:m><m:mr><m:e>{sign('1')}</m:e><m:e>{sign('0')}</m:e></m:mr><m:mr><m:e>{sign('0')}</m:e><m:e>{sign('1')}</m:e></m:mr></m:m>",
            "1, 0; 0, 1",
        ),
        (f"<w:ins>{sign('y')}</w:ins><w:del>{sign('z')}</w:del>", "y"),
    ],
)
def test_equations_are_read_as_they_would_be_typed(tmp_path: Path, inner: str, shown: str) -> None:
    block = f"<m:oMathPara>{math(inner)}</m:oMathPara>"
    article = read(save_word(tmp_path / "a.docx", TITLE, LEAD, paragraph("其中", math(inner), "。"), block))
    assert article.text.split("\n")[2:] == [f"其中{shown}。", shown]


@pytest.mark.parametrize(
    ("font", "code", "shown"),
    [
        ("Symbol", "F0B3", "≥"),
        ("Symbol", "F06D", "μ"),
        ("Wingdings", "F0FE", "☑"),
        ("Wingdings 2", "F052", "☑"),
        ("Wingdings 2", "F06A", "①"),
        ("宋体", "2460", "①"),
        ("Arial", "F041", "A"),
        ("Wingdings", "F04A", ""),
        ("Symbol", "", ""),
    ],
)
def test_symbols_are_read_as_the_characters_they_look_like(
    tmp_path: Path, font: str, code: str, shown: str
) -> None:
    body = paragraph("其中", f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>', "35岁以下的优先。")
    article = read(save_word(tmp_path / "a.docx", TITLE, LEAD, body))
    assert article.text.split("\n")[2] == f"其中{shown}35岁以下的优先。"
    assert [drop.rule for drop in article.drops] == ([] if shown else [f"picture of the font {font}"])


def test_no_words_of_a_file_are_lost(tmp_path: Path) -> None:
    gone = "<w:del><w:r><w:delText>旧</w:delText></w:r></w:del>"
    merged = f"<w:tcPr><w:vMerge/></w:tcPr>{paragraph('盖住')}"
    top = f'<w:tcPr><w:vMerge w:val="restart"/></w:tcPr>{paragraph("上")}'
    ruby = f"<w:r><w:ruby><w:rt>{run('pīn')}</w:rt><w:rubyBase>{run('拼')}</w:rubyBase></w:ruby></w:r>"
    sum_ = "<m:oMath><m:r><m:t>x=3</m:t></m:r></m:oMath>"
    path = save_word(
        tmp_path / "a.docx",
        TITLE,
        paragraph(
            "接待",
            gone,
            run("藏", "<w:vanish/>"),
            ruby,
            sum_,
            "<w:smartTag>" + run("客") + "</w:smartTag>。"[:-1],
        ),
        table((top, "甲"), (merged, "乙")),
        paragraph("注", '<w:r><w:footnoteReference w:id="2"/></w:r>'),
        paragraph("图", drawing('<c:chart r:id="c1"/>'), drawing('<dgm:relIds r:dm="d1"/>')),
        beside={"c1": ("chart", CHART), "d1": ("diagramData", f"{DIAGRAM}</dgm:dataModel>")},
        footnotes=f'<w:footnote w:id="2">{paragraph("脚注。")}</w:footnote><w:footnote w:id="3">{paragraph("没有人引")}</w:footnote>',
        header=paragraph("临江日报 第3版"),
        footer=paragraph("第1页"),
        comments=f'<w:comment w:id="1">{paragraph("批注")}</w:comment>',
    )
    article = read(path)
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("word/")]
    said = "".join(
        word
        for part in parts
        for word in re.findall(r"<(?:w:t|w:delText|m:t|a:t|c:v)(?: [^>]*)?>([^<]*)<", part)
    )
    kept = Counter(squeeze(article.text.replace("¹", "")))
    dropped = sum((Counter(squeeze(drop.text)) for drop in article.drops), Counter[str]())
    assert kept + dropped == Counter(squeeze(said))
    assert {drop.rule for drop in article.drops} == {
        "deleted in Word",
        "hidden in Word",
        "phonetic guide",
        "covered by a merged cell",
        "running head",
        "comment",
        "chart",
        "note without a sign in the text",
    }
