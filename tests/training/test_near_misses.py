"""Near misses: the edits that make them, and the pairs checked by hand."""

from collections import Counter
from random import Random

import pytest

from rag.evaluation.questions import Question
from rag.text.characters import fold
from tests.gate.test_questions import Row, articles, lines
from tests.support.near_misses import Pair, pairs
from tests.support.paths import GATE
from training.near_misses import Pool, edits

ARTICLE = (
    "江州市统计局公布，2023年苏州市第二届灯会接待男子游客3万人，收入1.2亿美元。陈乾说，5G基站建成800个，"
    "上半年出口增长，《灯会白皮书》随后发布。"
)


def changed(question: str, *others: str) -> dict[str, tuple[str, str]]:
    """Return by kind what is changed in a question that the article answers, and into what."""
    pool = Pool({"a": ARTICLE} | {f"o{i}": text for i, text in enumerate(others)})
    return {edit.kind: (edit.asked, edit.changed) for edit in edits(question, pool, ["a"], Random(7))}


@pytest.mark.parametrize(
    ("question", "kind", "asked"),
    [
        ("苏州市灯会接待了多少游客？", "place", "苏州"),
        ("2023年灯会接待了多少游客？", "time", "2023"),
        ("第二届灯会接待了多少游客？", "ordinal", "第二届"),
        ("灯会接待了多少男子游客？", "qualifier", "男子"),
        ("灯会的收入是多少？", "measure", "收入"),
        ("灯会收入多少亿美元？", "unit", "美元"),
        ("陈乾说了什么？", "person", "陈乾"),
        ("建了多少个5G基站？", "name", "5G"),
        ("什么建成800个？", "phase", "建成"),
        ("《灯会白皮书》何时发布？", "title", "灯会白皮书"),
    ],
)
def test_one_constraint_is_changed(question: str, kind: str, asked: str) -> None:
    found = changed(question)
    assert found[kind][0] == asked
    assert not Pool({"a": ARTICLE}).say(["a"], [fold(found[kind][1])])


def test_what_the_article_does_not_name_is_left_alone() -> None:
    assert "place" not in changed("杭州灯会接待了多少游客？")
    assert "phase" not in changed("灯会何时开幕？")


def test_a_question_of_yes_or_no_has_no_near_miss() -> None:
    assert changed("苏州市灯会是否接待了游客？") == {}


def test_a_whole_word_is_changed_or_none() -> None:
    assert changed("前三季度的出口处有几个？") == {} or "phase" not in changed("前三季度的出口处有几个？")


def test_no_article_answers_for_the_changed_words() -> None:
    """An article that says the rest of the question for another year forbids that year."""
    rest = "年苏州市第二届灯会接待男子游客。"
    years = [f"{year}{rest}" for year in range(2017, 2025) if year not in (2020, 2023)]
    assert changed("2023年苏州市灯会接待多少男子游客？", *years)["time"] == ("2023", "2020")
    assert "time" not in changed("2023年苏州市灯会接待多少男子游客？", *years, f"2020{rest}")


def test_the_same_seed_gives_the_same_pairs() -> None:
    pool = Pool({"a": ARTICLE})
    asked = [
        Question(f"q{i}", "2023年苏州市第二届灯会的收入是多少？", ("1.2亿",), True, ("a",)) for i in range(6)
    ]
    first, again, other = (list(pairs(asked, pool, seed)) for seed in (1, 1, 2))
    assert first == again != other
    assert set(Counter(pair.edit.kind for pair in first).values()) <= {1, 2}


def test_an_answer_is_never_changed() -> None:
    pool = Pool({"a": ARTICLE})
    asked = Question("q", "苏州市的灯会在哪里？", ("苏州市",), True, ("a",))
    assert [pair.edit.kind for pair in pairs([asked], pool, 0, every=True)] == []


def test_a_pair_is_two_lines_of_a_question_file() -> None:
    pool = Pool({"a": ARTICLE})
    asked = Question("q", "2023年灯会接待了多少游客？", ("3万人",), True, ("a",))
    [pair] = pairs([asked], pool, 0)
    assert isinstance(pair, Pair)
    original, twin = pair.rows()
    assert (original["answerable"], twin["answerable"], twin["answers"]) == (True, False, [])
    assert twin["question"] == original["question"].replace(twin["asked"], twin["changed"])


# --- the pairs checked by hand

ROWS = lines(GATE / "near_miss_pairs.jsonl")
KNOWN: dict[str, Row] = {
    row["question"]: row for name in ("questions", "questions_seeds") for row in lines(GATE / f"{name}.jsonl")
}


def test_there_are_a_hundred_pairs_of_every_kind() -> None:
    kinds = Counter(row["edit"] for row in ROWS if row["member"] == "twin")
    assert sum(kinds.values()) >= 100
    assert set(kinds) >= {
        "place",
        "time",
        "ordinal",
        "qualifier",
        "object",
        "measure",
        "name",
        "phase",
        "person",
    }


def test_a_twin_differs_from_its_original_in_one_constraint() -> None:
    for original, twin in zip(ROWS[::2], ROWS[1::2], strict=True):
        assert (original["member"], twin["member"]) == ("original", "twin")
        assert original["pair"] == twin["pair"]
        assert original["question"].count(twin["asked"]) == 1
        assert twin["question"] == original["question"].replace(twin["asked"], twin["changed"])


def test_originals_are_known_questions_and_twins_are_new() -> None:
    twins = [row["question"] for row in ROWS if row["member"] == "twin"]
    assert len(set(twins)) == len(twins)
    assert not set(twins) & set(KNOWN)
    for row in ROWS[::2]:
        assert row["answers"] == KNOWN[row["question"]]["answers"]
        assert all(name in articles() for name in row["articles"])
