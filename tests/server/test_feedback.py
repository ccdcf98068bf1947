import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.cli.app import app as command_line
from rag.config import read_settings
from rag.errors import AskError, StoreError
from rag.evaluation.questions import read_questions
from rag.server.app import create_app
from rag.server.feedback import FeedbackStore, evaluation_rows, read_feedback
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


def saved(folder: Path, *bodies: Mapping[str, Any]) -> FeedbackStore:
    store = FeedbackStore(folder)
    for body in bodies:
        store.save(read_feedback(body))
    return store


def test_feedback_is_kept_with_question_answer_and_generation(tmp_path: Path) -> None:
    (entry,) = saved(tmp_path / "state", SAID).entries()
    assert (entry.verdict, entry.question, entry.generation) == ("accurate", "新区有多少口袋公园？", 3)
    assert entry.answer["citations"][0]["article_id"] == PARKS.id
    assert entry.at.endswith("+00:00")


def test_the_same_answer_is_judged_once_and_the_last_word_counts(tmp_path: Path) -> None:
    store = saved(tmp_path, SAID, SAID, {**SAID, "verdict": "inaccurate", "comment": "旧了"})
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
    assert "1 questions, 1 without a right answer left out" in output.err


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
