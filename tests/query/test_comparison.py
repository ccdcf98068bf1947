"""Comparisons taken apart."""

import pytest

from rag.query.comparison import compared


@pytest.mark.parametrize(
    ("question", "first", "claim", "largest"),
    [
        ("黑豹和闪电哪只年纪大？", "黑豹年纪多大？", "黑豹年纪更大", True),
        ("万年桥与通津桥哪座更早？", "万年桥是什么时候的？", "万年桥更早", False),
        ("红旗里和育才新村哪个建得早？", "红旗里什么时候建的？", "红旗里建得更早", False),
        ("成都和重庆哪个先发布规划？", "成都什么时候发布规划？", "成都先发布规划", False),
        ("甲公司和乙公司谁的收入增长更快？", "甲公司的收入增长多少？", "甲公司的收入增长更快", True),
        ("上海和北京相比，哪个人口更少？", "上海有多少人口？", "上海人口更少", False),
        ("中国和欧洲电动汽车销量哪个高", "中国电动汽车销量是多少？", "中国电动汽车销量更高", True),
        ("成都和重庆哪个5G基站多", "成都有多少5G基站？", "成都5G基站更多", True),
        ("苹果和梨谁更贵", "苹果多少钱？", "苹果更贵", True),
        ("万年桥比通津桥长多少？", "万年桥多长？", "万年桥更长", True),
        ("甲公司的净利润比乙公司多多少？", "甲公司的净利润是多少？", "甲公司的净利润更高", True),
    ],
)
def test_each_thing_is_asked_for_its_value(question: str, first: str, claim: str, largest: bool) -> None:
    found = compared(question)
    assert found is not None
    assert len(found.questions) == 2
    assert (found.questions[0], found.claim(found.things[0]), found.largest) == (first, claim, largest)


@pytest.mark.parametrize(
    "question",
    [
        "产量比去年多多少？",  # the articles say so themselves
        "哪个城市人口最多？",
        "甲馆和乙馆谁赢了",
        "比赛多少分",
        "成都有多少5G基站",
        "长" * 200,
    ],
)
def test_what_compares_no_two_things_stays_whole(question: str) -> None:
    assert compared(question) is None
