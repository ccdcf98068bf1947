from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.build import build
from rag.retrieve import Filters, Retriever, Scorer, fused, idf
from rag.store import Store
from tests.fakes import FakeEmbedder, news, write_news
from tests.hand import query


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    folder = tmp_path_factory.mktemp("found")
    embedder = FakeEmbedder()
    rows = [*news(12), {**news(1)[0], "id": "reprint", "publisher": "转载日报", "title": "另一个标题"}]
    build([write_news(folder / "新闻.jsonl", rows)], folder / "index", embedder)
    with Store.open(folder / "index", embedder.name, embedder.dim) as store:
        yield Retriever(store, embedder)


EVERYTHING = Filters()


def search(retriever: Retriever, question: str, k: int = 5, filters: Filters = EVERYTHING) -> list[str]:
    asked = query(question)
    return [hit.passage.text for hit in retriever.search(asked, retriever.embed(asked), k, filters)]


def test_the_passage_with_the_asked_words_comes_first(retriever: Retriever) -> None:
    assert "第3期建成基站24个" in search(retriever, "宜宾市第3期建成基站多少个？")[0]


def test_hits_are_best_first_and_no_more_than_asked(retriever: Retriever) -> None:
    asked = query("成都基站")
    hits = retriever.search(asked, retriever.embed(asked), 4)
    assert len(hits) == 4
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score == fused(hit.features) for hit in hits)


def test_a_reprint_is_no_second_opinion(retriever: Retriever) -> None:
    found = search(retriever, "成都市第0期建成基站多少个？", k=10)
    assert len(found) == len(set(found))


def test_filters_are_inclusive(retriever: Retriever) -> None:
    day = Filters(since="2024-04-04", until="2024-04-04")
    assert all(
        "第3期" in text or "宜宾" in text or "基站" in text for text in search(retriever, "基站", 5, day)
    )
    assert search(retriever, "基站", 5, day)
    assert search(retriever, "基站", 5, Filters(publisher="没有这家")) == []
    assert search(retriever, "基站", 5, Filters(since="2030-01-01")) == []


def test_words_without_any_match_still_find_by_meaning_or_nothing(retriever: Retriever) -> None:
    assert len(search(retriever, "zzz qqq")) <= 5


@given(st.integers(0, 10_000), st.integers(1, 10_000))
def test_a_rarer_word_weighs_more(frequency: int, passages: int) -> None:
    frequency = min(frequency, passages)
    assert idf(frequency, passages) >= 0
    assert frequency == passages or idf(frequency, passages) > idf(frequency + 1, passages)


def test_features_are_shares_that_grow_with_what_is_found() -> None:
    asked = query("滨江新区有多少座5G公园？")
    scorer = Scorer(asked, dict.fromkeys(asked.bigrams, 1.0), 20.0)
    none = scorer.features("别的话", "", 0.1)
    some = scorer.features("滨江新区", "", 0.1)
    most = scorer.features("滨江新区5G公园", "滨江新区5G公园", 0.1)
    for name in ("bm25", "coverage", "names", "title"):
        assert none[name] <= some[name] <= most[name]
    assert none["coverage"] == 0
    assert most["names"] == 1
    assert most["dense"] == 0.1
