"""The server: ask over HTTP, read articles, embed. Gradio's page is put on top by `rag.server.page`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.config import Settings
from rag.errors import (
    ArticleGone,
    ArticleUnknown,
    AskError,
    BadJson,
    Busy,
    ClientLeft,
    Conflict,
    EditError,
    Internal,
    NotReady,
    OverBudget,
    RagError,
    TooLarge,
    TooOften,
    Unsupported,
)
from rag.server.api.webhooks import Webhooks
from rag.server.compression import Compressed
from rag.server.request_log import LEFT, Journal
from rag.server.routes import routes
from rag.server.security.access import Access
from rag.server.security.gate import RETRY_AFTER, Door
from rag.server.security.guard import Guard, error_body
from rag.server.security.proxy_prefix import Prefix
from rag.server.service import FAULT, Answers, Server
from rag.server.unmatched import Unmatched

__all__ = ["create_app"]

DAY = 24 * 3600
STATUS: dict[type[RagError], int] = {
    BadJson: 400,
    Unsupported: 400,
    ArticleUnknown: 404,
    ArticleGone: 410,
    TooLarge: 413,
    AskError: 422,
    EditError: 422,
    OverBudget: 422,
    Busy: 429,
    TooOften: 429,
    Conflict: 409,
    ClientLeft: LEFT,
    Internal: 500,
    NotReady: 503,
}


def create_app(bot: Answers, settings: Settings) -> FastAPI:
    """Return the application without Gradio's page; its `state.server` is what the page builds on."""
    server, access, webhooks = Server(bot, settings), Access(settings), Webhooks(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        server.follower.start()
        webhooks.start()
        yield
        webhooks.close()
        server.follower.close()
        server.worker.close()
        server.desk.close()
        server.pushes.close()

    # FastAPI's own documentation pages load from a CDN.
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.server = server
    ours = routes(server, access)
    app.router.routes.extend([*ours, Unmatched(ours)])
    app.add_middleware(_Faults)  # what is added last stands first
    app.add_middleware(Compressed)
    app.add_middleware(
        Door, settings=settings, access=access, turns_away=server.turns_away, demand=server.follower.demand
    )
    app.add_middleware(Guard.from_settings, settings=settings)
    app.add_middleware(Journal, metrics=server.metrics)
    app.add_middleware(Prefix, prefix=server.base)
    app.add_exception_handler(RagError, _explain)
    app.add_exception_handler(HTTPException, _explain_status)
    return app


async def _explain(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, RagError)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 503)
    wait = DAY if isinstance(error, TooOften) else RETRY_AFTER
    headers = {"retry-after": str(wait)} if status in (429, 503) else None
    return Response(error_body(error.code, error.message, error.field), status, headers, "application/json")


async def _explain_status(http: HttpRequest, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code, message = {
        404: ("not_found", "没有这个页面。"),
        405: ("method_not_allowed", "这个地址不接受此方法。"),
    }.get(error.status_code, ("error", error.detail))
    return Response(error_body(code, message), error.status_code, error.headers, "application/json")


class _Faults:
    """The application, whose own faults become a reply like any other; the server's log has the trace."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; if that fails before a reply has begun, say that it is our fault."""
        begun = scope["type"] != "http"

        async def watched(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:  # the server stops and will not wait any longer
            if not begun:
                await _stopping()(scope, receive, send)
            raise
        except Exception:
            if not begun:
                body = error_body(Internal.code, FAULT)
                await Response(body, 500, None, "application/json")(scope, receive, send)
            raise


def _stopping() -> Response:
    body, headers = error_body("not_ready", "服务正在停止，请稍后再试。"), {"retry-after": str(RETRY_AFTER)}
    return Response(body, 503, headers, "application/json")
