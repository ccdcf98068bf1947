"""What people see and the page's own scripts ask for: articles, the library, the chat."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from urllib.parse import urlencode

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from rag.answering.key_sentences import key_sentences
from rag.answering.quotes import corrections_of
from rag.errors import ArticleGone, ArticleUnknown, IngestError
from rag.index.catalogue import Shown
from rag.query.analysis import understand
from rag.records import Article, Span
from rag.render.article_html import Place, Provenance, panel_html
from rag.render.desk.strings import desk_words
from rag.render.library_html import Searched, holds_html, library_page, search_page
from rag.render.pages import article_page, missing_page, notice_page
from rag.render.strings import Lang, lang_of, words
from rag.render.trace_html import trace_html
from rag.request import MAX_QUESTION, Filters, read_json, read_request
from rag.retrieval.keywords import Order
from rag.server.page.chat import converse
from rag.server.responses import dumps, event_stream, file_reply, json_reply, while_here
from rag.server.security.access import VISITOR
from rag.server.service import Server
from rag.verify import ORIGINALS

__all__ = ["Pages"]

GIST = 5
"""Sentences of an article at a glance."""
MAX_TITLE = 100
PUBLISHERS = 300
"""Publishers offered as a filter: those with most articles."""


class Pages:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def read(self, http: HttpRequest) -> Response:
        """Return the reading page, the run `s` to `e` marked and in it the answer, `a` to `b`."""
        base, lang = self.server.base, _lang(http)
        try:
            article = self._article(http)
        except (ArticleUnknown, ArticleGone) as error:
            return HTMLResponse(
                missing_page(error, base, lang), 410 if isinstance(error, ArticleGone) else 404
            )
        known = self._known(article, http.query_params.get("t", ""))
        return HTMLResponse(article_page(article, _place(http, article), known, lang))

    def original(self, http: HttpRequest) -> Response:
        """Return the PDF or the picture that an article was read from, as it is."""
        base, lang = self.server.base, _lang(http)
        try:
            path = self.server.bot.sources.original(self._article(http).id)
            if path is not None:
                return file_reply(path, ORIGINALS[path.suffix.lower()])
        except (ArticleUnknown, ArticleGone) as error:
            return HTMLResponse(
                missing_page(error, base, lang), 410 if isinstance(error, ArticleGone) else 404
            )
        except (OSError, IngestError):
            pass  # it went since it was looked at
        return HTMLResponse(notice_page(words(lang)["no_original"], base, lang), 404)

    def panel(self, http: HttpRequest) -> Response:
        """Return an article as HTML for the panel beside the chat, with its title as text."""
        article, lang = self._article(http), _lang(http)
        known = self._known(article)
        address = f"{self.server.base}/articles/{article.id}?{http.url.query}#quote"
        html = panel_html(article, _place(http, article), known, address, lang)
        return json_reply({"title": article.title or words(lang)["untitled"], "html": html})

    async def ask(self, http: HttpRequest) -> Response:
        """Answer the chat with a line of JSON for each stage and one for the reply."""
        messages = converse(self.server, read_json(await http.body()))
        lines = (f"{dumps(message)}\n".encode() async for message in messages)
        return event_stream(lines, "application/x-ndjson")

    async def next_questions(self, http: HttpRequest) -> Response:
        """Return what else the article answers; `asked` is left out."""
        ident, asked = http.path_params["id"], http.query_params.get("asked", "")[:MAX_QUESTION]
        return json_reply({"questions": await while_here(http, self.server.next_questions(ident, asked))})

    def start(self, http: HttpRequest) -> Response:
        """Return what an empty chat offers: questions, publishers, how much there is."""
        store, lang = self.server.bot.store, _lang(http)
        store.refresh()
        return json_reply(
            {
                "examples": list(self.server.bot.examples()),
                "publishers": store.catalogue.publishers(PUBLISHERS),
                "generation": store.generation,
                "desk": _may_edit(http),
                "holds": holds_html(store, self.server.base, lang) + self._about(lang),
            }
        )

    async def why(self, http: HttpRequest) -> Response:
        """Retrace a question; `expected` are words the reader thinks are the answer."""
        fields = read_json(await http.body())
        request, expected = read_request(fields), str(fields.get("expected") or "").strip()[:200]
        found = await while_here(http, self.server.run(lambda: self.server.bot.trace(request, expected)))
        return json_reply({"html": trace_html(found, self.server.base, _lang(http))})

    def library(self, http: HttpRequest) -> Response:
        """Return a page of the list of articles."""
        self.server.bot.store.refresh()
        store, base = self.server.bot.store, self.server.base
        page = library_page(store, _shown(http), _page(http), base, _lang(http), editor=_may_edit(http))
        return HTMLResponse(page)

    async def search(self, http: HttpRequest) -> Response:
        """Return a page of the passages that have the typed words."""
        shown, bot = _shown(http), self.server.bot
        order: Order = "date" if http.query_params.get("sort") == "date" else "relevance"
        text, filters = shown.text, Filters(shown.since, shown.until, shown.publisher)
        found = await while_here(http, self.server.run(lambda: bot.keyword_search(text, filters, order)))
        searched = Searched(text, replace(shown, text="", folder=""), order, found)
        page = search_page(
            bot.store, searched, _page(http), self.server.base, _lang(http), editor=_may_edit(http)
        )
        return HTMLResponse(page)

    def _known(self, article: Article, ticket: str = "") -> Provenance:
        """Return what is known of an article; a link to its original carries the ticket that opened the page."""
        bot, base = self.server.bot, self.server.base
        shown = f"?{urlencode({'t': ticket})}" if ticket else ""
        return Provenance(
            tuple(str(source) for source in bot.store.catalogue.sources(article.id)),
            tuple(bot.sources.reprints(article.id)),
            bot.sources.source_of(article.id)[1],
            tuple(corrections_of(article, bot.sources)),
            base,
            tuple(_gist(article)),
            f"{base}/articles/{article.id}/original{shown}" if bot.sources.original(article.id) else "",
        )

    def _about(self, lang: Lang) -> str:
        """Return what is kept of questions."""
        return (
            f'<p class="yj-holds">{desk_words(lang)["keeps_questions"]}</p>'
            if self.server.settings.keep_questions
            else ""
        )

    def _article(self, http: HttpRequest) -> Article:
        return self.server.bot.store.article(http.path_params["id"])


def _may_edit(http: HttpRequest) -> bool:
    visitor = http.scope[VISITOR]
    return visitor is not None and "edit" in visitor.scopes


def _lang(http: HttpRequest) -> Lang:
    return lang_of(http.query_params.get("lang") or http.headers.get("accept-language", ""))


def _shown(http: HttpRequest) -> Shown:
    """Read what is listed; a day that is none limits nothing."""
    said = {
        name: http.query_params.get(name, "").strip()[:MAX_QUESTION] for name in ("q", "publisher", "folder")
    }
    since, until = (_day(http.query_params.get(name, "")) for name in ("since", "until"))
    return Shown(said["q"], since, until, said["publisher"], said["folder"])


def _day(value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return ""


def _page(http: HttpRequest) -> int:
    return max(1, _offset(http.query_params.get("page")) or 1)


def _place(http: HttpRequest, article: Article) -> Place | None:
    others = [_span(part) for part in http.query_params.get("m", "")[:400].split(",")]
    known = [span for span in others if span is not None]
    start, end, a, b = (_offset(http.query_params.get(name)) for name in "seab")
    return Place.read(article, start, end, a, b, known)


def _span(text: str) -> Span | None:
    start, end = (_offset(part) for part in text.partition("-")[::2])
    return None if start is None or end is None else Span(start, end)


def _gist(article: Article) -> Iterator[tuple[Span, str]]:
    """Yield the sentences that tell most of an article, each with the words that date it."""
    title = article.title or article.text[:MAX_TITLE]
    for quote in key_sentences(article, understand(title, title[:MAX_TITLE], date.today()), GIST):
        yield quote.span, quote.as_of


def _offset(value: str | None) -> int | None:
    """Read an offset of the address; a wrong one means no mark, not an error."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else None
