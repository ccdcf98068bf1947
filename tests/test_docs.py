"""The documents in both languages: the same snippets and settings, commands that the program takes, links that lead somewhere.

The addresses, clients and pages among them are followed by tests/server/test_http_docs.py, test_hosts.py, test_deploy.py and
tests/bot/test_python_docs.py.
"""

import importlib.util
import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import typer.main

from rag.cli.app import app
from rag.config import Settings, read_settings
from rag.server.security.rate_limit import NETWORK
from tests.support.paths import ROOT

FOLDERS = ("", "docs", "docs/deploy", "rag/evaluation")
PAIRS = [
    (page, page.with_suffix(".zh.md"))
    for folder in FOLDERS
    for page in sorted((ROOT / folder).glob("*.md"))
    if page.with_suffix(".zh.md").exists()
]
PAGES = [page for pair in PAIRS for page in pair]
ALL = sorted(
    {page for folder in ("docs", "rag", "benchmarks", "training", "bundle", "index") for page in (ROOT / folder).rglob("*.md")}
    | set(ROOT.glob("*.md"))
)  # fmt: skip
READMES = (ROOT / "README.md", ROOT / "README.zh.md")
SETTINGS = (ROOT / "docs" / "settings.md", ROOT / "docs" / "settings.zh.md")
LONGEST_README = 95
"""Lines: two minutes of reading."""
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


@pytest.mark.parametrize("name", ["command-line.md", "command-line.zh.md"])
def test_every_command_has_its_row(name: str) -> None:
    command: Any = typer.main.get_command(app)
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    cells = re.findall(r"^\| (`.*?`) \| ", text, re.MULTILINE)
    told = {words.split()[0] for cell in cells for words in re.findall("`([^`]+)`", cell)}
    assert told == {name.split()[0] for name in command.commands}
    assert "`eval draft`" in text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_setting_is_one(page: Path) -> None:
    known = {f"RAG_{name.upper()}" for name in Settings.model_fields} | {"RAG_DATA"}
    assert set(re.findall(r"\bRAG_[A-Z_]+[A-Z]", page.read_text(encoding="utf-8"))) <= known


def told_settings(page: Path) -> dict[str, str]:
    """Return each variable that has a row in a table, with what stands there as its default."""
    rows = re.findall(r"^\| `(RAG_[A-Z_]+)` \| (.*?) \| ", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert len(rows) == len(dict(rows))
    return dict(rows)


@pytest.mark.parametrize("page", SETTINGS, ids=lambda page: page.name)
def test_every_setting_has_its_row_with_the_default_it_has(page: Path) -> None:
    told = told_settings(page)
    assert set(told) == {f"RAG_{name.upper()}" for name in Settings.model_fields}
    for name, default in read_settings({}).model_dump().items():
        said = told[f"RAG_{name.upper()}"]
        if found := re.fullmatch("`([^`]+)`", said):
            assert found[1] == str(int(default) if isinstance(default, bool) else default), name
        else:
            assert not default, name
    assert f"`{NETWORK}`" in told["RAG_RATE"]


@pytest.mark.parametrize("page", READMES, ids=lambda page: page.name)
def test_a_readme_is_short_and_has_the_commands_to_begin_with(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST_README
    assert "⟨" not in text  # a number that was to be filled in
    begin = [line.partition("#")[0].strip() for _, code in blocks(page)[:2] for line in code.split("\n")]
    assert [line for line in begin if line] == [
        "make serve",
        "make test",
        ".venv/bin/python -m rag build news/",
        "pip install -c constraints.txt .",
        "python app.py",
        'pip install -c constraints.txt ".[test]"',
        "pytest",
    ]
    assert (ROOT / "start.cmd").exists()
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert "`torch==2.13.0`" in text


@pytest.mark.parametrize("page", ALL, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_module_and_target_that_is_run_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    targets = set(re.findall("^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    run = re.findall(r"(?:^|[`\n]|[A-Z]=\S+ )make ((?:[a-z-]+)(?: [a-z-]+)*)", text)
    assert {word for words in run for word in words.split()} <= targets
    for module in set(re.findall(r"python3? -m ((?:benchmarks|training|tests|bundle)[\w.]*)", text)):
        assert importlib.util.find_spec(module), module


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    found: list[str] = []
    for title in re.findall(r"^#+ +(.+?)\s*$", text, re.MULTILINE):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.append(f"{slug}-{found.count(slug)}" if slug in found else slug)
    return frozenset(found)


@pytest.mark.parametrize("page", ALL, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_link_within_the_repository_leads_somewhere(page: Path) -> None:
    text = re.sub(
        r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    for link in (one for one in links if not one.startswith(("https://", "http://"))):
        path, _, anchor = unquote(link).partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert ROOT in target.parents, link
        assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.name}")
def test_every_page_names_its_other_language(page: Path) -> None:
    other = page.name.replace(".zh.md", ".md") if page.name.endswith(".zh.md") else f"{page.stem}.zh.md"
    assert f"]({other})" in page.read_text(encoding="utf-8")


@pytest.mark.parametrize(("english", "chinese"), PAIRS, ids=lambda page: page.name)
def test_both_languages_have_the_same_sections_and_tables(english: Path, chinese: Path) -> None:
    told = [page.read_text(encoding="utf-8") for page in (english, chinese)]
    for shape in (r"^#+ ", r"^\|", r"^- "):
        found = [len(re.findall(shape, text, re.MULTILINE)) for text in told]
        assert found[0] == found[1], shape


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name == "docs"], ids=lambda page: page.name
)
def test_every_document_is_in_the_list_of_its_language(page: Path) -> None:
    index = "README.zh.md" if page.name.endswith(".zh.md") else "README.md"
    assert page.name == index or f"]({page.name})" in (ROOT / "docs" / index).read_text(encoding="utf-8")
