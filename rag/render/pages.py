"""Our own whole pages: an article, the list of articles, signing in, a notice."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from string import Template
from typing import Protocol
from urllib.parse import quote as url_quote
from urllib.parse import urlencode

from rag.errors import ArticleGone, StoreError
from rag.index.catalogue import ArticleRow, FileRecord
from rag.index.store import Counts
from rag.records import Article, Source
from rag.render.article_html import Place, Provenance, article_html
from rag.render.escape import attribute, escape
from rag.render.ingest_reasons import reason_zh
from rag.render.strings import Lang, words

__all__ = [
    "LANGUAGES",
    "Lists",
    "Shelf",
    "article_page",
    "library_page",
    "login_page",
    "missing_page",
    "notice_page",
]

TEMPLATE = Path(__file__).resolve().parent / "article.html"
ROWS = 50
"""Articles on one page of the list."""
LANGUAGES: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}


class Lists(Protocol):
    """What the list of articles needs of `rag.index.catalogue.Catalogue`."""

    def count_titled(self, text: str, /) -> int:
        """Return how many titles hold `text`."""
        ...

    def titled(self, text: str, offset: int, limit: int, /) -> list[ArticleRow]:
        """Return a page of the articles whose titles hold `text`."""
        ...

    def files(self) -> Sequence[FileRecord]:
        """Return the files that were read or refused."""
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


@cache
def _template() -> Template:
    return Template(TEMPLATE.read_text(encoding="utf-8"))


def article_page(article: Article, place: Place | None, known: Provenance, lang: Lang = "zh") -> str:
    """Return the reading page with the place marked."""
    title = article.title or words(lang)["untitled"]
    body = _way_back(known.base, lang) + article_html(article, place, known, lang)
    return _page("article", title, body, known.base, lang)


def notice_page(said: str, base: str, lang: Lang = "zh") -> str:
    """Return a page of one sentence."""
    body = f'{_way_back(base, lang)}<article class="yj-article"><h1>{escape(said)}</h1></article>'
    return _page("article", said, body, base, lang)


def login_page(
    back: str, base: str, *, wrong: bool = False, signed_in: bool = False, lang: Lang = "zh"
) -> str:
    """Return the page that asks for a key; `back` is where a right one leads, a path of this server."""
    say = words(lang)
    alert = f'<p role="alert">{say["key_wrong"]}</p>' if wrong else ""
    leave = f'<form method="post" action="{attribute(base)}/logout"><button>{say["sign_out"]}</button></form>'
    body = (
        f'<main class="yj-login"><h1>有据</h1><p>{say["key_lead"]}</p>{alert}'
        f'<form method="post" action="{attribute(base)}/login"><input type="hidden" name="next" value="{attribute(back)}">'
        f'<label>{say["key"]} <input type="password" name="key" autocomplete="current-password" required autofocus></label>'
        f"<button>{say['sign_in']}</button></form>{leave if signed_in else ''}</main>"
    )
    return _page("login", say["sign_in"], body, base, lang)


def missing_page(error: StoreError, base: str, lang: Lang = "zh") -> str:
    """Return the page for an id that is unknown or was taken out."""
    said = words(lang)["gone" if isinstance(error, ArticleGone) else "unknown"]
    return notice_page(said, base, lang)


def _way_back(base: str, lang: Lang) -> str:
    say = words(lang)
    links = f'<a href="{attribute(base)}/">← {say["back"]}</a> <a href="{attribute(base)}/library">{say["library"]}</a>'
    return f'<nav class="yj-back">{links}</nav>'


def library_page(store: Shelf, text: str, page: int, base: str, lang: Lang = "zh") -> str:
    """Return page `page` (from 1) of the articles with `text` in their titles, and every refused file on the first."""
    say, counts = words(lang), store.counts()
    total, rows = store.catalogue.count_titled(text), store.catalogue.titled(text, (page - 1) * ROWS, ROWS)
    lead = say["library_lead"].format(
        articles=f"{counts.articles:,}", passages=f"{counts.passages:,}", generation=store.generation
    )
    body = "".join(
        (
            f'<header><p><a href="{attribute(base)}/">← {say["back"]}</a></p><h1>{say["library"]}</h1><p>{lead}</p></header>',
            _search(text, say),
            f'<p role="status">{say["found"].format(n=f"{total:,}")}</p>' if text else "",
            _table(rows, base, say) if rows else f"<p>{say['none_found']}</p>",
            _turning(text, page, -(-total // ROWS), say),
            _refused(store, lang) if page == 1 and not text else "",
        )
    )
    return _page("library", say["library"], f'<main class="yj-library">{body}</main>', base, lang)


def _search(text: str, say: Mapping[str, str]) -> str:
    return (
        f'<form role="search"><input type="search" name="q" maxlength="200" value="{attribute(text)}" '
        f'aria-label="{say["search"]}" placeholder="{say["search"]}"><button>{say["find"]}</button></form>'
    )


def _table(rows: Sequence[ArticleRow], base: str, say: Mapping[str, str]) -> str:
    lines = "".join(
        f'<tr><td><a href="{attribute(base)}/articles/{url_quote(row.article_id, safe="")}"><bdi>'
        f"{escape(row.title or say['untitled'])}</bdi></a></td><td><bdi>{escape(row.publisher)}</bdi></td>"
        f'<td class="yj-date">{escape(row.published)}</td><td class="yj-count">{row.passages}</td></tr>'
        for row in rows
    )
    names = "".join(
        f'<th scope="col">{say[name]}</th>' for name in ("title", "publisher", "published", "passages")
    )
    return f"<table><thead><tr>{names}</tr></thead><tbody>{lines}</tbody></table>"


def _turning(text: str, page: int, pages: int, say: Mapping[str, str]) -> str:
    if pages < 2:
        return ""
    places = ((page - 1, "previous", page > 1), (page + 1, "next", page < pages))
    links = [
        f'<a rel="{"prev" if name == "previous" else "next"}" href="?{attribute(urlencode({"q": text, "page": to}))}">'
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


def _page(kind: str, title: str, body: str, base: str, lang: Lang) -> str:
    """Return one of our plain pages; `kind` names its style sheet."""
    return _template().substitute(
        title=attribute(title), body=body, base=attribute(base), kind=kind, lang=LANGUAGES[lang]
    )
