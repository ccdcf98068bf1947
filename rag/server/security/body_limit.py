"""How long a body may be, and how long it may take to arrive."""

import asyncio

from starlette.types import Message, Receive

from rag.errors import TooLarge, TooSlow

__all__ = ["BODY_SECONDS", "read_body"]

BODY_SECONDS = 10.0
"""A body is at most 64 KB, a batch 512 KB: a line that needs longer for it holds the server, not a conversation."""


async def read_body(receive: Receive, limit: int, seconds: float) -> Receive:
    """Read the whole body and return what hands it on as one piece, then what else arrives.

    Raises TooLarge over `limit` bytes and TooSlow after `seconds`.
    """
    try:
        async with asyncio.timeout(seconds):
            first = await _whole(receive, limit)
    except TimeoutError:
        raise TooSlow("The body did not arrive in time.", "请求内容没有及时到达，请重试。") from None
    waiting: list[Message] = [first]

    async def hand_on() -> Message:
        return waiting.pop() if waiting else await receive()

    return hand_on


async def _whole(receive: Receive, limit: int) -> Message:
    body = b""
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return message
        body += message.get("body", b"")
        if len(body) > limit:
            raise TooLarge("The body is too long.", f"请求内容超过 {limit // 1024} KB。")
        if not message.get("more_body", False):
            return {"type": "http.request", "body": body, "more_body": False}
