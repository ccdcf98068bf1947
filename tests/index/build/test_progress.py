from pathlib import Path

import pytest

from rag.index.build.builder import Progress, build
from rag.index.build.progress import STAGES, ProgressBar
from rag.cli.status import status_text
from tests.support.fakes import FakeEmbedder


def test_every_stage_has_a_bar_of_its_own_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        for stage in ("reading", "embedding", "indexing"):
            bar.show(Progress(stage, 0, 4))
            bar.show(Progress(stage, 4, 4))
    shown = capsys.readouterr()
    assert shown.out == ""
    for stage in ("reading", "embedding", "indexing"):
        assert STAGES[stage] in shown.err
    assert shown.err.count("4/4") >= 3


def test_the_bar_of_reading_counts_files(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for at in range(3):
        (tmp_path / f"{at}.txt").write_text(f"标题{at}\n正文第{at}段，共有{at}个公园。\n" * (at + 1), encoding="utf-8")
    heard: list[Progress] = []
    build([tmp_path], tmp_path / "index", FakeEmbedder(), progress=heard.append)
    reading = [one for one in heard if one.stage == "reading"]
    assert {one.files for one in reading} == {3}
    assert [one.file for one in reading] == sorted(one.file for one in reading)
    assert (reading[0].file, reading[-1].file, reading[-1].done) == (0, 3, reading[-1].total)
    with ProgressBar() as bar:
        for one in reading:
            bar.show(one)
    assert "3/3 files" in capsys.readouterr().err


def test_a_bar_that_was_never_shown_closes_quietly(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar():
        pass
    assert capsys.readouterr().err == ""


def test_status_names_each_refused_file_and_line() -> None:
    found = {
        "index": "索引", "generation": 3, "bytes": 2_500_000, "articles": 2, "passages": 9, "files": 2,
        "embedder": "e5", "reader": "r", "last_build": {},
        "refused": [
            {"path": "甲.txt", "line": 0, "reason": "it is empty"},
            {"path": "乙.jsonl", "line": 7, "reason": "no text"},
        ],
    }  # fmt: skip
    text = status_text(found)
    assert "索引 (generation 3, 2.5 MB)" in text
    assert "2 articles, 9 passages from 2 files" in text
    assert "甲.txt: it is empty" in text
    assert "乙.jsonl#7: no text" in text
