import pytest

from rag.query.small_talk import ABOUT, BYE, HELLO, THANKS, small_talk


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ("你好", HELLO),
        ("您好！", HELLO),
        ("你好呀，在吗？", HELLO),
        ("Ｈｅｌｌｏ", HELLO),
        ("谢谢", THANKS),
        ("好的，谢谢你！", THANKS),
        ("Thank you", THANKS),
        ("再见。", BYE),
        ("你是谁？", ABOUT),
        ("请问你能做什么", ABOUT),
    ],
)
def test_courtesy_is_returned(said: str, reply: str) -> None:
    assert small_talk(said) == reply


@pytest.mark.parametrize(
    "said",
    [
        "你好，成都有多少5G基站",
        "谢谢，那重庆呢？",
        "谢谢参与活动的有多少人？",
        "你好，李焕英的票房是多少？",
        "再见爱人第几季",
        "早上好几家店开门",
        "你是谁的粉丝",
        "谁说了你好",
        "滨江新区能做什么",
        "行业有多少企业？",
        "",
        "？",
    ],
)
def test_what_asks_or_names_something_is_no_courtesy(said: str) -> None:
    assert small_talk(said) == ""
