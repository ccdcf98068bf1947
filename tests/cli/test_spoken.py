"""The command line in Chinese: every help text, message and error is in the book, and the locale decides."""

import ast
import importlib
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rag.cli import build_text
from rag.cli.app import app, main
from rag.cli.spoken import BOOK, chinese, is_chinese, spoken, spoken_error
from rag.cli.status import status_text
from rag.errors import AskError, EvalError, IndexEmpty, StoreError
from rag.evaluation.questions import BadRow
from rag.index.build.builder import BuildReport
from rag.index.build.changes import Preview
from rag.ingest.doctor import Finding
from tests.support.paths import ROOT

CHINESE = re.compile("[一-鿿]")
# Raised where nobody but a request of the server meets it.
SERVER_ONLY = ("rag/server/",)
SERVED_TOO = ("rag/server/listener.py", "rag/server/security/keys.py")
ERRORS = ("SettingError", "ModelError", "StoreError", "IndexEmpty", "IndexLocked", "IndexMismatch", "ArticleUnknown", "ArticleGone", "AccessError", "EvalError", "AskError", "FileTooHard")  # fmt: skip


def pairs() -> list[tuple[str, str]]:
    blocks = BOOK.read_text(encoding="utf-8").strip().split("\n\n")
    found = [tuple(block.split("\n")) for block in blocks if not block.startswith("#")]
    assert all(len(one) == 2 for one in found), [one for one in found if len(one) != 2]
    return [(english, said) for english, said in found]


def test_each_sentence_of_the_book_says_what_stands_in_its_holes() -> None:
    for english, said in pairs():
        holes = english.count("{}")
        used = {int(number) for number in re.findall(r"[{<](\d)[}>]", said)}
        assert used <= set(range(holes)), english
        assert CHINESE.search(said) or said == "<0>", english
    twice = [english for english, count in Counter(english for english, _ in pairs()).items() if count > 1]
    assert not twice


def sentences(node: ast.expr, module: Any) -> Iterator[str]:
    """Yield what an expression may say, with a 7 in every hole; nothing for what is no literal."""
    match node:
        case ast.Constant(str(text)):
            yield text
        case ast.JoinedStr(parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else held(part, module) for part in parts
            )
        case ast.BinOp(left, ast.Add(), right):
            yield from (a + b for a in sentences(left, module) for b in sentences(right, module))
        case ast.IfExp(_, body, other):
            yield from (*sentences(body, module), *sentences(other, module))


def held(part: Any, module: Any) -> str:
    """Return what a hole holds: a constant of the module, or any number."""
    if isinstance(part.value, ast.IfExp):
        return next(sentences(part.value, module), "7")
    value = getattr(module, part.value.id, None) if isinstance(part.value, ast.Name) else None
    return value if isinstance(value, str) and len(value) > 20 else "7"


def trees() -> Iterator[tuple[str, Any, ast.Module]]:
    for path in sorted((ROOT / "rag").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if (name.startswith(SERVER_ONLY) and name not in SERVED_TOO) or path.name.startswith("__"):
            continue
        yield name, importlib.import_module(name.removesuffix(".py").replace("/", ".")), ast.parse(path.read_text(encoding="utf-8"))  # fmt: skip


def test_every_error_that_has_no_chinese_of_its_own_is_in_the_book() -> None:
    missing, seen = [], 0
    for name, module, tree in trees():
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS
            if called and isinstance(node, ast.Call) and len(node.args) == 1:
                for sentence in sentences(node.args[0], module):
                    seen += 1
                    if chinese(sentence) == sentence:
                        missing.append((name, sentence))
    assert not missing
    assert seen > 40


def test_every_sentence_that_a_command_says_is_in_the_book() -> None:
    missing, seen = [], 0
    for name, module, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "spoken":
                for sentence in sentences(node.args[0], module):
                    seen += 1
                    if chinese(sentence) == sentence:
                        missing.append((name, sentence))
    assert not missing
    assert seen >= 20


def test_no_command_prints_a_sentence_past_the_book() -> None:
    for path in sorted((ROOT / "rag" / "cli").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            prints = isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "print",
                "typer.echo",
                "typer.confirm",
            )
            if prints and isinstance(node, ast.Call) and node.args:
                said = "".join(sentences(node.args[0], None))
                assert not re.search("[a-z]{3,} [a-z]{2,}", said), f"{path.name}:{node.lineno} {said}"


def commands(command: Any, name: str = "youju") -> Iterator[tuple[str, Any]]:
    yield name, command
    for below, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {below}")


@pytest.mark.parametrize(
    ("name", "command"), [*commands(typer.main.get_command(app))], ids=lambda one: str(one)[:20]
)
def test_every_help_text_is_in_the_book(name: str, command: Any) -> None:
    for paragraph in (command.help or "").split("\n\n"):
        plain = " ".join(re.split("Examples?: ", " ".join(paragraph.split()))[0].split())
        assert not plain or chinese(plain) != plain, plain
    for parameter in command.params:
        told = getattr(parameter, "help", None)
        assert not told or chinese(told) != told, told


def test_reports_are_in_chinese_line_by_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    report = BuildReport(3, 2, 9, 1, 0, 0, 9, (("a.txt", "a.txt is empty."),), 1.5, (), ("b.txt",))
    seen = Preview(
        ("a",), ("b",), 4, (("c", "d"),), ("e",), ("f",), {"g": "g is empty."}, {"h": "h is empty."}
    )
    finding = Finding("x", "utf-8", 1.0, "one article", 1, ({"title": "春风", "published": "2024-05-06"},), {"control": 2}, ("x is empty.",))  # fmt: skip
    status = {"index": "i", "generation": 1, "bytes": 1, "articles": 1, "passages": 1, "files": 1, "embedder": "e", "reader": "r", "refused": [{"path": "p", "line": 0, "reason": "p is empty."}]}  # fmt: skip
    lines = [
        *map(spoken, (build_text.report_line(report), *build_text.complaints(report))),
        *map(spoken, build_text.preview_lines(seen)),
        *[line for line in build_text.finding_lines(finding) if line != "x"],
        *spoken(status_text(status)).split("\n"),
        spoken(f"not asked: {BadRow('题.csv', 3, 'has no question')}"),
    ]
    assert len(lines) > 15
    for line in lines:
        assert CHINESE.search(line), line
        assert "empty" not in line, line


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ({"LANG": "zh_CN.UTF-8"}, True),
        ({"LANG": "zh_TW"}, True),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, False),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, True),
        ({"LANG": "C.UTF-8"}, False),
        ({}, False),
    ],
)
def test_the_locale_decides(monkeypatch: pytest.MonkeyPatch, told: dict[str, str], wanted: bool) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    assert is_chinese() is wanted


def test_an_error_is_told_as_fully_as_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    empty = IndexEmpty(
        "The index /x is empty: build it with `python -m rag build --index /x PATH`.", "空的。"
    )
    assert spoken_error(empty) == "索引 /x 还是空的：请用 youju build --index /x 路径 收录报道。"
    assert spoken_error(AskError("something", "不对。")) == "不对。"
    assert "something new" in spoken_error(StoreError("something new"))
    assert spoken_error(EvalError("There is nothing to ask: a.csv is empty.")) == "没有可问的：a.csv 是空的。"
    monkeypatch.setenv("LC_ALL", "C")
    assert spoken_error(AskError("something", "不对。")) == "something"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "用原文回答一个问题。"),
        (["build", "--help"], 0, "没有变动的不再读取和编码。"),
        (["eval", "draft", "--help"], 0, "起草题目"),
        (["eval", "--help"], 0, "各指标"),
        (["ask"], 2, "缺少参数"),
        (["asc"], 2, "没有命令“asc”，是不是“ask”？"),
        (["ask", "x", "--foo"], 2, "没有选项 --foo"),
        (["ask", "x", "-k", "abc"], 2, "应为整数"),
        (["ask", "x", "-k", "99"], 2, "不能大于 20"),
        (["search", "x", "--by", "luck"], 2, "应为"),
        (["verify"], 2, "请写回答文件，或 --all"),
        (["status", "--index", "no-such-index"], 1, "还是空的"),
        (["eval", "nope.csv"], 1, "没有这个文件"),
        (["key", "add", "x", "--scope", "fly"], 2, "--scope 可以是"),
    ],
)
def test_the_command_line_speaks_chinese(
    words: list[str],
    code: int,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    monkeypatch.setattr(sys, "argv", ["youju", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    shown = capsys.readouterr()
    assert ended.value.code == code
    assert said in shown.out + shown.err
    assert not re.search("Usage|Options:|Error|Try ", shown.out + shown.err)


@pytest.mark.model
def test_data_is_the_same_in_both_languages(seeds_index: Path) -> None:
    told = []
    for language in ("C.UTF-8", "zh_CN.UTF-8"):
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "rag",
                "search",
                "5G基站",
                "--json",
                "-n",
                "2",
                "--index",
                str(seeds_index),
            ],
            cwd=ROOT,
            env=os.environ | {"LC_ALL": language},
            capture_output=True,
            text=True,
            check=True,
        )
        told.append((done.stdout, bool(CHINESE.search(done.stderr.splitlines()[-1]))))
    assert told[0][0] == told[1][0]
    assert [chinese_said for _, chinese_said in told] == [False, True]
