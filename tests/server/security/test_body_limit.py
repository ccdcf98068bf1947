import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from rag.errors import TooLarge, TooSlow
from rag.server.security.body_limit import read_body


def arriving(parts: Iterable[bytes], pause: float = 0.0) -> Receive:
    left = list(parts)

    async def receive() -> Message:
        await asyncio.sleep(pause)
        part = left.pop(0) if left else b""
        return {"type": "http.request", "body": part, "more_body": bool(left)}

    return receive


@pytest.mark.anyio
async def test_a_body_is_handed_on_as_one_piece() -> None:
    whole = await read_body(arriving([b"a", b"b", b"c"]), 10, 5)
    assert await whole() == {"type": "http.request", "body": b"abc", "more_body": False}


@pytest.mark.anyio
async def test_a_body_too_long_or_too_slow_is_not_waited_for() -> None:
    with pytest.raises(TooLarge):
        await read_body(arriving([b"12345"] * 3), 10, 5)
    with pytest.raises(TooSlow):
        await read_body(arriving([b"1"] * 1000, pause=0.01), 10_000, 0.05)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
