"""Make rag/query/pinyin.txt: the characters of GB 2312 by the syllable that pypinyin gives each, without tone.

Run `pip install pypinyin`, then `python training/build_pinyin.py`, after a release of pypinyin. Of characters that are
read in more ways than one only the first, usual one is taken: with all of them five more of 2,000 right questions were
altered. Nothing is imported at run time, because pypinyin takes a quarter of a second and 57 MB.
"""

from collections import defaultdict
from importlib.metadata import version
from pathlib import Path

from pypinyin import Style, pinyin

TARGET = Path(__file__).resolve().parents[1] / "rag" / "query" / "pinyin.txt"
HEADER = """\
# The {count:,} characters of GB 2312-80 by syllable without tone, each by its usual reading. Made by
# training/build_pinyin.py from pypinyin {version}; do not edit.
"""


def characters() -> str:
    """Return the characters of both levels of GB 2312 in its order."""
    rows = (bytes((row, cell)) for row in range(0xB0, 0xF8) for cell in range(0xA1, 0xFF))
    return "".join(pair.decode("gb2312", errors="ignore") for pair in rows)


def syllables() -> dict[str, str]:
    """Return the characters of each syllable."""
    found: dict[str, str] = defaultdict(str)
    for char in characters():
        ((syllable,),) = pinyin(char, style=Style.NORMAL, errors="ignore")
        found[syllable] += char
    return found


if __name__ == "__main__":
    header = HEADER.format(count=len(characters()), version=version("pypinyin"))
    lines = (f"{syllable} {chars}\n" for syllable, chars in sorted(syllables().items()))
    TARGET.write_text(header + "".join(lines), encoding="utf-8")
