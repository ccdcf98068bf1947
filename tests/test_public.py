"""What programs import: `from rag import …`."""

import subprocess
import sys
from pathlib import Path

import pytest

import rag
from rag import Bot, RagError, build
from tests.support.paths import ROOT, SEEDS


@pytest.mark.parametrize("name", rag.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(rag, name) is not None


def test_a_name_that_is_not_public_is_an_error_of_attributes() -> None:
    with pytest.raises(AttributeError, match="'rag' has no attribute 'Bott'"):
        rag.Bott  # noqa: B018


def test_importing_the_package_loads_nothing_of_it() -> None:
    told = "import sys, rag; print([name for name in sys.modules if name.startswith('rag.')])"
    done = subprocess.run([sys.executable, "-c", told], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.model
def test_the_example_of_the_readme(tmp_path: Path) -> None:
    report = build([SEEDS], index=tmp_path / "index")
    assert (report.articles, report.refused) == (2, ())
    with Bot.open(index=tmp_path / "index") as bot:
        answer = bot.ask("成都有多少5G基站")
    assert answer.answer == "超8万个"
    assert "建成5G基站超8万个" in answer.citations[0].quote


def test_an_index_that_is_not_there_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(RagError):
        Bot.open(index=tmp_path / "none")
