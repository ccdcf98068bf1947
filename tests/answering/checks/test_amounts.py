"""What kind of amount a number is: the level, a change, a share per so many."""

import pytest

from rag.answering.checks.amounts import asks_change, other_amount
from rag.answering.context import Scene
from tests.support.hand import candidate, make, query

LINES = make(
    "上半年，云泽市第二产业增加值825.6亿元，增长7.6%；外来游客12.7万人次，同比多了三成。",
    "公交票价由2元提高到3元，比邻市高0.5元。",
    "全市已建充电桩4.2万个，每万人拥有充电桩31.2个，每天服务1.1万人次。",
    "快充每千瓦时0.9元，夜间六折。",
    title="云泽市公布数字",
)


@pytest.mark.parametrize(
    ("question", "changes"),
    [
        ("第二产业增长多少？", True),
        ("票价涨了多少", True),
        ("票价比邻市高多少？", True),
        ("票价提高到多少？", False),
        ("山有多高？", False),
        ("全市有多少充电桩？", False),
    ],
)
def test_a_question_asks_for_a_change_or_a_level(question: str, changes: bool) -> None:
    assert asks_change(query(question)) is changes


@pytest.mark.parametrize(
    ("question", "words", "other"),
    [
        ("第二产业增长多少？", "825.6亿元", "825.6亿元"),
        ("第二产业增长多少？", "7.6%", ""),
        ("第二产业增加值是多少？", "825.6亿元", ""),
        ("外来游客增长多少？", "12.7万人次", "12.7万人次"),
        ("票价提高了多少？", "3元", "3元"),
        ("票价提高到多少？", "3元", ""),
        ("票价比邻市高多少？", "0.5元", ""),
        ("全市有多少充电桩？", "31.2个", "每万人拥有充电桩31.2个"),
        ("全市有多少充电桩？", "4.2万个", ""),
        ("每万人有多少充电桩？", "31.2个", ""),
        ("充电桩一天服务多少人？", "1.1万人次", ""),
        ("快充多少钱一度电？", "0.9元", ""),
        ("全市有多少一体化充电桩？", "31.2个", "每万人拥有充电桩31.2个"),
        ("快充收了多少钱？", "0.9元", "每千瓦时0.9元"),
        ("云泽第二产业多大？", "7.6%", "增长7.6%"),
        ("云泽第二产业增速多少？", "7.6%", ""),
    ],
)
def test_a_level_is_no_change_and_a_share_no_total(question: str, words: str, other: str) -> None:
    assert other_amount(query(question), Scene.around(candidate(LINES, words))) == other
