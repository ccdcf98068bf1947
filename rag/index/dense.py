"""The vectors of an index, searched with FAISS.

What is searched never changes in place: a newer generation is the same base with a small tail of new vectors and a
list of dead ids, made by `DenseIndex.changed`; when tail and dead outgrow a tenth of the base it is built anew.
"""

import math
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import faiss
import numpy as np
import numpy.typing as npt

from rag.records import FloatArray

__all__ = ["FLAT_LIMIT", "Dense", "DenseIndex", "Ids"]

Ids = npt.NDArray[np.int64]
Kind = Literal["exact", "scan", "lists"]
Half = tuple[int, int] | None
"""Ids from the first number up to the second."""

_untyped: Any = faiss  # its stubs do not know the keywords of search parameters

# Exact search takes 3.5 ms at 26,000 vectors of 384 and grows with their number (one core).
FLAT_LIMIT = 100_000
# Above it a number has eight bits: a quarter of the memory, half the time (21 ms at 300,000); still a full scan, which
# misses none of the 100 nearest once half as many again are put in order by the exact vectors.
SCAN_LIMIT = 500_000
# Above that vectors lie in lists of near ones, 2 × √n of them, of which one in so many is searched. Of 17,000 real
# vectors a sixth of the lists holds 89 of the 100 nearest, a third 96, a half 99 (`python -m benchmarks.scale recall`).
PROBED = 3
# At least so many times what is asked for lies in the lists that are looked into.
AMPLE = 8
LISTS = 2
TRAINED_ON = 40
# Share of the base that may be tail or dead before it is built anew.
STALE = 0.1
# A base below this is treated as one of this size.
SMALL = 1000
CORES = os.cpu_count() or 1
_others = ThreadPoolExecutor(CORES, thread_name_prefix="dense")


class Dense(Protocol):
    """Vectors of one generation, whoever searches them."""

    @property
    def is_exact(self) -> bool:
        """Whether its dot products are those of the vectors."""
        ...

    def search(self, vector: FloatArray, k: int, allowed: Ids | None = None, /) -> list[tuple[int, float]]:
        """Return the `k` nearest passage ids with their dot products, best first, only of `allowed` if given."""
        ...

    def vectors(self, ids: Ids, /) -> FloatArray | None:
        """Return the exact vectors `(n, dim)` under `ids`, None where they lie in the database alone."""
        ...


@dataclass(frozen=True, slots=True)
class DenseIndex:
    """Vectors under their passage ids; larger dot products are nearer."""

    dim: int
    base: Any
    tail: Any
    dead: Ids

    @classmethod
    def build(cls, ids: Ids, vectors: FloatArray, *, kind: Kind | None = None) -> "DenseIndex":
        """Index `vectors` `(n, dim)` under `ids`, of the kind for so many unless it is named."""
        dim = vectors.shape[1]
        base = faiss.index_factory(
            dim, _recipe(len(ids), kind or _kind(len(ids))), faiss.METRIC_INNER_PRODUCT
        )
        if not base.is_trained:
            base.train(_sample(vectors, base))
        base.add_with_ids(np.ascontiguousarray(vectors), ids)
        return cls(dim, base, _empty(dim), np.empty(0, np.int64))

    @classmethod
    def open(cls, path: Path) -> "DenseIndex":
        """Map the file of a base into memory, so that only what is searched is read; check its digest before."""
        try:
            base = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError:  # a name that FAISS cannot open, as any but ASCII on Windows
            return cls.from_bytes(path.read_bytes())
        return cls(base.d, base, _empty(base.d), np.empty(0, np.int64))

    @classmethod
    def from_bytes(cls, content: bytes) -> "DenseIndex":
        """Read what `to_bytes` wrote; check its digest before, FAISS takes damaged bytes without a word."""
        base = faiss.deserialize_index(np.frombuffer(content, np.uint8))
        return cls(base.d, base, _empty(base.d), np.empty(0, np.int64))

    def to_bytes(self) -> bytes:
        """Return the base as a file; the tail is not in it."""
        return bytes(faiss.serialize_index(self.base).tobytes())

    def __len__(self) -> int:
        """Return the number of vectors that can be found."""
        return int(self.base.ntotal + self.tail.ntotal - len(self.dead))

    @property
    def is_exact(self) -> bool:
        """Whether a search misses nothing and its dot products are those of the vectors."""
        return isinstance(faiss.downcast_index(self.base.index), faiss.IndexFlat)

    @property
    def ids(self) -> Ids:
        """The passage ids that can be found, in no order."""
        held = [faiss.vector_to_array(index.id_map) for index in (self.base, self.tail)]
        return np.setdiff1d(np.concatenate(held), self.dead)

    def vectors(self, ids: Ids) -> FloatArray | None:
        """Return the exact vectors `(n, dim)` under `ids`; None if the index keeps them only roughly, or not all."""
        if not self.is_exact:
            return None
        found: FloatArray = np.empty((len(ids), self.dim), np.float32)
        missing = np.ones(len(ids), np.bool_)
        for index in (self.base, self.tail):
            held = faiss.vector_to_array(index.id_map)
            if not len(held):
                continue
            at = np.searchsorted(held, ids).clip(max=len(held) - 1)
            here = held[at] == ids
            found[here] = faiss.downcast_index(index.index).reconstruct_batch(at[here])
            missing &= ~here
        return None if missing.any() else found

    def changed(self, ids: Ids, vectors: FloatArray, gone: Ids) -> "DenseIndex | None":
        """Return the index with `vectors` added and `gone` left out, None if it is better built anew."""
        dead = np.concatenate([self.dead, gone])
        if self.tail.ntotal + len(ids) + len(dead) > STALE * max(self.base.ntotal, SMALL):
            return None
        tail = faiss.clone_index(self.tail)
        tail.add_with_ids(np.ascontiguousarray(vectors), ids)
        return DenseIndex(self.dim, self.base, tail, dead)

    def search(self, vector: FloatArray, k: int, allowed: Ids | None = None) -> list[tuple[int, float]]:
        """Return the `k` nearest passage ids with their dot products, best first, only of `allowed` if given."""
        query = np.ascontiguousarray(vector, np.float32).reshape(1, -1)
        first, second = _halves(self.base)
        other = None if second is None else _others.submit(self._part, query, k, allowed, self.base, second)
        found = self._part(query, k, allowed, self.base, first) + self._part(
            query, k, allowed, self.tail, None
        )
        found += [] if other is None else other.result()
        return sorted(found, key=lambda pair: (-pair[1], pair[0]))[:k]

    def _part(
        self, query: FloatArray, k: int, allowed: Ids | None, index: Any, half: Half
    ) -> list[tuple[int, float]]:
        """Return the nearest of one index, or of the half of its ids from the first to the second number."""
        faiss.omp_set_num_threads(1)  # a setting of the calling thread
        most = min(k, index.ntotal)
        if not most:
            return []
        scores, ids = index.search(query, most, params=self._parameters(index, most, allowed, half))
        return [(int(i), float(s)) for i, s in zip(ids[0], scores[0], strict=True) if i >= 0]

    def _parameters(self, index: Any, k: int, allowed: Ids | None, half: Half) -> Any:
        selector = _Selector(self.dead, allowed, half).value
        inner = faiss.downcast_index(index.index)
        if isinstance(inner, faiss.IndexIVF):
            # What a filter lets through may lie in any list, and a few lists hold only so many.
            share = 1.0 if allowed is not None else min(1.0, max(1 / PROBED, AMPLE * k / index.ntotal))
            probed = math.ceil(inner.nlist * share)
            return _untyped.SearchParametersIVF(sel=selector, nprobe=probed)
        return None if selector is None else _untyped.SearchParameters(sel=selector)


class _Selector:
    """A FAISS selector of ids; FAISS keeps plain pointers, so Python has to hold the parts."""

    def __init__(self, dead: Ids, allowed: Ids | None, half: Half) -> None:
        self.value: Any = None
        if allowed is not None:
            self.value = faiss.IDSelectorBatch(np.setdiff1d(allowed, dead))
        elif len(dead):
            self.value = faiss.IDSelectorNot(faiss.IDSelectorBatch(dead))
        if half is not None:
            within = faiss.IDSelectorRange(*half)
            self.value = within if self.value is None else faiss.IDSelectorAnd(within, self.value)


def _halves(index: Any) -> tuple[Half, Half]:
    """Return the parts of an index that are scanned side by side: two of a long full scan, else no second one."""
    inner = faiss.downcast_index(index.index)
    if CORES < 2 or index.ntotal <= FLAT_LIMIT or isinstance(inner, faiss.IndexIVF):
        return None, None
    middle = int(index.id_map.at(index.ntotal // 2))
    return (0, middle), (middle, 2**62)


def _kind(count: int) -> Kind:
    return "exact" if count <= FLAT_LIMIT else "scan" if count <= SCAN_LIMIT else "lists"


def _recipe(count: int, kind: Kind) -> str:
    recipes = {"exact": "Flat", "scan": "SQ8", "lists": f"IVF{int(LISTS * count**0.5)},SQ8"}
    return f"IDMap,{recipes[kind]}"


def _sample(vectors: FloatArray, base: Any) -> FloatArray:
    """Return vectors to train on, the same for the same vectors."""
    count = min(len(vectors), TRAINED_ON * getattr(faiss.downcast_index(base.index), "nlist", 1000))
    chosen = np.linspace(0, len(vectors) - 1, count).astype(np.int64)
    return np.ascontiguousarray(vectors[chosen])


def _empty(dim: int) -> Any:
    return faiss.index_factory(dim, "IDMap,Flat", faiss.METRIC_INNER_PRODUCT)
