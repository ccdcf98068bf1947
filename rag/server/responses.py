"""Replies: JSON, and events as they happen, made for a client only as long as it is there."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Coroutine, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from rag.errors import ClientLeft
from rag.ingest.regular_file import open_file

__all__ = ["dumps", "error_fields", "event", "event_stream", "file_reply", "json_reply", "while_here"]

T = TypeVar("T")
# Bytes of a file that are sent at once.
PART = 256 * 1024


TYPES = {
    "unauthorized": "authentication_error",
    "forbidden": "permission_error",
    "bad_origin": "permission_error",
    "busy": "rate_limit_error",
    "too_often": "rate_limit_error",
    "not_ready": "server_error",
    "internal": "server_error",
    "store": "server_error",
    "locked": "server_error",
}
"""What OpenAI's clients call the kinds of errors, by code; all others are invalid_request_error."""


def error_fields(code: str, message: str, field: str = "") -> Mapping[str, Any]:
    """Return what every error says; `field` is that of the request that is at fault, "" for none."""
    kind = TYPES.get(code, "invalid_request_error")
    return {"error": {"code": code, "message": message, "type": kind, "param": field or None}}


def dumps(fields: Mapping[str, Any]) -> str:
    """Return `fields` as JSON on one line."""
    return json.dumps(fields, ensure_ascii=False, allow_nan=False)


def json_reply(fields: Mapping[str, Any]) -> Response:
    """Return a reply that nobody keeps."""
    return Response(dumps(fields), media_type="application/json", headers={"cache-control": "no-store"})


def event(name: str, fields: Mapping[str, Any]) -> bytes:
    """Return a server-sent event."""
    return f"event: {name}\ndata: {dumps(fields)}\n\n".encode()


def event_stream(parts: AsyncIterator[bytes], media_type: str = "text/event-stream") -> Response:
    """Return a reply whose parts are sent as they come."""
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}  # nginx would hold the events back
    return StreamingResponse(parts, media_type=media_type, headers=headers)


def file_reply(path: Path, media_type: str) -> Response:
    """Return a file, opened by its real name; raises OSError or IngestError where it cannot be opened so."""
    file = open_file(path)

    def parts() -> Iterator[bytes]:
        with file:
            while part := file.read(PART):
                yield part

    headers = {
        "content-length": str(os.fstat(file.fileno()).st_size),
        "content-disposition": f"inline; filename*=UTF-8''{quote(path.name, safe='')}",
        "cache-control": "private, no-cache",
    }
    return StreamingResponse(parts(), media_type=media_type, headers=headers)


async def while_here(http: HttpRequest, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` gives; cancel it and raise ClientLeft when the client closes the connection.

    The body of `http` must have been read.
    """
    task = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_leaving(http))
    try:
        await asyncio.wait({task, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
        raise ClientLeft("The client has closed the connection.", "连接已关闭。")
    finally:
        task.cancel()
        leaving.cancel()


async def _leaving(http: HttpRequest) -> None:
    while (await http.receive())["type"] != "http.disconnect":
        pass
