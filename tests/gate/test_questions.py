"""The question files of the quality gate agree with their articles.

The articles in tests/data/articles/ were written for this project: places and institutions may exist, every fact is invented.
"""

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.paths import ARTICLES, GATE, SEEDS

FILES = ("questions.jsonl", "dialogues.jsonl", "time_questions.jsonl")
Row = dict[str, Any]


def lines(path: Path) -> list[Row]:
    """Return the objects of a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def rows() -> list[Row]:
    """Return the single questions, the dialogues and the questions about times."""
    return [row for name in FILES for row in lines(GATE / name)]


@cache
def articles() -> dict[str, str]:
    """Return the text without white space of each article, by file name or external id."""
    files = [*SEEDS.glob("*.txt"), *ARTICLES.glob("*.txt")]
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    for path in ARTICLES.rglob("*.jsonl"):
        texts |= {row["id"]: row["title"] + row["text"] for row in lines(path)}
    return {name: bare(text) for name, text in texts.items()}


def bare(text: str) -> str:
    """Return `text` without white space."""
    return re.sub(r"\s", "", text)


def test_ids_and_single_questions_are_unique() -> None:
    ids = Counter(row["id"] for row in rows())
    questions = Counter(row["question"] for row in rows() if "turns" not in row)
    assert max(ids.values()) == max(questions.values()) == 1


def test_every_gold_article_holds_an_answer_and_every_answer_stands_in_one() -> None:
    for row in rows():
        texts = [articles()[name] for name in row["articles"]]
        answers = [bare(answer) for answer in row["answers"]]
        assert all(any(answer in text for answer in answers) for text in texts), row["id"]
        assert all(any(answer in text for text in texts) for answer in answers), row["id"]


def test_qualifiers_stand_in_a_gold_article() -> None:
    for row in rows():
        texts = [articles()[name] for name in row["articles"]]
        assert all(any(bare(q) in text for text in texts) for q in row.get("qualifiers", [])), row["id"]


def test_only_answerable_rows_have_answers() -> None:
    for row in rows():
        assert row["answerable"] == bool(row["answers"]) == bool(row["articles"]), row["id"]


def test_paraphrases_ask_for_the_answer_of_their_original() -> None:
    by_id = {row["id"]: row for row in rows()}
    for row in rows():
        original = by_id[row.get("paraphrase_of", row["id"])]
        assert (original["answers"], original["articles"]) == (row["answers"], row["articles"])


def test_a_dialogue_ends_with_its_question() -> None:
    dialogues = [row for row in rows() if "turns" in row]
    assert all(len(row["turns"]) > 1 and row["turns"][-1] == row["question"] for row in dialogues)


def test_there_are_as_many_of_each_kind_as_the_gate_promises() -> None:
    kinds = Counter(row["kind"] for row in rows())
    own = [r for r in rows() if r["answerable"] and r["kind"] not in ("paraphrase", "follow_up", "time")]
    paraphrased = {row["paraphrase_of"] for row in rows() if "paraphrase_of" in row}
    before = [row for row in own if row.get("qualifier_in") == "sentence before"]
    assert len(own) >= 80
    assert kinds["near_miss"] >= 50
    assert kinds["follow_up"] >= 60
    assert kinds["time"] >= 60
    assert len(before) >= 15
    assert kinds["variants"] >= 10
    assert 3 * len(paraphrased) >= len(own)
