"""docs/python.md in both languages: its snippets run one after the other, on the seeds, and say what they say they print."""

import re
import shutil
from pathlib import Path

import pytest

from tests.support.paths import ROOT

PAGES = (ROOT / "docs" / "python.md", ROOT / "docs" / "python.zh.md")


def blocks(page: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


def test_both_languages_have_the_same_snippets() -> None:
    without_notes = [[re.sub("  # .*", "", block) for block in blocks(page)] for page in PAGES]
    assert without_notes[0] == without_notes[1]


def test_the_snippets_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    monkeypatch.chdir(tmp_path)
    code = "\n".join(blocks(PAGES[0]))
    exec(compile(code, str(PAGES[0]), "exec"), {})
    printed = capsys.readouterr().out
    for promised in re.findall("  # (截至.*)", code):
        assert promised in printed
    assert "4G基站" in printed
