import pytest

from rag.answering.answer import Reply
from rag.records import Article
from tests.support.hand import KnownFiles, candidate, make, query, replied


def asked(question: str, *found: tuple[Article, str, float]) -> Reply:
    candidates = [candidate(article, words, margin) for article, words, margin in found]
    return replied(query(question), [one.hit for one in candidates], candidates, KnownFiles())


EARLY = make("截至8月3日10时，临江县泥石流已造成4人遇难。", title="临江县泥石流", published="2025-08-03")
LATE = make("截至8月5日18时，临江县泥石流已造成9人遇难。", title="临江县泥石流", published="2025-08-05")


def test_a_later_count_of_the_same_is_the_answer_and_the_earlier_stands_in_the_timeline() -> None:
    said = asked("临江县泥石流造成多少人遇难？", (EARLY, "4人", 9.0), (LATE, "9人", 8.0))
    assert said.answer == "9人"
    assert [(point.as_of, point.value) for point in said.timeline] == [
        ("截至8月3日10时", "4人"),
        ("截至8月5日18时", "9人"),
    ]


def test_the_earlier_count_answers_for_its_own_time() -> None:
    asked_for = "截至2025年8月3日临江县泥石流造成多少人遇难？"
    assert asked(asked_for, (EARLY, "4人", 9.0), (LATE, "9人", 8.0)).answer == "4人"


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2023年，临江县接待游客86万人。", "2024年，临江县接待游客31万人。"),  # years, each of its own
        ("10月2日，临江县接待游客86万人。", "10月3日，临江县接待游客31万人。"),  # days, each of its own
        ("截至2023年底，临江县接待游客86万人。", "到2027年底，临江县接待游客将达31万人。"),  # an aim
    ],
)
def test_what_is_no_running_count_is_not_overtaken(first: str, second: str) -> None:
    one = make(first, title="临江县旅游", published="2024-10-05")
    other = make(second, title="临江县旅游", published="2025-01-05")
    assert asked("临江县接待游客多少万人？", (one, "86万人", 9.0), (other, "31万人", 8.0)).answer == "86万人"


PLAN = make(
    "临江市公布方案，提出到2027年底，充电桩将达到3.5万个。", title="临江市充电桩方案", published="2025-11-02"
)
FACT = make("截至2025年8月底，临江市充电桩达1.9万个。", title="临江市充电桩", published="2025-09-15")


@pytest.mark.parametrize("now", ["目前", "现在", "最新"])
def test_who_asks_how_things_stand_gets_the_fact_and_no_plan(now: str) -> None:
    said = asked(f"临江市{now}有多少个充电桩？", (PLAN, "3.5万个", 9.0), (FACT, "1.9万个", 8.0))
    assert said.answer == "1.9万个"


def test_who_asks_for_the_plan_gets_it() -> None:
    said = asked("临江市计划有多少个充电桩？", (PLAN, "3.5万个", 9.0), (FACT, "1.9万个", 8.0))
    assert "3.5万个" in said.answer
