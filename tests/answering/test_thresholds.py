"""The thresholds of answering from both sides: what lies just within each, and what just beyond.

None depends on the fitted weights: where a confidence is needed the test sets the weights or the confidence itself.
"""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from rag.answering import ranking
from rag.answering.agreement import agreeing
from rag.answering.answer import reply
from rag.answering.answer_features import features
from rag.answering.candidates import read, whole_list, worth_reading
from rag.answering.constraints import unmet
from rag.answering.context import Scene, nearest_times
from rag.answering.evidence import weigh
from rag.answering.quotes import quote_evidence
from rag.answering.ranking import Choice, Limits, choose
from rag.answering.statement import statement
from rag.answering.timeline import earlier_and_later
from rag.records import Article
from tests.support.hand import KnownFiles, MarkingReader, candidate, hit, make, passages, query

HALF = Limits(0.5, 0.5)
FILLER = "这里的人们每天早上都出门散步。"


def chosen(question: str, article: Article, words: str, **evidence: object) -> Choice:
    """Return the one choice, sure and without unmet demands, with parts of its evidence as given."""
    (found,) = choose(query(question), [candidate(article, words, 9.0)])
    return replace(found, evidence=replace(found.evidence, **evidence), confidence=0.9, unmet=())  # type: ignore[arg-type]


def covering(share: float) -> Mapping[str, Mapping[str, float]]:
    """Return the evidence of which `share` of the asked words stands around the answer."""
    return {"weights": {"有": share, "无": 1 - share}, "levels": {"有": 1.0, "无": 0.0}}


def own(question: str, article: Article, words: str, margin: float = 5.0) -> Mapping[str, float]:
    asked = query(question)
    return features(asked, [weigh(asked, candidate(article, words, margin))])[0]


def kinds(question: str, article: Article, words: str, *, fits: bool = True) -> list[str]:
    asked = query(question)
    scene = Scene.around(candidate(article, words, fits=fits))
    return [one.kind for one in unmet(asked, scene)]


@pytest.mark.parametrize(("score", "times"), [(1.3, 2), (0.9, 1)])
def test_a_hit_is_read_from_about_half_the_score_of_the_best(score: float, times: int) -> None:
    first, second = passages(make("公园86座。", "公园31座。"))
    assert len(worth_reading([hit(first, 2.0, 1), hit(second, score, 2)])) == times


def test_five_spans_of_a_passage_are_asked_for() -> None:
    words = "甲厂、乙厂、丙厂、丁厂、戊厂、己厂"
    reader = MarkingReader({name: 1.0 for name in words.split("、")})
    (found,) = read(query("有哪些厂？"), [hit(passages(make(words))[0])], reader)
    assert len(found.readings) == 5


@pytest.mark.parametrize(("length", "whole"), [(40, True), (80, False)])
def test_an_item_of_a_list_may_be_as_long_as_a_title(length: int, whole: bool) -> None:
    title = f"《{'长' * length}》"
    text = f"发布了、{title}、乙厂。"
    start, _ = whole_list(text, text.index("乙厂"), text.index("乙厂") + 2)
    assert (start <= text.index("《")) == whole


@pytest.mark.parametrize(("margin", "expected"), [(0.5, "86座"), (-0.5, "31座")])
def test_a_number_of_the_asked_time_goes_first_if_it_is_likely(
    margin: float, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"score": {"margin": 1.0}, "confidence": {"margin": 10.0}}
    monkeypatch.setattr(ranking, "weights", lambda: table)
    timely = candidate(make("2023年成都有公园86座。", title="甲"), "86座", margin)
    late = candidate(make("2019年成都有公园31座。", title="乙"), "31座", 3.0)
    assert choose(query("去年成都有多少座公园？"), [timely, late])[0].candidate.text == expected


@pytest.mark.parametrize(("said", "expected"), [("热心市民参观的公园", "86座"), ("公园", "31座")])
def test_a_number_of_the_asked_time_goes_first_if_it_covers_as_much(
    said: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"score": {"margin": 1.0}, "confidence": {"margin": 10.0}}
    monkeypatch.setattr(ranking, "weights", lambda: table)
    timely = candidate(make(f"2023年成都{said}有86座。", title="甲"), "86座", 1.0)
    late = candidate(make("2019年成都热心市民参观的公园有31座。", title="乙"), "31座", 3.0)
    asked = query("去年成都热心市民参观的公园有多少座？")
    found = choose(asked, [timely, late])
    assert not any(one.unmet for one in found)
    assert found[0].candidate.text == expected


def test_however_long_the_question_some_candidates_are_weighed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranking, "MOST_COMPARED", 1)
    article = make("成都有公园86座。")
    assert len(choose(query("成都有多少座公园？"), [candidate(article, "86座")] * 20)) == 12


@pytest.mark.parametrize(("but_for", "reason"), [(0.3, "constraint_not_met"), (0.2, "no_evidence")])
def test_a_demand_is_named_from_half_of_what_an_answer_needs(but_for: float, reason: str) -> None:
    asked = query("2021年成都有多少座公园？")
    (found,) = choose(asked, [candidate(make("2023年成都有公园86座。"), "86座")])
    said = reply(asked, [found.candidate.hit], [replace(found, but_for=but_for)], KnownFiles(), HALF)
    assert said.refusal is not None
    assert said.refusal.reason == reason


@pytest.mark.parametrize(("missing", "quoted"), [("湿地", True), ("发展", False)])
def test_a_telling_word_that_nothing_near_says_is_not_asserted(missing: str, quoted: bool) -> None:
    article = make("成都有公园86座。")
    found = chosen("成都有多少座公园？", article, "86座", missing=(missing,))
    said = reply(query("成都有多少座公园？"), [found.candidate.hit], [found], KnownFiles(), HALF)
    assert (said.certainty, said.text.startswith("可能：“")) == (
        ("likely", True) if quoted else ("sure", False)
    )


def test_three_passages_are_shown_as_the_closest() -> None:
    hits = [hit(passage, number=n) for n, passage in enumerate(passages(make(*["成都有公园。"] * 7)))]
    assert len(reply(query("成都有多少座公园？"), hits, [], KnownFiles(), HALF).closest) == 3


def test_a_margin_tells_up_to_where_the_reader_is_sure() -> None:
    article = make("成都有公园86座。")
    low, less, more, high, higher = (
        own("成都有多少座公园？", article, "86座", margin)["margin"] for margin in (-40, -10, 10, 20, 40)
    )
    assert low < less < more < high == higher


@pytest.mark.parametrize(("share", "found"), [(0.9, 1), (0.8, 0)])
def test_another_source_covers_the_question_nearly_as_well(share: float, found: int) -> None:
    asked = "成都有多少座公园？"
    best = chosen(asked, make("成都有公园86座。", title="甲"), "86座", **covering(1.0))
    other = chosen(asked, make("成都有公园87座。", title="乙"), "87座", **covering(share))
    assert len(agreeing(query(asked), [best, other], best, 0.5)) == found


@pytest.mark.parametrize(
    ("one", "other", "found"), [("上半年", "前三季度", 0), ("5月", "5月31日", 1), ("上半年", "5月", 1)]
)
def test_periods_longer_than_a_month_have_numbers_of_their_own(one: str, other: str, found: int) -> None:
    asked = "成都建成多少座公园？"
    best = chosen(asked, make(f"2023年{one}成都建成公园86座。", title="甲"), "86座", **covering(1.0))
    next_to_it = chosen(asked, make(f"2023年{other}成都建成公园31座。", title="乙"), "31座", **covering(1.0))
    assert len(agreeing(query(asked), [best, next_to_it], best, 0.5)) == found


def year(number: int, share: float = 1.0) -> Choice:
    article = make(f"{number}年成都建成公园{number - 2000}座。", title=f"第{number}篇")
    return chosen("成都建成多少座公园？", article, f"{number - 2000}座", local=1.0, **covering(share))


@pytest.mark.parametrize(("share", "found"), [(0.9, 1), (0.8, 0)])
def test_another_time_covers_the_question_nearly_as_well(share: float, found: int) -> None:
    best, other = year(2023), year(2022, share)
    assert len(earlier_and_later(query("成都建成多少座公园？"), [best, other], best, 0.5)) == found


def test_four_other_times_are_enough() -> None:
    years = [year(number) for number in range(2023, 2015, -1)]
    assert len(earlier_and_later(query("成都建成多少座公园？"), years, years[0], 0.5)) == 4


def test_what_the_first_clause_says_counts_somewhat_less_in_the_second() -> None:
    asked = query("公园有多少座？")
    assert weigh(asked, candidate(make("公园有86座。"), "86座")).local == 1
    assert 0.7 < weigh(asked, candidate(make("公园不少，共86座。"), "86座")).local < 0.9


def test_what_is_said_only_later_is_missing() -> None:
    asked = query("公园有多少座？")
    assert weigh(asked, candidate(make("共有86座，公园不少。"), "86座")).missing == ()
    assert weigh(asked, candidate(make("开头。", "共有86座。公园不少。"), "86座")).missing == ("公园",)


@pytest.mark.parametrize(("paragraphs", "unmet_kinds"), [(20, []), (60, ["place"])])
def test_the_place_of_a_story_holds_for_some_paragraphs(paragraphs: int, unmet_kinds: list[str]) -> None:
    article = make("开头。", "成都变了样。", *[FILLER] * paragraphs, "公园有86座。")
    assert kinds("成都公园有多少座？", article, "86座") == unmet_kinds


@pytest.mark.parametrize(("words", "unmet_kinds"), [("春节期间", []), ("全体居民都搬进新家的早上", ["form"])])
def test_words_of_time_are_short(words: str, unmet_kinds: list[str]) -> None:
    assert kinds("公园什么时候开放？", make(f"公园{words}开放。"), words, fits=False) == unmet_kinds


@pytest.mark.parametrize(
    ("dates", "month"), [("5月公园增多，6月28日", 5), ("5月1日至2日公园增多，6月28日", 6)]
)
def test_a_month_is_a_period_and_two_days_are_none(dates: str, month: int) -> None:
    article = make(f"2024年{dates}发布。公园有86座。", published="2024-07-01")
    (when,) = nearest_times(Scene.around(candidate(article, "86座")))
    assert when.last is not None
    assert when.last.month == month


@pytest.mark.parametrize(("between", "counts"), [("的常住人口", True), ("公布的全市常住人口", False)])
def test_a_compared_time_counts_for_the_number_right_behind_it(between: str, counts: bool) -> None:
    article = make(f"人口增加，比2022年末{between}393.4万人多。")
    assert bool(nearest_times(Scene.around(candidate(article, "393.4万人")))) == counts


def quoted(text: str, words: str = "86座", question: str = "成都有多少座公园？") -> int:
    asked = query(question)
    quote = quote_evidence(asked, weigh(asked, candidate(make(text), words)))
    return sum(map(len, quote.pieces))


def test_a_sentence_of_three_lines_is_quoted_whole_and_a_longer_one_cut() -> None:
    clause = "这里的人们每天早上都出门散步，"
    short, long = (f"{clause * n}成都有公园86座。" for n in (5, 8))
    assert quoted(short) == len(short)
    assert quoted(long) <= 100


def test_a_quote_and_what_qualifies_it_stay_short() -> None:
    assert quoted(f"{'绿' * 60}成都有公园86座{'树' * 60}。") <= 160
    assert quoted(f"{'绿' * 120}成都有公园86座{'树' * 120}。") <= 110


@pytest.mark.parametrize(("answer", "placed"), [("一个面向全球青年的论坛", True), ("一" * 40, False)])
def test_a_short_definition_takes_the_place_of_what(answer: str, placed: bool) -> None:
    asked = query("青年大会是什么？")
    said = statement(asked, answer, "", f"青年大会是{answer}", f"青年大会是{answer}。", "")
    assert (said == f"青年大会是{answer}") == placed
