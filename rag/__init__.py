"""有据 Youju: answers questions over Chinese news by quoting, with every quote verified.

>>> from rag import Bot, build
>>> build(["seeds"], index="index")  # doctest: +SKIP
>>> with Bot.open(index="index") as bot:  # doctest: +SKIP
...     print(bot.ask("成都有多少5G基站").text)
截至2023年底，成都有超8万个5G基站 [1]

What is named here is loaded when it is first used. The packages follow the way of the data: text, ingest, models, index,
query, retrieval, answering; `pipeline` puts them together, `bot` opens them; render, evaluation, server and cli are how
people and programs meet it. May import: everything, when it is asked for.
"""

from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.bot import Bot
    from rag.errors import RagError
    from rag.index.build.builder import BuildReport, Progress
    from rag.records import Answer, Citation, Turn

__all__ = ["Answer", "Bot", "Citation", "RagError", "Turn", "__version__", "build"]

__version__ = "0.2.0"

_HOMES = {
    "Answer": "rag.records",
    "Bot": "rag.bot",
    "Citation": "rag.records",
    "RagError": "rag.errors",
    "Turn": "rag.records",
}


def __getattr__(name: str) -> Any:
    """Load a public name where it is first used: importing `rag` itself costs nothing."""
    if name not in _HOMES:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def build(
    paths: Sequence[str | Path] = (),
    index: str | Path | None = None,
    *,
    rebuild: bool = False,
    prune: bool = False,
    progress: Callable[["Progress"], None] | None = None,
) -> "BuildReport":
    """Take files and folders into the index, as `youju build` does; without paths those recorded there, or seeds/.

    `index` is $RAG_INDEX, or index/, where it is not named. Only what changed is read and embedded; `rebuild` makes all
    anew, `prune` takes out the articles of files that are gone. What was refused, and why, is in the report. Raises
    RagError.
    """
    from rag.config import read_settings
    from rag.index.build import builder
    from rag.index.place import place_of
    from rag.models.embedder import load_embedder

    settings = read_settings(index=None if index is None else Path(index))
    files = [Path(path) for path in paths]
    embedder = load_embedder(settings)
    return builder.build(files, place_of(settings), embedder, rebuild=rebuild, prune=prune, progress=progress)
