"""What the index holds, for people and for scripts."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.config import Settings
from rag.index.place import place_of
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.models.span_reader import load_reader

__all__ = ["status", "status_text"]


def status(settings: Settings) -> Mapping[str, Any]:
    """Return counts, models, size in bytes, generation, the last build's report and every refused file."""
    embedder, reader = load_embedder(settings), load_reader(settings)
    with Store.open(place_of(settings), embedder.name, embedder.dim) as store:
        counts = store.counts()
        return {
            "index": str(place_of(settings)),
            "generation": store.generation,
            "articles": counts.articles,
            "passages": counts.passages,
            "files": len(store.catalogue.files()),
            "bytes": _size(settings.index),
            "embedder": embedder.name,
            "reader": reader.name,
            "last_build": store.last_report(),
            "refused": [
                {"path": file.path, "line": line, "reason": reason}
                for file in store.catalogue.files()
                for line, reason in file.refused
            ],
        }


def status_text(found: Mapping[str, Any]) -> str:
    """Return `found` as lines for a terminal."""
    lines = [
        f"index      {found['index']} (generation {found['generation']}, {found['bytes'] / 1e6:.1f} MB)",
        f"holds      {found['articles']} articles, {found['passages']} passages from {found['files']} files",
        f"encoder    {found['embedder']}",
        f"reader     {found['reader']}",
    ]
    lines += [f"refused    {_place(entry)}: {entry['reason']}" for entry in found["refused"]]
    return "\n".join(lines)


def _place(entry: Mapping[str, Any]) -> str:
    return f"{entry['path']}#{entry['line']}" if entry["line"] else str(entry["path"])


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
