"""What the pages say around the articles' own words, in Chinese and in English."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Literal

__all__ = ["Lang", "lang_of", "words"]

Lang = Literal["zh", "en"]

# Each entry: Chinese, English. Articles, answers and reasons of refusal stay in the language of the news.
_WORDS: dict[str, tuple[str, str]] = {
    "verified": ("✓ 已核对", "✓ checked"),
    "verified_why": (
        "引文与来源文件逐字核对一致",
        "The quote was compared with the source file, character by character, and is the same",
    ),
    "source_changed": ("⚠ 来源已变动", "⚠ source changed"),
    "source_changed_why": (
        "来源文件在收录之后改动过，引文是收录时的文字，请以原件为准",
        "The source file was changed after it was taken in; the quote is what it said then",
    ),
    "source_missing": ("⚠ 来源已不在", "⚠ source missing"),
    "source_missing_why": (
        "来源文件已被移走或删除，引文是收录时的文字，无法再次核对",
        "The source file was moved or deleted; the quote is what it said and cannot be checked again",
    ),
    "lang": ("zh-CN", "en"),
    "sure": ("有把握", "Confident"),
    "sure_why": (
        "依据充分的回答；引文在下面，可以核对",
        "The evidence is strong; the quote is below, to be checked",
    ),
    "likely": ("可能", "Likely"),
    "likely_why": ("依据不够充分，请对照引文判断", "The evidence is weaker: judge by the quote"),
    "no_evidence": ("库中没有找到依据", "No evidence in the articles"),
    "constraint_not_met": (
        "库中的报道不合问题的条件",
        "The articles do not meet a condition of the question",
    ),
    "courtesy": ("", "Ask about the articles: every answer is made of their own words."),
    "overview": ("", "What the articles say, in their own words:"),
    "told": ("要点", "Key points"),
    "told_note": ("逐句引自原文", "each quoted from its article"),
    "not_quotable": ("这个问题无法用引文回答", "No quotation can answer this"),
    "empty": ("库中还没有报道", "There are no articles yet"),
    "refused": ("未作答", "Not answered"),
    "refused_why": ("没有可以引用的依据，不作回答", "Nothing can be quoted, so nothing is answered"),
    "alternative": ("也可能：", "Or: "),
    "overruled": ("被更正的说法", "What was corrected"),
    "other_times": ("其他时间的引文", "Quotes of other times"),
    "earlier": ("早先", "earlier"),
    "latest": ("现在", "latest"),
    "uncovered": (
        "{notice}，以上是最近的。",
        "{notice}; this is the latest.",
    ),
    "more_equal": ("另有{n}篇说法一致", "{n} more say the same"),
    "more_compatible": ("另有{n}篇的引文", "Quotes of {n} more"),
    "apart": ("不同之处：{what}", "apart in {what}"),
    "apart_time": ("所说的时间", "the time they speak of"),
    "apart_publisher": ("来源", "publisher"),
    "apart_published": ("报道日期", "day of print"),
    "reprinted": ("另有{n}处转载", "{n} reprints"),
    "closest": ("可能相关", "Possibly related"),
    "closest_note": ("供参考，不是对问题的回答", "for reference, not an answer"),
    "understood": ("我理解为：", "Understood as: "),
    "understood_edit": ("修改后再问", "edit and ask again"),
    "quotes": ("引文", "Quotes"),
    "quote_n": ("引文", "quote "),
    "open": ("在原文中打开引文", "open the article at the quote"),
    "equal": ("多篇报道，说法一致", "Several articles say the same"),
    "compatible": ("多篇报道，说法不矛盾", "Several articles, compatible"),
    "different": ("多篇报道，说法不一", "Several articles differ"),
    "differ": ("说法不一", "Sources differ"),
    "differ_why": (
        "各篇报道的数字不同，请对照来源与时间判断",
        "The articles do not agree: judge by source and time",
    ),
    "timeline": ("各时期的数字", "Over time"),
    "caption": ("图片说明", "caption"),
    "heading": ("小标题", "heading"),
    "page": ("第{n}页", "page {n}"),
    "scanned": ("识别自扫描件", "read from a scan (OCR)"),
    "as_of": ("数据时间：", "as of: "),
    "denied": ("辟谣：", "Denied: "),
    "corrected": ("更正：", "Corrected: "),
    "also": ("另见：", "Also in: "),
    "untitled": ("（无标题）", "(untitled)"),
    "publisher": ("来源", "Publisher"),
    "author": ("作者", "Author"),
    "published": ("日期", "Date"),
    "section": ("章节", "Section"),
    "place": ("页码", "Page"),
    "check": ("核对", "Check"),
    "reprints": ("另有 {n} 处收录同一篇报道", "The same article in {n} other places"),
    "gist": ("速览：导语与主要数字（均为原文）", "At a glance: lead and key figures, all quoted"),
    "file": ("来源文件：", "Source file: "),
    "original": ("打开原件", "Open the original"),
    "no_original": (
        "这篇报道没有可以打开的原件（PDF 或图片），或原件已经改动。",
        "This article has no original (PDF or picture) to open, or it has changed since.",
    ),
    "online": ("网上原文", "Original on the web"),
    "alone": ("单独打开", "Open on its own"),
    "close": ("关闭", "Close"),
    "gone": ("这篇报道已从库中移除。", "This article was taken out of the index."),
    "unknown": ("库中没有这篇报道。", "There is no such article."),
    "library": ("报道库", "Articles"),
    "library_lead": (
        "{articles} 篇报道，{passages} 个段落，第 {generation} 版",
        "{articles} articles, {passages} passages, version {generation}",
    ),
    "library_span": ("，{first} 至 {last}", ", {first} to {last}"),
    "search": ("查找原文", "Search the text"),
    "search_lead": (
        "在全部报道的正文与标题中查找字词；几个词用空格隔开",
        "Look for words in the text and titles of all articles; blanks set words apart",
    ),
    "search_titles": ("按标题查找", "Search titles"),
    "search_text": ("要查找的字词", "Words to look for"),
    "in_full_text": ("在全文中查找这些字 →", "Look for these words in the full text →"),
    "passages_found": ("找到 {n} 段。", "{n} passages. "),
    "no_passage": ("没有一段有这些字。", "No passage has these words. "),
    "some_words": (
        "没有一段同时有全部的词，这些有其中一些。",
        "None has all of the words; these have some. ",
    ),
    "capped": ("只列出前 {n} 段，请加词或筛选。", "Only the first {n} are listed: add words or filters. "),
    "cut": (
        "只查找了前面的部分：最多 {words} 个词、{characters} 个字。",
        "Only the beginning was looked for: at most {words} words, {characters} characters. ",
    ),
    "wrong_days": ("起始日期晚于截止日期，请改正。", "The first day is after the last: please correct it."),
    "within_filters": ("（已筛选）", "(within the filters)"),
    "since": ("起", "From"),
    "until": ("止", "To"),
    "folder": ("文件夹", "Folder"),
    "holds": ("库中有 {articles} 篇报道", "{articles} articles"),
    "holds_all": ("全部报道 →", "all articles →"),
    "newest": ("最新的报道", "The newest articles"),
    "any": ("全部", "all"),
    "sort": ("排序", "Order"),
    "by_relevance": ("最相关的在前", "most relevant first"),
    "by_date": ("最新的在前", "latest first"),
    "found_beside": ("原文中的“{text}”", "“{text}” in the text"),
    "found_all": ("全部 {n} 段 →", "all {n} passages →"),
    "find": ("查找", "Search"),
    "title": ("标题", "Title"),
    "passages": ("段落", "Passages"),
    "found": ("找到 {n} 篇", "{n} found"),
    "none_found": ("没有这样的报道。", "No article fits."),
    "page_n": ("第 {page} 页，共 {pages} 页", "Page {page} of {pages}"),
    "previous": ("上一页", "Previous"),
    "next": ("下一页", "Next"),
    "refused_files": ("未收录的文件", "Files that were refused"),
    "refused_none": ("所有文件都已收录。", "Every file was taken in."),
    "reason": ("原因", "Reason"),
    "where": ("文件", "File"),
    "stage_1": ("一、理解", "1. Understanding"),
    "stage_2": ("二、检索", "2. Searching"),
    "stage_3": ("三、阅读", "3. Reading"),
    "stage_4": ("四、作答", "4. Answering"),
    "terms": ("查找的词：", "Words looked for: "),
    "tried": ("试过的读法与各自的把握：", "Readings tried, with their certainty: "),
    "legs_found": ("按字词与语义共找到 {n} 个段落", "{n} passages were found by words and by meaning"),
    "filters_on": ("（已按日期、来源筛选）", " (within the filters)"),
    "read": ("已阅读", "read"),
    "unmet": ("不符：", "does not meet: "),
    "no_candidates": ("没有可作回答的文字。", "No words that could be an answer."),
    "answered": ("已作答", "answered"),
    "confidence": ("把握：", "Confidence: "),
    "lost_nowhere": ("回答里就有这些字。", "The answer has these words."),
    "lost_in_no_passage": ("库中没有一个段落含有这些字。", "No passage of the index has these words."),
    "lost_filtered": (
        "有段落含有这些字，但被日期或来源的筛选挡住了。",
        "A passage has these words, but the filters hide it.",
    ),
    "lost_both_legs_missed": (
        "有段落含有这些字，但按字词和语义都没有检索到它：检索这一步漏掉了。",
        "A passage has these words, but neither search found it: lost in searching.",
    ),
    "lost_fused_out": (
        "检索到了含有这些字的段落，但排名靠后，没有被阅读：排序这一步漏掉了。",
        "A passage with these words was found but ranked behind those that were read: lost in ranking.",
    ),
    "lost_refused": (
        "读到了含有这些字的段落，但依据不足，没有作答：作答这一步拒绝了。",
        "A passage with these words was read, but the evidence was too weak: lost in answering.",
    ),
    "lost_reader_chose_another": (
        "读到了含有这些字的段落，但选了别的文字作回答：阅读这一步选错了。",
        "A passage with these words was read, but other words were chosen: lost in reading.",
    ),
    "closed": (
        "这里需要登录后访问，请从单位的门户进入或联系管理员。",
        "Sign in first: come through your portal, or ask the administrator.",
    ),
    "sign_in": ("登录", "Sign in"),
    "sign_out": ("退出登录", "Sign out"),
    "key": ("访问密钥", "Access key"),
    "key_lead": ("请输入管理员给您的密钥。", "Enter the key that the administrator gave you."),
    "key_wrong": ("密钥不对或已失效。", "The key is wrong or no longer valid."),
    "embed_title": ("有据 · 新闻问答", "Youju · answers from the news"),
    "embed_tagline": ("只用报道原文回答", "Answers only by quoting"),
    "embed_clear": ("清除对话", "Clear"),
    "embed_log": ("对话", "Conversation"),
    "embed_lead": (
        "请就库中的报道提问，每个回答都附原文引句与出处。",
        "Ask about the articles; each answer comes with its quote and source.",
    ),
    "embed_question": ("问题", "Question"),
    "embed_placeholder": ("输入问题，按回车发送", "Ask a question and press Enter"),
    "embed_ask": ("提问", "Ask"),
    "embed_waiting": ("检索、阅读中…", "Searching, reading…"),
    "embed_good": ("有用", "Right"),
    "embed_bad": ("不对", "Wrong"),
    "embed_thanks": ("已记下，谢谢。", "Noted, thank you."),
    "embed_shut": (
        "这个页面的问答还没有开通，请告诉网站管理员。",
        "Questions are not open on this page yet; please tell its web master.",
    ),
    "embed_lost": ("连不上服务，请稍后再试。", "The server cannot be reached; try again in a moment."),
    "doctor_title": ("嵌入检查", "Embedding check"),
    "doctor_lead": ("问答服务的地址：", "The server's address: "),
    "doctor_origin": ("嵌入页面的来源", "Origin of the page that embeds"),
    "doctor_example": ("http://portal.intranet", "http://portal.intranet"),
    "doctor_headers": (
        "该页面的响应头（curl -sI 的输出、&lt;meta&gt; 标签或 CSP 原文）",
        "Headers of that page (what curl -sI prints, its &lt;meta&gt; tag, or the policy itself)",
    ),
    "no_right": ("没有 {needed} 权限。", "This needs the right {needed}."),
    "no_edit": (
        "编辑台只对编辑开放：请用有 edit 权限的密钥登录，或在服务器本机打开。",
        "The editor's desk is for editors: sign in with a key that has the scope edit, or open it on the machine itself.",
    ),
    "doctor_look": ("检查", "Check"),
    "doctor_live": ("从这个浏览器看到的", "As seen from this browser"),
    "desk": ("编辑台", "Editor's desk"),
    "glance": ("速览", "At a glance"),
    "back": ("回到问答", "Back to questions"),
}


@cache
def words(lang: Lang) -> Mapping[str, str]:
    """Return the wording of one language by its name."""
    at = 0 if lang == "zh" else 1
    return MappingProxyType({name: pair[at] for name, pair in _WORDS.items()})


def lang_of(accepted: str) -> Lang:
    """Return the language for an Accept-Language header or one tag: Chinese unless only others are asked for first."""
    tags = [part.split(";")[0].strip() for part in accepted.lower().split(",")]
    first = next((tag for tag in tags if tag.startswith(("zh", "en"))), "")
    foreign = any(tag not in ("", "*") for tag in tags)
    return "zh" if first.startswith("zh") or not foreign else "en"
