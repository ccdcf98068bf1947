"""An index made for one evaluation, kept in a cache folder by the digest of what it was made from."""

import hashlib
import json
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from rag.bot import Bot
from rag.config import Settings
from rag.errors import EvalError
from rag.evaluation.questions import Question
from rag.index.build.builder import Progress, build
from rag.index.build.intake import PASSAGES
from rag.index.build.progress import ProgressBar
from rag.index.store import Store
from rag.ingest.articles import RULES
from rag.ingest.files import find_files
from rag.ingest.regular_file import open_file
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader
from rag.records import Embedder, FloatArray

__all__ = ["articles_digest", "cache_folder", "context_articles", "open_corpus", "open_reading"]

BLOCK = 1 << 20
DONE = "complete"


def open_corpus(
    paths: Sequence[Path], settings: Settings, cache: Path | None = None, embedder: Embedder | None = None
) -> Bot:
    """Return a bot over the articles of `paths`; the index is made at the first time and found again later.

    It lies under `cache` (default: `cache_folder()`) by the digest of the files, the embedder and the rules. Without
    an `embedder` the one of the settings is loaded.
    """
    return _open(paths, settings, embedder or load_embedder(settings), cache)


def open_reading(paths: Sequence[Path], settings: Settings, cache: Path | None = None) -> Bot:
    """Return a bot for `--mode reading`: its index has no vectors, which makes it in a fraction of the time."""
    return _open(paths, settings, _NoVectors(), cache)


def cache_folder() -> Path:
    """Return where indexes of evaluations are kept: youju/eval in the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or Path.home() / ".cache"
    return Path(base) / "youju" / "eval"


def context_articles(questions: Iterable[Question], cache: Path | None = None) -> Path | None:
    """Write the articles that the question files bring along (SQuAD, CMRC) as JSONL and return the file.

    None if there are none.
    """
    articles = {q.article_ids[0]: (q.title, q.context) for q in questions if q.context and q.article_ids}
    if not articles:
        return None
    rows = ({"id": ident, "title": title, "text": text} for ident, (title, text) in articles.items())
    content = b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows)
    folder = (cache or cache_folder()) / "contexts"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.jsonl"
    path.write_bytes(content)
    return path


def articles_digest(store: Store) -> str:
    """Return 16 hex digits over the ids of the articles that can be found: they are digests of the texts."""
    ids = sorted(row.article_id for row in store.catalogue.articles())
    return hashlib.sha256("\n".join(ids).encode()).hexdigest()[:16]


class _NoVectors:
    """Stands where an embedder must be when nothing is searched by meaning."""

    name = "none"
    dim = 8

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return the same unit vector for each text."""
        return np.full((len(texts), self.dim), self.dim**-0.5, np.float32)


def _open(paths: Sequence[Path], settings: Settings, embedder: Embedder, cache: Path | None) -> Bot:
    for path in paths:
        if not path.exists():
            raise EvalError(f"There are no articles in {path}: no such file or folder.")
    root = cache or cache_folder()
    files = [state.path for path in paths for state in find_files(path, root)]
    folder = root / _digest(files, f"{embedder.name}:{RULES}.{PASSAGES}")
    _build(paths, folder, embedder)
    own = settings.model_copy(update={"index": folder})
    return Bot(Store.open(folder, embedder.name, embedder.dim), embedder, load_reader(settings), own)


def _build(paths: Sequence[Path], folder: Path, embedder: Embedder) -> None:
    """Make the index unless it is finished; one whose making was stopped goes on where it was."""
    if (folder / DONE).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    with ProgressBar() as bar:
        show: Callable[[Progress], None] = bar.show
        build([path.resolve() for path in paths], folder, embedder, progress=show)
    (folder / DONE).touch()


def _digest(files: Iterable[Path], rules: str) -> str:
    """Return 16 hex digits over the names and contents of files and over what makes an index of them."""
    digest = hashlib.sha256(rules.encode())
    for file in files:
        digest.update(f"\n{file.resolve()}\n".encode(errors="surrogateescape"))
        with open_file(file) as stream:
            while block := stream.read(BLOCK):
                digest.update(block)
    return digest.hexdigest()[:16]
