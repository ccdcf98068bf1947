"""The server: ask over HTTP, read articles, embed. Gradio's page is put on top by `rag.page`."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from rag.config import Settings
from rag.errors import ArticleGone, ArticleUnknown, AskError, BadJson, Busy, NotReady, RagError, TooLarge
from rag.pages import article_page, embed_page, missing_page
from rag.records import Answer, Article, Citation
from rag.render import answer_html, article_path
from rag.request import Asks, Request, read_json, read_request
from rag.security import Guard, error_body
from rag.work import Worker

__all__ = ["Answers", "Articles", "Server", "create_app"]

WEB = Path(__file__).resolve().parent / "web"
STATUS: dict[type[RagError], int] = {
    BadJson: 400,
    ArticleUnknown: 404,
    ArticleGone: 410,
    TooLarge: 413,
    AskError: 422,
    Busy: 429,
    NotReady: 503,
}
RETRY_AFTER = 2
"""Seconds: about half of a full line."""


class Articles(Protocol):
    """What the reading pages need of `rag.store.Store`."""

    def article(self, ident: str, /) -> Article:
        """Return the article; raises ArticleUnknown or ArticleGone."""
        ...

    def sources(self, ident: str, /) -> Sequence[object]:
        """Return where it was read; each prints as path or path#line."""
        ...


class Answers(Asks, Protocol):
    """What the server needs of `rag.bot.Bot`."""

    @property
    def store(self) -> Articles:
        """The articles."""
        ...

    def examples(self) -> Sequence[str]:
        """Return questions the articles can answer."""
        ...


class Server:
    """A bot, its settings and the one line of work that HTTP and the page share."""

    def __init__(self, bot: Answers, settings: Settings) -> None:
        self.bot = bot
        self.settings = settings
        self.worker = Worker()
        self.base = settings.root_path.rstrip("/")

    def link(self, citation: Citation) -> str:
        """Return where a page of this server opens the quote."""
        return article_path(citation, self.base)

    def follow(self, request: Request) -> AsyncIterator[str | Answer]:
        """Queue the question at once (raises Busy, NotReady), then yield "queued", "reading" and the Answer."""
        loop, started = asyncio.get_running_loop(), asyncio.Event()

        def work() -> Answer:
            loop.call_soon_threadsafe(started.set)
            return request.ask(self.bot)

        return _stages(asyncio.wrap_future(self.worker.submit(work)), started)

    async def ask(self, request: Request) -> Answer:
        """Wait for the answer; raises Busy, NotReady and what the bot raises."""
        return await asyncio.wrap_future(self.worker.submit(lambda: request.ask(self.bot)))


async def _stages(answer: asyncio.Future[Answer], started: asyncio.Event) -> AsyncIterator[str | Answer]:
    """Yield each stage as it is reached; whoever stops listening takes the question out of the line."""
    begun = asyncio.ensure_future(started.wait())
    try:
        yield "queued"
        either: set[asyncio.Future[Any]] = {begun, answer}
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        yield "reading"
        yield await answer
    finally:
        begun.cancel()
        answer.cancel()


class Routes:
    """The handlers of one server."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def ask(self, http: HttpRequest) -> Response:
        """Answer with the Answer as JSON."""
        answer = await self.server.ask(read_request(read_json(await http.body())))
        return _json(answer.to_json())

    async def stream(self, http: HttpRequest) -> Response:
        """Answer with server-sent events: `stage`…, then `answer` or `error`."""
        stages = self.server.follow(read_request(read_json(await http.body())))
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}  # nginx would hold the events back
        return StreamingResponse(_events(stages), media_type="text/event-stream", headers=headers)

    async def embedded(self, http: HttpRequest) -> Response:
        """Answer with the Answer and its HTML, which is ours to escape, not the page's."""
        answer = await self.server.ask(read_request(read_json(await http.body())))
        fragment = answer_html(answer, self.server.link, uid=secrets.token_hex(4))
        return _json({"html": fragment, "answer": answer.to_json()})

    def article(self, http: HttpRequest) -> Response:
        """Return an article with its text, blocks and sources."""
        ident = http.path_params["ident"]
        store = self.server.bot.store
        return _json(_article_json(store.article(ident), store.sources(ident)))

    def read(self, http: HttpRequest) -> Response:
        """Return the reading page, the run `s` to `e` marked."""
        ident, base = http.path_params["ident"], self.server.base
        try:
            article = self.server.bot.store.article(ident)
        except (ArticleUnknown, ArticleGone) as error:
            return HTMLResponse(missing_page(error, base), STATUS[type(error)])
        start, end = (_offset(http.query_params.get(name)) for name in "se")
        sources = [str(source) for source in self.server.bot.store.sources(ident)]
        return HTMLResponse(article_page(article, start, end, sources=sources, base=base))

    async def embed(self, http: HttpRequest) -> Response:
        """Return the page for frames."""
        theme = http.query_params.get("theme", "")
        return HTMLResponse(embed_page(theme, self.server.base, list(self.server.bot.examples())))

    async def alive(self, http: HttpRequest) -> Response:
        """Tell that the process lives."""
        return _json({"status": "ok"})

    async def ready(self, http: HttpRequest) -> Response:
        """Tell that questions are taken: the bot was opened before the server was made."""
        if not self.server.worker.ready:
            raise NotReady("The server is stopping.", "服务正在停止，请稍后再试。")
        return _json({"status": "ready"})


def create_app(bot: Answers, settings: Settings) -> FastAPI:
    """Return the application without Gradio's page; its `state.server` is what the page builds on."""
    server = Server(bot, settings)
    routes = Routes(server)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        server.worker.close()

    # FastAPI's own documentation pages load from a CDN.
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.server = server
    app.router.routes.extend(_table(routes))
    app.add_middleware(Guard.from_settings, settings=settings)
    app.add_exception_handler(RagError, _explain)
    app.add_exception_handler(HTTPException, _explain_status)
    app.add_exception_handler(Exception, _explain_fault)
    return app


def _table(routes: Routes) -> list[BaseRoute]:
    return [
        Route("/api/ask", routes.ask, methods=["POST"]),
        Route("/api/ask/stream", routes.stream, methods=["POST"]),
        Route("/api/articles/{ident}", routes.article),
        Route("/articles/{ident}", routes.read),
        Route("/embed", routes.embed),
        Route("/embed/ask", routes.embedded, methods=["POST"]),
        Route("/healthz", routes.alive),
        Route("/readyz", routes.ready),
        Mount("/web", StaticFiles(directory=WEB)),
    ]


async def _events(stages: AsyncIterator[str | Answer]) -> AsyncIterator[bytes]:
    try:
        async for stage in stages:
            if isinstance(stage, str):
                yield _event("stage", {"stage": stage})
            else:
                yield _event("answer", stage.to_json())
    except RagError as error:
        yield _event("error", {"error": {"code": error.code, "message": error.message}})


def _event(name: str, fields: Mapping[str, Any]) -> bytes:
    return f"event: {name}\ndata: {_dumps(fields)}\n\n".encode()


def _dumps(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False)


def _json(fields: Mapping[str, Any]) -> Response:
    return Response(_dumps(fields), media_type="application/json", headers={"cache-control": "no-store"})


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


async def _explain(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RagError)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 503)
    headers = {"retry-after": str(RETRY_AFTER)} if status in (429, 503) else None
    return Response(error_body(error.code, error.message), status, headers, "application/json")


async def _explain_status(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = {
        404: ("not_found", "没有这个页面。"),
        405: ("method_not_allowed", "这个地址不接受此方法。"),
    }.get(error.status_code, ("error", error.detail))
    return Response(error_body(code, message), error.status_code, error.headers, "application/json")


async def _explain_fault(http: HttpRequest, error: Exception) -> Response:
    """Say that it is our fault; the server's log has the trace."""
    return Response(error_body("internal", "服务出错了，请稍后再试。"), 500, None, "application/json")
