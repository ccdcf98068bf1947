import pytest

from rag.follow_up import stand_alone
from rag.records import Turn

PARKS = "滨江新区有多少座公园？"


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("成都有多少5G基站", "那4G呢？", "成都有多少4G基站"),
        ("成都有多少5G基站", "重庆呢？", "重庆有多少5G基站"),
        ("2023年成都有多少公园", "2022年呢", "2022年成都有多少公园"),
        ("成都有多少所高等院校？", "科研院校呢？", "成都有多少所科研院校？"),
        ("成都有多少家企业？", "它有多少座公园？", "成都有多少座公园？"),
        ("诺华的总部在哪里？", "它有多少员工？", "诺华有多少员工？"),
    ],
)
def test_the_new_part_takes_the_place_of_the_old(last: str, question: str, expected: str) -> None:
    assert stand_alone(question, [Turn(last)]) == expected


@pytest.mark.parametrize("question", [PARKS, "成都市长是谁？", "那是什么？", "呢", "为什么呢？", ""])
def test_what_stands_alone_or_cannot_be_told_is_not_touched(question: str) -> None:
    assert stand_alone(question, []) == question
    assert stand_alone(question, [Turn("今天怎样")]) == question


def test_only_the_last_question_counts() -> None:
    turns = [Turn("重庆有多少所学校？"), Turn("成都有多少座公园？")]
    assert stand_alone("上海呢？", turns) == "上海有多少座公园？"
