"""The table of routes: which handler answers at which address of `rag.server.addresses`."""

import re
from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import Request as HttpRequest
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from rag.server.addresses import ADDRESSES, DELETE, FORM, GET, POST, PUT
from rag.server.api.ask import AskApi
from rag.server.api.describe import DescribeApi
from rag.server.api.library import LibraryApi
from rag.server.api.push import PushApi
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
    handlers = {**_for_programs(server), **_for_people(server, access)}
    found = [
        _route(address.path, handler, [*address.methods])
        for address in ADDRESSES
        for handler in [handlers.get((address.methods, address.path))]
        if handler is not None
    ]
    return [*found, Mount("/web", static_files())]


def _route(path: str, handler: Handler, methods: list[str]) -> Route:
    """Return a route; an id that is several parts may have a line feed in it, as it may in the table."""
    route = Route(path, handler, methods=methods)
    route.path_regex = re.compile(route.path_regex.pattern, re.DOTALL)
    return route


Handlers = Mapping[tuple[tuple[str, ...], str], Handler]


def _for_programs(server: Server) -> Handlers:
    ask, describe, library = AskApi(server), DescribeApi(server), LibraryApi(server)
    push = PushApi(server)
    return {
        (POST, "/api/ask"): ask.ask,
        (POST, "/api/ask/stream"): ask.stream,
        (POST, "/api/ask/batch"): ask.batch,
        (GET, "/api/search"): library.search,
        (GET, "/api/articles"): library.articles,
        (GET, "/api/articles/{id:path}"): library.article,
        (POST, "/api/articles"): push.post,
        (PUT, "/api/articles/{id:path}"): push.put,
        (DELETE, "/api/articles/{id:path}"): push.delete,
        (GET, "/api/jobs/{id}"): push.job,
        (POST, "/api/feedback"): ask.feedback,
        (POST, "/v1/chat/completions"): ask.chat,
        (GET, "/v1/models"): describe.models,
        (GET, "/v1/models/{name}"): describe.model,
        (GET, "/openapi.json"): describe.description,
        (GET, "/docs"): describe.reference,
        (GET, "/healthz"): describe.alive,
        (GET, "/readyz"): describe.ready,
        (GET, "/metrics"): describe.metrics,
    }


def _for_people(server: Server, access: Access) -> Handlers:
    pages, desk = Pages(server), DeskPages(server)
    widget, login = Widget(server, access), Login(access)
    return {
        (GET, "/articles/{id}"): pages.read,
        (GET, "/articles/{id}/original"): pages.original,
        (GET, "/library"): pages.library,
        (GET, "/search"): pages.search,
        (GET, "/page/start"): pages.start,
        (POST, "/page/ask"): pages.ask,
        (GET, "/page/articles/{id}"): pages.panel,
        (GET, "/page/articles/{id}/next"): pages.next_questions,
        (POST, "/page/why"): pages.why,
        (GET, "/desk"): desk.page,
        (GET, "/desk/state"): desk.state,
        (GET, "/desk/inbox"): desk.inbox,
        (GET, "/desk/questions.jsonl"): desk.questions,
        (POST, "/desk/files"): desk.upload,
        (POST, "/desk/do"): desk.act,
        (GET, "/embed"): widget.page,
        (POST, "/embed/ask"): widget.ask,
        (GET, "/embed/doctor"): widget.doctor,
        (GET, "/widget.js"): widget.script,
        (GET, "/widget/1.js"): widget.script,
        (FORM, "/login"): login.enter_or_ask,
        (POST, "/logout"): login.leave,
    }
