"""Pages that are pictures: what is recognised goes the same way as text that stands in the file."""

import math
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from rag.budget import Budget, budgeted, spend
from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles
from rag.ingest.pdf import converter, scan
from rag.ingest.pdf.drawings import Box
from rag.records import Article
from rag.text.characters import squeeze
from tests.support.layouts import LAYOUTS
from tests.support.papers import Paper, Printed, save, size_of
from tests.support.paths import ROOT

needs_ocr = pytest.mark.skipif(not scan.can_recognise(), reason=f"the extra is not installed: {scan.INSTALL}")
SCALE = 2.0


def parted(path: Path) -> tuple[list[Article], list[str]]:
    found = list(read_articles(path))
    return (
        [one[1] for one in found if isinstance(one, tuple)],
        [one.reason for one in found if isinstance(one, Refused)],
    )


def recognised(page: Printed, turn: float = 0.0, trembling: float = 0.0) -> Any:
    """Return what rapidocr would say of a page that was printed so, each line a little off."""
    random = np.random.default_rng(7)
    middle = SCALE * np.array([page.width, page.height]) / 2
    boxes, words = [], []
    for left, base, size, text, _ in page.strings:
        top = page.height - base - 0.88 * size
        wide = size_of(text) * size
        corners = (
            np.array([(left, top), (left + wide, top), (left + wide, top + size), (left, top + size)]) * SCALE
        )
        cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
        turned = (corners - middle) @ np.array([[cos, sin], [-sin, cos]]) + middle
        boxes.append(turned + random.normal(0, trembling, (4, 2)))
        words.append(text)

    def engine(picture: Any, use_rec: bool = True, **_: bool) -> SimpleNamespace:
        if not use_rec:
            return SimpleNamespace(boxes=None)
        return SimpleNamespace(boxes=np.array(boxes), txts=tuple(words), scores=(0.99,) * len(words))

    return engine


def as_picture(path: Path, page: Printed) -> Path:
    Image.new("L", (int(SCALE * page.width), int(SCALE * page.height)), 255).save(path)
    return path


@pytest.mark.parametrize("turn", [0.0, 1.2, -0.8])
@pytest.mark.parametrize(
    "name", ["one_column", "three_columns_spanning", "four_columns_quarters", "five_columns", "first_page"]
)
def test_a_picture_comes_apart_as_the_page_would(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, turn: float
) -> None:
    paper: Paper = LAYOUTS[name](11)
    monkeypatch.setattr(converter, "can_recognise", lambda: True)
    monkeypatch.setattr(scan, "_engine", lambda: recognised(paper.pages[0], turn, 0.6))
    articles, _ = parted(as_picture(tmp_path / "a.png", paper.pages[0]))
    found = {squeeze(one.title): one for one in articles}
    assert sorted(found) == sorted(squeeze(told.title) for told in paper.told)
    for told in paper.told:
        assert squeeze("".join(told.paragraphs))[:200] in squeeze(found[squeeze(told.title)].text)
    assert {one.scanned for one in articles} == {True}
    assert {one.found_by["recognised"] for one in articles} == {"OCR of page 1"}


@pytest.mark.parametrize(
    ("found", "again"),
    [
        # Two parts of a headline, side by side, and one without its first character.
        ([(1000, 20, 1140, 70), (1500, 20, 1690, 70)], True),
        ([(1060, 20, 1695, 70)], True),
        ([(1005, 14, 1695, 76)], False),
        # Two lines below one another, of large type and of the text's.
        ([(1005, 5, 1690, 33), (1005, 50, 1690, 78)], False),
    ],
)
def test_a_headline_found_in_part_is_read_again_whole(
    monkeypatch: pytest.MonkeyPatch, found: list[tuple[int, int, int, int]], again: bool
) -> None:
    text = [(100, 100 + 30 * at, 600, 122 + 30 * at) for at in range(9)]
    lines = [(scan._corners(Box(*box)), "甲", 0.9) for box in [*found, *text]]
    headline, line = (1000, 2, 1700, 81), (100, 300, 600, 330)
    small = [scan._corners(Box(*box)) for box in (headline, line, line)]

    def engine(_: Any, use_rec: bool = True, **__: bool) -> SimpleNamespace:
        if use_rec:
            return SimpleNamespace(boxes=None, txts=("提质增效加快建设新老城",), scores=(0.9,))
        return SimpleNamespace(boxes=np.array(small) / scan.SMALLER)

    monkeypatch.setattr(scan, "_engine", lambda: engine)
    read = scan._with_large(np.zeros((400, 1800, 3), np.uint8), lines)
    assert len(read) == (10 if again else len(lines))
    assert any(words != "甲" for _, words, _ in read) is again


def strips(page: Printed) -> Printed:
    for at in range(8):
        page.picture(0, at * page.height / 8, page.width, page.height / 8)
    return page


def test_a_scan_in_strips_is_named_where_nothing_recognises_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(converter, "can_recognise", lambda: False)
    marked = strips(Printed(595, 842))
    marked.write(200, 820, 8, "Scanned with CamScanner 7.1")
    paper = LAYOUTS["one_column"](17)
    articles, reasons = parted(save(tmp_path / "a.pdf", [strips(Printed(595, 842)), marked, *paper.pages]))
    assert len(articles) == len(paper.told)
    assert [scan.INSTALL in reason for reason in reasons] == [True, True]
    with pytest.raises(IngestError, match=r"is a picture.*\[ocr\]"):
        list(read_articles(as_picture(tmp_path / "a.jpg", Printed(595, 842))))


def test_a_scanned_page_among_others_is_read_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Printed(595, 842)
    page.write(60, 60, 20, "关于口袋公园建设的报告")
    for row in range(3):
        page.write(60, 120 + 18 * row, 12, "松河市今年新建口袋公园二十六座，其中十二座已经开放。")
    monkeypatch.setattr(converter, "can_recognise", lambda: True)
    monkeypatch.setattr(scan, "_engine", lambda: recognised(page))
    plain = Printed(595, 842)
    for row in range(3):
        plain.write(60, 120 + 18 * row, 12, "松河市图书馆延长开放至二十二时，周末不变，请读者留意。")
    (article,), reasons = parted(save(tmp_path / "a.pdf", [strips(Printed(595, 842)), plain]))
    assert not reasons
    assert article.title == "关于口袋公园建设的报告"
    assert [article.page_at(article.text.index(words)) for words in ("口袋公园二十六座", "图书馆")] == [1, 2]
    assert article.found_by["recognised"] == "OCR of page 1"


def test_what_is_recognised_too_uncertainly_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = LAYOUTS["one_column"](11).pages[0]
    said = recognised(page)(None)
    said.scores = (*said.scores[:-1], 0.2)
    monkeypatch.setattr(converter, "can_recognise", lambda: True)
    monkeypatch.setattr(
        scan,
        "_engine",
        lambda: lambda picture, use_rec=True, **_: said if use_rec else SimpleNamespace(boxes=None),
    )
    articles, _ = parted(as_picture(tmp_path / "a.png", page))
    drops = [drop.text for one in articles for drop in one.drops if drop.rule == "recognised too uncertainly"]
    assert drops == [said.txts[-1]]


@pytest.mark.parametrize(
    ("size", "content", "wrong"),
    [
        ((300, 900), b"", "too small"),
        (None, b"\x89PNG\r\n\x1a\n..", "not a picture"),
        (None, b"words", "not a picture"),
    ],
)
def test_what_is_no_page_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] | None, content: bytes, wrong: str
) -> None:
    monkeypatch.setattr(converter, "can_recognise", lambda: True)
    path = tmp_path / "a.png"
    if size:
        Image.new("L", size).save(path)
    else:
        path.write_bytes(content)
    with pytest.raises(IngestError, match=wrong):
        list(read_articles(path))


def test_to_recognise_a_page_costs_the_budget_of_a_file_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(picture: Any, **_: bool) -> Any:
        total = sum(at * at for at in range(3_000_000))
        return SimpleNamespace(boxes=None, txts=None, scores=None, total=total)

    monkeypatch.setattr(scan, "_engine", lambda: slow)
    with budgeted(Budget(seconds=0.15)), budgeted(Budget(seconds=0.1)):
        scan.recognise(np.zeros((10, 10, 3), np.uint8), 1)
        spend()


def test_nothing_of_the_extra_is_loaded_without_a_scan(tmp_path: Path) -> None:
    path = save(tmp_path / "a.pdf", LAYOUTS["one_column"](11).pages)
    code = (
        "import sys; from pathlib import Path; from rag.ingest.articles import read_articles; "
        f"list(read_articles(Path({str(path)!r}))); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert not {"rapidocr", "cv2", "shapely", "PIL", "openpyxl"} & set(done.stdout.split())


@needs_ocr
def test_a_scanned_page_is_read(tmp_path: Path) -> None:
    page = Printed(420, 300)
    page.write(40, 40, 20, "松河市新建口袋公园")
    lines = [
        "松河市今年新建口袋公园26座，其中",
        "12座已经开放，覆盖全部街道。市园林",
        "局说，明年还将再建14座。",
    ]
    for row, line in enumerate(lines):
        page.write(40 + 24 * (row == 0), 100 + 20 * row, 12, line)
    with pypdfium2.PdfDocument(save(tmp_path / "a.pdf", [page])) as document:
        document[0].render(scale=2.5).to_pil().save(tmp_path / "a.png")
    (article,), _ = parted(tmp_path / "a.png")
    assert article.title == "松河市新建口袋公园"
    assert squeeze("".join(lines)) in squeeze(article.text)
