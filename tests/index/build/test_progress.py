import pytest

from rag.index.build.builder import Progress
from rag.index.build.progress import STAGES, ProgressBar
from rag.cli.status import status_text


def test_every_stage_has_a_bar_of_its_own_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar() as bar:
        for stage in STAGES:
            bar.show(Progress(stage, 0, 4))
            bar.show(Progress(stage, 4, 4))
    shown = capsys.readouterr()
    assert shown.out == ""
    for words in STAGES.values():
        assert words in shown.err
    assert shown.err.count("4/4") >= len(STAGES)


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
