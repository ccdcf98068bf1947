from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.expansion import Form
from rag.retrieval.passage_features import FEATURES, Scorer, Statistics, Texts, idf
from rag.text.characters import fold
from rag.text.words import bigrams
from tests.support.hand import query

WEIGHTLESS = Statistics({}, {}, 20.0, 0.8)
CHINESE = st.text(st.sampled_from("成都基站五5５GgＧ8.万臺湾 \n，"), max_size=30)


def scorer(question: str, floor: float = 0.8) -> Scorer:
    asked = query(question)
    flat = dict.fromkeys(asked.bigrams, 1.0), dict.fromkeys(asked.words, 1.0)
    return Scorer(asked, Statistics(*flat, 20.0, floor), 1.2, 0.5)


def features(asked: Scorer, text: str, above: str = "", cosine: float = 0.85) -> dict[str, float]:
    [row] = asked.features([text], [above], np.array([cosine], np.float32), ["a"])
    return dict(zip(FEATURES, row.tolist(), strict=True))


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_rarer_word_weighs_more(frequency: int, passages: int) -> None:
    frequency = min(frequency, passages)
    assert idf(frequency, passages) >= 0
    assert frequency == passages or idf(frequency, passages) > idf(frequency + 1, passages)


def test_features_are_shares_that_grow_with_what_is_found() -> None:
    asked = scorer("滨江新区有多少座5G公园？")
    none = features(asked, "别的话")
    some = features(asked, "滨江新区")
    most = features(asked, "滨江新区5G公园", "滨江新区5G公园")
    for name in ("bigrams", "words", "coverage", "terms", "names", "asking"):
        assert none[name] <= some[name] <= most[name]
        assert none[name] == 0
    assert 0 < some["coverage"] < most["coverage"] <= 1
    assert most["names"] == most["terms"] == 1
    assert most["agreement"] == pytest.approx(most["coverage"] * most["dense"])


def test_a_cosine_counts_from_that_of_unrelated_texts() -> None:
    assert features(scorer("成都基站", floor=0.8), "别", cosine=0.8)["dense"] == pytest.approx(0, abs=1e-6)
    assert features(scorer("成都基站", floor=0.8), "别", cosine=1)["dense"] == pytest.approx(1, abs=1e-6)
    assert features(scorer("成都基站", floor=0), "别", cosine=0.5)["dense"] == pytest.approx(0.5, abs=1e-6)


def test_bm25_is_one_for_a_passage_of_mean_length_with_each_term_once() -> None:
    text = "成都基站" + "，" * 16
    assert features(scorer("成都基站"), text)["bigrams"] == pytest.approx(1)
    assert features(scorer("成都基站"), text * 2)["bigrams"] > 1
    assert features(scorer("成都基站"), text + "，" * 20)["bigrams"] < 1


def test_a_passage_is_scored_alone_as_it_is_among_others() -> None:
    asked = scorer("成都市有多少个5G基站？")
    texts, above = ["成都５Ｇ基站", "", "绵阳\n5G", "成都成都8.5"], ["", "成都", "标题", ""]
    cosines = np.array([0.9, 0.81, 0.79, 0.85], np.float32)
    together = asked.features(texts, above, cosines, ["a"] * 4)
    for i in range(len(texts)):
        assert asked.features(texts[i : i + 1], above[i : i + 1], cosines[i : i + 1], ["a"])[
            0
        ] == pytest.approx(together[i])


def test_no_candidates_have_no_features() -> None:
    assert scorer("成都").features([], [], np.empty(0, np.float32), []).shape == (0, len(FEATURES))


def test_a_question_without_terms_finds_nothing_in_the_words() -> None:
    [row] = Scorer(query("吗"), WEIGHTLESS, 1.2, 0.5).features(
        ["吗"], [""], np.array([0.9], np.float32), ["a"]
    )
    assert np.isfinite(row).all()


@given(st.lists(CHINESE, min_size=1, max_size=5))
def test_chinese_terms_are_counted_as_they_stand_in_the_folded_text(texts: list[str]) -> None:
    terms = ["成都", "基站", "五", "万", "台湾"]
    counts = Texts(texts).counts(terms)
    for i, text in enumerate(texts):
        assert counts[:, i].tolist() == [_overlapping(fold(text), term) for term in terms]


def _overlapping(text: str, term: str) -> int:
    return sum(text.startswith(term, at) for at in range(len(text)))


@pytest.mark.parametrize(
    ("text", "term", "count"),
    [
        ("建成5G基站８个，18个，8.5个，8", "8", 2),  # not in 18, not in 8.5
        ("iPhone15和 iphone 与phone", "phone", 1),
        ("ＩＰＨＯＮＥ15", "iphone", 1),  # a number may follow a name without a space
        ("臺灣", "台湾", 1),
    ],
)
def test_latin_words_and_numbers_count_only_whole(text: str, term: str, count: int) -> None:
    assert Texts([text]).counts([term])[0, 0] == count


@given(CHINESE)
def test_every_bigram_of_a_text_stands_in_it(text: str) -> None:
    terms = [term for term in dict.fromkeys(bigrams(text)) if not set(term) & set(".8g5")]
    assert (Texts([text]).counts(terms) >= 1).all()


def test_terms_do_not_reach_over_the_end_of_a_text() -> None:
    assert Texts(["成", "都", ""]).counts(["成都"]).tolist() == [[0, 0, 0]]


def test_an_abbreviation_counts_as_the_name_in_its_article_alone() -> None:
    question = query("西部新材料公司有多少人？")
    named = replace(question, forms=(Form("西部新材料公司", "西新材", ("a",)),))
    flat = dict.fromkeys(question.bigrams, 1.0), dict.fromkeys(question.words, 1.0)
    asked = Scorer(named, Statistics(*flat, 20.0, 0.8), 1.2, 0.5)
    table = asked.features(["西新材有三百人"] * 2, ["", ""], np.array([0.8, 0.8], np.float32), ["a", "b"])
    coverage = table[:, FEATURES.index("coverage")]
    assert coverage[0] > coverage[1] + 0.5
