"""Things named side by side, and what they share."""

import pytest

from rag.query.parallel import distributed, parallel


@pytest.mark.parametrize(
    ("text", "lead", "items", "rest"),
    [
        ("华岳轴承和东锐阀门的净利润", "", ("华岳轴承", "东锐阀门"), "的净利润"),
        ("清江龙舟赛男子组和女子组的奖金", "清江龙舟赛", ("男子组", "女子组"), "的奖金"),
        ("社区食堂的早餐和午餐", "社区食堂的", ("早餐", "午餐"), ""),
        ("成都和重庆去年的产值", "", ("成都", "重庆"), "去年的产值"),
        ("华岳轴承和东锐阀门前三季度营业收入", "", ("华岳轴承", "东锐阀门"), "前三季度营业收入"),
        ("万年桥、通津桥和丰年塔", "", ("万年桥", "通津桥", "丰年塔"), ""),
        ("2023年成都和重庆", "2023年", ("成都", "重庆"), ""),
        ("湾口镇2023年和2024年的产量", "湾口镇", ("2023年", "2024年"), "的产量"),
        ("《甲志》与《乙方》修复", "", ("《甲志》", "《乙方》"), "修复"),
        ("王某、李某和张某", "", ("王某", "李某", "张某"), ""),
        ("获得一等奖和二等奖的", "获得", ("一等奖", "二等奖"), "的"),
        ("王蔷输给佩古拉和知网收到通知书", "", ("王蔷输给佩古拉", "知网收到通知书"), ""),
    ],
)
def test_what_is_shared_stands_outside(text: str, lead: str, items: tuple[str, ...], rest: str) -> None:
    found = parallel(text)
    assert found is not None
    assert (found.lead, found.items, found.rest) == (lead, items, rest)


@pytest.mark.parametrize("text", ["和平公园", "成都", "和成都", "", "《战争与和平》"])
def test_one_thing_is_no_list(text: str) -> None:
    assert parallel(text) is None


@pytest.mark.parametrize(
    "question",
    [
        "成都和重庆共有多少人？",
        "中国和美国各类学校有多少？",  # 各 belongs to a noun
        "中美在开放与封闭问题上分别做出了什么回应？",  # in both, not of each
        "甲和乙分别来自成都。丙来自哪里？",
    ],
)
def test_not_every_list_is_asked_each_for_itself(question: str) -> None:
    assert distributed(question) == ()
