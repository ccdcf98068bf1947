"""What the server says of itself: whether it lives, what it has counted, its model, its addresses."""

from datetime import UTC, datetime

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from rag.errors import NotReady
from rag.render.strings import lang_of
from rag.server.api.openai_chat import MODEL, model
from rag.server.api.openapi import openapi
from rag.server.api.reference import reference_page
from rag.server.metrics import CONTENT_TYPE
from rag.server.responses import json_reply
from rag.server.service import Server

__all__ = ["DescribeApi"]


class DescribeApi:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def alive(self, http: HttpRequest) -> Response:
        """Tell that the process lives."""
        return json_reply({"status": "ok"})

    async def ready(self, http: HttpRequest) -> Response:
        """Tell that questions are taken: the bot was opened before the server was made."""
        if not self.server.worker.ready:
            raise NotReady("The server is stopping.", "服务正在停止，请稍后再试。")
        reach = self.server.follower.reach
        if reach is None:
            return json_reply({"status": "ready"})
        since = datetime.fromtimestamp(reach.since, UTC).isoformat(timespec="seconds")
        said = {"database": "up" if reach.up else "away", "since": since}
        return json_reply({"status": "ready", "generation": self.server.bot.store.generation, **said})

    async def metrics(self, http: HttpRequest) -> Response:
        """Return counts and times for Prometheus."""
        return Response(self.server.metrics.text(), headers={"content-type": CONTENT_TYPE})

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
