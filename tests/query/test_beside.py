import pytest

from rag.query.parallel import beside


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("云泽化工的陈某和王某被罚多少钱？", ("陈某", "王某")),
        ("每天清运厨余垃圾和有害垃圾多少吨", ("厨余垃圾", "有害垃圾")),
        ("柳镇、石镇和江镇受灾多少户？", ("柳镇", "石镇", "江镇")),
        ("一等奖和二等奖奖金是多少", ("一等奖", "二等奖")),
        ("柳镇和石镇一共受灾多少户？", ()),
        ("柳镇和石镇分别受灾多少户？", ()),
        ("和平路有多长？", ()),
        ("柳镇受灾多少户？", ()),
        ("谁设计了北桥和南桥？", ()),
    ],
)
def test_things_side_by_side_may_each_be_asked_about(question: str, things: tuple[str, ...]) -> None:
    assert tuple(thing for thing, _ in beside(question)) == things


def test_each_question_has_one_thing_and_all_that_is_asked_of_it() -> None:
    found = beside("云泽化工的陈某和王某被罚多少钱？")
    assert [asked for _, asked in found] == ["云泽化工的陈某被罚多少钱？", "云泽化工的王某被罚多少钱？"]
