"""Vectors kept by encoder and text: pools share articles, and an index made anew embeds only what is new."""

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from rag.records import Embedder, FloatArray

__all__ = ["KeptVectors"]


class KeptVectors:
    """An embedder that makes the vector of a passage once for all indexes; questions are embedded every time.

    Vectors lie in `folder` in half precision, as an index stores them: its content does not change by this.
    """

    def __init__(self, embedder: Embedder, folder: Path) -> None:
        self.embedder = embedder
        self.name = embedder.name
        self.dim = embedder.dim
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(embedder.name.encode()).hexdigest()[:16]
        self._rows = sqlite3.connect(folder / f"{name}.db", timeout=60, check_same_thread=False)
        self._rows.execute(
            "CREATE TABLE IF NOT EXISTS vectors (digest BLOB PRIMARY KEY, value BLOB NOT NULL)"
        )

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` vectors in the order of `texts`."""
        if kind == "query":
            return self.embedder.embed(texts, kind=kind)
        keys = [hashlib.sha256(text.encode()).digest()[:16] for text in texts]
        known = self._known(keys)
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if new:
            made = self.embedder.embed(list(new.values()), kind=kind).astype(np.float16)
            known |= dict(zip(new, made, strict=True))
            with self._rows:
                rows = [(key, known[key].tobytes()) for key in new]
                self._rows.executemany("INSERT OR IGNORE INTO vectors VALUES (?, ?)", rows)
        found: FloatArray = np.array([known[key] for key in keys], np.float32).reshape(len(keys), self.dim)
        return found

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, FloatArray]:
        marks = ",".join("?" * len(keys))
        rows = self._rows.execute(f"SELECT digest, value FROM vectors WHERE digest IN ({marks})", keys)
        return {key: np.frombuffer(value, np.float16) for key, value in rows}
