"""Our own whole pages: an article, signing in, a notice; `rag.render.library_html` has those to look around in."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Template

from rag.errors import ArticleGone, StoreError
from rag.records import Article
from rag.render.article_html import Place, Provenance, article_html
from rag.render.escape import attribute, escape
from rag.render.strings import Lang, words

__all__ = [
    "LANGUAGES",
    "article_page",
    "login_page",
    "missing_page",
    "notice_page",
    "page_html",
]

TEMPLATE = Path(__file__).resolve().parent / "article.html"
LANGUAGES: Mapping[Lang, str] = {"zh": "zh-CN", "en": "en"}


@cache
def _template() -> Template:
    return Template(TEMPLATE.read_text(encoding="utf-8"))


def article_page(article: Article, place: Place | None, known: Provenance, lang: Lang = "zh") -> str:
    """Return the reading page with the place marked."""
    title = article.title or words(lang)["untitled"]
    body = _way_back(known.base, lang) + article_html(article, place, known, lang)
    return page_html("article", title, body, known.base, lang)


def notice_page(said: str, base: str, lang: Lang = "zh") -> str:
    """Return a page of one sentence."""
    body = f'{_way_back(base, lang)}<article class="yj-article"><h1>{escape(said)}</h1></article>'
    return page_html("article", said, body, base, lang)


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
    return page_html("login", say["sign_in"], body, base, lang)


def missing_page(error: StoreError, base: str, lang: Lang = "zh") -> str:
    """Return the page for an id that is unknown or was taken out."""
    said = words(lang)["gone" if isinstance(error, ArticleGone) else "unknown"]
    return notice_page(said, base, lang)


def _way_back(base: str, lang: Lang) -> str:
    say = words(lang)
    links = f'<a href="{attribute(base)}/">← {say["back"]}</a> <a href="{attribute(base)}/library">{say["library"]}</a> <a href="{attribute(base)}/search">{say["search"]}</a>'
    return f'<nav class="yj-back">{links}</nav>'


def page_html(kind: str, title: str, body: str, base: str, lang: Lang) -> str:
    """Return one of our plain pages; `kind` names its style sheet."""
    return _template().substitute(
        title=attribute(title), body=body, base=attribute(base), kind=kind, lang=LANGUAGES[lang]
    )
