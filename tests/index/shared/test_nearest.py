"""Vectors that the database searches."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag.errors import DatabaseAway, StoreError
from rag.index.build.builder import build
from rag.index.place import Place
from rag.index.shared import nearest
from rag.index.shared.postgres import connect
from rag.index.store import Store
from rag.records import FloatArray
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places


@pytest.fixture
def places(tmp_path: Path, shared_places: Places) -> tuple[Place, Place]:
    """Return two machines' places of one database: with vectors of their own, and without."""
    place = Place.of(shared_places(tmp_path / "mit"))
    build([write_news(tmp_path / "a.jsonl", news(60))], place, FakeEmbedder())
    return place, Place(tmp_path / "ohne", place.database, local_vectors=False)


def asked(text: str = "绵阳第9期产线建成多少个") -> FloatArray:
    vector: FloatArray = FakeEmbedder().embed([text], kind="query")[0]
    return vector


def test_the_database_finds_what_a_machine_finds(places: tuple[Place, Place]) -> None:
    with Store.open(places[0], "fake", 64) as one, Store.open(places[1], "fake", 64) as other:
        for text in ("绵阳第9期产线建成多少个", "成都建成基站", "图书馆"):
            here, there = one.search_dense(asked(text), 50), other.search_dense(asked(text), 50)
            np.testing.assert_allclose([score for _, score in here], [score for _, score in there], atol=1e-6)
            assert (
                len({number for number, _ in here} & {number for number, _ in there}) >= 49
            )  # one of equals
        ids = [number for number, _ in here]
        np.testing.assert_array_equal(one.vectors(ids), other.vectors(ids))
        np.testing.assert_allclose(one.cosines(ids, asked()), other.cosines(ids, asked()), atol=1e-6)
        assert other.search_lexical(["绵阳"], [], 5) == one.search_lexical(["绵阳"], [], 5)


def test_a_copy_without_vectors_holds_none(places: tuple[Place, Place]) -> None:
    with Store.open(places[1], "fake", 64):
        pass
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(places[1].folder / "news.db")) as copy:
        assert copy.execute("SELECT count(*) FROM vectors").fetchone() == (0,)
        assert copy.execute("SELECT count(*) FROM passages").fetchone() == (240,)


@pytest.mark.parametrize("few", [20_000, 10])
def test_a_filter_lets_its_own_through(
    places: tuple[Place, Place], monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(nearest, "FEW", few)
    with Store.open(places[0], "fake", 64) as one, Store.open(places[1], "fake", 64) as other:
        allowed = np.asarray(range(7, 200, 3), np.int64)
        here, there = one.search_dense(asked(), 20, allowed), other.search_dense(asked(), 20, allowed)
        np.testing.assert_allclose([score for _, score in here], [score for _, score in there], atol=1e-6)
        assert {number for number, _ in there} <= set(allowed.tolist())
        assert other.search_dense(asked(), 20, allowed[:0]) == []


def test_what_is_found_is_of_the_generation_of_the_copy(places: tuple[Place, Place], tmp_path: Path) -> None:
    with Store.open(places[1], "fake", 64) as store:
        before = store.search_dense(asked("成都第70期"), 300)
        build([write_news(tmp_path / "a.jsonl", news(60, start=30))], places[0], FakeEmbedder())
        assert store.search_dense(asked("成都第70期"), 300) == before
        fresh = Store.open(places[1], "fake", 64)
        now = fresh.search_dense(asked("成都第70期"), 300)
        assert len(now) == len(before) == 240
        assert {number for number, _ in now} != {number for number, _ in before}
        texts = fresh.passage_texts([number for number, _ in now])
        assert len(texts) == 240
        fresh.close()


def test_the_index_of_vectors_is_used(places: tuple[Place, Place]) -> None:
    with Store.open(places[1], "fake", 64) as store:
        store.search_dense(asked(), 5)
    with connect(places[0]) as shared:
        rows = shared.execute(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'vectors_near_64'"
        ).fetchall()
    assert "hnsw" in rows[0][0]


def test_an_unknown_passage_and_a_database_that_is_away_are_sentences(places: tuple[Place, Place]) -> None:
    with Store.open(places[1], "fake", 64) as store:
        with pytest.raises(StoreError, match="no passage"):
            store.vectors([10**9])
        assert store.vectors([]).shape == (0, 64)
        gone = replace(places[1], database="postgresql://youju@127.0.0.1:9/news")
        with pytest.raises(DatabaseAway):
            nearest.Nearest(gone, 1, 64, "").search(asked(), 5)
