"""Replies with gzip, for whoever accepts it; what is streamed is sent as it comes, or it would be held back."""

import gzip
from collections.abc import Iterable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["Compressed"]

LEAST = 1_000
"""Bytes; shorter replies fit into one packet either way."""
LEVEL = 5
KINDS = ("application/json", "application/javascript", "image/svg+xml", "text/")


class Compressed:
    """The application, its whole replies compressed."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and compress the reply where it comes in one piece of words."""
        if scope["type"] != "http" or not _accepts(Headers(scope=scope).getlist("accept-encoding")):
            await self.app(scope, receive, send)
            return
        start: Message | None = None

        async def packed(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            if start is not None:
                begun, start = start, None
                whole = message["type"] == "http.response.body" and not message.get("more_body", False)
                message = _packed(begun, message) if whole else message
                await send(begun)
            await send(message)

        await self.app(scope, receive, packed)


def _packed(start: Message, body: Message) -> Message:
    """Return the body, compressed where that is worth it; `start` is told so."""
    headers, content = MutableHeaders(raw=start["headers"]), body.get("body", b"")
    kind = headers.get("content-type", "")
    if len(content) < LEAST or not kind.startswith(KINDS) or "content-encoding" in headers:
        return body
    content = gzip.compress(content, LEVEL, mtime=0)
    headers["content-encoding"] = "gzip"
    headers["content-length"] = str(len(content))
    if (tag := headers.get("etag", "")) and not tag.startswith("W/"):
        headers["etag"] = f"W/{tag}"
    headers.add_vary_header("Accept-Encoding")
    return {**body, "body": content}


def _accepts(values: Iterable[str]) -> bool:
    parts = [one.strip().lower().replace(" ", "") for value in values for one in value.split(",")]
    return any(
        name == "gzip" and weight not in ("q=0", "q=0.0")
        for name, _, weight in (one.partition(";") for one in parts)
    )
