from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering import ranking
from rag.answering.answer_features import outlook
from rag.answering.constraints import Unmet
from rag.answering.evidence import weigh
from rag.answering.ranking import Limits, choose, limits, weights
from tests.support.hand import candidate, make, query

STATIONS = make("成都市共建成基站15.96万个。其中，建成4G基站约7.8万个，建成5G基站超8万个。")
AIM = make("到2026年，成都公园力争达到120座。", "成都已建成公园86座。")


def best(question: str, *found: tuple[str, float]) -> str:
    asked = query(question)
    return choose(asked, [candidate(STATIONS, words, margin) for words, margin in found])[0].candidate.text


def test_a_demand_that_is_not_met_costs() -> None:
    asked = query("上海有多少座公园？")
    story = make("成都有公园86座。")
    (other,) = choose(asked, [candidate(story, "86座", 5.0)])
    assert [one.kind for one in other.unmet] == ["place"]
    assert (other.features["other_place"], other.features["unmet_place"]) == (1, 0)
    assert other.but_for > other.confidence
    assert other.vetoed is None
    (met,) = choose(query("成都有多少座公园？"), [candidate(story, "86座", 5.0)])
    assert met.but_for == met.confidence


def test_what_the_text_states_of_another_time_is_a_veto_and_goes_last() -> None:
    story = make("2019年成都有公园31座。2023年成都有公园86座。")
    asked = query("2023年成都有多少座公园？")
    found = choose(asked, [candidate(story, "31座", 30.0), candidate(story, "86座", -5.0)])
    assert [choice.candidate.text for choice in found] == ["86座", "31座"]
    assert found[1].vetoed == Unmet("time", "2023年", "2019年")
    assert found[1].score > found[0].score


@pytest.mark.parametrize(
    ("kind", "found", "vetoed"),
    [
        *((kind, "别的", True) for kind in ("time", "name", "ordinal", "unit", "form", "role", "negation")),
        *((kind, "别的", False) for kind in ("place", "quoted")),
        *((kind, "", False) for kind in ("time", "ordinal", "unit", "place")),
    ],
)
def test_only_what_is_proved_is_a_veto(kind: str, found: str, vetoed: bool) -> None:
    asked = query("成都有多少5G基站？")
    (choice,) = choose(asked, [candidate(STATIONS, "超8万个")])
    assert bool(replace(choice, unmet=(Unmet(kind, "问的", found),)).vetoed) == vetoed


@pytest.mark.parametrize(
    ("own", "likely", "sure"), [(None, 0.3, 0.7), (0.1, 0.1, 0.7), (0.5, 0.5, 0.7), (0.9, 0.9, 0.9)]
)
def test_what_is_sure_is_likely_too(
    own: float | None, likely: float, sure: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranking, "weights", lambda: {"limits": {"likely": 0.3, "sure": 0.7}})
    assert limits(own) == Limits(likely, sure)


def test_an_aim_is_told_from_a_fact() -> None:
    aim, fact = candidate(AIM, "120座", 5.0), candidate(AIM, "86座", 5.0)
    assert outlook(weigh(query("成都有多少座公园？"), aim)) == "目标"
    assert outlook(weigh(query("成都有多少座公园？"), fact)) == ""


@pytest.mark.parametrize(
    ("sentence", "words", "question", "expected"),
    [
        ("滨江新区图书馆已封顶，预计年内竣工。", "年内", "滨江新区图书馆什么时候竣工？", "预计"),
        ("预计到2025年，图书馆藏书将达30万册。", "30万册", "图书馆有多少藏书？", "预计"),
        ("图书馆预计年内竣工，建筑面积18万平方米。", "18万平方米", "图书馆的建筑面积是多少？", ""),
        ("图书馆占地68亩，预计年内竣工。", "68亩", "图书馆占地多少？", ""),
        ("图书馆计划投资5亿元。", "5亿元", "图书馆投资多少？", "目标"),
    ],
)
def test_a_forecast_holds_for_its_clause(sentence: str, words: str, question: str, expected: str) -> None:
    assert outlook(weigh(query(question), candidate(make(sentence), words))) == expected


def test_nothing_chosen_from_nothing() -> None:
    assert choose(query("成都有多少座公园？"), []) == []


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_a_better_mark_never_scores_less(low: float, high: float) -> None:
    low, high = sorted((low, high))
    asked = query("成都有多少5G基站？")
    worse, better = (choose(asked, [candidate(STATIONS, "超8万个", margin)])[0] for margin in (low, high))
    assert worse.score <= better.score
    assert 0 <= worse.confidence <= better.confidence <= 1


@pytest.mark.parametrize("table", ["score", "confidence", "limits"])
def test_the_weights_are_in_a_readable_file(table: str) -> None:
    assert all(isinstance(value, float) for value in weights()[table].values())


def test_evidence_counts_words_less_the_farther_they_stand() -> None:
    asked = query("成都有多少5G基站？")
    near = weigh(asked, candidate(make("成都建成5G基站超8万个。"), "超8万个"))
    far = weigh(asked, candidate(make("成都的5G基站不少。", "建成超8万个。"), "超8万个"))
    none = weigh(asked, candidate(make("重庆建成学校8万个。"), "8万个"))
    assert 1 >= near.coverage > far.coverage > none.coverage >= 0
    assert near.missing == ()
    assert "基站" in none.missing
