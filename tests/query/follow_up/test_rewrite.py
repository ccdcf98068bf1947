import json
import random

import pytest

from benchmarks.rewrites import same_meaning
from rag.query.follow_up.conversation import Exchange, Talk, exchange
from rag.query.follow_up.rewrite import MOST, Rewrite, rewrites, stand_alone
from rag.records import Turn
from tests.support.paths import GATE

PARKS = "滨江新区有多少座公园？"
# Of the dialogues' later turns one of the readings is the right one; held here because no model is needed to tell.
RIGHT = 0.75
ALTERED = 0.005


def talk(*turns: tuple[str, str], told: str = "") -> Talk:
    """Return a conversation whose last answer came from the article `told`."""
    found = [exchange(*turn) for turn in turns]
    last = Exchange(found[-1].last, found[-1].answer, "article" if told else "", told)
    return Talk((*found[:-1], last))


def texts(found: tuple[Rewrite, ...]) -> list[str]:
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("成都有多少5G基站", "那4G呢？", "成都有多少4G基站"),
        ("成都有多少5G基站", "重庆呢？", "重庆有多少5G基站"),
        ("成都有多少5G基站", "重庆", "重庆有多少5G基站"),
        ("2023年成都有多少公园", "2022年呢", "2022年成都有多少公园"),
        ("诺华制药的总部在哪里？", "它有多少员工？", "诺华制药有多少员工？"),
        ("临江大桥全长多少公里？", "哪年通车的？", "临江大桥哪年通车的？"),
        ("临江大桥全长多少公里？", "总投资多少？", "临江大桥总投资多少？"),
        ("今年一季度北海港吞吐量是多少？", "第二季度呢？", "今年第二季度北海港吞吐量是多少？"),
        ("2023年临江镇产茶多少吨？", "再往前一年呢？", "2022年临江镇产茶多少吨？"),
        ("第九届电影节收到多少部影片？", "上一届呢？", "上一届电影节收到多少部影片？"),
        ("临江镇茶叶销量是多少？", "同比增长多少？", "临江镇茶叶销量同比增长多少？"),
        ("成都有多少5G基站？", "这是什么时候的数据？", "成都有多少5G基站？"),
        ("成都有多少5G基站？", "数据来源是哪里？", "成都有多少5G基站？"),
        ("成都有多少5G基站？", "哪篇报道说的", "成都有多少5G基站？"),
        ("成都有多少5G基站？", "好的谢谢，那重庆呢？", "重庆有多少5G基站？"),
        ("临江茶厂今年上半年收入是多少？", "去年同期呢？", "临江茶厂去年上半年收入是多少？"),
        ("临江茶厂有多少家门店？", "省外的呢？", "临江茶厂有多少家省外的门店？"),
        ("临江地铁6号线一期有多长？", "那4号线一期呢？", "临江地铁4号线一期有多长？"),
        ("三价流感疫苗多少钱", "四价的呢", "四价流感疫苗多少钱"),
        ("临江马拉松男子组冠军是谁", "女子组呢", "临江马拉松女子组冠军是谁"),
        ("成都马拉松有多少人参加", "北京马拉松呢", "北京马拉松有多少人参加"),
    ],
)
def test_the_likeliest_reading_takes_up_the_last_question(last: str, question: str, expected: str) -> None:
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
def test_without_a_history_nothing_is_touched(question: str) -> None:
    assert stand_alone(question, []) == question


@pytest.mark.parametrize(
    "question",
    [
        PARKS,
        "什么是人工智能？",
        "元宵节又叫：",
        "丽江和它的古城在哪里？",
        "周启明的别名",
        "雅各布·里德和他的女儿在哪里出生？",
        "采茶节已经被越来越多的人喜欢，它最早在哪里举行？",
        "他信什么时候回国？",
        "比亚迪今年上半年营收是多少？",
    ],
)
def test_what_names_its_own_subject_has_no_other_reading(question: str) -> None:
    said = talk(("临江大桥全长多少公里？", "3公里"), told="临江大桥全长3公里,总投资2亿元。")
    assert texts(rewrites(question, said)) == [question]


@pytest.mark.parametrize("polite", ["谢谢", "好的", "在吗", "好的，谢谢！", "明白了", "你好"])
def test_courtesy_is_no_turn(polite: str) -> None:
    assert texts(rewrites(polite, talk(("成都有多少5G基站", "8万个")))) == [polite]
    assert stand_alone("重庆呢", [Turn("成都有多少5G基站", "8万个"), Turn(polite)]) == "重庆有多少5G基站"


def test_words_that_leave_the_topic_are_no_part_of_the_question() -> None:
    said = talk(("成都有多少5G基站", "8万个"), told="成都有8万个5g基站。")
    assert texts(rewrites("换个话题，总经理是谁", said)) == ["总经理是谁"]


def test_the_subject_is_as_much_as_the_article_writes_in_one() -> None:
    turn = ("临江大桥改造工程投资多少", "2亿元")
    assert talk(turn, told="临江大桥改造工程总投资2亿元。").subjects == ("临江大桥改造工程",)
    assert talk(turn, told="临江大桥2亿元的改造工程").subjects == ("临江大桥",)


def test_the_subject_survives_a_turn_that_does_not_name_it() -> None:
    told = "临江茶厂总经理周启明说,今年产茶3吨。"
    turns = ("临江茶厂今年产茶多少吨", "3吨"), ("总经理是谁", "周启明")
    first, last = (Exchange(exchange(*turn).last, turn[1], "article", told) for turn in turns)
    assert "临江茶厂" in Talk((first, last)).subjects


def test_a_question_that_names_nothing_is_put_to_the_last_article_too() -> None:
    said = talk(("临江茶厂今年产茶多少吨", "3吨"), told="临江茶厂今年产茶3吨,收购价每斤20元。")
    bound = [one for one in rewrites("收购价是多少", said) if one.bound]
    assert [(one.text, one.shown) for one in bound] == [("收购价是多少", "临江茶厂收购价是多少")]


def test_nouns_that_the_article_does_not_have_are_about_something_else() -> None:
    said = talk(("临江茶厂今年产茶多少吨", "3吨"), told="临江茶厂今年产茶3吨,收购价每斤20元。")
    assert texts(rewrites("疫苗多少钱", said)) == ["疫苗多少钱"]


def test_the_part_of_an_earlier_question_may_be_replaced() -> None:
    said = talk(("临江马拉松男子组冠军是谁", "周启明"), ("周启明的成绩是多少", "2小时"))
    assert texts(rewrites("女子组呢", said))[0] == "临江马拉松女子组冠军是谁"


def test_a_pronoun_with_a_noun_stands_for_the_subject_that_has_it() -> None:
    said = talk(("海湾医院的院长是谁", "孙慧敏"), ("孙慧敏多大年纪", "51岁"))
    assert texts(rewrites("这家医院是哪年建的", said))[0] == "海湾医院是哪年建的"


def test_it_is_called_as_the_question_called_it_not_as_its_article_does() -> None:
    said = talk(("威海海湾医院的院长是谁", "孙慧敏"), told="威海市海湾医院院长孙慧敏说,医院有医生680人。")
    found = rewrites("这家医院是哪年建的", said)
    assert found[0].text == "威海海湾医院是哪年建的"
    assert not [one.shown for one in found if "这家医院" in one.shown]


def test_who_said_it_is_asked_of_what_was_said() -> None:
    said = talk(("临江茶厂今年产茶多少吨", "3吨"), told="临江茶厂今年产茶3吨。")
    assert texts(rewrites("谁说的", said)) == ["临江茶厂今年产茶3吨由谁介绍"]


def test_the_history_may_be_as_it_was_typed() -> None:
    turns = [Turn("成都有多少5G基站？", "超8万个 [1]"), Turn("那4G呢？", "约7.8万个 [1]")]
    assert stand_alone("重庆呢？", turns) == "重庆有多少4G基站？"


def test_an_answer_may_be_the_whole_sentence_with_its_marks() -> None:
    turns = [Turn("临江茶厂的创始人是谁？", "临江茶厂的创始人是**周启明** [1][2]")]
    assert stand_alone("他哪年出生？", turns) == "周启明哪年出生？"


def rows(name: str) -> list[dict[str, list[str]]]:
    return [json.loads(line) for line in (GATE / name).read_text(encoding="utf-8").split("\n") if line]


def test_of_most_turns_of_the_dialogues_one_reading_has_the_right_meaning() -> None:
    right = asked = 0
    for row in rows("dialogues.jsonl"):
        last = row["turns"][0]
        for turn, forms, said in zip(
            row["turns"][1:], row.get("means", []), row.get("said", []), strict=False
        ):
            made = rewrites(turn, talk((last, said)))
            assert len(made) <= MOST
            right += any(same_meaning(one.text, form) for one in made for form in forms)
            asked += 1
            last = forms[0]
    assert asked > 100
    assert right >= RIGHT * asked, f"{right} of {asked}"


def test_questions_that_stand_alone_are_left_alone_after_any_other() -> None:
    alone = [str(row["question"]) for row in rows("questions.jsonl") + rows("questions_seeds.jsonl")]
    draw = random.Random(0)
    altered = [one for one in alone if stand_alone(one, [Turn(draw.choice(alone))]) != one]
    assert len(altered) <= ALTERED * len(alone), altered


def test_the_time_still_holds_where_another_measure_is_asked() -> None:
    found = texts(rewrites("净利润呢", talk(("临江茶厂前三季度营业收入是多少", "3亿元"))))
    assert all("前三季度" in text for text in found if "临江茶厂" in text)


def test_only_parts_of_one_type_are_exchanged() -> None:
    said = talk(("富锦大豆平均亩产多少？", "168公斤"), told="富锦大豆平均亩产168公斤,玉米平均亩产700公斤。")
    found = texts(rewrites("那玉米呢？", said))
    assert found[0].startswith("富锦玉米")
    assert not [text for text in found if text.startswith("玉米")]


def test_a_name_stands_for_a_name() -> None:
    assert stand_alone("比亚迪呢", [Turn("特斯拉2024年交付了多少辆")]) == "比亚迪2024年交付了多少辆"


def test_a_place_that_is_named_takes_the_place_of_another_one() -> None:
    said = talk(("全球电动汽车销量是多少", "1750万辆"), told="全球电动汽车销量1750万辆,中国销量1100万辆。")
    assert any("全球" not in text and "电动汽车" in text for text in texts(rewrites("中国卖了多少", said)))
