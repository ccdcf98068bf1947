"""What the command line says, in the language of the terminal: Chinese where the locale is, else English.

The code says its sentences in English; `chinese.txt` beside it has each with its Chinese, whose `{0}` is what stands in
the first `{}`, and `<0>` that in Chinese. A test holds that every sentence is there.
"""

import locale
import os
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from rag.errors import RagError
from rag.render.ingest_reasons import reason_zh

__all__ = ["chinese", "is_chinese", "spoken", "spoken_error", "spoken_help", "spoken_usage"]

BOOK = Path(__file__).parent / "chinese.txt"
HOLE = "{}"
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")
HEADINGS = {
    "Usage:": "用法：",
    "Options:": "选项：",
    "Arguments:": "参数：",
    "Commands:": "命令：",
    "[default: ": "[默认：",
    "[required]": "[必填]",
    "Show this message and exit.": "显示这份说明。",
    "[OPTIONS]": "[选项]",
    "COMMAND [ARGS]...": "命令 [参数]…",
}


def is_chinese() -> bool:
    """Tell whether the terminal's locale is a Chinese one: the first of the usual variables that is set says so."""
    told = next((value for name in LOCALES if (value := os.environ.get(name))), "")
    if not told and os.name == "nt":  # Windows sets none of them
        told = (locale.getlocale()[0] or "").replace("Chinese", "zh")
    return told.lower().startswith("zh")


def spoken(sentence: str) -> str:
    """Return a sentence, or lines of them, as the terminal's language has them."""
    return "\n".join(map(chinese, sentence.split("\n"))) if is_chinese() else sentence


def spoken_error(error: RagError) -> str:
    """Return what an error says; in Chinese that of its own where the book has no better one."""
    if not is_chinese():
        return str(error)
    told = chinese(str(error))
    if told != str(error):
        return told
    return error.message if error.message != error.spoken else f"{error.message}（{error}）"


def spoken_help(command: Any) -> None:
    """Put the help of a command and of those below it into Chinese."""
    for below in getattr(command, "commands", {}).values():
        spoken_help(below)
    if command.epilog:
        command.epilog = "\n\n".join(map(chinese, command.epilog.split("\n\n")))
    command.help = command.help and "\n\n".join(map(_paragraph, command.help.split("\n\n")))
    for parameter in command.params:
        if getattr(parameter, "help", None):
            parameter.help = chinese(parameter.help)
    in_english = command.get_help
    command.get_help = lambda context: _headed(in_english(context))


def chinese(sentence: str) -> str:
    """Return a sentence of ours in Chinese, any other as it is.

    >>> chinese("3 of 7 passages")
    '7 段中的 3 段'
    """
    whole, holed = _book()
    if sentence in whole:
        return whole[sentence]
    for parts, said in holed:
        if (found := _match(parts, sentence)) is not None:
            return _filled(said, found)
    return reason_zh(sentence)


def spoken_usage(text: str) -> str:
    """Return what is wrong with a command, as the library says it, in Chinese; help that it shows is so already."""
    return _headed("\n".join(map(chinese, text.split("\n"))))


def _paragraph(text: str) -> str:
    plain = " ".join(text.split())
    for word in ("Example: ", "Examples: "):
        before, found, after = plain.partition(word)
        if found:
            return f"{chinese(before.strip())}例：{after}" if before else f"例：{after}"
    return chinese(plain)


def _headed(text: str) -> str:
    for english, said in HEADINGS.items():
        text = text.replace(english, said)
    return text


Holed = Sequence[tuple[Sequence[str], str]]


@cache
def _book() -> tuple[Mapping[str, str], Holed]:
    """Read the book: sentences without holes, then those with: what says most of how one begins, then of the rest, first."""
    blocks = BOOK.read_text(encoding="utf-8").strip().split("\n\n")
    pairs = [tuple(block.split("\n")) for block in blocks if not block.startswith("#")]
    whole = {english: said for english, said in pairs if HOLE not in english}
    holed = [(english.split(HOLE), said) for english, said in pairs if HOLE in english]
    return whole, sorted(holed, key=lambda one: (-len(one[0][0]), -sum(map(len, one[0]))))


def _match(parts: Sequence[str], sentence: str) -> list[str] | None:
    """Return what stands in the holes between `parts`, None where the sentence is another."""
    first, *middle, last = parts
    if not sentence.startswith(first) or not sentence.endswith(last):
        return None
    at, end, found = len(first), len(sentence) - len(last), []
    for part in middle:
        next_at = sentence.find(part, at, end)
        if next_at < 0:
            return None
        found.append(sentence[at:next_at])
        at = next_at + len(part)
    return [*found, sentence[at:end]] if at <= end else None


def _filled(said: str, found: Sequence[str]) -> str:
    for number, text in enumerate(found):
        said = said.replace(f"<{number}>", chinese(text)).replace(f"{{{number}}}", text)
    return said
