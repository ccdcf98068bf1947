"""The name under which an uploaded file is kept: what it was called, as far as every file system takes it."""

import re
import unicodedata
from pathlib import Path

from rag.errors import EditError
from rag.ingest.articles import SUFFIXES
from rag.ingest.sidecar import SIDECAR, is_sidecar

__all__ = ["file_name", "free_name", "name_of_text"]

# With a sidecar's suffix and a number it stays below the 255 bytes of most file systems.
MOST_BYTES = 150
TITLE = 40
"""Characters of a pasted text's first line that name its file."""

# Separators, what Windows forbids, controls, and characters that hide or turn others around.
_forbidden = re.compile(
    '[\\\\/:*?"<>|#%\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ue000-\uf8ff]'
)
_device = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)


def file_name(told: str) -> str:
    """Return a name for a file that a browser calls `told`: its last part, without what a file system may not take.

    Raises EditError for a kind of file that cannot be read, and for a sidecar.
    """
    last = unicodedata.normalize("NFC", told).replace("\\", "/").rpartition("/")[2]
    name = _forbidden.sub("_", last).strip(" .~$")
    stem, dot, suffix = name.rpartition(".")
    if is_sidecar(Path(name)):
        raise EditError(
            f"{name} only describes another file ({SIDECAR}): write its title and date into the fields of that file.",
            f"“{name}”只是另一个文件的说明：请上传报道本身，把标题和日期填在它的表格里。",
        )
    if not dot or f".{suffix.lower()}" not in SUFFIXES:
        kind = f".{suffix}" if dot else "no suffix"
        raise EditError(
            f"{name or told[:40]!r} is of a kind that cannot be read ({kind}); known are {' '.join(SUFFIXES)}.",
            f"“{name or '未命名'}”这种文件不能读入；可以读入的是：{'、'.join(one[1:] for one in SUFFIXES)}。",
        )
    stem = stem.strip(" .") or "_"
    stem = f"_{stem}" if _device.fullmatch(stem) else stem
    return f"{_cut(stem, MOST_BYTES)}.{suffix}"


def name_of_text(text: str) -> str:
    """Return the name of the file for a text that was pasted: its first line."""
    first = next((line.strip() for line in text.splitlines() if any(map(str.isalnum, line))), "")
    if not first:
        raise EditError("The text has no words: paste the article.", "没有文字：请粘贴报道全文。")
    return file_name(f"{first.replace('/', '_')[:TITLE]}.txt")


def free_name(folder: Path, name: str) -> str:
    """Return `name`, or with a number behind its stem where a file of that name, or its sidecar, is there already."""
    stem, _, suffix = name.rpartition(".")
    number, found = 1, name
    while (folder / found).exists() or (folder / f"{found}{SIDECAR}").exists():
        number += 1
        found = f"{stem} ({number}).{suffix}"
    return found


def _cut(stem: str, most: int) -> str:
    return stem.encode()[:most].decode(errors="ignore").rstrip(" .") or "_"
