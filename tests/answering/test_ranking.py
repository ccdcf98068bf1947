import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_features import outlook
from rag.answering.evidence import weigh
from rag.answering.ranking import choose, weights
from tests.support.hand import candidate, make, query

STATIONS = make("成都市共建成基站15.96万个。其中，建成4G基站约7.8万个，建成5G基站超8万个。")
AIM = make("到2026年，成都公园力争达到120座。", "成都已建成公园86座。")


def best(question: str, *found: tuple[str, float]) -> str:
    asked = query(question)
    return choose(asked, [candidate(STATIONS, words, margin) for words, margin in found])[0].candidate.text


def test_the_number_whose_clause_says_what_is_asked_wins() -> None:
    assert best("成都有多少5G基站？", ("15.96万个", 9.0), ("约7.8万个", 5.0), ("超8万个", -1.0)) == "超8万个"
    assert (
        best("成都有多少4G基站？", ("15.96万个", 9.0), ("约7.8万个", -1.0), ("超8万个", 5.0)) == "约7.8万个"
    )
    assert best("成都有多少基站？", ("15.96万个", 5.0), ("约7.8万个", 5.0), ("超8万个", 5.0)) == "15.96万个"


def test_what_meets_every_demand_goes_before_what_does_not() -> None:
    asked = query("成都有多少5G基站？")
    found = choose(asked, [candidate(STATIONS, "约7.8万个", 30.0), candidate(STATIONS, "超8万个", -5.0)])
    assert not found[0].unmet
    assert found[1].unmet


def test_a_fact_goes_before_an_aim_unless_an_aim_is_asked() -> None:
    aim, fact = candidate(AIM, "120座", 5.0), candidate(AIM, "86座", 5.0)
    assert outlook(weigh(query("成都有多少座公园？"), aim)) == "目标"
    assert outlook(weigh(query("成都有多少座公园？"), fact)) == ""
    assert choose(query("成都有多少座公园？"), [aim, fact])[0].candidate.text == "86座"


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
