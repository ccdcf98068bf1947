from pathlib import Path

from rag.cli.build_text import finding_lines
from rag.ingest.doctor import examine
from tests.support.layouts import LAYOUTS
from tests.support.page_designs import designs
from tests.support.papers import Teller, save
from tests.support.paths import SEEDS

SEED = sorted(SEEDS.glob("*.txt"))[0]


def test_a_text_is_shown_with_its_encoding_its_column_and_the_rules_that_found_things(tmp_path: Path) -> None:
    path = tmp_path / "稿.txt"
    path.write_bytes(SEED.read_text("utf-8").encode("gb18030"))
    found = examine(path)
    assert (found.encoding, found.articles, found.refused) == ("gb18030", 1, ())
    assert found.confidence > 0.95
    assert found.layout.startswith("wrapped at ")
    assert "(" in found.shown[0]["title"]
    assert any("gb18030" in line for line in finding_lines(found))


def test_a_newspaper_page_is_shown_with_its_stories(tmp_path: Path) -> None:
    found = examine(save(tmp_path / "a.pdf", LAYOUTS["five_columns"](3).pages))
    assert found.articles == 4
    assert "newspaper" in found.layout
    assert "(running head)" in found.shown[0]["published"]


def test_what_is_odd_and_what_is_refused_is_named(tmp_path: Path) -> None:
    text = "".join(Teller(2).sentence() for _ in range(30))
    (tmp_path / "a.txt").write_text(text + "\ue123\u200b", encoding="utf-8")
    assert examine(tmp_path / "a.txt").suspicious == {"private use": 1, "invisible": 1}
    (tmp_path / "b.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    found = examine(tmp_path / "b.txt")
    assert found.articles == 0
    assert "PNG" in found.refused[0]


def test_a_page_that_another_way_would_read_quite_differently_is_named(tmp_path: Path) -> None:
    pages = designs(1)
    differing = []
    for name, design in pages.items():
        path = tmp_path / f"{name}.html"
        path.write_bytes(design.html.encode(design.charset))
        if examine(path).layout:
            differing.append(name)
    assert len(differing) < len(pages) / 2
    assert examine(tmp_path / f"{differing[0]}.html").layout.startswith("look at this page: ")
