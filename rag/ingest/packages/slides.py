"""PowerPoint files (.pptx) → words: the slides in order, the notes of the speaker listed as left out."""

from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path
from typing import Any

from rag.ingest.extract import Extract
from rag.ingest.packages.zip_package import Package, open_package
from rag.ingest.raised import lowered, raised
from rag.ingest.word.embedded import drawn_words
from rag.ingest.word.equations import M, equation_text
from rag.records import BlockKind, Drop

__all__ = ["read_slides"]

KIND = "a PowerPoint file (.pptx)"
MAIN = "ppt/presentation.xml"
TITLES = ("title", "ctrTitle")
# What stands on every slide and belongs to none.
FURNITURE = ("dt", "ftr", "sldNum", "hdr")
# The parts beside a slide whose words are listed.
BESIDE = {"ppt/charts/": "chart", "ppt/comments/": "comment"}
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MATH = f"{M}oMath"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds"

Line = tuple[str, BlockKind]


def read_slides(path: Path, content: bytes) -> Extract:
    """Read a presentation as one article whose pages are its slides; the title is that of the first slide with one."""
    with open_package(path, content, KIND) as package:
        return _read(package)


def _read(package: Package) -> Extract:
    related = package.related(MAIN)
    names = [related[one.get(f"{_R}id", "")] for one in package.xml(MAIN).iter(f"{_P}sldId")]
    lines: list[Line] = []
    starts: list[int] = []
    drops: list[Drop] = []
    title = ""
    for number, name in enumerate(names, 1):
        root = package.xml(name)
        found = list(_lines(package, name, root))
        if root.get("show") == "0":
            drops.append(Drop("\n".join(words for words, _ in found), f"hidden slide {number}"))
            found = []
        drops += _left_out(package, name, root, number)
        starts.append(len(lines))
        title = title or next((words for words, kind in found if kind is BlockKind.HEADING), "")
        lines += found
        drops += [Drop(words, f"notes of slide {number}") for words in _notes(package, name)]
    if title and lines and lines[0][0] == title:
        lines = lines[1:]
        starts = [max(0, start - 1) for start in starts]
    offsets = list(accumulate((len(words) + 1 for words, _ in lines), initial=0))
    return Extract(
        "\n".join(words for words, _ in lines),
        title=title,
        drops=tuple(drops),
        pages=tuple(offsets[start] for start in starts),
        kinds=tuple((offset, kind) for offset, (_, kind) in zip(offsets, lines, strict=False)),
    )


def _lines(package: Package, name: str, root: Any) -> Iterator[Line]:
    """Yield the paragraphs of a slide, those of its title first, a row of a table on one line."""
    related = package.related(name)
    shapes = [
        shape for shape in root.iter(f"{_P}sp", f"{_P}graphicFrame") if _placeholder(shape) not in FURNITURE
    ]
    for shape in sorted(shapes, key=lambda shape: _placeholder(shape) not in TITLES):
        kind = BlockKind.HEADING if _placeholder(shape) in TITLES else BlockKind.BODY
        if (diagram := shape.find(f".//{_DIAGRAM}")) is not None:
            part = related.get(diagram.get(f"{_R}dm", ""), "")
            yield from _said(_paragraphs(package.xml(part)), kind) if part in package.names else ()
        elif (table := shape.find(f".//{_A}tbl")) is not None:
            rows = (
                ["".join(_paragraphs(cell)) for cell in row.iter(f"{_A}tc")] for row in table.iter(f"{_A}tr")
            )
            yield from _said(("\t".join(cell for cell in row if cell) for row in rows), kind)
        elif kind is BlockKind.HEADING:
            yield from _said((" ".join(_paragraphs(shape)),), kind)
        else:
            yield from _said(_paragraphs(shape), kind)


def _left_out(package: Package, name: str, root: Any, number: int) -> Iterator[Drop]:
    """Yield what a slide shows that is no text of the article, and what its readers noted on it."""
    for shape in root.iter(f"{_P}sp"):
        if _placeholder(shape) in FURNITURE and (words := "\n".join(_paragraphs(shape)).strip()):
            yield Drop(words, "running head")
    for part in package.related(name).values():
        if part not in package.names or not part.endswith(".xml"):
            continue
        for folder, rule in BESIDE.items():
            if part.startswith(folder) and (words := "\n".join(filter(None, drawn_words(package.xml(part))))):
                yield Drop(words, f"{rule} of slide {number}")


def _said(lines: Any, kind: BlockKind) -> Iterator[Line]:
    for line in lines:
        if words := "\t".join(part for cell in line.split("\t") if (part := " ".join(cell.split()))):
            yield words, kind


def _placeholder(shape: Any) -> str:
    found = shape.find(f".//{_P}nvPr/{_P}ph")
    return "" if found is None else str(found.get("type", "body"))


def _paragraphs(part: Any) -> Iterator[str]:
    for paragraph in part.iter(f"{_A}p"):
        yield "".join(
            _run(run) if run.tag == f"{_A}t" else equation_text(run) if run.tag == MATH else " "
            for run in paragraph.iter(f"{_A}t", f"{_A}br", f"{_A}tab", MATH)
        )


def _run(words: Any) -> str:
    """Return the words of a run; how far it stands above or below the line is a share of its size."""
    properties = words.getparent().find(f"{_A}rPr")
    shift = "0" if properties is None else properties.get("baseline", "0")
    said = words.text or ""
    return said if shift in ("0", "0%") else lowered(said) if shift.startswith("-") else raised(said)


def _notes(package: Package, name: str) -> Iterator[str]:
    for part in package.related(name).values():
        if part.startswith("ppt/notesSlides/") and part in package.names:
            yield from (words for words, _ in _lines(package, part, package.xml(part)))
