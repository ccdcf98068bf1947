import asyncio
from collections.abc import Iterable

import pytest
from starlette.types import Message, Receive

from rag.config import read_settings
from rag.errors import TooLarge, TooSlow
from rag.server.security.rate_limit import REMEMBERED, Rates, rates_of, read_body


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_empties_and_fills_again_evenly() -> None:
    clock = Clock()
    rates = Rates(3, 60, clock)
    assert [rates.take("甲") for _ in range(5)] == [0, 0, 0, 20, 20]
    assert rates.take("乙") == 0
    clock.now += 19
    assert rates.take("甲") == 1
    clock.now += 1
    assert [rates.take("甲") for _ in range(2)] == [0, 20]
    clock.now += 3600
    assert [rates.take("甲") for _ in range(4)] == [0, 0, 0, 20]


def test_a_batch_is_paid_for_afterwards() -> None:
    clock = Clock()
    rates = Rates(3, 60, clock)
    assert rates.take("甲") == 0
    rates.charge("甲", 9)  # ten in all, of which three were free: seven more, and room for the next
    assert rates.take("甲") == 160
    clock.now += 160
    assert rates.take("甲") == 0
    Rates(0, 60, clock).charge("甲", 9)


def test_no_limit_counts_nothing() -> None:
    rates = Rates(0, 60)
    assert {rates.take("甲") for _ in range(1000)} == {0}


def test_memory_is_bounded() -> None:
    rates = Rates(1, 60)
    for number in range(REMEMBERED + 100):
        rates.take(str(number))
    assert len(rates._full) == REMEMBERED


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({}, 0),
        ({"host": "0.0.0.0"}, 120),
        ({"trusted_proxies": "127.0.0.1"}, 120),
        ({"host": "0.0.0.0", "rate": "0"}, 0),
        ({"rate": "5/second"}, 5),
    ],
)
def test_the_limit_of_the_settings(settings: dict[str, str], count: int) -> None:
    assert rates_of(read_settings({}, **settings)).count == count


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
