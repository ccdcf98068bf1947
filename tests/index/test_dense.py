from pathlib import Path
from typing import Any

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index import dense
from rag.index.dense import DenseIndex, Ids, Kind
from rag.records import FloatArray

DIM = 32


def unit(count: int, seed: int = 0) -> FloatArray:
    vectors = np.random.default_rng(seed).standard_normal((count, DIM)).astype(np.float32)
    scaled: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled


def numbers(count: int, start: int = 1) -> Ids:
    return np.arange(start, start + count, dtype=np.int64)


def by_hand(ids: Ids, vectors: FloatArray, query: FloatArray, k: int) -> list[int]:
    return [int(ids[i]) for i in np.argsort(-(vectors @ query), kind="stable")[:k]]


def test_search_is_the_dot_product_best_first() -> None:
    ids, vectors = numbers(200), unit(200)
    hits = DenseIndex.build(ids, vectors).search(vectors[7], 10)
    assert [number for number, _ in hits] == by_hand(ids, vectors, vectors[7], 10)
    assert hits[0][1] == pytest.approx(1.0, abs=1e-5)


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    index = DenseIndex.build(numbers(3), unit(3))
    assert len(index.search(unit(1, 5)[0], 100)) == 3
    assert DenseIndex.build(numbers(0), unit(0)).search(unit(1)[0], 5) == []


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**16), st.sets(st.integers(0, 299), max_size=60), st.integers(0, 60))
def test_changes_find_what_an_index_built_anew_finds(seed: int, gone: set[int], added: int) -> None:
    vectors, more = unit(300, seed), unit(added, seed + 1)
    index = DenseIndex.build(numbers(300), vectors)
    lost = np.array(sorted(gone), np.int64) + 1
    changed = index.changed(numbers(added, 1000), more, lost)
    kept = np.setdiff1d(numbers(300), lost)
    anew_ids = np.concatenate([kept, numbers(added, 1000)])
    anew = DenseIndex.build(anew_ids, np.concatenate([vectors[kept - 1], more]))
    query = unit(1, seed + 2)[0]
    if changed is None:
        assert added + len(gone) > 100
        return
    assert [hit[0] for hit in changed.search(query, 20)] == [hit[0] for hit in anew.search(query, 20)]
    assert len(changed) == len(anew)
    assert set(changed.ids.tolist()) == set(anew_ids.tolist())


def test_the_index_that_was_changed_stays_as_it_was() -> None:
    vectors = unit(50)
    index = DenseIndex.build(numbers(50), vectors)
    index.changed(numbers(1, 99), vectors[:1], numbers(1))
    assert [number for number, _ in index.search(vectors[0], 1)] == [1]


def test_only_allowed_ids_are_found() -> None:
    vectors = unit(100)
    index = DenseIndex.build(numbers(100), vectors)
    allowed = np.array([3, 5, 90], np.int64)
    assert {number for number, _ in index.search(vectors[0], 10, allowed)} == {3, 5, 90}
    changed = index.changed(numbers(0), unit(0), np.array([5], np.int64))
    assert changed is not None
    assert {number for number, _ in changed.search(vectors[0], 10, allowed)} == {3, 90}


@pytest.mark.parametrize(
    ("kind", "probed", "overlap"), [("exact", 6, 1.0), ("scan", 1, 0.95), ("lists", 2, 0.5)]
)
def test_every_kind_finds_nearly_what_exact_search_finds(
    monkeypatch: pytest.MonkeyPatch, kind: Kind, probed: int, overlap: float
) -> None:
    monkeypatch.setattr(dense, "PROBED", probed)
    ids, vectors = numbers(3000, 500), unit(3000)
    index = DenseIndex.from_bytes(DenseIndex.build(ids, vectors, kind=kind).to_bytes())
    shared = [
        len(set(by_hand(ids, vectors, query, 10)) & {number for number, _ in index.search(query, 10)})
        for query in unit(20, 9)
    ]
    assert sum(shared) >= overlap * 200
    changed = index.changed(numbers(1, 9), vectors[:1], numbers(1, 500))
    assert changed is not None
    assert changed.search(vectors[0], 1)[0][0] == 9
    assert set(changed.ids.tolist()) == {9, *range(501, 3500)}


@pytest.mark.parametrize("kind", ["exact", "scan"])
def test_two_halves_find_what_one_scan_finds(monkeypatch: pytest.MonkeyPatch, kind: Kind) -> None:
    ids, vectors = numbers(2000, 7), unit(2000)
    index = DenseIndex.build(ids, vectors, kind=kind).changed(numbers(9, 5000), unit(9, 3), ids[:60])
    assert index is not None
    allowed = np.array([3, 80, 1500, 5001], np.int64)
    asked = [(query, among) for query in unit(10, 9) for among in (None, allowed)]
    whole = [index.search(query, 30, among) for query, among in asked]
    monkeypatch.setattr(dense, "FLAT_LIMIT", 100)
    monkeypatch.setattr(dense, "CORES", 2)
    assert dense._halves(index.base)[1] is not None
    assert [index.search(query, 30, among) for query, among in asked] == whole


def test_a_filter_finds_what_it_lets_through_in_any_list() -> None:
    ids, vectors = numbers(3000), unit(3000)
    index = DenseIndex.build(ids, vectors, kind="lists")
    assert not index.is_exact
    allowed = np.array([17, 900, 2999], np.int64)
    assert {number for number, _ in index.search(unit(1, 9)[0], 10, allowed)} == set(allowed.tolist())


def test_asking_lists_for_all_there_is_gives_all() -> None:
    index = DenseIndex.build(numbers(300), unit(300), kind="lists")
    assert len(index.search(unit(1, 9)[0], 300)) == 300


@pytest.mark.parametrize("kind", ["exact", "scan", "lists"])
def test_a_mapped_file_finds_the_same(tmp_path: Path, kind: Kind) -> None:
    index = DenseIndex.build(numbers(2000), unit(2000), kind=kind)
    path = tmp_path / "向量.faiss"
    path.write_bytes(index.to_bytes())
    query = unit(1, 9)[0]
    assert DenseIndex.open(path).search(query, 20) == index.search(query, 20)


def test_a_file_that_cannot_be_mapped_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = DenseIndex.build(numbers(50), unit(50))
    path = tmp_path / "vectors.faiss"
    path.write_bytes(index.to_bytes())

    read: Any = faiss.read_index

    def refuse(source: object, *flags: int) -> object:
        if isinstance(source, str):
            raise RuntimeError("could not open")
        return read(source, *flags)

    monkeypatch.setattr(faiss, "read_index", refuse)
    assert DenseIndex.open(path).search(unit(1, 9)[0], 5) == index.search(unit(1, 9)[0], 5)
