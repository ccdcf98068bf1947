"""The pages to look around in: the list of articles, and the passages that have certain words."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Protocol
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from rag.index.catalogue import ArticleRow, FileRecord, Shown
from rag.index.store import Counts, PassageText
from rag.records import Source
from rag.render.citation_html import source_facts
from rag.render.escape import attribute, escape
from rag.render.ingest_reasons import reason_zh
from rag.render.pages import page_html
from rag.render.strings import Lang, words
from rag.request import MAX_QUESTION
from rag.retrieval.keywords import CHARACTERS, MOST, WORDS, Keywords, Order, marked

__all__ = [
    "Lists",
    "Searched",
    "Shelf",
    "beside_html",
    "found_html",
    "holds_html",
    "library_page",
    "search_page",
]

ROWS = 50
"""Articles on one page of the list."""
PASSAGES = 20
"""Passages on one page of the search."""
OFFERED = 300
"""Publishers and folders offered as filters: those with most articles."""

NEWEST = 4
"""Headlines that an empty chat shows."""
BESIDE = 3
"""Passages beside an answer to words that ask nothing."""

Say = Mapping[str, str]


class Lists(Protocol):
    """What the list of articles needs of `rag.index.catalogue.Catalogue`."""

    def count_listed(self, shown: Shown, /) -> int:
        """Return how many articles are let through."""
        ...

    def listed(self, shown: Shown, offset: int, limit: int, /) -> list[ArticleRow]:
        """Return a page of the articles that are let through."""
        ...

    def files(self) -> Sequence[FileRecord]:
        """Return the files that were read or refused."""
        ...

    def publishers(self, limit: int, /) -> list[str]:
        """Return the publishers, those with most articles first."""
        ...

    def folders(self, limit: int, /) -> list[str]:
        """Return the folders, those with most files first."""
        ...

    def span(self) -> tuple[str, str]:
        """Return the first and the last day of print."""
        ...


class Shelf(Protocol):
    """What the list of articles needs of `rag.index.store.Store`."""

    @property
    def catalogue(self) -> Lists:
        """Its lists."""
        ...

    @property
    def generation(self) -> int:
        """The version of the index."""
        ...

    def counts(self) -> Counts:
        """Return how much there is."""
        ...


@dataclass(frozen=True, slots=True)
class Searched:
    """What was looked for, and what was found of it."""

    text: str
    shown: Shown
    order: Order
    found: Keywords


def library_page(
    store: Shelf, shown: Shown, page: int, base: str, lang: Lang = "zh", *, editor: bool = False
) -> str:
    """Return page `page` (from 1) of the articles that `shown` lets through, and every refused file on the first."""
    say, counts, lists = words(lang), store.counts(), store.catalogue
    total, rows = lists.count_listed(shown), lists.listed(shown, (page - 1) * ROWS, ROWS)
    first, last = lists.span()
    lead = say["library_lead"].format(
        articles=f"{counts.articles:,}", passages=f"{counts.passages:,}", generation=store.generation
    )
    lead += say["library_span"].format(first=first, last=last) if first else ""
    folders = _choice("folder", lists.folders(OFFERED), shown.folder, say)
    whole = (
        f'<p><a href="search?{attribute(_encoded({"q": shown.text}))}">{say["in_full_text"]}</a></p>'
        if shown.text
        else ""
    )
    counted = f'<p role="status">{say["found"].format(n=f"{total:,}")}</p>{whole}' if shown != Shown() else ""
    body = "".join(
        (
            _header("library", lead, "search", base, say, editor),
            _form(shown.text, "search_titles", shown, lists, folders, say),
            _wrong_days(shown, say) or counted,
            _table(rows, base, say) if rows else f"<p>{say['none_found']}</p>",
            _turning(_query(shown), page, -(-total // ROWS), say),
            _refused(store, lang) if page == 1 and shown == Shown() else "",
        )
    )
    return page_html("library", say["library"], f'<main class="yj-library">{body}</main>', base, lang)


def search_page(
    store: Shelf, searched: Searched, page: int, base: str, lang: Lang = "zh", *, editor: bool = False
) -> str:
    """Return page `page` (from 1) of the passages that were found, their words marked."""
    say, found = words(lang), searched.found
    shown = found.rows[(page - 1) * PASSAGES : page * PASSAGES]
    order = _order(searched.order, say)
    form = _form(searched.text, "search_text", searched.shown, store.catalogue, order, say)
    body = "".join(
        (
            _header("search", say["search_lead"], "library", base, say, editor),
            form,
            _wrong_days(searched.shown, say) or (_told(searched, say) if searched.text else ""),
            found_html(shown, found.words, base, say),
            _turning(
                {**_query(searched.shown), "q": searched.text, "sort": searched.order},
                page,
                -(-len(found.rows) // PASSAGES),
                say,
            ),
        )
    )
    title = f"{searched.text} · {say['search']}" if searched.text else say["search"]
    return page_html("library", title, f'<main class="yj-library">{body}</main>', base, lang)


def holds_html(store: Shelf, base: str, lang: Lang = "zh") -> str:
    """Return what an empty chat says of the library: how much there is, of which days, and its newest headlines."""
    say, lists = words(lang), store.catalogue
    first, last = lists.span()
    lead = say["holds"].format(articles=f"{store.counts().articles:,}")
    lead += say["library_span"].format(first=first, last=last) if first else ""
    items = "".join(
        f'<li><a class="yj-title" href="{attribute(base)}/articles/{url_quote(row.article_id, safe="")}?s=0&amp;e=0">'
        f"<bdi>{escape(row.title or say['untitled'])}</bdi></a> {source_facts([row.publisher, row.published])}</li>"
        for row in lists.listed(Shown(), 0, NEWEST)
    )
    more = f'<a href="{attribute(base)}/library">{say["holds_all"]}</a>'
    return f'<p class="yj-holds">{lead} {more}</p><ul class="yj-newest" aria-label="{say["newest"]}">{items}</ul>'


def beside_html(text: str, found: Keywords, base: str, lang: Lang = "zh") -> str:
    """Return the first passages that have typed words, to stand beside what is answered to them; "" without any."""
    if not found.rows:
        return ""
    say = words(lang)
    more = f'<a href="{attribute(base)}/search?{attribute(_encoded({"q": text}))}">{say["found_all"].format(n=len(found.rows))}</a>'
    head = f'<p class="yj-head">{say["found_beside"].format(text=escape(text))}<span class="yj-note">{more}</span></p>'
    return f'<div class="yj yj-beside">{head}{found_html(found.rows[:BESIDE], found.words, base, say)}</div>'


def found_html(rows: Sequence[PassageText], sought: Sequence[str], base: str, say: Say) -> str:
    """Return passages with the words that were looked for marked, each with where it stands."""
    items = "".join(
        f'<li><p class="yj-passage">{_marked(row.text, sought)}</p><p class="yj-from">'
        f'<a class="yj-title" href="{attribute(base)}/articles/{url_quote(row.article_id, safe="")}'
        f'?s={row.start}&amp;e={row.end}#quote"><bdi>{_marked(row.title or say["untitled"], sought)}</bdi></a> '
        f"{source_facts([row.publisher, row.published])}</p></li>"
        for row in rows
    )
    return f'<ol class="yj-passages">{items}</ol>' if items else ""


def _marked(text: str, sought: Sequence[str]) -> str:
    return "".join(f"<mark>{escape(run)}</mark>" if hit else escape(run) for run, hit in marked(text, sought))


def _told(searched: Searched, say: Say) -> str:
    """Say how many passages were found, and where the words were looked for less strictly."""
    found = searched.found
    n = f"{MOST:,}+" if found.capped else f"{len(found.rows):,}"
    said = say["passages_found"].format(n=n) if found.rows else say["no_passage"]
    parts = [said, "" if found.whole or not found.rows else say["some_words"]]
    if found.capped:
        parts.append(say["capped"].format(n=MOST))
    if found.cut:
        parts.append(say["cut"].format(words=WORDS, characters=CHARACTERS))
    if searched.shown != Shown():
        parts.append(say["within_filters"])
    return f'<p role="status">{"".join(filter(None, parts))}</p>'


def _wrong_days(shown: Shown, say: Say) -> str:
    """Say that no article is of both days, where the first is after the last."""
    return f'<p role="alert">{say["wrong_days"]}</p>' if shown.until and shown.since > shown.until else ""


def _header(name: str, lead: str, other: str, base: str, say: Say, editor: bool) -> str:
    links = f'<a href="{attribute(base)}/">← {say["back"]}</a> <a href="{attribute(base)}/{other}">{say[other]}</a>'
    links += f' <a href="{attribute(base)}/desk">{say["desk"]}</a>' if editor else ""
    return f"<header><p>{links}</p><h1>{say[name]}</h1><p>{lead}</p></header>"


def _form(text: str, label: str, shown: Shown, lists: Lists, more: str, say: Say) -> str:
    days = "".join(
        f'<label>{say[name]} <input type="date" name="{name}" value="{attribute(value)}"></label>'
        for name, value in (("since", shown.since), ("until", shown.until))
    )
    publishers = _choice("publisher", lists.publishers(OFFERED), shown.publisher, say)
    return (
        f'<form role="search"><div><input type="search" name="q" maxlength="{MAX_QUESTION}" value="{attribute(text)}" '
        f'aria-label="{say[label]}" placeholder="{say[label]}"><button>{say["find"]}</button></div>'
        f'<div class="yj-narrow">{days}{publishers}{more}</div></form>'
    )


def _choice(name: str, offered: Sequence[str], chosen: str, say: Say) -> str:
    if not offered:
        return ""
    known = [*offered, *([chosen] if chosen and chosen not in offered else [])]
    options = "".join(
        f'<option value="{attribute(one)}"{" selected" if one == chosen else ""}>{escape(one)}</option>'
        for one in known
    )
    return f'<label>{say[name]} <select name="{name}"><option value="">{say["any"]}</option>{options}</select></label>'


def _order(order: Order, say: Say) -> str:
    options = "".join(
        f'<option value="{one}"{" selected" if one == order else ""}>{say[f"by_{one}"]}</option>'
        for one in ("relevance", "date")
    )
    return f'<label>{say["sort"]} <select name="sort">{options}</select></label>'


def _encoded(query: Mapping[str, str]) -> str:
    return urlencode(query, errors="replace")


def _query(shown: Shown) -> dict[str, str]:
    fields = {("q" if name == "text" else name): value for name, value in asdict(shown).items()}
    return {name: value for name, value in fields.items() if value}


def _table(rows: Sequence[ArticleRow], base: str, say: Say) -> str:
    lines = "".join(
        f'<tr><td><a href="{attribute(base)}/articles/{url_quote(row.article_id, safe="")}"><bdi>'
        f"{escape(row.title or say['untitled'])}</bdi></a></td><td><bdi>{escape(row.publisher)}</bdi></td>"
        f'<td class="yj-date">{escape(row.published)}</td><td class="yj-count">{row.passages}</td></tr>'
        for row in rows
    )
    names = "".join(
        f'<th scope="col">{say[name]}</th>' for name in ("title", "publisher", "published", "passages")
    )
    return f'<table class="yj-articles"><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>'


def _turning(query: Mapping[str, str], page: int, pages: int, say: Say) -> str:
    if pages < 2:
        return ""
    places = ((page - 1, "previous", page > 1), (page + 1, "next", page < pages))
    links = [
        f'<a rel="{"prev" if name == "previous" else "next"}" href="?{attribute(_encoded({**query, "page": str(to)}))}">'
        f"{say[name]}</a>"
        for to, name, there in places
        if there
    ]
    where = say["page_n"].format(page=page, pages=pages)
    return f'<nav aria-label="{where}"><span>{where}</span>{"".join(links)}</nav>'


def _refused(store: Shelf, lang: Lang) -> str:
    say = words(lang)
    lines = [
        f"<tr><td><bdi>{escape(str(Source(file.shown, line or None)))}</bdi></td>"
        f"<td><bdi>{escape(reason_zh(reason) if lang == 'zh' else reason)}</bdi></td></tr>"
        for file in store.catalogue.files()
        for line, reason in file.spoken
    ]
    head = f'<tr><th scope="col">{say["where"]}</th><th scope="col">{say["reason"]}</th></tr>'
    table = f"<table><thead>{head}</thead><tbody>{''.join(lines)}</tbody></table>"
    return f'<h2 id="refused">{say["refused_files"]}</h2>{table if lines else "<p>" + say["refused_none"] + "</p>"}'
