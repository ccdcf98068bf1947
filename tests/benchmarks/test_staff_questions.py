"""The questions that only measure agree with their texts."""

import json
from pathlib import Path
from typing import Any

import benchmarks
from training.asked_questions import OWN_TEXTS

FOLDER = Path(benchmarks.__file__).parent / "staff_questions"


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


TEXTS = {row["id"]: row["text"] for row in rows(FOLDER / "articles" / "own-f.jsonl")}
ASKED = rows(FOLDER / "own-f.jsonl")
TWO_PART = rows(FOLDER / "two-part.jsonl")
DIALOGUES = rows(FOLDER / "dialogues.jsonl")
PARTS = [part for row in TWO_PART for part in row["parts"]]
TURNS = [turn for row in DIALOGUES for turn in row["turns"]]


def test_each_is_written_once_about_a_text_that_is_there() -> None:
    for questions in (ASKED, TWO_PART):
        assert (
            len({row["id"] for row in questions})
            == len({row["question"] for row in questions})
            == len(questions)
        )
    assert {row["article_id"] for row in ASKED} == set(TEXTS)
    assert all(set(row["article_ids"]) <= set(TEXTS) for row in TWO_PART)


def test_an_answer_stands_in_a_text_and_a_near_miss_has_none() -> None:
    assert all(bool(row["answers"]) is row["answerable"] for row in [*ASKED, *PARTS, *TURNS])
    assert all(answer in TEXTS[row["article_id"]] for row in ASKED for answer in row["answers"])
    for row in TWO_PART:
        held = "\n".join(TEXTS[article] for article in row["article_ids"])
        assert all(answer in held for part in row["parts"] for answer in part["answers"])
    everything = "\n".join(TEXTS.values())
    assert all(answer in everything for turn in TURNS for answer in turn["answers"])


def test_no_text_is_one_to_train_on() -> None:
    trained = {row["text"] for path in OWN_TEXTS.glob("*.jsonl") for row in rows(path)}
    assert not trained.intersection(TEXTS.values())
