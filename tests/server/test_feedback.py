import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.cli.app import app as command_line
from rag.config import read_settings
from rag.errors import AskError, Conflict, StoreError, TooOften
from rag.evaluation.questions import read_questions
from rag.index.state import State
from rag.server import feedback
from rag.server.app import create_app
from rag.server.feedback import FeedbackStore, evaluation_rows, read_feedback
from tests.support.places import Places
from tests.support.sample import PARKS, FakeBot, answered

SAID: dict[str, Any] = {
    "id": "abcd1234",
    "verdict": "accurate",
    "question": "新区有多少口袋公园？",
    "generation": 3,
    "answer": answered().to_json(),
    "today": "2024-12-01",
}
WRONG = {**SAID, "id": "b", "verdict": "inaccurate", "expected": "36座", "turns": ["新区有多少公园？"]}
OPEN = {**SAID, "id": "c", "verdict": "inaccurate", "comment": "不对"}
REFUSED = {**SAID, "id": "d", "answer": {"refused": True, "answer": ""}}


def saved(folder: Path | State, *bodies: Mapping[str, Any]) -> FeedbackStore:
    store = FeedbackStore(folder)
    for body in bodies:
        store.save(replace(read_feedback(body), given=True))
    return store


def test_feedback_is_kept_with_question_answer_and_generation(tmp_path: Path, places: Places) -> None:
    (entry,) = saved(places.state(tmp_path / "state"), SAID).entries()
    assert (entry.verdict, entry.question, entry.generation) == ("accurate", "新区有多少口袋公园？", 3)
    assert entry.answer["citations"][0]["article_id"] == PARKS.id
    assert entry.at.endswith("+00:00")


def test_the_same_answer_is_judged_once_and_the_last_word_counts(tmp_path: Path, places: Places) -> None:
    store = saved(places.state(tmp_path), SAID, SAID, {**SAID, "verdict": "inaccurate", "comment": "旧了"})
    (entry,) = store.entries()
    assert (entry.verdict, entry.comment) == ("inaccurate", "旧了")


def test_without_feedback_there_is_no_file(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path / "state")
    assert list(store.entries()) == []
    assert not (tmp_path / "state").exists()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be written"):
        saved(tmp_path / "state", SAID)


@pytest.mark.parametrize(
    "wrong",
    [
        {"verdict": "good"},
        {"id": ""},
        {"id": 5},
        {"question": " "},
        {"question": "问" * 1001},
        {"comment": "半个 \ud83d"},
        {"generation": True},
        {"generation": -1},
        {"answer": []},
        {"answer": {"text": "长" * 17_000}},
        {"answer": {"text": "半个 \ud83d"}},
        {"answer": {"citations": [{"quote": "长" * 900}] * 20}},
        {"turns": "甲"},
        {"turns": [["甲"]]},
        {"filters": {"since": 5}},
        {"today": "昨天"},
    ],
)
def test_a_wrong_field_is_refused(wrong: Mapping[str, Any]) -> None:
    with pytest.raises(AskError):
        read_feedback({**SAID, **wrong})


def test_an_export_is_a_question_file(tmp_path: Path) -> None:
    rows = list(evaluation_rows(saved(tmp_path, SAID, WRONG, OPEN, REFUSED).entries()))
    path = tmp_path / "feedback.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    found = read_questions([path])
    assert found.bad == ()
    by_id = {question.id: question for question in found.questions}
    right, wrong, none = (by_id[f"feedback-{ident}"] for ident in ("abcd1234", "b", "d"))
    assert (right.answers, right.article_ids, right.question_date) == (("31座",), (PARKS.id,), "2024-12-01")
    assert (wrong.answers, wrong.article_ids, wrong.turns) == (("36座",), (), ("新区有多少公园？",))
    assert not none.answerable
    assert len(found.questions) == 3


def test_what_names_no_right_answer_is_exported_on_request(tmp_path: Path) -> None:
    rows = list(evaluation_rows(saved(tmp_path, OPEN).entries(), everything=True))
    assert [(row["answers"], row["comment"]) for row in rows] == [([], "不对")]


def test_the_command_prints_the_export(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    saved(tmp_path, SAID, OPEN)
    monkeypatch.setenv("RAG_STATE", str(tmp_path))
    command_line(["feedback", "export"], standalone_mode=False)
    output = capsys.readouterr()
    assert json.loads(output.out)["id"] == "feedback-abcd1234"
    assert "1 questions, 1 left out" in output.err


def posted(folder: Path, body: bytes, kind: str = "application/json") -> tuple[int, int]:
    settings = read_settings({}, state=folder)
    with TestClient(create_app(FakeBot(), settings), base_url="http://127.0.0.1:7860") as http:
        response = http.post("/api/feedback", content=body, headers={"content-type": kind})
    return response.status_code, len(list(FeedbackStore(folder).entries()))


def test_feedback_is_posted_as_json_alone(tmp_path: Path) -> None:
    body = json.dumps(SAID).encode()
    assert posted(tmp_path, body, "text/plain") == (400, 0)  # what a form of another site can send
    assert posted(tmp_path, b"{}") == (422, 0)
    assert posted(tmp_path, body) == (200, 1)
    assert posted(tmp_path, body, "application/json; charset=utf-8") == (200, 1)


def test_an_entry_is_changed_by_its_own_visitor_alone(tmp_path: Path, places: Places) -> None:
    store, entry = FeedbackStore(places.state(tmp_path)), read_feedback(SAID)
    store.save(entry, "192.0.2.1")
    for visitor, token in (("192.0.2.2", ""), ("192.0.2.1", "guessed"), ("", "")):
        with pytest.raises(Conflict):
            store.save(replace(entry, verdict="inaccurate"), visitor, token)
    store.save(replace(entry, comment="补充"), "192.0.2.1")
    assert [(one.verdict, one.comment) for one in store.entries()] == [("accurate", "补充")]


def test_who_knows_the_token_changes_an_entry_from_anywhere(tmp_path: Path, places: Places) -> None:
    store, entry = FeedbackStore(places.state(tmp_path)), read_feedback(SAID)
    store.save(entry, "192.0.2.1", "secret")
    store.save(replace(entry, comment="换了网络"), "192.0.2.2", "secret")
    with pytest.raises(Conflict):
        store.save(entry, "192.0.2.1")
    assert [one.comment for one in store.entries()] == ["换了网络"]


def test_a_visitor_adds_so_many_entries_in_a_day(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedback, "MAX_DAY", 3)
    store, entry = FeedbackStore(places.state(tmp_path)), read_feedback(SAID)
    old = (datetime.now(UTC) - timedelta(days=2)).isoformat(timespec="seconds")
    store.save(replace(entry, id="old", at=old), "192.0.2.1", "t")
    for ident in "abc":
        store.save(replace(entry, id=ident), "192.0.2.1", f"token {ident}")
    with pytest.raises(TooOften):
        store.save(replace(entry, id="d"), "192.0.2.1", "another token")
    store.save(replace(entry, id="a", comment="补充"), "192.0.2.1", "token a")
    store.save(replace(entry, id="d"), "192.0.2.2")


def test_a_full_file_takes_no_more(tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    state = places.state(tmp_path)
    store = saved(state, SAID)
    monkeypatch.setattr(feedback, "MAX_BYTES", 1_000)
    with pytest.raises(StoreError, match="export it") as told:
        saved(state, {**SAID, "id": "more"})
    assert "已存满" in told.value.message
    assert len(list(store.entries())) == 1


def test_a_file_of_an_earlier_version_is_read_and_its_entries_stay_as_they_are(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "feedback.db")
    connection.execute(feedback.SCHEMA)
    row = ("old", "2024-01-01", "accurate", "", "", "问？", "", "[]", "{}", "", 1, "{}")
    connection.execute(f"INSERT INTO feedback VALUES ({', '.join('?' * len(row))})", row)
    connection.commit()
    connection.close()
    store = saved(tmp_path, SAID)
    assert {one.id: one.given for one in store.entries()} == {"old": False, "abcd1234": True}
    with pytest.raises(Conflict):
        store.save(read_feedback({**SAID, "id": "old"}), "192.0.2.1")


def test_of_an_answer_only_what_was_said_and_quoted_is_kept(tmp_path: Path, places: Places) -> None:
    (entry,) = saved(
        places.state(tmp_path), {**SAID, "answer": {**SAID["answer"], "junk": "x" * 40_000}}
    ).entries()
    assert set(entry.answer) == {"refused", "refusal", "confidence", "answer", "text", "as_of", "citations"}
    assert set(entry.answer["citations"][0]) == {"article_id", "title", "start", "end", "quote"}


def test_only_answers_that_were_given_become_questions_to_evaluate_with(tmp_path: Path) -> None:
    """Whole, through HTTP: an answer as it came, and inventions near it."""
    settings = read_settings({}, state=tmp_path)
    with TestClient(create_app(FakeBot(), settings), base_url="http://127.0.0.1:7860") as http:
        answer = http.post("/api/ask", json={"question": "口袋公园有多少？"}).json()
        real = {**SAID, "question": "口袋公园有多少？", "answer": json.loads(json.dumps(answer)), "today": ""}
        bodies = {
            "real": real,
            "question": {**real, "question": "一加一等于几？"},
            "answer": {**real, "answer": {**answer, "answer": "99座"}},
            "citations": {**real, "answer": {**answer, "citations": []}},
            "day": {**real, "today": "1999-01-01"},
            "nothing": {**real, "answer": {}},
        }
        for ident, body in bodies.items():
            assert http.post("/api/feedback", json={**body, "id": ident}).status_code == 200
    entries = list(FeedbackStore(tmp_path).entries())
    assert [row["id"] for row in evaluation_rows(entries)] == ["feedback-real"]
    rows = list(evaluation_rows(entries, everything=True))
    assert [row["id"] for row in rows if row["given"]] == ["feedback-real"]
    assert len(rows) == len(bodies)


def test_another_visitor_is_told_that_the_id_is_taken(tmp_path: Path) -> None:
    app = create_app(FakeBot(), read_settings({}, state=tmp_path))
    replies = []
    for peer in ("192.0.2.1", "192.0.2.1", "192.0.2.2"):
        with TestClient(app, base_url="http://127.0.0.1:7860", client=(peer, 1)) as http:
            replies.append(http.post("/api/feedback", json=SAID))
    assert [reply.status_code for reply in replies] == [200, 200, 409]
    assert replies[-1].json()["error"]["code"] == "conflict"
