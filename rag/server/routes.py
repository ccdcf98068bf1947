"""The table of routes: which handler answers at which address of `rag.server.addresses`."""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from rag.server.addresses import address_of
from rag.server.api.ask import AskApi
from rag.server.api.describe import DescribeApi
from rag.server.desk.handlers import DeskPages
from rag.server.embed.handlers import Widget
from rag.server.page.handlers import Pages
from rag.server.security.access import Access
from rag.server.security.login import Login
from rag.server.service import Server
from rag.server.static_files import static_files

__all__ = ["routes"]

Handler = Callable[[HttpRequest], Response | Awaitable[Response]]


def routes(server: Server, access: Access) -> list[BaseRoute]:
    """Return everything but Gradio's page; an address that is not in `rag.server.addresses` stays shut."""
    found = [
        Route(path, handler, methods=[*address.methods])
        for path, handler in _handlers(server, access).items()
        if (address := address_of(path))
    ]
    return [*found, Mount("/web", static_files())]


def _handlers(server: Server, access: Access) -> Mapping[str, Handler]:
    ask, describe, pages = AskApi(server), DescribeApi(server), Pages(server)
    widget, login, desk = Widget(server, access), Login(access), DeskPages(server)
    return {
        "/api/ask": ask.ask,
        "/api/ask/stream": ask.stream,
        "/api/ask/batch": ask.batch,
        "/api/articles/{id}": ask.article,
        "/api/feedback": ask.feedback,
        "/v1/chat/completions": ask.chat,
        "/v1/models": describe.models,
        "/v1/models/{name}": describe.model,
        "/openapi.json": describe.description,
        "/docs": describe.reference,
        "/healthz": describe.alive,
        "/readyz": describe.ready,
        "/metrics": describe.metrics,
        "/articles/{id}": pages.read,
        "/articles/{id}/original": pages.original,
        "/library": pages.library,
        "/search": pages.search,
        "/page/start": pages.start,
        "/page/ask": pages.ask,
        "/page/articles/{id}": pages.panel,
        "/page/articles/{id}/next": pages.next_questions,
        "/page/why": pages.why,
        "/desk": desk.page,
        "/desk/state": desk.state,
        "/desk/inbox": desk.inbox,
        "/desk/questions.jsonl": desk.questions,
        "/desk/files": desk.upload,
        "/desk/do": desk.act,
        "/embed": widget.page,
        "/embed/ask": widget.ask,
        "/embed/doctor": widget.doctor,
        "/widget.js": widget.script,
        "/login": login.enter_or_ask,
        "/logout": login.leave,
    }
