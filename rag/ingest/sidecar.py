"""What a file beside an article says of it: `name.meta.json` next to `name.txt` (or `name.txt.meta.json`).

Its fields are those of a JSONL article without the text; they go before everything else that is known.
"""

import json
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.errors import IngestError
from rag.ingest.cleaning.credits_and_captions import read_date
from rag.ingest.extract import Extract
from rag.ingest.regular_file import is_linked, open_file, real_path

__all__ = ["SIDECAR", "is_sidecar", "sidecar_of", "with_sidecar"]

SIDECAR = ".meta.json"
# More bytes than this describe no article.
LARGEST = 1_000_000
NAMES = {
    "title": ("title", "标题"),
    "publisher": ("publisher", "source", "来源", "媒体"),
    "author": ("author", "作者"),
    "published": ("date", "published", "日期"),
    "url": ("url", "链接"),
    "external_id": ("id", "编号"),
    "edition": ("edition", "版次"),
}


def is_sidecar(path: Path) -> bool:
    """Say whether a file only describes another one."""
    return path.name.lower().endswith(SIDECAR)


def sidecar_of(path: Path) -> Path | None:
    """Return the file that describes `path`, if there is one."""
    for name in (f"{path.name}{SIDECAR}", f"{path.stem}{SIDECAR}"):
        # A long name may be too long for the file system with our suffix.
        with suppress(OSError):
            if (beside := path.with_name(name)).is_file():
                return beside
    return None


def with_sidecar(path: Path, extract: Extract) -> Extract:
    """Return the extract with what the file beside `path` says.

    Raises IngestError when that file cannot be read: what it would have said must not be lost silently.
    """
    beside = sidecar_of(path)
    if beside is None:
        return extract
    if is_linked(beside):
        if not (real := real_path(beside)).is_relative_to(real_path(path.parent)):
            raise IngestError(f"{beside} is a link that leads out of its folder: it is not followed.")
        beside = real
    said = _read(beside, beside.stat().st_mtime_ns)
    rules = {**extract.rules, **{name: "sidecar" for name in said}}
    return replace(extract, rules=rules, **said)


@lru_cache(4)
def _read(beside: Path, mtime_ns: int) -> dict[str, Any]:
    """Read a sidecar; `mtime_ns` is only the key under which it is remembered."""
    try:
        with open_file(beside) as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise IngestError(
                f"{beside} is larger than {LARGEST // 1000} kB: it does not describe an article."
            )
        row = json.loads(content)
    except (OSError, ValueError, RecursionError) as error:
        raise IngestError(f"{beside} cannot be read as JSON: {error}.") from None
    if not isinstance(row, dict):
        raise IngestError(f'{beside} is not a JSON object with fields like "title" and "date".')
    said = {name: _value(row, keys) for name, keys in NAMES.items()}
    if day := said["published"]:
        said["published"] = read_date(day)
        if not said["published"]:
            raise IngestError(f"{beside}: the date {day!r} is not one like 2024-10-20.")
    return {name: value for name, value in said.items() if value}


def _value(row: dict[str, Any], keys: tuple[str, ...]) -> str:
    value = next((row[key] for key in keys if row.get(key) is not None), "")
    return " ".join(str(value).split())
