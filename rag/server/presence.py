"""Work is done for a client only as long as it is there."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from starlette.requests import Request as HttpRequest

from rag.errors import ClientLeft

__all__ = ["while_here"]

T = TypeVar("T")


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
