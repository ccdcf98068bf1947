"""Our own whole pages: reading an article, the page for frames, and saying that an article is not there."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from string import Template

from rag.errors import ArticleGone, StoreError
from rag.markup import attribute, escape
from rag.records import Article
from rag.render import article_html

__all__ = ["article_page", "embed_page", "missing_page"]

WEB = Path(__file__).resolve().parent / "web"
THEMES = ("light", "dark")
EXAMPLES = 3
"""Example questions in a frame: what fits above the fold of a phone."""


@cache
def _template(name: str) -> Template:
    return Template((WEB / name).read_text(encoding="utf-8"))


def article_page(
    article: Article, start: int | None, end: int | None, *, sources: Sequence[str], base: str
) -> str:
    """Return the reading page with the run `start` to `end` marked."""
    title = article.title or "（无标题）"
    return _article(title, article_html(article, start, end, sources=sources), base)


def missing_page(error: StoreError, base: str) -> str:
    """Return the page for an id that is unknown or was taken out."""
    said = "这篇报道已从库中移除。" if isinstance(error, ArticleGone) else "库中没有这篇报道。"
    return _article(said, f'<article class="yj-article"><h1>{said}</h1></article>', base)


def _article(title: str, body: str, base: str) -> str:
    return _template("article.html").substitute(title=attribute(title), body=body, base=attribute(base))


def embed_page(theme: str, base: str, examples: Sequence[str]) -> str:
    """Return the page for frames; `theme` is light, dark or anything else for what the reader's system prefers."""
    buttons = "".join(
        f'<li><button type="button" class="yj-example">{escape(example)}</button></li>'
        for example in examples[:EXAMPLES]
    )
    return _template("embed.html").substitute(
        theme=theme if theme in THEMES else "auto", base=attribute(base), examples=buttons
    )
