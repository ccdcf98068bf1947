"""What the server answers to: the API for scripts, and the pages and fragments for readers."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from rag.errors import ArticleGone, ArticleUnknown, BadJson, NotReady, RagError
from rag.records import Answer, Article
from rag.render.article_html import Place, Provenance, panel_html
from rag.render.pages import article_page, library_page, missing_page
from rag.render.strings import Lang, lang_of, words
from rag.render.trace_html import trace_html
from rag.request import MAX_QUESTION, read_json, read_request
from rag.server.feedback import read_feedback
from rag.server.metrics import CONTENT_TYPE
from rag.server.page.chat import converse
from rag.server.presence import while_here
from rag.server.responses import dumps, event, event_stream, json_reply
from rag.server.security.gate import WHO
from rag.server.service import Server

__all__ = ["WEB", "routes"]

WEB = Path(__file__).resolve().parent / "static"
PUBLISHERS = 300
"""Publishers offered as a filter: those with most articles."""


def routes(server: Server) -> list[BaseRoute]:
    """Return everything but Gradio's page."""
    api, pages = _Api(server), _Pages(server)
    return [
        Route("/api/ask", api.ask, methods=["POST"]),
        Route("/api/ask/stream", api.stream, methods=["POST"]),
        Route("/api/articles/{ident}", api.article),
        Route("/api/feedback", api.feedback, methods=["POST"]),
        Route("/articles/{ident}", pages.read),
        Route("/library", pages.library),
        Route("/page/start", pages.start),
        Route("/page/ask", pages.ask, methods=["POST"]),
        Route("/page/articles/{ident}", pages.panel),
        Route("/page/articles/{ident}/next", pages.next_questions),
        Route("/page/why", pages.why, methods=["POST"]),
        Route("/healthz", api.alive),
        Route("/readyz", api.ready),
        Route("/metrics", api.metrics),
        Mount("/web", StaticFiles(directory=WEB)),
    ]


class _Api:
    """The handlers that scripts and the page for frames call."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def ask(self, http: HttpRequest) -> Response:
        """Answer with the Answer as JSON."""
        request = read_request(read_json(await http.body()))
        return json_reply((await while_here(http, self.server.ask(request))).to_json())

    async def stream(self, http: HttpRequest) -> Response:
        """Answer with server-sent events: `stage`…, then `answer` or `error`."""
        stages = self.server.follow(read_request(read_json(await http.body())))
        return event_stream(_events(stages))

    def article(self, http: HttpRequest) -> Response:
        """Return an article with its text, blocks and sources."""
        ident = http.path_params["ident"]
        store = self.server.bot.store
        return json_reply(_article_json(store.article(ident), store.catalogue.sources(ident)))

    async def feedback(self, http: HttpRequest) -> Response:
        """Keep what a reader says of an answer; saying it again changes it and adds nothing, another's it cannot change.

        Only JSON is taken: a form of another site can send text, but not this type without being asked first.
        """
        if http.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise BadJson("The content type is not application/json.", "请求类型应为 application/json。")
        fields = read_json(await http.body())
        entry = read_feedback(fields)
        entry = replace(entry, given=self.server.given.has(entry))
        self.server.feedback.save(entry, http.scope[WHO], str(fields.get("token") or "")[:64])
        return json_reply({"status": "stored"})

    async def alive(self, http: HttpRequest) -> Response:
        """Tell that the process lives."""
        return json_reply({"status": "ok"})

    async def ready(self, http: HttpRequest) -> Response:
        """Tell that questions are taken: the bot was opened before the server was made."""
        if not self.server.worker.ready:
            raise NotReady("The server is stopping.", "服务正在停止，请稍后再试。")
        return json_reply({"status": "ready"})

    async def metrics(self, http: HttpRequest) -> Response:
        """Return counts and times for Prometheus."""
        return Response(self.server.metrics.text(), headers={"content-type": CONTENT_TYPE})


class _Pages:
    """The handlers whose replies people see."""

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
        sources = [str(source) for source in self.server.bot.store.catalogue.sources(article.id)]
        return HTMLResponse(
            article_page(article, _place(http, article), sources=sources, base=base, lang=lang)
        )

    def panel(self, http: HttpRequest) -> Response:
        """Return an article as HTML for the panel beside the chat, with its title as text."""
        article, bot, lang = self._article(http), self.server.bot, _lang(http)
        known = Provenance(
            tuple(str(source) for source in bot.store.catalogue.sources(article.id)),
            tuple(bot.sources.reprints(article.id)),
            bot.sources.source_of(article.id)[1],
        )
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
        ident, asked = http.path_params["ident"], http.query_params.get("asked", "")[:MAX_QUESTION]
        return json_reply({"questions": await while_here(http, self.server.next_questions(ident, asked))})

    def start(self, http: HttpRequest) -> Response:
        """Return what an empty chat offers: questions, publishers, how much there is."""
        store = self.server.bot.store
        store.refresh()
        return json_reply(
            {
                "examples": list(self.server.bot.examples()),
                "publishers": store.catalogue.publishers(PUBLISHERS),
                "generation": store.generation,
                "articles": store.counts().articles,
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
        text = http.query_params.get("q", "").strip()[:200]
        page = max(1, _offset(http.query_params.get("page")) or 1)
        return HTMLResponse(library_page(self.server.bot.store, text, page, self.server.base, _lang(http)))

    def _article(self, http: HttpRequest) -> Article:
        return self.server.bot.store.article(http.path_params["ident"])


def _lang(http: HttpRequest) -> Lang:
    return lang_of(http.query_params.get("lang") or http.headers.get("accept-language", ""))


def _place(http: HttpRequest, article: Article) -> Place | None:
    return Place.read(article, *(_offset(http.query_params.get(name)) for name in "seab"))


async def _events(stages: AsyncIterator[str | Answer]) -> AsyncIterator[bytes]:
    try:
        async for stage in stages:
            if isinstance(stage, str):
                yield event("stage", {"stage": stage})
            else:
                yield event("answer", stage.to_json())
    except RagError as error:
        yield event("error", {"error": {"code": error.code, "message": error.message}})


def _article_json(article: Article, sources: Sequence[object]) -> Mapping[str, Any]:
    names = ("external_id", "title", "subtitle", "publisher", "author", "published", "url", "text")
    return {
        "article_id": article.id,
        **{name: getattr(article, name) for name in names},
        "blocks": [asdict(block) for block in article.blocks],
        "sources": [str(source) for source in sources],
    }


def _offset(value: str | None) -> int | None:
    """Read an offset of the address; a wrong one means no mark, not an error."""
    return int(value) if value and value.isascii() and value.isdigit() and len(value) < 12 else None
