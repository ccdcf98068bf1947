"""Readings are Chinese: over generated conversations none says a word twice at a seam, keeps what it replaced or cuts a word."""

import re

from hypothesis import given
from hypothesis import strategies as st

from rag.query.follow_up.conversation import Exchange, Talk, exchange
from rag.query.follow_up.joining import is_readable, joined, replaced
from rag.query.follow_up.rewrite import MOST, rewrites

SUBJECTS = ["临江港", "成都", "滨城交响乐团", "13号线", "赵某某", "白沙湖", "解放路有轨电车", "比亚迪"]
TIMES = ["", "今年", "2024年", "前三季度"]
ASKED = [
    "吞吐量是多少",
    "总投资多少",
    "门票多少钱",
    "有多少座车站",
    "什么时候开工的",
    "负责人是谁",
    "在哪里",
    "第二段多长",
]
PARTS = [
    "铁矿石",
    "去年",
    "重庆",
    "南屿港",
    "钱某",
    "女子组",
    "第三段",
    "4号线",
    "渔民",
    "成人票",
    "去年同期",
    "三期",
]
LATER = [
    "总经理是谁",
    "同比增长多少",
    "有多少人参加",
    "什么时候结束",
    "为什么",
    "他多大",
    "它在哪里",
    "第三段多长",
    "吞吐量是多少",
]
INTERROGATIVE = re.compile("多少|多长|多大|什么时候|为什么|什么|谁|哪里")
TOLD = "临江港今年完成吞吐量412万吨,总投资58亿元,总经理周启明介绍,三期共有3座车站,第二段长2公里。"

talks = st.builds(
    lambda subject, time, asked, told, answer: Talk(
        (Exchange(exchange(f"{subject}{time}{asked}", answer).last, answer, "a" if told else "", told),)
    ),
    st.sampled_from(SUBJECTS),
    st.sampled_from(TIMES),
    st.sampled_from(ASKED),
    st.sampled_from(["", TOLD]),
    st.sampled_from(["", "412万吨", "周启明", "临江"]),
)


def repeats(text: str) -> bool:
    """Tell whether a run of two or more characters stands twice in a row."""
    return any(
        text[at : at + n] == text[at + n : at + 2 * n]
        for n in range(2, len(text) // 2 + 1)
        for at in range(len(text))
        if at + 2 * n <= len(text)
    )


@given(talks, st.sampled_from(PARTS), st.sampled_from(["{}呢", "那{}呢？", "{}"]))
def test_a_part_takes_the_place_of_another(said: Talk, part: str, form: str) -> None:
    typed = form.format(part)
    made = rewrites(typed, said)
    assert 1 <= len(made) <= MOST
    for one in (one for one in made if one.text != typed):
        assert not repeats(one.text)
        assert len(INTERROGATIVE.findall(one.text)) == 1
        assert part.removesuffix("同期") in one.text or part == "去年同期"


@given(talks, st.sampled_from(LATER))
def test_a_question_is_put_behind_what_is_spoken_of(said: Talk, question: str) -> None:
    made = rewrites(question, said)
    assert 1 <= len(made) <= MOST
    for one in made:
        assert not repeats(one.text)
        assert len(INTERROGATIVE.findall(one.text)) == 1
        assert is_readable(one.text) or one.text == question


@given(st.lists(st.tuples(talks, st.sampled_from([*LATER, *PARTS])), min_size=2, max_size=4))
def test_long_conversations_stay_readable(steps: list[tuple[Talk, str]]) -> None:
    said = steps[0][0]
    for _, question in steps:
        text = rewrites(question, said)[0].text
        assert not repeats(text)
        said = Talk((*said.turns, exchange(text, "412万吨")))


def test_what_both_sides_of_a_seam_say_is_said_once() -> None:
    assert joined("成都马拉松", "马拉松冠军是谁") == "成都马拉松冠军是谁"
    assert joined("成都", "冠军是谁") == "成都冠军是谁"


def test_no_word_is_cut() -> None:
    assert replaced("成都大学有多少学生", 0, 1, "重") == ""
    assert replaced("成都有多少学生", 0, 2, "重庆") == "重庆有多少学生"


def test_a_question_has_one_interrogative() -> None:
    assert not is_readable("成都冠军是谁是多少")
    assert is_readable("何文毅是哪里人")


def test_no_name_is_said_twice_though_no_list_has_it() -> None:
    assert not is_readable("三星堆今年三星堆境外增长了多少")
