from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
import pytest

from rag.index.build.builder import build
from rag.index.store import PassageText, Store
from rag.records import FloatArray
from rag.request import Filters
from rag.retrieval.passage_features import Statistics
from rag.retrieval.retriever import Candidates, Retriever, contributions, fused, ranked
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.hand import query


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
    return [hit.passage.text for hit in retriever.find(query(question), filters).hits(0, k)]


def test_the_passage_with_the_asked_words_comes_first(retriever: Retriever) -> None:
    assert "第3期建成基站24个" in search(retriever, "宜宾市第3期建成基站多少个？")[0]


def test_hits_are_best_first_and_no_more_than_asked(retriever: Retriever) -> None:
    ranking = retriever.find(query("成都基站"))
    hits = ranking.hits(0, 4)
    assert len(hits) == 4
    assert len(ranking.hits(0, len(ranking) + 9)) == len(ranking) > 4
    assert ranking.hits(1, 3) == hits[1:3]
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


def test_contributions_add_up_to_the_score(retriever: Retriever) -> None:
    [best] = retriever.find(query("成都市第0期建成基站多少个？")).hits(0, 1)
    assert sum(contributions(best.features).values()) == pytest.approx(best.score)
    assert set(contributions(best.features)) == set(best.features)


def test_a_ranking_has_what_either_leg_found(retriever: Retriever) -> None:
    asked = query("绵阳基站多少个？")
    ranking = retriever.find(asked)
    union = retriever.candidates(asked, retriever.embed(asked))
    assert ranking.legs == {"lexical": union.lexical, "dense": union.dense}
    assert set(ranking.ids) <= {row.passage_id for row in union.rows}


def test_the_same_question_is_looked_up_once(retriever: Retriever) -> None:
    embedder = FakeEmbedder()
    counting = _Counting(embedder)
    own = Retriever(retriever.store, counting)
    asked = query("德阳基站多少个？")
    told: list[str] = []
    first = own.find(asked, EVERYTHING, lambda: told.append("embedded"))
    again = own.find(asked, EVERYTHING, lambda: told.append("embedded"))
    assert again.hits(0, 3) == first.hits(0, 3)
    assert told == ["embedded", "embedded"]
    assert counting.questions.count(asked.text) == 1
    own.find(asked, Filters(publisher="转载日报"))
    own.find(query("德阳基站有多少？"))
    assert counting.questions.count(asked.text) == 2


def test_what_is_kept_is_bounded(retriever: Retriever, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.retrieval.retriever.KEPT", 2)
    counting = _Counting(FakeEmbedder())
    own = Retriever(retriever.store, counting)
    asked = [query(f"第{i}期基站") for i in range(3)]
    for one in [*asked, asked[2], asked[0]]:
        own.find(one)
    assert [counting.questions.count(one.text) for one in asked] == [2, 1, 1]


def test_nothing_is_kept_over_generations(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    build([write_news(tmp_path / "a.jsonl", news(3))], tmp_path / "index", embedder)
    with Store.open(tmp_path / "index", embedder.name, embedder.dim) as store:
        own = Retriever(store, embedder)
        asked = query("第9期建成基站多少个？")
        before = own.find(asked).hits(0, 1)
        build([write_news(tmp_path / "b.jsonl", news(12)[9:10])], tmp_path / "index", embedder)
        assert own.find(asked).hits(0, 1) == before
        store.refresh()
        assert "第9期" in own.find(asked).hits(0, 1)[0].passage.text


class _Counting:
    """Remembers the questions that were embedded."""

    def __init__(self, embedder: FakeEmbedder) -> None:
        self.embedder = embedder
        self.name, self.dim = embedder.name, embedder.dim
        self.questions: list[str] = []

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        self.questions += texts if kind == "query" else []
        return self.embedder.embed(texts, kind=kind)


def test_what_a_leg_alone_puts_first_is_among_those_that_are_read() -> None:
    rows = [PassageText(i, f"a{i}", f"句子{i}", "", "", "", "") for i in range(1, 10)]
    cosines = np.zeros(9, np.float32)
    found = Candidates(
        query("成都"), [(8, 2.0), (1, 1.0)], [(9, 0.9)], rows, cosines, Statistics({}, {}, 1, 0)
    )
    scores = np.arange(9, 0, -1.0)
    assert ranked(found, scores, 9) == [0, 1, 2, 7, 8, 3, 4, 5, 6]
    assert ranked(found, scores, 4) == [0, 1, 2, 7]
    assert ranked(replace(found, dense=[(2, 0.9)]), scores, 5) == [0, 1, 2, 3, 7]
    reprinted = [replace(row, text="句子1") if row.passage_id in (8, 9) else row for row in rows]
    assert ranked(replace(found, rows=reprinted), scores, 9) == [0, 1, 2, 3, 4, 5, 6]
