"""Paraphrases ask what their originals ask, in words written without looking at any answer of the program."""

import re
from collections import Counter

from tests.gate.test_questions import Row, lines
from tests.support.paths import GATE

PARAPHRASES = lines(GATE / "paraphrases.jsonl")
ORIGINALS: dict[str, Row] = {
    row["id"]: row for name in ("questions", "questions_seeds") for row in lines(GATE / f"{name}.jsonl")
}
STYLES = frozenset(
    ["colloquial", "formal", "keywords", "numeral", "polite", "reordered", "synonym", "traditional", "width"]
)


def plain(question: str) -> str:
    """Return a question without marks and spaces."""
    return re.sub(r"\W", "", question)


def test_there_are_enough_and_each_is_new() -> None:
    questions = Counter(plain(row["question"]) for row in [*PARAPHRASES, *ORIGINALS.values()])
    assert len(PARAPHRASES) >= 120
    assert not [row["question"] for row in PARAPHRASES if questions[plain(row["question"])] > 1]
    assert len({row["id"] for row in PARAPHRASES} | set(ORIGINALS)) == len(PARAPHRASES) + len(ORIGINALS)


def test_the_gold_is_that_of_the_original() -> None:
    for row in PARAPHRASES:
        original = ORIGINALS[row["original"]]
        assert original["answerable"], row["id"]
        assert row["answers"] == original["answers"], row["id"]
        assert row["articles"] == original["articles"], row["id"]


def test_every_way_of_asking_occurs() -> None:
    assert {row["style"] for row in PARAPHRASES} == STYLES


def test_a_question_of_this_year_says_when_it_is_asked() -> None:
    assert all("question_date" in row for row in PARAPHRASES if "今年" in row["question"])
