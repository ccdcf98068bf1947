"""An article as HTML with a quote marked in its place, for the reading page and for the panel beside the chat."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rag.records import Article, Block, BlockKind, Correction, Span, Verified
from rag.render.citation_html import VERIFIED_STYLE, correction_html, page_facts, source_facts
from rag.render.escape import attribute, escape
from rag.render.strings import Lang, words
from rag.text.annotation import annotate
from rag.text.web_address import web_address

__all__ = ["Place", "Provenance", "article_html", "panel_html"]

TAGS = {
    BlockKind.TITLE: "h1",
    BlockKind.SUBTITLE: "p",
    BlockKind.HEADING: "h2",
    BlockKind.BODY: "p",
    BlockKind.CAPTION: "p",
    BlockKind.BYLINE: "p",
    BlockKind.ROW: "p",
}


@dataclass(frozen=True, slots=True)
class Place:
    """What is marked in an article: a quote, the answer in it, and the other quotes of the same answer."""

    quote: Span
    answer: Span | None = None
    others: tuple[Span, ...] = ()

    @classmethod
    def read(
        cls,
        article: Article,
        start: int | None,
        end: int | None,
        a: int | None = None,
        b: int | None = None,
        others: Sequence[Span] = (),
    ) -> "Place | None":
        """Return the place of offsets that came with an address; None where they make no sense in `article`."""
        if start is None or end is None or not 0 <= start < end <= len(article.text):
            return None
        inside = a is not None and b is not None and start <= a < b <= end
        answer = Span(a, b) if inside and a is not None and b is not None else None
        apart: list[Span] = []
        for one in sorted(others, key=lambda span: span.start):
            free = one.end <= start or end <= one.start
            if (
                0 <= one.start < one.end <= len(article.text)
                and free
                and (not apart or apart[-1].end <= one.start)
            ):
                apart.append(one)
        return cls(Span(start, end), answer, tuple(apart))


@dataclass(frozen=True, slots=True)
class Provenance:
    """What is known of an article: its files, the other copies, what checking the first gave, and what notices mend in it.

    `base` is the path the app is mounted under.
    """

    sources: tuple[str, ...] = ()
    reprints: tuple[str, ...] = ()
    verified: Verified = "verified"
    corrections: tuple[Correction, ...] = ()
    base: str = ""
    gist: tuple[tuple[Span, str], ...] = ()
    """Sentences that tell most of it, each with the words that date it."""
    original: str = ""
    """Where the browser shows the first file as it was printed, "" where it cannot."""


def article_html(
    article: Article, place: Place | None = None, known: Provenance | None = None, lang: Lang = "zh"
) -> str:
    """Return the reading page's body with the place marked."""
    say, known = words(lang), known or Provenance()
    page = _page(article, place)
    printed = page_facts(page, article.scanned, say)
    facts = source_facts([article.publisher, article.author, article.published, *printed])
    body = _titled(article, place, say)
    origin = _origin(article, known, page, say)
    return f'<article class="yj-article"><p class="yj-meta">{facts}</p>{_mended(known, say)}{_gist(article, known, say)}{body}{origin}</article>'


def panel_html(
    article: Article, place: Place | None, known: Provenance, address: str, lang: Lang = "zh"
) -> str:
    """Return an article for the panel: what is known of it, then all of its text with the place marked.

    `address` is that of the reading page.
    """
    say = words(lang)
    rows = {
        "publisher": article.publisher,
        "author": article.author,
        "published": article.published,
        "section": _section(article, place),
        "place": " · ".join(filter(None, page_facts(_page(article, place), article.scanned, say))),
    }
    facts = "".join(
        f"<div><dt>{say[name]}</dt><dd><bdi>{escape(value)}</bdi></dd></div>"
        for name, value in rows.items()
        if value
    )
    checked = (
        f'<div><dt>{say["check"]}</dt><dd><span class="{VERIFIED_STYLE[known.verified]}">{say[known.verified]}</span> '
        f'<span class="yj-soft">{say[f"{known.verified}_why"]}</span></dd></div>'
    )
    alone = f'<a href="{attribute(address)}" target="_blank" rel="noopener">{say["alone"]} ↗</a>'
    return (
        f'<div class="yj-facts"><dl>{facts}{checked}</dl><p>{alone}</p>{_copies(known, say)}{_gist(article, known, say)}</div>'
        f'<article class="yj-article">{_mended(known, say)}{_titled(article, place, say)}{_origin(article, known, _page(article, place), say)}</article>'
    )


def _mended(known: Provenance, say: Mapping[str, str]) -> str:
    """Say at the top what notices mend in the article."""
    return "".join(
        correction_html(one, f"{known.base}{one.permalink}#quote", say) for one in known.corrections
    )


def _gist(article: Article, known: Provenance, say: Mapping[str, str]) -> str:
    """Fold what the article says in its own sentences, figures set off, each dated and leading to its place."""
    items = "".join(
        f'<li>{source_facts([dated])} <a href="{attribute(known.base)}/articles/{article.id}?s={span.start}&amp;e={span.end}#quote">'
        f"{_figures(article.text[span.start : span.end])}</a></li>"
        for span, dated in known.gist
    )
    return (
        f'<details class="yj-gist"><summary>{say["gist"]}</summary><ul>{items}</ul></details>'
        if items
        else ""
    )


def _figures(said: str) -> str:
    at = 0
    found: list[str] = []
    for one in annotate(said).quantities:
        if one.start >= at and said[one.start - 1 : one.start] != "第" and said[one.start] != "第":
            found.append(
                f"{escape(said[at : one.start])}<strong>{escape(said[one.start : one.end])}</strong>"
            )
            at = one.end
    return "".join(found) + escape(said[at:])


def _titled(article: Article, place: Place | None, say: Mapping[str, str]) -> str:
    body = "".join(_block(article, block, place) for block in article.blocks)
    # Article text is escaped, so the first <mark> is ours: it is where #quote scrolls to and where focus goes.
    body = body.replace("<mark>", '<mark id="quote" tabindex="-1">', 1)
    if any(block.kind is BlockKind.TITLE for block in article.blocks):
        return body
    return f"<h1>{escape(article.title or say['untitled'])}</h1>{body}"


def _page(article: Article, place: Place | None) -> int | None:
    return None if place is None else article.page_at((place.answer or place.quote).start)


def _section(article: Article, place: Place | None) -> str:
    """Return the words of the heading that the place stands under, "" if it is under none."""
    if place is None:
        return ""
    above = [b for b in article.blocks if b.kind is BlockKind.HEADING and b.start <= place.quote.start]
    return article.text[above[-1].start : above[-1].end] if above else ""


def _copies(known: Provenance, say: Mapping[str, str]) -> str:
    if not known.reprints:
        return ""
    head = say["reprints"].format(n=len(known.reprints))
    items = "".join(f"<li><bdi>{escape(reprint)}</bdi></li>" for reprint in known.reprints)
    return f"<details><summary>{head}</summary><ul>{items}</ul></details>"


def _block(article: Article, block: Block, place: Place | None) -> str:
    inner = "".join(_runs(article.text, block, place))
    tag = TAGS[block.kind]
    return f'<{tag} class="yj-b-{block.kind}">{inner}</{tag}>'


def _runs(text: str, block: Block, place: Place | None) -> Iterator[str]:
    """Yield a block's words, the part of the quote in <mark> and that of the answer in <strong> within it.

    The other quotes are marked, too, in another way.
    """
    at = block.start
    spans = () if place is None else sorted((place.quote, *place.others), key=lambda span: span.start)
    for span in spans:
        left, right = _clipped(span, block.start, block.end)
        if left < right and place is not None:
            own = span == place.quote
            yield escape(text[at:left])
            yield _mark(text, left, right, place.answer) if own else _other(text, left, right)
            at = right
    yield escape(text[at : block.end])


def _mark(text: str, left: int, right: int, answer: Span | None) -> str:
    a, b = (left, left) if answer is None else _clipped(answer, left, right)
    before, own, after = (escape(text[i:j]) for i, j in pairwise((left, a, b, right)))
    return f"<mark>{before}{f'<strong>{own}</strong>' if own else ''}{after}</mark>"


def _other(text: str, left: int, right: int) -> str:
    return f'<mark class="yj-other">{escape(text[left:right])}</mark>'


def _clipped(span: Span, low: int, high: int) -> tuple[int, int]:
    start, end = (min(max(offset, low), high) for offset in (span.start, span.end))
    return start, end


def _origin(article: Article, known: Provenance, page: int | None, say: Mapping[str, str]) -> str:
    """Say which file the article was read from, and link to it as printed, and to its public address on the web.

    Browsers open a PDF at the page that its address names.
    """
    lines = [f"{say['file']}{escape(source)}" for source in known.sources]
    if known.original:
        at = f"#page={page}" if page else ""
        where = f"（{say['page'].format(n=page)}）" if page else ""
        lines.append(
            f'<a href="{attribute(known.original + at)}" rel="noopener" target="_blank">{say["original"]}{where}</a>'
        )
    if web_address(article.url):
        is_pdf = article.url.partition("#")[0].partition("?")[0].lower().endswith(".pdf")
        address = attribute(
            f"{article.url.partition('#')[0]}#page={page}" if is_pdf and page else article.url
        )
        link = f'<a href="{address}" rel="noopener noreferrer" target="_blank">{say["online"]}</a>'
        lines.append(link)
    return f'<p class="yj-origin">{"<br>".join(lines)}</p>' if lines else ""
