import pytest

import rag.query.overview
from rag.query.overview import Overview, overview_asked


def test_all_names_what_the_module_offers() -> None:
    assert rag.query.overview.__all__ == ["Overview", "overview_asked"]


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("总结一下滨江大桥的施工进展", "滨江大桥的施工"),
        ("请介绍一下湾里码头", "湾里码头"),
        ("帮我梳理下关于垃圾分类的报道", "垃圾分类"),
        ("图书馆改造那篇报道主要讲了什么？", "图书馆改造"),
        ("三号线停运的来龙去脉", "三号线停运"),
        ("码头搬迁的情况怎么样？", "码头搬迁"),
    ],
)
def test_what_no_single_fact_answers_is_an_overview(question: str, topic: str) -> None:
    assert overview_asked(question) == Overview(topic, newest=False)


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("今天有什么新闻", ""),
        ("最近有哪些关于湾里的报道？", "湾里"),
        ("近期有什么新消息吗", ""),
        ("最新的港口新闻", "港口"),
    ],
)
def test_what_is_new_is_asked_of_all_or_of_a_subject(question: str, topic: str) -> None:
    assert overview_asked(question) == Overview(topic, newest=True)


@pytest.mark.parametrize(
    "question",
    [
        "介绍一下滨江大桥有多长",
        "说说码头是哪年建的",
        "今天的新闻发布会几点开始",
        "最近的地铁站在哪里",
        "这篇报道是谁写的",
        "情况说明会哪天开",
        "总结大会在哪里召开",
        "湾里有多少渔船",
    ],
)
def test_a_question_for_something_in_particular_is_none(question: str) -> None:
    assert overview_asked(question) is None
