"""Score a ranked list by what in it is relevant: hit@k, reciprocal rank, nDCG."""

import math
from collections.abc import Sequence

__all__ = ["first_rank", "hit", "ndcg", "reciprocal_rank"]


def hit(relevant: Sequence[bool], k: int) -> float:
    """Return 1 if one of the first `k` is relevant, else 0."""
    return float(any(relevant[:k]))


def first_rank(relevant: Sequence[bool]) -> int | None:
    """Return the rank, from 1, of the first that is relevant; None if none is."""
    return next((rank for rank, good in enumerate(relevant, start=1) if good), None)


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """Return 1 / the rank of the first that is relevant, 0 if none is."""
    rank = first_rank(relevant)
    return 1 / rank if rank else 0.0


def ndcg(relevant: Sequence[bool], total: int, k: int = 10) -> float:
    """Return the discounted gain of the first `k`, each worth 1 / log2(rank + 1), over that of the best order.

    `total` is how many relevant ones there are, in the list or not (Järvelin & Kekäläinen 2002, binary gains).
    """
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(total, k) + 1))
    gain = sum(1 / math.log2(rank + 1) for rank, good in enumerate(relevant[:k], start=1) if good)
    return gain / best if best else 0.0
