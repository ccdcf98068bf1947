import json
import random

import pytest

from benchmarks.rewrites import same_meaning
from rag.query.follow_up.rewrite import stand_alone
from rag.records import Turn
from tests.support.paths import GATE

PARKS = "滨江新区有多少座公园？"
# Of the dialogues' later turns; held here because no model is needed to tell.
RIGHT = 0.85
ALTERED = 0.01


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("成都有多少5G基站", "那4G呢？", "成都有多少4G基站"),
        ("成都有多少5G基站", "重庆呢？", "重庆有多少5G基站"),
        ("2023年成都有多少公园", "2022年呢", "2022年成都有多少公园"),
        ("成都有多少所高等院校？", "科研院校呢？", "成都有多少所科研院校？"),
        ("成都有多少家企业？", "它有多少座公园？", "成都有多少座公园？"),
        ("诺华的总部在哪里？", "它有多少员工？", "诺华有多少员工？"),
        ("临江大桥全长多少公里？", "哪年通车的？", "临江大桥哪年通车的？"),
        ("临江大桥全长多少公里？", "总投资多少？", "临江大桥总投资多少？"),
        ("临江大桥总投资是多少？", "不是，我问的是全长多少？", "临江大桥全长多少？"),
        ("今年一季度北海港吞吐量是多少？", "第二季度呢？", "今年第二季度北海港吞吐量是多少？"),
        ("2023年临江镇产茶多少吨？", "再往前一年呢？", "2022年临江镇产茶多少吨？"),
        ("第九届电影节收到多少部影片？", "上一届呢？", "上一届电影节收到多少部影片？"),
        ("临江茶厂的代表产品有哪些？", "还有吗？", "临江茶厂的代表产品还有哪些？"),
        ("临江茶厂有哪些产品获奖？", "一共有几个？", "临江茶厂有几个产品获奖？"),
        ("临江医院有多少张床位？", "其中重症的有多少？", "临江医院有多少张重症的床位？"),
        ("临江镇茶叶销量是多少？", "同比增长多少？", "临江镇茶叶销量同比增长多少？"),
        ("成都有多少5G基站？", "这是什么时候的数据？", "成都有多少5G基站？"),
        ("成都有多少5G基站？", "数据来源是哪里？", "成都有多少5G基站？"),
        ("成都有多少5G基站？", "我问的是4G基站", "成都有多少4G基站？"),
        ("成都有多少5G基站？", "好的谢谢，那重庆呢？", "重庆有多少5G基站？"),
        ("临江茶厂今年上半年收入是多少？", "去年同期呢？", "临江茶厂去年上半年收入是多少？"),
        ("临江灯会今年春节期间接待了多少游客？", "去年呢？", "临江灯会去年春节期间接待了多少游客？"),
        ("临江茶厂有多少家门店？", "省外的呢？", "临江茶厂有多少家省外的门店？"),
        ("临江地铁6号线一期有多长？", "那4号线一期呢？", "临江地铁4号线一期有多长？"),
        ("临江地铁6号线一期有多长？", "几座车站？", "临江地铁6号线一期几座车站？"),
        ("第九届临江杯的冠军是哪支球队？", "女子组呢？", "第九届临江杯女子组的冠军是哪支球队？"),
    ],
)
def test_the_new_part_takes_the_place_of_the_old(last: str, question: str, expected: str) -> None:
    assert stand_alone(question, [Turn(last)]) == expected


@pytest.mark.parametrize(
    ("last", "answer", "question", "expected"),
    [
        ("临江茶厂的创始人是谁？", "周启明", "他哪年出生？", "周启明哪年出生？"),
        ("临江茶厂和哪家企业合作？", "云岭公司", "它的总部在哪里？", "云岭公司的总部在哪里？"),
        ("临江茶厂在哪里？", "云南", "它有多少员工？", "临江茶厂有多少员工？"),
    ],
)
def test_a_pronoun_stands_for_the_answer_or_the_topic(
    last: str, answer: str, question: str, expected: str
) -> None:
    assert stand_alone(question, [Turn(last, answer)]) == expected


@pytest.mark.parametrize("question", [PARKS, "成都市长是谁？", "那是什么？", "呢", "为什么呢？", ""])
def test_what_stands_alone_or_cannot_be_told_is_not_touched(question: str) -> None:
    assert stand_alone(question, []) == question
    assert stand_alone(question, [Turn("今天怎样")]) == question


def test_the_history_may_be_as_it_was_typed() -> None:
    turns = [
        Turn("成都有多少5G基站？", "成都有超8万个5G基站 [1]"),
        Turn("那4G呢？", "成都有约7.8万个4G基站 [1]"),
    ]
    assert stand_alone("重庆呢？", turns) == "重庆有多少4G基站？"


def test_an_answer_may_be_the_whole_sentence_with_its_marks() -> None:
    turns = [Turn("临江茶厂的创始人是谁？", "临江茶厂的创始人是周启明 [1][2]")]
    assert stand_alone("他哪年出生？", turns) == "周启明哪年出生？"


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("公司有多少员工？", "临江茶厂公司有多少员工？"),
        ("它成立于哪年？", "临江茶厂成立于哪年？"),
        ("总部在哪里？", "临江茶厂总部在哪里？"),
        ("他哪年出生？", "周启明哪年出生？"),
    ],
)
def test_a_thing_is_spoken_of_again_after_a_person(question: str, expected: str) -> None:
    turns = [Turn("临江茶厂的创始人是谁？", "周启明"), Turn("他毕业于哪所大学？", "临江大学")]
    assert stand_alone(question, turns) == expected


@pytest.mark.parametrize(
    "question",
    ["元宵节又叫：", "什么是人工智能？", "乐山是那个省的？", "丽江和它的古城在哪里？", "一月的星座是？"],
)
def test_a_question_with_a_name_or_a_gap_to_fill_is_not_touched(question: str) -> None:
    assert stand_alone(question, [Turn("临江大桥全长多少公里？", "3公里")]) == question


@pytest.mark.parametrize("question", ["周启明的别名", "桥梁最多的县城", "陈立和赵芳是那里人？"])
def test_a_statement_that_names_its_owner_stands_alone(question: str) -> None:
    assert stand_alone(question, [Turn("临江大桥全长多少公里？", "3公里")]) == question


@pytest.mark.parametrize("last", ["临江大桥全长多少公里？", "你知道临江大桥吗？"])
@pytest.mark.parametrize(
    "question",
    [
        "云岭茶叶产自于：",
        "制茶的方法有（ ）种。",
        "有人知道什么是晒青吗",
        "3月12日是什么节日？",
        "离中秋节还有多少天？",
        "雅各布·里德和他的女儿在哪里出生？",
        "《茶山》的作者和他的父亲在哪里出生？",
        "采茶节已经被越来越多的人喜欢，它最早在哪里举行？",
        "此前三年，海港的生意怎么样？",
    ],
)
def test_what_names_its_own_subject_is_not_touched(last: str, question: str) -> None:
    assert stand_alone(question, [Turn(last, "3公里")]) == question


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("他的父亲在哪里出生？", "周启明的父亲在哪里出生？"),
        ("请问他哪年出生？", "请问周启明哪年出生？"),
    ],
)
def test_a_pronoun_before_any_name_stands_for_the_answer(question: str, expected: str) -> None:
    assert stand_alone(question, [Turn("临江茶厂的创始人是谁？", "周启明")]) == expected


def test_a_holiday_as_a_time_leaves_open_whose_it_is() -> None:
    said = stand_alone("春节期间有哪些活动？", [Turn("临江景区今年元旦接待了多少游客？", "6万人次")])
    assert said == "临江景区春节期间有哪些活动？"


def test_only_the_last_question_counts() -> None:
    turns = [Turn("重庆有多少所学校？"), Turn("成都有多少座公园？")]
    assert stand_alone("上海呢？", turns) == "上海有多少座公园？"


def rows(name: str) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in (GATE / name).read_text(encoding="utf-8").split("\n") if line]


def test_most_turns_of_the_dialogues_get_the_right_meaning() -> None:
    right = asked = 0
    for row in rows("dialogues.jsonl"):
        last = row["turns"][0]
        for turn, forms, said in zip(
            row["turns"][1:], row.get("means", []), row.get("said", []), strict=False
        ):
            made = stand_alone(turn, [Turn(last, said)])
            right += any(same_meaning(made, form) for form in forms)
            asked += 1
            last = forms[0]
    assert asked > 100
    assert right >= RIGHT * asked


def test_questions_that_stand_alone_are_left_alone_after_any_other() -> None:
    alone = [str(row["question"]) for row in rows("questions.jsonl") + rows("questions_seeds.jsonl")]
    draw = random.Random(0)
    altered = [one for one in alone if stand_alone(one, [Turn(draw.choice(alone))]) != one]
    assert len(altered) <= ALTERED * len(alone), altered
