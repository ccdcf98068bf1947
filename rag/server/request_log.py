"""Every request under an id: in the reply, in the counts, and if wanted in one line of JSON.

A line holds neither questions nor addresses' queries nor headers: what people ask and the keys they ask with stay
out of log files. A site that signs the names of its visitors finds them there.
"""

import json
import logging
import re
import secrets
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.server.metrics import Metrics, route_of
from rag.server.security.identity import PERSON

__all__ = ["Journal", "JsonLines", "request_id", "use_json_lines"]

HEADER = "x-request-id"
LEFT = 499
"""The status, as nginx has it, of a request whose client left before the reply began."""
_wanted = re.compile("[A-Za-z0-9._:-]{1,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")
_log = logging.getLogger("youju.requests")


def request_id() -> str:
    """Return the id of the request that is being answered, "" outside of one."""
    return _current.get()


class Journal:
    """The application, with an id for every request; the client's own is taken if it is short and plain."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app = app
        self.metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and write down how it went."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        ident = given if _wanted.fullmatch(given) else secrets.token_hex(8)
        _current.set(ident)  # for the whole task: what is logged after the reply carries it too
        began, status = time.perf_counter(), LEFT

        async def marked(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(raw=message.setdefault("headers", []))[HEADER] = ident
            await send(message)

        try:
            await self.app(scope, receive, marked)
        finally:
            self._write(scope, status, time.perf_counter() - began)

    def _write(self, scope: Scope, status: int, seconds: float) -> None:
        path, root = str(scope["path"]), str(scope.get("root_path", ""))
        route = route_of(path.removeprefix(root))
        self.metrics.request(route, status, seconds)
        client = scope.get("client")
        fields = {
            "method": scope["method"],
            "path": path,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "client": client[0] if client else "",
        }
        if person := scope.get(PERSON):
            fields["user"] = person
        _log.info("request", extra={"fields": fields})


class JsonLines(logging.Formatter):
    """Format a record as one line of JSON: time, level, logger, request_id, message, its own fields, trace."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line without its end."""
        said: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "request_id": request_id(),
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            said["trace"] = self.formatException(record.exc_info)
        return json.dumps(said)  # ASCII: no character is an end of line to any reader


def use_json_lines() -> None:
    """Log as lines of JSON on stderr, requests too."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("youju").setLevel(logging.INFO)
