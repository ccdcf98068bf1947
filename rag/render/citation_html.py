"""A quote with where it stands, what was corrected in it and when it holds, as HTML.

[1] 其中，…建成5G基站超8万个…               the quote: answer marked, context greyed
    《标题》 · 成都日报 · 2024-11-12  ✓ 已核对   where it stands; opens the article at the quote
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote as url_quote

from rag.records import BlockKind, Citation, Correction
from rag.render.escape import attribute, escape

__all__ = [
    "VERIFIED_STYLE",
    "Link",
    "Say",
    "article_path",
    "cards_html",
    "correction_html",
    "page_facts",
    "quote_html",
    "quote_runs",
    "source_facts",
]

VERIFIED_STYLE = {"verified": "yj-ok", "source_changed": "yj-warn", "source_missing": "yj-warn"}
KINDS = (BlockKind.CAPTION, BlockKind.HEADING)
GAP = "……"
# So many other copies are named beside a quote; more are folded.
REPRINTS = 1

Link = Callable[[Citation], str]
Say = Mapping[str, str]


def article_path(citation: Citation, base: str = "") -> str:
    """Return the address of the reading page, opened at the quote; `base` is the path the app is mounted under."""
    ident = url_quote(citation.article_id, safe="")
    answer = "" if citation.answer_start is None else f"&a={citation.answer_start}&b={citation.answer_end}"
    return f"{base}/articles/{ident}?s={citation.start}&e={citation.end}{answer}#quote"


def cards_html(
    citations: Iterable[Citation], link: Link, uid: str, say: Say, *, label: str, style: str = ""
) -> str:
    """Return a list of quotes; `uid` begins their anchors, quotes of style `yj-near` have no number."""
    cards = "".join(_card(one, link, uid, say, numbered=style != "yj-near") for one in citations)
    return (
        f'<ol class="{f"yj-cards {style}".strip()}" aria-label="{attribute(label)}">{cards}</ol>'
        if cards
        else ""
    )


def _card(citation: Citation, link: Link, uid: str, say: Say, *, numbered: bool) -> str:
    number = f'<span class="yj-number">{citation.number}</span>' if numbered else ""
    quote = f'<blockquote class="yj-quote">{quote_html(citation)}</blockquote>'
    mended = "".join(correction_html(one, link(_notice(citation, one)), say) for one in citation.corrections)
    return (
        f'<li class="yj-card" id="{uid}-{citation.number}" tabindex="-1">{number}{mended}{quote}'
        f'<p class="yj-source">{_source(citation, link, say)}</p>{_reprints(citation, say)}</li>'
    )


def _source(citation: Citation, link: Link, say: Say) -> str:
    """Name the article the way a newspaper is cited, then how old the figure is and whether the quote was checked."""
    address = attribute(link(citation))
    title = escape(citation.title or say["untitled"])
    facts = [
        citation.publisher,
        citation.published,
        *page_facts(citation.page, citation.scanned, say),
        f"{say['as_of']}{citation.as_of}" if citation.as_of else "",
        citation.outlook,
        say[citation.kind] if citation.kind in KINDS else "",
    ]
    checked = citation.verified
    return (
        f'<a class="yj-title" href="{address}" target="_blank" rel="noopener" title="{say["open"]}">'
        f"<bdi>《{title}》</bdi></a>{source_facts(facts)}"
        f'<span class="{VERIFIED_STYLE[checked]}" title="{say[f"{checked}_why"]}">{say[checked]}</span>'
        f'<a class="yj-glance" href="{_at_a_glance(address)}" target="_blank" rel="noopener" title="{say["gist"]}">{say["glance"]}</a>'
    )


def _at_a_glance(address: str) -> str:
    """Return the address that opens the article at a glance: without #quote, which browsers go to by themselves."""
    return address.replace("?", "?g=1&amp;", 1).partition("#")[0]


def page_facts(page: int | None, scanned: bool, say: Say) -> list[str]:
    """Return what is said of a page: its number, and that its words were recognised on a picture."""
    return [say["page"].format(n=page) if page else "", say["scanned"] if scanned else ""]


def source_facts(facts: list[str]) -> str:
    """Return the facts that are known, each set apart, whatever the direction of its letters."""
    return "".join(f'<span class="yj-fact"><bdi>{escape(fact)}</bdi></span>' for fact in facts if fact)


def correction_html(one: Correction, address: str, say: Say) -> str:
    """Say of quoted words that they were corrected, with the notice that does so, which is at `address`."""
    return (
        f'<p class="yj-corrected" role="note">{_mended(one, say)}<q>{escape(one.quote)}</q> '
        f'<a href="{attribute(address)}" target="_blank" rel="noopener" title="{say["open"]}">'
        f"<bdi>《{escape(one.title or say['untitled'])}》</bdi></a>{source_facts([one.publisher, one.published])}</p>"
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
    named = "、".join(map(escape, citation.reprints))
    if len(citation.reprints) <= REPRINTS:
        return f'<p class="yj-also">{say["also"]}{named}</p>'
    head = say["reprinted"].format(n=len(citation.reprints))
    return f'<details class="yj-also"><summary>{head}</summary><p>{named}</p></details>'


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
    if not any(map(str.isalnum, before + after)):  # of a quote that is the answer nothing stands out
        return escape(citation.quote)
    return f"{escape(before)}<mark>{escape(words)}</mark>{escape(after)}"
