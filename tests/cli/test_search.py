"""`youju search`: passages by meaning and by words, the same record as over HTTP; `backup` before it writes over a file."""

import io
import json
import os
import pty
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from rag.bot import Bot
from rag.cli.app import app
from rag.config import read_settings
from rag.errors import AskError, StoreError
from rag.server.app import create_app
from tests.support.paths import ROOT

pytestmark = pytest.mark.model


def youju(*words: str | Path) -> Any:
    """Run a command in this process."""
    return CliRunner().invoke(app, [*map(str, words)])


@pytest.mark.parametrize("by", ["meaning", "words"])
def test_a_search_prints_the_passages_that_http_gives(seeds_index: Path, seeds_bot: Bot, by: str) -> None:
    found = youju("search", "5G 基站", "--by", by, "-n", "3", "--index", seeds_index, "--json")
    assert found.exit_code == 0, found.output
    rows = [json.loads(line) for line in found.stdout.splitlines()]
    with TestClient(create_app(seeds_bot, read_settings({})), "http://127.0.0.1:7860") as http:
        told = http.get("/api/search", params={"q": "5G 基站", "by": by, "limit": 3}).json()
    for row in told["passages"]:
        del row["permalink"]
    assert rows == told["passages"]
    assert f"{len(rows)} of {told['total']} passages" in found.stderr


def test_people_see_where_a_passage_stands_and_what_it_says(seeds_index: Path) -> None:
    found = youju("search", "成都有多少5G基站", "--index", seeds_index)
    assert found.stdout.startswith("1. ")
    assert "超8万个" in found.stdout
    assert ".txt" in found.stdout


def test_what_cannot_be_searched_is_named(seeds_index: Path) -> None:
    for words, said in (
        (["5G", "--publisher", "没有的报"], "publisher"),
        (["5G", "--sort", "date"], "--by words"),
        (["5G", "--since", "昨天"], "YYYY-MM-DD"),
        ([" "], "question"),
    ):
        failed = youju("search", *words, "--index", seeds_index)
        assert isinstance(failed.exception, AskError)
        assert said in str(failed.exception)
    none = youju("search", "没有这样的词组", "--by", "words", "--index", seeds_index)
    assert (none.exit_code, none.stdout) == (0, "")


def test_a_backup_is_not_written_over_unless_that_is_said(
    seeds_index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RAG_STATE", str(tmp_path / "state"))
    archive = tmp_path / "youju.zip"
    archive.write_bytes(b"something of somebody")
    refused = youju("backup", archive, "--index", seeds_index)
    assert isinstance(refused.exception, StoreError)
    assert "--yes" in str(refused.exception)
    assert archive.read_bytes() == b"something of somebody"
    assert youju("backup", archive, "--yes", "--index", seeds_index).exit_code == 0
    assert zipfile.is_zipfile(archive)


@pytest.mark.parametrize(("typed", "kept"), [(b"n\n", True), (b"y\n", False), (b"\n", True)])
def test_at_a_terminal_it_asks(seeds_index: Path, tmp_path: Path, typed: bytes, kept: bool) -> None:
    archive = tmp_path / "youju.zip"
    archive.write_bytes(b"something of somebody")
    ours, theirs = pty.openpty()
    try:
        command = [sys.executable, "-m", "rag", "backup", str(archive), "--index", str(seeds_index)]
        environment = os.environ | {"RAG_STATE": str(tmp_path / "state")}
        with subprocess.Popen(
            command, cwd=ROOT, stdin=theirs, stderr=subprocess.PIPE, env=environment
        ) as process:
            os.write(ours, typed)
            assert isinstance(process.stderr, io.BufferedReader)
            said = process.stderr.read().decode()
        assert "Write over it?" in said
        assert process.returncode == int(kept)
    finally:
        os.close(ours)
        os.close(theirs)
    assert (archive.read_bytes() == b"something of somebody") is kept
