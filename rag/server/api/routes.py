"""What scripts of others call: batches, the chat of OpenAI's clients, and the description of it all."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from rag.records import Citation
from rag.render.answer_html import article_path
from rag.render.strings import lang_of
from rag.request import read_json
from rag.server.api.batch import answer_batch, read_batch
from rag.server.api.openai_chat import MODEL, completion, completion_chunks, model, read_chat
from rag.server.api.openapi import openapi
from rag.server.api.reference import reference_page
from rag.server.presence import while_here
from rag.server.request_log import request_id
from rag.server.responses import dumps, event_stream, json_reply
from rag.server.security.gate import CHARGE
from rag.server.service import Server

__all__ = ["api_routes"]

LINES = "application/x-ndjson"


def api_routes(server: Server) -> list[BaseRoute]:
    """Return the routes."""
    api = _Api(server)
    return [
        Route("/api/ask/batch", api.batch, methods=["POST"]),
        Route("/v1/chat/completions", api.chat, methods=["POST"]),
        Route("/v1/models", api.models),
        Route("/v1/models/{name}", api.model),
        Route("/openapi.json", api.description),
        Route("/docs", api.reference),
    ]


class _Api:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def batch(self, http: HttpRequest) -> Response:
        """Answer all questions; as lines, each as soon as it is there, if the client accepts these."""
        bodies = read_batch(read_json(await http.body()))
        http.scope[CHARGE](len(bodies) - 1)  # one was counted at the door
        found = answer_batch(self.server, bodies)
        if LINES in http.headers.get("accept", ""):
            return event_stream(_lines(found), LINES)
        return json_reply({"answers": await while_here(http, _all(found))})

    async def chat(self, http: HttpRequest) -> Response:
        """Answer in the shape of OpenAI's chat completions, streamed if that is asked for."""
        request, stream = read_chat(read_json(await http.body()))
        made = (_link(http), request_id(), int(time.time()))
        if stream:
            return event_stream(completion_chunks(self.server.follow(request), *made))
        return json_reply(completion(await while_here(http, self.server.ask(request)), *made))

    async def models(self, http: HttpRequest) -> Response:
        """List the one model."""
        return json_reply({"object": "list", "data": [model()]})

    async def model(self, http: HttpRequest) -> Response:
        """Return the one model by its name."""
        if http.path_params["name"] != MODEL:
            raise HTTPException(404)
        return json_reply(model())

    async def description(self, http: HttpRequest) -> Response:
        """Return the OpenAPI description."""
        return json_reply(openapi(self.server.base))

    async def reference(self, http: HttpRequest) -> Response:
        """Return the description as a page."""
        lang = lang_of(http.query_params.get("lang") or http.headers.get("accept-language", ""))
        return HTMLResponse(reference_page(self.server.base, lang))


async def _lines(found: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    async for one in found:
        yield dumps(one).encode() + b"\n"


async def _all(found: AsyncIterator[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one async for one in found]


def _link(http: HttpRequest) -> Callable[[Citation], str]:
    """Return what makes addresses that open elsewhere, too: a chat program shows them on a page of its own."""
    site = str(http.base_url).rstrip("/")
    return lambda citation: article_path(citation, site)
