"""One rendering of an answer for every page: escaped HTML, in which article text is never interpreted.

截至2023年底，成都5G基站超8万个 [1]          the sentence; [1] jumps to its card
[1] 其中，…建成5G基站超8万个…               the quote: answer marked, context greyed
    《标题》 · 成都日报 · 2024-11-12  ✓ 已核对   where it stands; opens the article at the quote
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from urllib.parse import quote as url_quote
from urllib.parse import urlsplit

from rag.markup import attribute, escape
from rag.records import Answer, Article, Block, BlockKind, Citation, Reason, Refusal, Span, Variant

__all__ = [
    "answer_html",
    "article_html",
    "article_path",
    "error_html",
    "question_html",
    "quote_html",
    "quote_runs",
    "waiting_html",
]

VERIFIED = {
    "verified": ("yj-ok", "✓ 已核对", "引文与来源文件逐字核对一致"),
    "source_changed": (
        "yj-warn",
        "⚠ 来源已变动",
        "来源文件在收录之后改动过，引文是收录时的文字，请以原件为准",
    ),
    "source_missing": ("yj-warn", "⚠ 来源已不在", "来源文件已被移走或删除，引文是收录时的文字，无法再次核对"),
}
REASONS: dict[Reason, str] = {
    "no_evidence": "库中没有找到依据",
    "constraint_not_met": "库中的报道不合问题的条件",
    "not_quotable": "这个问题无法用引文回答",
    "empty": "库中还没有报道",
}
RELATIONS = {
    "equal": "多篇报道，说法一致",
    "compatible": "多篇报道，说法不矛盾",
    "different": "多篇报道，说法不一",
}
KINDS = {BlockKind.CAPTION: "图片说明", BlockKind.HEADING: "小标题"}
GAP = "……"

Link = Callable[[Citation], str]


def article_path(citation: Citation, base: str = "") -> str:
    """Return the address of the reading page, opened at the quote; `base` is the path the app is mounted under."""
    ident = url_quote(citation.article_id, safe="")
    return f"{base}/articles/{ident}?s={citation.start}&e={citation.end}#quote"


def answer_html(answer: Answer, link: Link = article_path, *, uid: str = "") -> str:
    """Return the answer as one line of HTML; `uid` keeps its anchors apart from other answers of the page."""
    uid = "yj" + (uid or hashlib.sha256(answer.question.encode("utf-8", "replace")).hexdigest()[:8])
    parts = _refused(answer, link, uid) if answer.refused else _answered(answer, link, uid)
    state = " yj-refused" if answer.refused else ""
    return f'<div class="yj{state}">{"".join(parts)}</div>'


def question_html(question: str) -> str:
    """Return a reader's question as HTML, as it was typed."""
    return f'<div class="yj-question">{escape(question)}</div>'


def error_html(message: str) -> str:
    """Return a sentence that stands where an answer would."""
    return f'<div class="yj yj-refused"><p class="yj-text" role="alert">{escape(message)}</p></div>'


def waiting_html(stage: str) -> str:
    """Return the line that stands in an answer's place until it comes."""
    return f'<div class="yj yj-waiting" role="status">{escape(stage)}</div>'


def _answered(answer: Answer, link: Link, uid: str) -> Iterator[str]:
    yield _understood(answer)
    yield f'<p class="yj-text">{_sentence(answer, uid)}</p>'
    yield "".join(_variant(variant, answer, link, uid) for variant in answer.variants)
    yield _timeline(answer, uid)
    cards = "".join(_card(citation, link, uid, _as_of(answer, citation)) for citation in answer.citations)
    yield f'<ol class="yj-cards" aria-label="引文">{cards}</ol>'


def _refused(answer: Answer, link: Link, uid: str) -> Iterator[str]:
    yield _understood(answer)
    refusal = answer.refusal or Refusal("no_evidence", "", answer.text)
    yield f'<p class="yj-text">{escape(refusal.message)}</p>'
    yield f'<p class="yj-reason"><span class="yj-chip">未作答</span>{escape(REASONS[refusal.reason])}</p>'
    if answer.closest:
        cards = "".join(
            _card(citation, link, f"{uid}-near", "", numbered=False) for citation in answer.closest
        )
        yield '<p class="yj-head">可能相关<span class="yj-note">供参考，不是对问题的回答</span></p>'
        yield f'<ol class="yj-cards yj-near" aria-label="可能相关">{cards}</ol>'


def _understood(answer: Answer) -> str:
    if answer.understood_as in ("", answer.question):
        return ""
    return f'<p class="yj-understood">我理解为：{escape(answer.understood_as)}</p>'


def _sentence(answer: Answer, uid: str) -> str:
    """Make the [1] markers of the sentence jump to their cards and set the answer's own words in bold."""
    numbers = {citation.number for citation in answer.citations}
    words = sorted({answer.answer, *answer.answers} - {""}, key=len, reverse=True)
    pattern = re.compile("|".join([r"\[(\d{1,3})\]", *map(re.escape, words)]))

    def piece(found: re.Match[str]) -> str:
        if found[1] is None:
            return f"<strong>{escape(found[0])}</strong>"
        return _marker(int(found[1]), uid) if int(found[1]) in numbers else escape(found[0])

    return "".join(_substituted(pattern, piece, answer.text))


def _substituted(pattern: re.Pattern[str], piece: Callable[[re.Match[str]], str], text: str) -> Iterator[str]:
    """Yield `text` escaped, with each match of `pattern` replaced by the HTML of `piece`."""
    at = 0
    for found in pattern.finditer(text):
        yield escape(text[at : found.start()]) + piece(found)
        at = found.end()
    yield escape(text[at:])


def _marker(number: int, uid: str) -> str:
    return f'<a class="yj-ref" href="#{uid}-{number}" aria-label="引文{number}">[{number}]</a>'


def _as_of(answer: Answer, citation: Citation) -> str:
    """Return the date words for the card that carries the answer, "" for the others."""
    return answer.as_of if citation.answer_start is not None else ""


def _card(citation: Citation, link: Link, uid: str, as_of: str, *, numbered: bool = True) -> str:
    number = f'<span class="yj-number">{citation.number}</span>' if numbered else ""
    quote = f'<blockquote class="yj-quote">{quote_html(citation)}</blockquote>'
    return (
        f'<li class="yj-card" id="{uid}-{citation.number}" tabindex="-1">{number}{quote}'
        f'<p class="yj-source">{_source(citation, link, as_of)}</p>{_reprints(citation)}</li>'
    )


def _source(citation: Citation, link: Link, as_of: str) -> str:
    """Name the article the way a newspaper is cited, then how old the figure is and whether the quote was checked."""
    address = attribute(link(citation))
    title = escape(citation.title or "（无标题）")
    kind = KINDS.get(citation.kind, "")
    facts = [citation.publisher, citation.published, f"数据时间：{as_of}" if as_of else "", kind]
    style, label, meaning = VERIFIED[citation.verified]
    return (
        f'<a class="yj-title" href="{address}" target="_blank" rel="noopener" title="在原文中打开引文"><bdi>《{title}》</bdi></a>'
        + "".join(f'<span class="yj-fact"><bdi>{escape(fact)}</bdi></span>' for fact in facts if fact)
        + f'<span class="{style}" title="{meaning}">{label}</span>'
    )


def _reprints(citation: Citation) -> str:
    if not citation.reprints:
        return ""
    return f'<p class="yj-also">另见：{"、".join(map(escape, citation.reprints))}</p>'


def quote_runs(citation: Citation) -> Iterator[tuple[str, bool]]:
    """Yield the quote and its context in the article's order, as (words, is the quote); a gap yields “……”."""
    around = [
        (c.start, c.end, c.text, False) for c in citation.context if not _inside(c.start, c.end, citation)
    ]
    end: int | None = None
    for start, stop, words, own in sorted([*around, (citation.start, citation.end, citation.quote, True)]):
        if end is not None and start > end:
            yield (GAP if start - end > 1 else " ", False)
        yield words, own
        end = stop


def _inside(start: int, end: int, citation: Citation) -> bool:
    return citation.start <= start and end <= citation.end


def quote_html(citation: Citation) -> str:
    """Return the quote in place as HTML: the answer marked, the context greyed."""
    return "".join(
        _marked(citation) if own else f'<span class="yj-context">{escape(words)}</span>'
        for words, own in quote_runs(citation)
    )


def _marked(citation: Citation) -> str:
    if citation.answer_start is None or citation.answer_end is None:
        return escape(citation.quote)
    start, end = citation.answer_start - citation.start, citation.answer_end - citation.start
    before, words, after = citation.quote[:start], citation.quote[start:end], citation.quote[end:]
    return f"{escape(before)}<mark>{escape(words)}</mark>{escape(after)}"


def _variant(variant: Variant, answer: Answer, link: Link, uid: str) -> str:
    """Set the stated values side by side, each with its source."""
    cited = {citation.number: citation for citation in answer.citations}
    values = "".join(
        f'<li class="yj-value"><strong>{escape(value.value)}</strong> {_marker(value.citation, uid)}'
        f'<span class="yj-fact">{_where(cited[value.citation])}</span></li>'
        for value in variant.values
        if value.citation in cited
    )
    head = f'<p class="yj-head">{RELATIONS[variant.relation]}</p>'
    return f'{head}<ul class="yj-values yj-{variant.relation}">{values}</ul>'


def _timeline(answer: Answer, uid: str) -> str:
    """Set the values of one indicator in the order of their times."""
    points = "".join(
        f'<li class="yj-value"><span class="yj-fact">{escape(point.as_of)}</span> '
        f"<strong>{escape(point.value)}</strong> {_marker(point.citation, uid)}</li>"
        for point in answer.timeline
    )
    head = '<p class="yj-head">各时期的数字</p>'
    return f'{head}<ol class="yj-values yj-timeline">{points}</ol>' if points else ""


def _where(citation: Citation) -> str:
    return escape(" ".join(filter(None, (citation.publisher, citation.published))) or citation.title)


TAGS = {
    BlockKind.TITLE: "h1",
    BlockKind.SUBTITLE: "p",
    BlockKind.HEADING: "h2",
    BlockKind.BODY: "p",
    BlockKind.CAPTION: "p",
    BlockKind.BYLINE: "p",
}


def article_html(
    article: Article, start: int | None = None, end: int | None = None, *, sources: Sequence[str] = ()
) -> str:
    """Return the reading page's body; the run `start` to `end` is marked, and left unmarked where it makes no sense."""
    mark = _valid(start, end, article)
    body = "".join(_block(article, block, mark) for block in article.blocks)
    # Article text is escaped, so the first <mark is ours: it is where #quote scrolls to and where focus goes.
    body = body.replace("<mark", '<mark id="quote" tabindex="-1"', 1)
    if not any(block.kind is BlockKind.TITLE for block in article.blocks):
        body = f"<h1>{escape(article.title or '（无标题）')}</h1>{body}"
    facts = "".join(
        f'<span class="yj-fact"><bdi>{escape(fact)}</bdi></span>' for fact in _facts(article) if fact
    )
    return f'<article class="yj-article"><p class="yj-meta">{facts}</p>{body}{_origin(article, sources)}</article>'


def _facts(article: Article) -> tuple[str, str, str]:
    return article.publisher, article.author, article.published


def _valid(start: int | None, end: int | None, article: Article) -> Span | None:
    if start is None or end is None or not 0 <= start < end <= len(article.text):
        return None
    return Span(start, end)


def _block(article: Article, block: Block, mark: Span | None) -> str:
    start, end = block.start, block.end
    left, right = (start, start) if mark is None else (_clip(mark.start, block), _clip(mark.end, block))
    words = escape(article.text[left:right])
    marked = f"<mark>{words}</mark>" if words else ""
    inner = escape(article.text[start:left]) + marked + escape(article.text[right:end])
    tag = TAGS[block.kind]
    return f'<{tag} class="yj-b-{block.kind}">{inner}</{tag}>'


def _clip(offset: int, block: Block) -> int:
    return min(max(offset, block.start), block.end)


def _origin(article: Article, sources: Sequence[str]) -> str:
    """Say which file the article was read from, and link to its public address if that is a web address."""
    lines = [f"来源文件：{escape(source)}" for source in sources]
    if urlsplit(article.url).scheme in ("http", "https"):
        address = attribute(article.url)
        lines.append(f'<a href="{address}" rel="noopener noreferrer" target="_blank">网上原文</a>')
    return f'<p class="yj-origin">{"<br>".join(lines)}</p>' if lines else ""
