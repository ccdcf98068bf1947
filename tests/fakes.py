"""Models that need no file: deterministic, and open to inspection."""

import hashlib
from collections.abc import Sequence
from typing import Literal

import numpy as np

from rag.records import FloatArray

__all__ = ["FakeEmbedder"]


class FakeEmbedder:
    """Embed by hashing pairs of neighbouring characters: texts that share pairs are near.

    `batches` keeps what was embedded, one list of texts for each call.
    """

    def __init__(self, name: str = "fake", dim: int = 64) -> None:
        self.name = name
        self.dim = dim
        self.batches: list[list[str]] = []

    @property
    def texts(self) -> list[str]:
        """All passages embedded, in order."""
        return [text for batch in self.batches for text in batch]

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors in the order of `texts`."""
        if kind == "passage":
            self.batches.append(list(texts))
        return (
            np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dim), np.float32)
        )

    def _vector(self, text: str) -> FloatArray:
        vector = np.zeros(self.dim, np.float32)
        for pair in {text[i : i + 2] for i in range(len(text))}:
            digest = hashlib.blake2b(f"{self.name}{pair}".encode(), digest_size=4).digest()
            vector[int.from_bytes(digest[:3]) % self.dim] += 1 if digest[3] & 1 else -1
        vector[0] += 1e-3  # never all zero
        unit: FloatArray = vector / np.linalg.norm(vector)
        return unit
