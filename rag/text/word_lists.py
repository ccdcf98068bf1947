"""Word lists: text files beside the code that reads them, UTF-8, lines that begin with # are comments."""

from pathlib import Path

__all__ = ["read_lines", "read_words"]


def read_lines(path: Path) -> list[str]:
    """Return the lines of a list that hold something, in order."""
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    return [line for line in lines if line.strip() and not line.startswith("#")]


def read_words(path: Path) -> frozenset[str]:
    """Return the words of a list, which stand between white space."""
    return frozenset(word for line in read_lines(path) for word in line.split())
