"""What servers of a shared index keep together: keys, sessions, limits, feedback, what was given."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest

from rag.errors import DatabaseAway
from rag.index.shared import pool
from rag.index.state import State, tables_of
from rag.request import Request
from rag.server.desk.inbox import Inbox
from rag.server.feedback import Feedback, FeedbackStore, kept_answer
from rag.server.given_answers import Given
from rag.server.security.keys import FRESH, KeyStore
from rag.server.security.rate_limit import SharedRates
from rag.server.security.sessions import SessionStore
from tests.support.places import Places
from tests.support.sample import answered


@pytest.fixture
def state(tmp_path: Path, shared_places: Places) -> State:
    return State.of(shared_places.state(tmp_path))


def gone(state: State) -> State:
    return State(state.folder, "postgresql://youju@127.0.0.1:9/news")


def break_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every transaction fail as those of a database that is away."""

    def away(*_: object) -> None:
        raise DatabaseAway("It does not answer.")

    monkeypatch.setattr(pool, "_pool", away)
    monkeypatch.setattr(pool, "_resting", {})


def test_a_key_that_is_taken_back_on_one_server_opens_nothing_on_another(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = KeyStore(state), KeyStore(state)
    key, text = one.add("甲", ["ask"])
    assert other.find(text) == key
    one.revoke("甲")
    assert one.find(text) is None
    ends = time.monotonic() + 5
    while other.find(text):
        assert time.monotonic() < ends
        time.sleep(0.1)
    assert FRESH < 5


def test_keys_open_what_they_opened_while_the_database_is_away(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = KeyStore(state)
    _, text = store.add("甲", ["ask"])
    signed = store.sign("a")
    break_off(monkeypatch)
    monkeypatch.setattr("rag.server.security.keys.FRESH", -1)
    assert store.find(text)
    assert store.sign("a") == signed
    with pytest.raises(DatabaseAway):
        store.add("乙", ["ask"])
    with pytest.raises(DatabaseAway):
        store.revoke("甲")


def test_who_signs_in_on_one_server_is_signed_in_on_all_and_out_on_all(state: State) -> None:
    one, other = SessionStore(state), SessionStore(state)
    text = one.begin("key", int(time.time()) + 100)
    assert other.find(text) == one.find(text) == "key"
    assert other.find(f"{text}x") == ""
    one.end(text)
    assert one.find(text) == ""
    ends = time.monotonic() + 5
    while other.find(text):
        assert time.monotonic() < ends
        time.sleep(0.1)


def test_a_session_ends_in_time_and_outlives_a_database_that_is_away(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SessionStore(state)
    text, short = store.begin("key", int(time.time()) + 100), store.begin("key", int(time.time()) + 1)
    assert store.find(text) == store.find(short) == "key"
    break_off(monkeypatch)
    monkeypatch.setattr("rag.server.security.sessions.FRESH", -1)
    time.sleep(1.1)
    assert (store.find(text), store.find(short)) == ("key", "")
    with pytest.raises(DatabaseAway):
        store.find("another")


def test_servers_count_questions_together(state: State) -> None:
    tables = tables_of(state, "", "", "rates")
    nodes = [SharedRates(10, 600, tables, "question") for _ in range(3)]
    waits = [nodes[turn % 3].take("甲") for turn in range(12)]
    assert waits[:10] == [0] * 10
    assert all(59 <= wait <= 60 for wait in waits[10:])
    assert nodes[0].take("乙") == 0
    assert SharedRates(10, 600, tables, "guess").take("甲") == 0
    nodes[1].charge("乙", 20)
    assert 660 < nodes[2].wait("乙") <= 720
    assert SharedRates(0, 60, tables, "question").take("甲") == 0


def test_at_once_no_more_is_let_in_than_one_for_each_server(state: State) -> None:
    tables = tables_of(state, "", "", "rates")
    nodes = [SharedRates(20, 600, tables, "question") for _ in range(4)]
    with ThreadPoolExecutor(4) as hands:
        waits = list(hands.map(lambda turn: nodes[turn % 4].take("甲"), range(60)))
    assert 20 <= waits.count(0) <= 23


def test_a_server_counts_for_itself_while_the_database_is_away(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    rates = SharedRates(2, 600, tables_of(state, "", "", "rates"), "question")
    break_off(monkeypatch)
    assert [rates.take("甲") > 0 for _ in range(3)] == [False, False, True]


def test_feedback_on_another_servers_answer_is_on_one_that_was_given(state: State) -> None:
    one, other = Given(state), Given(state)
    answer = answered()
    one.remember(Request("新区有多少口袋公园？", today=date(2024, 12, 1)), answer)
    said = Feedback(
        "f", "accurate", "新区有多少口袋公园？", 1, kept_answer(answer.to_json()), today="2024-12-01"
    )
    assert other.has(said)
    assert not Given(State(state.folder)).has(said)
    FeedbackStore(state).save(said)
    assert [entry.id for entry in FeedbackStore(state).entries()] == ["f"]


def test_editors_see_what_any_server_could_not_answer(state: State) -> None:
    one, other = Inbox(state), Inbox(state)
    other.handle("x", "甲", {"question": "问？"})
    other.handle("x", "乙", {"question": "再问？"})
    assert one.handled() == {"x"}
    assert one.rows() == [{"question": "再问？"}]
    one.take_back("x")
    assert other.handled() == set()


def test_a_database_that_is_away_is_told_in_a_sentence_and_not_waited_for_twice(state: State) -> None:
    store = FeedbackStore(gone(state))
    entry = Feedback("f", "accurate", "问？", 1, {})
    with pytest.raises(DatabaseAway, match="does not answer"):
        store.save(entry)
    began = time.monotonic()
    with pytest.raises(DatabaseAway):
        store.save(entry)
    assert time.monotonic() - began < 0.1
