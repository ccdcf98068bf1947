"""The questions written as staff ask them about texts of our own."""

import json
from pathlib import Path
from typing import Any

from training.asked_questions import OWN_TEXTS, QUESTIONS, is_kept


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


TEXTS = {row["id"]: row for path in OWN_TEXTS.glob("*.jsonl") for row in rows(path)}
ASKED = [row for path in QUESTIONS.glob("own-*.jsonl") for row in rows(path)]


def test_each_is_written_once_about_a_text_that_is_there() -> None:
    assert len({row["id"] for row in ASKED}) == len({row["question"] for row in ASKED}) == len(ASKED)
    assert {row["article_id"] for row in ASKED} == set(TEXTS)


def test_an_answer_stands_in_its_text_and_a_near_miss_has_none() -> None:
    assert all(bool(row["answers"]) is row["answerable"] for row in ASKED)
    assert all(answer in TEXTS[row["article_id"]]["text"] for row in ASKED for answer in row["answers"])


def test_some_are_kept_from_training() -> None:
    kept = sum(map(is_kept, TEXTS)) / len(TEXTS)
    assert 0.2 < kept < 0.4
