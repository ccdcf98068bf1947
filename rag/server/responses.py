"""Replies for scripts: JSON, and events as they happen."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.responses import Response, StreamingResponse

__all__ = ["dumps", "event", "event_stream", "json_reply"]


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
