from collections.abc import Sequence

from rag.answering.answer import Reply
from rag.records import Amendment, Article, Span
from tests.support.hand import NEEDED, SURE, KnownFiles, candidate, make, query, replied

STORY = make(
    "7月8日，有网民称，“柳湾水库溃坝，造成17人死亡”。经核查，该消息不实。水库水位1.2米。",
    title="柳湾水库消息不实",
)


def at(words: str) -> Span:
    start = STORY.text.index(words)
    return Span(start, start + len(words))


class Denying(KnownFiles):
    """Knows the one denial."""

    def corrections(self, article_id: str) -> Sequence[Amendment]:
        denial = at("经核查，该消息不实。")
        claim = at("7月8日，有网民称，“柳湾水库溃坝，造成17人死亡”。")
        return (Amendment(claim, STORY.id, denial, denial, denied=True),)

    def article(self, article_id: str) -> Article:
        return STORY


def asked(question: str, words: str) -> Reply:
    one = candidate(STORY, words, 8.0)
    return replied(query(question), [one.hit], [one], Denying(), NEEDED, SURE)


def test_a_rumour_is_answered_by_its_denial_and_shown_with_it() -> None:
    said = asked("柳湾水库溃坝造成多少人死亡？", "17人")
    assert (said.answer, said.value, said.variants) == ("经核查，该消息不实", None, ())
    assert said.text == "“经核查，该消息不实” [1]（针对 [2] 的传言）"
    assert said.citations[1].answer_start is None
    assert [one.denied for one in said.citations[1].corrections] == [True]


def test_what_stands_outside_the_rumour_is_answered_as_it_is() -> None:
    assert asked("柳湾水库水位多少米？", "1.2米").answer == "1.2米"
