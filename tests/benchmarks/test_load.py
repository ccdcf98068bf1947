"""The load test of benchmarks/ in short: fifty clients, a bot that takes a known time, memory that stays."""

import os
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from benchmarks.load import Asked, crowd, evenly, resident, soak
from rag.config import read_settings
from rag.request import Request, Tell
from rag.server.app import create_app
from tests.support.paths import ROOT
from tests.support.sample import FakeBot, Said
from tests.support.served import served

SECONDS = 0.05
"""The time an answer takes: the limit is 20 a second."""


class Steady(FakeBot):
    def run(self, request: Request, tell: Tell | None = None) -> Said:
        time.sleep(SECONDS)
        return super().run(request, tell)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with served(create_app(Steady(), read_settings({}))) as address:
        found = urlsplit(address).port
        assert found
        yield found


@pytest.fixture
def asked() -> Asked:
    return Asked(ROOT / "tests" / "gate" / "questions.jsonl")


def test_questions_are_distinct_and_do_not_end(asked: Asked) -> None:
    count = 2 * len(asked.texts) + 1
    assert len({asked.next() for _ in range(count)}) == count


def test_a_crowd_is_served_at_the_reader_s_pace_and_nobody_hangs(port: int, asked: Asked) -> None:
    tally = crowd(port, 3, asked)
    assert tally.failed == []
    assert tally.busy
    assert len(tally.answered) > 0.5 * 3 / SECONDS  # three quarters on a machine that does nothing else
    assert max(tally.answered) < 10


def test_a_pace_below_the_limit_turns_nobody_away(port: int, asked: Asked) -> None:
    tally = evenly(port, 0.3 / SECONDS, 2, asked)
    assert (len(tally.answered), tally.busy, tally.failed) == (12, [], [])


def test_memory_stays_flat_in_a_short_soak(port: int, asked: Asked) -> None:
    tally, early, late = soak(port, os.getpid(), 5, asked)
    assert tally.failed == []
    assert late < 1.05 * early + 5
    assert resident(os.getpid()) > 1
