"""One rendering of an answer for every page: escaped HTML, in which article text is never interpreted.

截至2023年底，成都5G基站超8万个 [1]          the sentence; [1] jumps to its card
[1] 其中，…建成5G基站超8万个…               the quote: answer marked, context greyed
    《标题》 · 成都日报 · 2024-11-12  ✓ 已核对   where it stands; opens the article at the quote
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote as url_quote

from rag.records import Answer, BlockKind, Citation, Correction, Refusal, Variant
from rag.render.escape import attribute, escape
from rag.render.strings import Lang, words

__all__ = [
    "answer_html",
    "article_path",
    "error_html",
    "page_facts",
    "quote_html",
    "quote_runs",
    "source_facts",
]

VERIFIED_STYLE = {"verified": "yj-ok", "source_changed": "yj-warn", "source_missing": "yj-warn"}
KINDS = (BlockKind.CAPTION, BlockKind.HEADING)
GAP = "……"

Link = Callable[[Citation], str]
Say = Mapping[str, str]


def article_path(citation: Citation, base: str = "") -> str:
    """Return the address of the reading page, opened at the quote; `base` is the path the app is mounted under."""
    ident = url_quote(citation.article_id, safe="")
    answer = "" if citation.answer_start is None else f"&a={citation.answer_start}&b={citation.answer_end}"
    return f"{base}/articles/{ident}?s={citation.start}&e={citation.end}{answer}#quote"


def answer_html(answer: Answer, link: Link = article_path, *, uid: str = "", lang: Lang = "zh") -> str:
    """Return the answer as one line of HTML; `uid` keeps its anchors apart from other answers of the page."""
    uid = "yj" + (uid or hashlib.sha256(answer.question.encode("utf-8", "replace")).hexdigest()[:8])
    say = words(lang)
    parts = (_refused if answer.refused else _answered)(answer, link, uid, say)
    state = " yj-refused" if answer.refused else " yj-likely" if answer.certainty == "likely" else ""
    return f'<div class="yj{state}">{"".join(parts)}</div>'


def error_html(message: str) -> str:
    """Return a sentence that stands where an answer would."""
    return f'<div class="yj yj-refused"><p class="yj-text" role="alert">{escape(message)}</p></div>'


def _answered(answer: Answer, link: Link, uid: str, say: Say) -> Iterator[str]:
    yield _understood(answer, say)
    yield f'<p class="yj-text">{_sentence(answer, uid, say)}</p>'
    yield "".join(_variant(variant, answer, uid, say) for variant in answer.variants)
    yield _timeline(answer, uid, say)
    cards = "".join(_card(c, link, uid, _as_of(answer, c), say) for c in answer.citations)
    yield f'<ol class="yj-cards" aria-label="{say["quotes"]}">{cards}</ol>'


def _refused(answer: Answer, link: Link, uid: str, say: Say) -> Iterator[str]:
    yield _understood(answer, say)
    refusal = answer.refusal or Refusal("no_evidence", "", answer.text)
    yield f'<p class="yj-text">{escape(refusal.message)}</p>'
    if refusal.reason not in (
        "courtesy",
        "overview",
    ):  # a greeting is returned, a subject told: nothing is refused
        chip = f'<span class="yj-chip">{say["refused"]}</span>'
        yield f'<p class="yj-reason">{chip}{escape(say[refusal.reason])}</p>'
    if answer.closest:
        cards = "".join(
            _card(citation, link, f"{uid}-near", "", say, numbered=False) for citation in answer.closest
        )
        head, note = ("told", "told_note") if refusal.reason == "overview" else ("closest", "closest_note")
        yield f'<p class="yj-head">{say[head]}<span class="yj-note">{say[note]}</span></p>'
        yield f'<ol class="yj-cards yj-near" aria-label="{say[head]}">{cards}</ol>'


def _understood(answer: Answer, say: Say) -> str:
    """Show how the question was read; the button lets the reader correct it and ask again."""
    if answer.understood_as in ("", answer.question):
        return ""
    button = (
        f'<button type="button" class="yj-edit" title="{say["understood_edit"]}" dir="auto">'
        f"{escape(answer.understood_as)}</button>"
    )
    return f'<p class="yj-understood">{say["understood"]}{button}</p>'


def _sentence(answer: Answer, uid: str, say: Say) -> str:
    """Make the [1] markers of the sentence jump to their cards and set the words of an answer that is sure in bold."""
    numbers = {citation.number for citation in answer.citations}
    said = set() if answer.certainty == "likely" else {answer.answer, *answer.answers} - {""}
    bold = sorted(said, key=len, reverse=True)
    pattern = re.compile("|".join([r"\[(\d{1,3})\]", *map(re.escape, bold)]))

    def piece(found: re.Match[str]) -> str:
        if found[1] is None:
            return f"<strong>{escape(found[0])}</strong>"
        return _marker(int(found[1]), uid, say) if int(found[1]) in numbers else escape(found[0])

    return "".join(_substituted(pattern, piece, answer.text))


def _substituted(pattern: re.Pattern[str], piece: Callable[[re.Match[str]], str], text: str) -> Iterator[str]:
    """Yield `text` escaped, with each match of `pattern` replaced by the HTML of `piece`."""
    at = 0
    for found in pattern.finditer(text):
        yield escape(text[at : found.start()]) + piece(found)
        at = found.end()
    yield escape(text[at:])


def _marker(number: int, uid: str, say: Say) -> str:
    label = f"{say['quote_n']}{number}"
    return f'<a class="yj-ref" href="#{uid}-{number}" aria-label="{label}">[{number}]</a>'


def _as_of(answer: Answer, citation: Citation) -> str:
    """Return the date words for the card that carries the answer, "" for the others."""
    return answer.as_of if citation.answer_start is not None else ""


def _card(citation: Citation, link: Link, uid: str, as_of: str, say: Say, *, numbered: bool = True) -> str:
    number = f'<span class="yj-number">{citation.number}</span>' if numbered else ""
    quote = f'<blockquote class="yj-quote">{quote_html(citation)}</blockquote>'
    return (
        f'<li class="yj-card" id="{uid}-{citation.number}" tabindex="-1">{number}{quote}{_corrections(citation, link, say)}'
        f'<p class="yj-source">{_source(citation, link, as_of, say)}</p>{_reprints(citation, say)}</li>'
    )


def _source(citation: Citation, link: Link, as_of: str, say: Say) -> str:
    """Name the article the way a newspaper is cited, then how old the figure is and whether the quote was checked."""
    address = attribute(link(citation))
    title = escape(citation.title or say["untitled"])
    facts = [
        citation.publisher,
        citation.published,
        *page_facts(citation.page, citation.scanned, say),
        f"{say['as_of']}{as_of}" if as_of else "",
        say[citation.kind] if citation.kind in KINDS else "",
    ]
    checked = citation.verified
    return (
        f'<a class="yj-title" href="{address}" target="_blank" rel="noopener" title="{say["open"]}">'
        f"<bdi>《{title}》</bdi></a>{source_facts(facts)}"
        f'<span class="{VERIFIED_STYLE[checked]}" title="{say[f"{checked}_why"]}">{say[checked]}</span>'
    )


def page_facts(page: int | None, scanned: bool, say: Say) -> list[str]:
    """Return what is said of a page: its number, and that its words were recognised on a picture."""
    return [say["page"].format(n=page) if page else "", say["scanned"] if scanned else ""]


def source_facts(facts: list[str]) -> str:
    """Return the facts that are known, each set apart, whatever the direction of its letters."""
    return "".join(f'<span class="yj-fact"><bdi>{escape(fact)}</bdi></span>' for fact in facts if fact)


def _corrections(citation: Citation, link: Link, say: Say) -> str:
    """Say of quoted words that they were corrected, with the notice that does so."""
    return "".join(
        f'<p class="yj-corrected">{_mended(one, say)}<q>{escape(one.quote)}</q> '
        f'<a href="{attribute(link(_notice(citation, one)))}" target="_blank" rel="noopener" title="{say["open"]}">'
        f"<bdi>《{escape(one.title or say['untitled'])}》</bdi></a>{source_facts([one.publisher, one.published])}</p>"
        for one in citation.corrections
    )


def _mended(one: Correction, say: Say) -> str:
    """Say what became of the words; of a rumour only that it is denied."""
    if one.denied:
        return f"<strong>{say['denied']}</strong>"
    return f"<strong>{say['corrected']}</strong>“{escape(one.was)}” → “{escape(one.now)}”："


def _notice(citation: Citation, one: Correction) -> Citation:
    """Return the notice of a correction as a citation, to link to."""
    return replace(
        citation,
        article_id=one.article_id,
        start=one.start,
        end=one.end,
        answer_start=one.now_start,
        answer_end=one.now_end,
        permalink=one.permalink,
    )


def _reprints(citation: Citation, say: Say) -> str:
    if not citation.reprints:
        return ""
    return f'<p class="yj-also">{say["also"]}{"、".join(map(escape, citation.reprints))}</p>'


def quote_runs(citation: Citation) -> Iterator[tuple[str, bool]]:
    """Yield the quote and its context in the article's order, as (words, is the quote); a gap yields “……”."""
    around = [
        (c.start, c.end, c.text, False) for c in citation.context if not _inside(c.start, c.end, citation)
    ]
    end: int | None = None
    for start, stop, run, own in sorted([*around, (citation.start, citation.end, citation.quote, True)]):
        if end is not None and start > end:
            yield (GAP if start - end > 1 else " ", False)
        yield run, own
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


def _variant(variant: Variant, answer: Answer, uid: str, say: Say) -> str:
    """Set the stated values side by side, each with its source."""
    cited = {citation.number: citation for citation in answer.citations}
    values = "".join(
        _value(value.value, _where(cited[value.citation]), value.citation, uid, say)
        for value in variant.values
        if value.citation in cited
    )
    head = f'<p class="yj-head">{say[variant.relation]}</p>'
    return f'{head}<ul class="yj-values yj-{variant.relation}">{values}</ul>'


def _timeline(answer: Answer, uid: str, say: Say) -> str:
    """Set the values of one indicator in the order of their times."""
    points = "".join(
        f'<li class="yj-value"><span class="yj-fact">{escape(point.as_of)}</span> '
        f"<strong>{escape(point.value)}</strong> {_marker(point.citation, uid, say)}</li>"
        for point in answer.timeline
    )
    head = f'<p class="yj-head">{say["timeline"]}</p>'
    return f'{head}<ol class="yj-values yj-timeline">{points}</ol>' if points else ""


def _value(value: str, where: str, number: int, uid: str, say: Say) -> str:
    return (
        f'<li class="yj-value"><strong>{escape(value)}</strong> {_marker(number, uid, say)}'
        f'<span class="yj-fact">{where}</span></li>'
    )


def _where(citation: Citation) -> str:
    return escape(" ".join(filter(None, (citation.publisher, citation.published))) or citation.title)
