"""A message cut into the questions it asks."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.query.parts import parts


def texts(message: str) -> list[str]:
    return [part.text for part in parts(message)]


@pytest.mark.parametrize(
    "message",
    [
        "成都有多少5G基站",
        "谁和谁结婚了",
        "谁在什么时候说了什么",
        "每年有多少人因什么原因死亡",
        "中国队和日本队的比分是多少",
        "成都大运会什么时候、在哪里举行？",  # one verb
        "哪些城市和哪些企业参加了展会？",
        "这三座桥分别有多长",
        "2006年，文化署管理的四个度假村分别是哪几个？",
        "13号线首日运送了多少乘客，也就是首日客流是多少？",
        "几名工人被困，原因是什么？",  # some
        "北朝几个朝代中，哪个朝代最积极建筑长城?",
        "哪吒汽车推出新车型、中国足协选举新领导，哪个事件发生得最早？",  # a name
        "萧何担任相国时，有什么作为？",
        "谁发明了疫苗，并获得诺贝尔奖？",
        "不管多少钱，在哪里能买到？",
        "《谁是英雄？》何时上映？",
        "熊汝霖和阿宝合唱过一首歌吧？谁知道叫啥名",
        "大卫?科波菲尔预测了哪国彩票的中奖号码？",
        "哪个事件最早？是甲的讲话、乙的数据，还是丙的发射？",
        "他说：“什么？你！”然后去了哪里？",
        "？？？多少？？",
    ],
)
def test_one_question_comes_back_as_it_is(message: str) -> None:
    assert texts(message) == [message]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("丰年塔有多高？是谁设计的？", ["丰年塔有多高？", "丰年塔是谁设计的？"]),
        ("发布会在哪里开，几点开始，谁主持", ["发布会在哪里开？", "发布会几点开始？", "发布会谁主持？"]),
        ("长江大桥由谁设计、总长多少？", ["长江大桥由谁设计？", "长江大桥的总长多少？"]),
        ("图书馆有多少座位以及几点关门？", ["图书馆有多少座位？", "图书馆几点关门？"]),
        ("灯塔用了多少名工匠和多少天建成？", ["灯塔用了多少名工匠？", "灯塔多少天建成？"]),
        ("三星堆 几点闭馆 门票多少", ["三星堆 几点闭馆？", "三星堆门票多少？"]),
        (
            "我明天要去北京。天坛几点开门？多少钱？",
            ["我明天要去北京。天坛几点开门？", "我明天要去北京。天坛多少钱？"],
        ),
        ("9.11事件发生在哪里，谁策划的", ["9.11事件发生在哪里？", "9.11事件谁策划的？"]),
        ("成都5G基站数量？重庆5G基站数量？", ["成都5G基站数量？", "重庆5G基站数量？"]),
        ("展览什么时候开幕，要不要门票？", ["展览什么时候开幕？", "展览要不要门票？"]),
    ],
)
def test_questions_beside_each_other_are_cut_apart(message: str, expected: list[str]) -> None:
    assert texts(message) == expected


@pytest.mark.parametrize(
    ("message", "later"),
    [
        ("华岳轴承的董事长是谁，有多少员工？", "华岳轴承有多少员工？"),
        ("小火车首班车几点发车，末班车几点返回？", "小火车末班车几点返回？"),  # in the place of its like
        ("上半年GDP是多少，同比增长多少", "上半年GDP同比增长多少？"),  # of the measure
        ("保护站离县城多远，有几名队员？", "保护站有几名队员？"),
        ("谁是青石区局长，今年多大了", "青石区局长今年多大了？"),
        (
            "2023年8月21日，证监会发布了什么，以及毛伊岛火灾失联多少人？",
            "2023年8月21日，毛伊岛火灾失联多少人？",
        ),
        ("渡口队得了第几，女子组的冠军是谁？", "女子组的冠军是谁？"),  # names its own
    ],
)
def test_a_later_part_takes_the_subject_it_lacks(message: str, later: str) -> None:
    assert texts(message)[1].replace("的同比", "同比") == later


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("红旗里有多少部电梯？育才新村呢？", ["红旗里有多少部电梯？", "育才新村有多少部电梯？"]),
        ("湾口镇今年产量多少，去年呢？", ["湾口镇今年产量多少？", "湾口镇去年产量多少？"]),
        ("绵阳第一产业增加值多少？第三产业呢？", ["绵阳第一产业增加值多少？", "绵阳第三产业增加值多少？"]),
        ("华岳轴承的营业收入多少，净利润呢？", ["华岳轴承的营业收入多少？", "华岳轴承的净利润多少？"]),
        ("谁获得了冠军？季军呢？", ["谁获得了冠军？", "谁获得了季军？"]),
    ],
)
def test_what_is_asked_of_another_takes_its_place(message: str, expected: list[str]) -> None:
    assert texts(message) == expected


def test_a_pronoun_is_left_to_the_conversation() -> None:
    leaning = parts("什么是量子计算？它有什么用？")[1]
    assert (leaning.leaning, leaning.text) == ("它有什么用？", "量子计算有什么用？")


def test_the_first_question_is_put_through_what_makes_it_stand_alone() -> None:
    found = parts("它有多高，谁设计的？", lambda question: question.replace("它", "丰年塔"))
    assert [part.text for part in found] == ["丰年塔有多高？", "丰年塔谁设计的？"]


def test_things_of_one_list_are_named_with_their_questions() -> None:
    found = parts("黑豹和闪电分别几岁？")
    assert [(part.text, part.thing) for part in found] == [("黑豹几岁？", "黑豹"), ("闪电几岁？", "闪电")]


@pytest.mark.parametrize(
    "piece", ["多少，", "谁和", "甲和乙分别多少", "、几个", "哪里？", "呢，", "甲和乙各", " 多少"]
)
def test_time_grows_with_the_message(piece: str) -> None:
    started = time.thread_time()
    parts((piece * 1000)[:1000])
    assert time.thread_time() - started < 2.0


PIECES = [
    "多少",
    "几个",
    "谁",
    "哪里",
    "何时",
    "呢",
    "吗",
    "？",
    "，",
    "、",
    "。",
    "和",
    "以及",
    "分别",
    "各",
    "的",
    "它",
    "其",
    "有",
    "是",
    "成都",
    "2023年",
    "5G",
    "基站",
    "《",
    "》",
    "“",
    "”",
    "（",
    "个",
    "比",
    "哪个",
    "更高",
    "产量",
    "A",
    "1",
    "\u2028",
]


@given(st.lists(st.sampled_from([*PIECES, " "]), min_size=1, max_size=30).map("".join))
@example("谁分别和的、个（多少成都《“呢")  # 呢 with nothing that it could take the place of
def test_whatever_is_typed_each_part_can_be_asked(message: str) -> None:
    found = parts(message)
    assert found
    if len(found) == 1:
        assert found[0].text == message
        return
    for part in found:
        assert any(map(str.isalnum, part.text))
