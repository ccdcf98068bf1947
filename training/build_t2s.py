"""Make rag/text/t2s.txt: the traditional characters that have one simplified form, from OpenCC's character table.

Run `python training/build_t2s.py` after an update of opencc; the file is two lines of equal length. Phrase rules
are left out on purpose: they change lengths, and matching must never move an offset.
"""

from pathlib import Path

import opencc

TARGET = Path(__file__).resolve().parents[1] / "rag" / "text" / "t2s.txt"
HAN = (*range(0x3400, 0xA000), *range(0xF900, 0xFB00), *range(0x20000, 0x32400))


def table() -> dict[str, str]:
    """Return every character that changes, mapped until nothing changes, if it stays one character."""
    convert = opencc.OpenCC("t2s").convert
    single = {char: convert(char) for char in map(chr, HAN)}
    single = {char: plain for char, plain in single.items() if len(plain) == 1 and plain != char}
    return {char: single.get(plain, plain) for char, plain in single.items()}


if __name__ == "__main__":
    pairs = sorted(table().items())
    lines = ("".join(char for char, _ in pairs), "".join(plain for _, plain in pairs))
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(pairs)} characters -> {TARGET.name}")
