import pytest

from rag.config import read_settings
from rag.server.security.rate_limit import REMEMBERED, Rates, rates_of


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
