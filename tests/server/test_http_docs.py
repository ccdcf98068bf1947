"""docs/http.md in both languages: every command is run, every snippet executed, every address is one of ours."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.config import read_settings
from rag.index.build.builder import build
from rag.server.addresses import ADDRESSES, address_of
from rag.server.api.webhooks import signature
from rag.server.app import create_app
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.paths import ROOT
from tests.support.sample import FakeBot
from tests.support.served import served

PAGES = (ROOT / "docs" / "http.md", ROOT / "docs" / "http.zh.md")
NAMED = "http://127.0.0.1:7860"


def blocks(page: Path, kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("docs")
    build([write_news(folder / "news.jsonl", news(3))], folder / "index", FakeEmbedder())
    settings = read_settings({}, index=folder / "index", state=folder / "state", added=folder / "added")
    with served(create_app(FakeBot(), settings)) as found:
        yield found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_does_what_it_says(page: Path, address: str, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("no curl on this system")
    (tmp_path / "article.txt").write_text(
        "临江书城开业\n临江书城5月6日开业，有图书20万册。\n", encoding="utf-8"
    )
    lines = [line for block in blocks(page, "sh") for line in block.splitlines()]
    assert len(lines) == 8
    for line in lines:
        words = shlex.split(line.replace(NAMED, address))
        assert words[0] == "curl"
        done = subprocess.run(
            [curl, *words[1:], "-o", "/dev/null", "-w", "%{http_code}"],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.stdout in ("200", "202"), line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_snippet_for_openais_client_prints_an_answer_and_its_links(
    page: Path, address: str, capsys: pytest.CaptureFixture[str]
) -> None:
    known: dict[str, Any] = {}
    exec(blocks(page, "python")[0].replace(NAMED, address), known)
    known["chat"].close()
    printed = capsys.readouterr().out
    assert "31座" in printed
    assert f"{address}/articles/" in printed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_snippet_accepts_what_we_sign_and_nothing_else(page: Path) -> None:
    known: dict[str, Any] = {}
    exec(blocks(page, "python")[-1], known)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1700000000"}
    for secret in ("whsec_MDEyMzQ1Njc4OWFiY2RlZg==", "an ordinary secret of some length"):
        signed = {**headers, "webhook-signature": signature(secret, "msg_1", "1700000000", b"{}")}
        assert known["is_ours"](secret, signed, b"{}")
        assert not known["is_ours"](secret, signed, b"{ }")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_address_is_ours(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = {
        found.rstrip(".") for found in re.findall(r"(?<![\w./])/(?:api|v1|docs|openapi)[\w./{}-]*", text)
    }
    assert len(paths) >= 4
    assert not [path for path in paths if address_of(path) is None]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_address_for_programs_is_named_with_the_scope_it_needs(page: Path) -> None:
    told: dict[tuple[str, str], str] = {}
    for line in page.read_text(encoding="utf-8").splitlines():
        for method, path in re.findall(r"`([A-Z]+) (/[\w./{}-]+)[^`]*`", line.split(" | ")[0]):
            if line.startswith("| `"):
                told[method, path] = line.split(" | ")[2].strip("|` ")
    described = [address for address in ADDRESSES if address.described]
    wanted = {
        (method, address.path.replace(":path", "")) for address in described for method in address.methods
    }
    assert wanted <= told.keys()
    for (method, path), scope in told.items():
        found = address_of(path, method)
        assert found is not None
        assert method in found.methods
        assert scope == found.needs if found.needs else scope in ("none", "不需要")
