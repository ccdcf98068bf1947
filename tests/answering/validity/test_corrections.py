from collections.abc import Sequence

from rag.answering.answer import Reply
from rag.records import Amendment, Article, Span
from tests.support.hand import NEEDED, SURE, KnownFiles, candidate, make, query, replied

BRIDGE = make("大桥全长3218米，主跨560米，双向六车道。", title="云栖大桥合龙", published="2025-06-12")
NOTICE = make(
    "本报《云栖大桥合龙》一文中，“主跨560米”应为“主跨650米”。", title="更正", published="2025-06-14"
)


def at(article: Article, words: str) -> Span:
    start = article.text.index(words)
    return Span(start, start + len(words))


class Mending(KnownFiles):
    """Knows the one notice."""

    def corrections(self, article_id: str) -> Sequence[Amendment]:
        notice = (
            NOTICE.id,
            at(NOTICE, "本报《云栖大桥合龙》一文中，“主跨560米”应为“主跨650米”。"),
            at(NOTICE, "主跨650米"),
        )
        story = {BRIDGE.id: BRIDGE, NOTICE.id: NOTICE}.get(article_id)
        return () if story is None else (Amendment(at(story, "主跨560米"), *notice),)

    def article(self, article_id: str) -> Article:
        return {BRIDGE.id: BRIDGE, NOTICE.id: NOTICE}[article_id]


def asked(question: str, *found: tuple[Article, str, float]) -> Reply:
    candidates = [candidate(article, words, margin) for article, words, margin in found]
    return replied(query(question), [one.hit for one in candidates], candidates, Mending(), NEEDED, SURE)


def test_the_right_value_is_answered_from_the_notice_with_the_old_article_beside_it() -> None:
    said = asked("云栖大桥主跨多少米？", (BRIDGE, "560米", 8.0))
    assert said.answer == "650米"
    assert [one.article_id for one in said.citations] == [NOTICE.id, BRIDGE.id]
    assert said.citations[1].answer_start is None
    (correction,) = said.citations[1].corrections
    assert (correction.was, correction.now, correction.article_id) == ("主跨560米", "主跨650米", NOTICE.id)
    assert said.text.endswith("[1]（更正了 [2] 的说法）")


def test_what_the_notice_calls_wrong_is_no_answer_and_agrees_with_nothing() -> None:
    said = asked("云栖大桥主跨多少米？", (NOTICE, "560米", 9.0), (BRIDGE, "560米", 8.0))
    assert said.answer == "650米"
    assert said.variants == ()


def test_the_day_that_a_notice_names_dates_nothing() -> None:
    assert asked("云栖大桥主跨多少米？", (NOTICE, "650米", 8.0)).as_of == ""


def test_who_states_the_right_value_plainly_is_cited_before_the_notice() -> None:
    plain = make("云栖大桥主跨650米，居全省第一。", title="全省桥梁盘点")
    said = asked("云栖大桥主跨多少米？", (NOTICE, "650米", 8.0), (plain, "650米", 7.9))
    assert (said.answer, said.citations[0].article_id) == ("650米", plain.id)


def test_what_stands_beside_the_wrong_words_is_shown_with_the_correction() -> None:
    said = asked("云栖大桥全长多少米？", (BRIDGE, "3218米", 8.0))
    assert said.answer == "3218米"
    assert [one.now for one in said.citations[0].corrections] == ["主跨650米"]
