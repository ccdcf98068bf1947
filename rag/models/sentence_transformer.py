"""The bridge to sentence-transformers in both directions; importing this module imports torch (11 s when cold)."""

import os
from collections.abc import Sequence
from typing import Any, Literal, Protocol

# Before the import, which reads it: a model in a local folder otherwise asks the hub for its newest version.
os.environ["HF_HUB_OFFLINE"] = "1"

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import InputModule
from torch.nn.utils.rnn import pad_sequence

from rag.errors import ModelError
from rag.records import FloatArray

__all__ = ["EncoderModule", "SentenceEncoder", "sentence_transformer"]

PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}


class TokenEncoder(Protocol):
    """An encoder in two steps, as sentence-transformers calls it: `OnnxEncoder` is one."""

    dim: int

    def token_ids(self, texts: Sequence[str]) -> list[list[int]]:
        """Return the token ids of texts that carry their prefix."""
        ...

    def vectors(self, ids: Sequence[Sequence[int]]) -> FloatArray:
        """Return the unit vectors of tokenised texts."""
        ...


class EncoderModule(InputModule):
    """Our encoder as the only module of a `SentenceTransformer`; it does not learn."""

    def __init__(self, encoder: TokenEncoder) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.encoder = encoder

    def preprocess(self, inputs: Sequence[Any], prompt: str | None = None, **kwargs: Any) -> dict[str, Any]:
        """Tokenise `inputs` after `prompt`; the library's other options mean nothing here."""
        ids = self.encoder.token_ids([f"{prompt or ''}{text}" for text in inputs])
        rows = [torch.tensor(tokens) for tokens in ids]
        mask = [torch.ones_like(row) for row in rows]
        return {
            "input_ids": pad_sequence(rows, batch_first=True, padding_value=1),
            "attention_mask": pad_sequence(mask, batch_first=True),
        }

    def forward(self, features: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
        """Add the vectors of the tokenised texts."""
        lengths = features["attention_mask"].sum(1).tolist()
        ids = [row[:length] for row, length in zip(features["input_ids"].tolist(), lengths, strict=True)]
        features["sentence_embedding"] = torch.from_numpy(self.encoder.vectors(ids))
        return features

    def get_embedding_dimension(self) -> int:
        """Return the width of the vectors."""
        return self.encoder.dim

    def save(self, output_path: str, *args: Any, **kwargs: Any) -> None:
        """Refuse: the encoder is a part of this package and has nothing of its own to store."""
        raise NotImplementedError("The bundled encoder is not saved; `training/` makes it.")


def sentence_transformer(encoder: TokenEncoder) -> SentenceTransformer:
    """Wrap our encoder with the prompts query, passage and document: `encode_query` and `encode_document` work."""
    return SentenceTransformer(modules=[EncoderModule(encoder)], prompts=PROMPTS, device="cpu")


class SentenceEncoder:
    """Any sentence-transformers model on this machine, as an `Embedder`."""

    def __init__(self, name: str, *, threads: int = 0) -> None:
        """Load a folder or a model of the local cache; raises ModelError, downloads nothing."""
        if threads:
            torch.set_num_threads(threads)
        try:
            self._model = SentenceTransformer(name, local_files_only=True, device="cpu")
        except (OSError, ValueError, KeyError, ImportError) as error:
            raise ModelError(
                f"RAG_EMBEDDER={name!r} is neither a sentence-transformers folder nor in the local cache "
                f"({str(error).splitlines()[0]}): give a folder, or leave it empty for the bundled encoder."
            ) from None
        self.name = name
        self.dim = int(self._model.get_embedding_dimension() or 0)

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors in the order of `texts`, each after the model's own prompt."""
        if not texts:
            return torch.zeros((0, self.dim)).numpy()
        encode = self._model.encode_query if kind == "query" else self._model.encode_document
        found: FloatArray = encode(list(texts), normalize_embeddings=True, show_progress_bar=False)
        return found
