"""The embedding model behind `Embedder`: the bundled one, or any that sentence-transformers can load."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from rag.config import MODELS, Settings
from rag.models.runtime import MAX_CHARS, ModelFolder, OnnxModel
from rag.records import Embedder, FloatArray

__all__ = ["OnnxEncoder", "load_embedder"]


class OnnxEncoder:
    """The bundled encoder: unit vectors that depend on nothing but the text.

    Texts are cut to 512 tokens; an empty one has a vector too (that of the prefix).
    """

    def __init__(self, folder: Path = MODELS / "encoder", *, threads: int = 0) -> None:
        """Load the model; `threads` texts are encoded side by side (0: one a core). Raises ModelError."""
        about = ModelFolder.open(folder)
        self.name = about.name
        self.dim = about.dim
        self.folder = about
        self._model = OnnxModel(about, threads=threads)

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors in the order of `texts`."""
        prefix = self.folder.prefixes[kind]
        return self.vectors(self.token_ids([prefix + text for text in texts]))

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts that carry their prefix already, at most 512 each."""
        encodings = self._model.tokenizer.encode_batch_fast([text[:MAX_CHARS] for text in texts])
        most = self.folder.max_tokens
        return [
            ids if len(ids) <= most else [*ids[: most - 1], ids[-1]] for ids in (e.ids for e in encodings)
        ]

    def vectors(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Return the unit vectors of tokenised texts, `(n, dim)`."""
        found: FloatArray = np.zeros((len(ids), self.dim), np.float32)
        for row, vector in enumerate(self._model.run(ids)):
            found[row] = vector
        return found


def load_embedder(settings: Settings) -> Embedder:
    """Load the encoder that `settings.embedder` names: "" is the bundled one.

    Raises ModelError if it is missing or damaged; nothing is ever downloaded.
    """
    if not settings.embedder:
        return OnnxEncoder(threads=settings.threads)
    from rag.models.sentence_transformer import (
        SentenceEncoder,  # imports torch: 11 s when cold, so only for those who ask for it
    )

    return SentenceEncoder(settings.embedder, threads=settings.threads)
