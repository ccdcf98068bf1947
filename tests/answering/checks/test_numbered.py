"""Things that are told apart by their number, and how many where it is asked which."""

import pytest

from rag.answering.checks.numbered import counts_instead, other_numbers
from rag.text.annotation import annotate
from tests.support.hand import query


@pytest.mark.parametrize(
    ("question", "sentence", "found"),
    [
        ("6号机组几月并网", "4号机组计划6月并网", [("6号机组", "4号机组")]),
        ("6号机组几月并网", "5、6号机组同时开工", []),
        ("6号机组几月并网", "1号至8号机组均已并网", []),
        ("6号机组几月并网", "该机组6月并网", []),
        ("6号机组几月并网", "13号线旁的4号机组计划6月并网", [("6号机组", "4号机组")]),
        ("8月6号开幕的展会", "8月5号开幕", []),
    ],
)
def test_a_thing_is_not_another_of_its_kind(
    question: str, sentence: str, found: list[tuple[str, str]]
) -> None:
    assert list(other_numbers(question, annotate(sentence))) == found


@pytest.mark.parametrize(
    ("question", "answer", "other"),
    [
        ("5号机组哪天临界", "11月21日", [("5号机组", "6号机组")]),
        ("6号机组哪天临界", "11月21日", []),
        ("5号机组从装料到并网用了多少天", "81天", []),
    ],
)
def test_what_is_told_of_one_is_not_told_of_one_named_behind_it(
    question: str, answer: str, other: list[tuple[str, str]]
) -> None:
    sentence = "6号机组11月21日临界，比5号机组的81天少13天"
    assert list(other_numbers(question, annotate(sentence), sentence.index(answer))) == other


@pytest.mark.parametrize(
    ("question", "answer", "counts"),
    [
        ("哪家企业被吊销许可？", "1家企业的", True),
        ("哪家企业被吊销许可？", "一心堂", False),
        ("哪个城市最多？", "成都", False),
        ("有多少家企业被吊销许可？", "1家", False),
        ("卡住的3个项目是哪几个？", "2个", True),
        ("卡住的3个项目是哪几个？", "2个码头和1座桥", False),
    ],
)
def test_how_many_is_not_which(question: str, answer: str, counts: bool) -> None:
    assert counts_instead(query(question), annotate(answer)) is counts
