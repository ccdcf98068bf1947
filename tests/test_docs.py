"""The documents in both languages: the same snippets, and every command of ours is one that the program takes.

The addresses, clients and pages among them are followed by tests/server/test_http_docs.py, test_hosts.py, test_deploy.py and
tests/bot/test_python_docs.py.
"""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rag.cli.app import app
from rag.config import Settings
from tests.support.paths import ROOT

FOLDERS = ("", "docs", "docs/deploy", "rag/evaluation")
PAIRS = [
    (page, page.with_suffix(".zh.md"))
    for folder in FOLDERS
    for page in sorted((ROOT / folder).glob("*.md"))
    if page.with_suffix(".zh.md").exists()
]
PAGES = [page for pair in PAIRS for page in pair]
NOT_FOLLOWED = ("", "mermaid")
COMMANDS = ("youju", "python -m rag", ".venv/bin/python -m rag")
# Words of a sentence that stand in the place of a name.
ELLIPSIS = re.compile("[…]|^FILE")


def blocks(page: Path) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w*)\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


def bare(code: str) -> str:
    """Return code without its comments, which are in the page's language."""
    return re.sub(r"[ \t]+(?:#|//) .*", "", code)


def test_every_page_is_there_in_both_languages() -> None:
    assert len(PAIRS) >= 7
    alone = [page for page in (ROOT / "docs").rglob("*.md") if page not in PAGES]
    assert not alone


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda page: page.name)
def test_both_languages_have_the_same_snippets(english: Path, chinese: Path) -> None:
    told = [[bare(code) for kind, code in blocks(page) if kind] for page in (english, chinese)]
    assert told[0] == told[1]
    ours = [[line for line in commands(page, inline=False)] for page in (english, chinese)]
    assert [len(lines) for lines in ours] == [len(ours[0])] * 2


def commands(page: Path, *, inline: bool = True) -> Iterator[str]:
    """Yield the commands of ours in a page: lines of its blocks, and spans within the text."""
    text = page.read_text(encoding="utf-8")
    lines = [line.strip() for _, code in blocks(page) for line in code.split("\n")]
    lines += [line.strip() for line in text.split("\n") if line.startswith("    python -m rag")]
    if inline:
        lines += re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL))
    for line in lines:
        for name in COMMANDS:
            found = re.match(rf"(?:\w+=\S* )*{re.escape(name)} (.+)", line)
            if found:
                yield re.split(r"\s+#|\s[<>|]\s?|\s&&\s|;\s", found[1])[0].strip()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_command_is_one_that_the_program_takes(page: Path) -> None:
    command: Any = typer.main.get_command(app)
    for line in commands(page):
        words = [word for word in shlex.split(line.replace("\\|", "|")) if word not in ("COMMAND", "命令")]
        if not words or "|" in line or "/" in words[0]:
            words = [word.partition("|")[0] for word in words]
        if words:
            taken(command, words)


def taken(command: Any, words: list[str]) -> None:
    """Parse words as the program would; what a sentence leaves out (a question, a file) is no fault."""
    while getattr(command, "commands", None):
        name = " ".join(words[:2]) if " ".join(words[:2]) in command.commands else words[0]
        assert name in command.commands or name.startswith("-"), words
        if name.startswith("-"):
            return
        command, words = command.commands[name], words[len(name.split()) :]
        if not words:
            return
    known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    for word in words:
        if word.startswith("-") and word != "-":
            assert word.partition("=")[0] in known, (command.name, word)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_setting_is_one(page: Path) -> None:
    known = {f"RAG_{name.upper()}" for name in Settings.model_fields} | {"RAG_DATA"}
    assert set(re.findall(r"\bRAG_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))) <= known
