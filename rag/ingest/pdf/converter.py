"""PDF files → the words of their stories, paragraph by paragraph, with what the running heads say."""

import re
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from pathlib import Path
from string import ascii_letters
from typing import Any

from rag.errors import IngestError
from rag.ingest.cleaning.credits_and_captions import read_byline
from rag.ingest.cleaning.paragraphs import within_word
from rag.ingest.extract import Entry, Extract, Fault, Found, read_content
from rag.ingest.grid import Grid, head_rows
from rag.ingest.pdf.blocks import FINISHED, Block, Paragraph, paragraphs
from rag.ingest.pdf.glyphs import Fragment, Sheet, read_sheet
from rag.ingest.pdf.issue import Issue, read_issue
from rag.ingest.pdf.pictures import read_pictures
from rag.ingest.pdf.running_head import Masthead
from rag.ingest.pdf.scan import INSTALL, can_recognise, recognise, rendered
from rag.ingest.pdf.stories import Item, Role, Story
from rag.ingest.regular_file import open_file
from rag.ingest.sheet import CELL_GAP
from rag.records import RECOGNISED, BlockKind, Cell, Drop, Table

__all__ = ["read_pdf", "read_picture"]

# No issue has so many pages: such a file is refused before it fills the memory.
MOST_PAGES = 1000
# A page with fewer characters than this and pictures over this share of it was scanned; programs that scan print a line
# of their own on a picture of the whole page.
FEW_CHARACTERS = 20
SCANNED = 0.5
FEW_ON_SCAN = 60
WHOLE_PAGE = 0.85
# A page with a larger share of characters without a code, or of characters below one another, is not read.
MOST_UNREADABLE = 0.1
MOST_UPRIGHT = 0.4
# Lines of a headline in type of this share of the largest are the title, others stand above or below it.
MAIN = 0.9
# A line of a headline that leaves less room than this (in type sizes) was broken because it was full.
FULL = 1.8
MARKS = frozenset("，。、；：？！,!?:;）)》”")
LATIN = frozenset(ascii_letters)

# The day below the name of who signed.
_signed = re.compile(
    r"(?:\d{4}|[〇零○一二三四五六七八九]{4})年[\d一二三四五六七八九十]{1,3}月[\d一二三四五六七八九十]{1,3}日"
)


def read_pdf(path: Path) -> Iterator[Entry]:
    """Yield the stories of a file, numbered if there are several, and what is wrong with pages left out."""
    import pypdfium2

    try:
        with open_file(path) as file, closing(pypdfium2.PdfDocument(file)) as document:
            if len(document) > MOST_PAGES:
                raise IngestError(
                    f"{path} has {len(document)} pages, more than {MOST_PAGES}: split it into issues."
                )
            sheets, wrong = _sheets(document, path)
    except pypdfium2.PdfiumError:
        raise IngestError(f"{path} is not a PDF file, or it is damaged or locked with a password.") from None
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    yield from _found(path, sheets, wrong)


def read_picture(path: Path) -> Iterator[Entry]:
    """Yield the stories of a picture of a page, or of the pages of one file of pictures."""
    if not can_recognise():
        raise IngestError(
            f"{path} is a picture: its words are recognised where the extra for OCR is installed ({INSTALL})."
        )
    pictures = read_pictures(path, read_content(path))
    sheets = [recognise(picture, number) for number, picture in _told(pictures, path)]
    yield from _found(path, [sheet for sheet in sheets if sheet.characters >= FEW_CHARACTERS], [])


def _found(path: Path, sheets: Sequence[Sheet], wrong: Sequence[str]) -> Iterator[Entry]:
    """Yield the stories of pages, and what is wrong with those left out."""
    if not sheets:
        raise IngestError(f"{path} has no text in it{': ' if wrong else ''}{'; '.join(wrong[:3])}.")
    yield from (Fault(None, f"{path}: {reason}.") for reason in wrong)
    issue = read_issue(sheets)
    extracts = [found for story in issue.stories if (found := _extract(story, issue)) is not None]
    if not extracts:
        raise IngestError(f"{path} has no text in it.")
    for number, extract in enumerate(extracts, 1):
        yield Found(number if len(extracts) > 1 else None, extract)


def _told(pages: Sequence[Any], path: Path) -> Iterator[tuple[int, Any]]:
    """Yield the pages that are recognised with their numbers; a bar tells whoever watches how far it has come."""
    from tqdm import tqdm

    told = tqdm(pages, desc=f"Recognising {path.name}", unit="page", disable=None, leave=False)
    yield from enumerate(told, 1)


def _sheets(document: Any, path: Path) -> tuple[list[Sheet], list[str]]:
    """Return the pages that can be read, and what is wrong with the others."""
    sheets: dict[int, Sheet] = {}
    wrong: dict[int, str] = {}
    pictured: list[int] = []
    for number in range(1, len(document) + 1):
        with closing(document[number - 1]) as page:
            try:
                sheet = read_sheet(page, number)
            except IngestError as error:
                wrong[number] = f"page {number} {error}"
                continue
        reason, recognisable = _unreadable(sheet)
        if recognisable and can_recognise():
            pictured.append(number)
        elif reason:
            wrong[number] = f"page {number} {reason}"
        elif sheet.fragments:
            sheets[number] = sheet
    for _, number in _told(pictured, path) if pictured else ():
        with closing(document[number - 1]) as page:
            sheet = recognise(rendered(page), number, page.get_size()[0])
        if sheet.characters >= FEW_CHARACTERS:
            sheets[number] = sheet
        else:
            wrong[number] = f"page {number} is a picture without text"
    return [sheets[number] for number in sorted(sheets)], [wrong[number] for number in sorted(wrong)]


def _unreadable(sheet: Sheet) -> tuple[str, bool]:
    """Return why a page cannot be read, "" if it can, and whether its words could be recognised on its picture."""
    size = sheet.width * sheet.height
    # A scan may be cut in strips, each a picture of its own.
    covered = sum(picture.width * picture.height for picture in sheet.pictures) / max(1.0, size)
    few = FEW_CHARACTERS if covered < WHOLE_PAGE else FEW_ON_SCAN
    if sheet.unreadable > max(FEW_CHARACTERS, MOST_UNREADABLE * sheet.characters):
        return (
            f"has characters without a code in its fonts: take its text from elsewhere, or run OCR ({INSTALL})",
            True,
        )
    if sheet.characters < few and covered > SCANNED:
        return f"is a picture without text: run OCR ({INSTALL})", True
    if sheet.upright > max(FEW_CHARACTERS, MOST_UPRIGHT * sheet.characters):
        return "is set in vertical lines, which are not read", False
    return "", False


@dataclass(frozen=True, slots=True)
class _Rows:
    """The lines from `begin` to `end` that are the rows of a table; `page` is that of the last."""

    begin: int
    end: int
    page: int
    grid: Grid

    def goes_on(self, at: int, block: Block) -> bool:
        """Tell whether a table on the next page is the rest of this one: as wide, and without a head of its own."""
        grid = block.grid
        return (
            grid is not None
            and self.end == at
            and self.page + 1 == block.page
            and self.grid.width == grid.width
            and head_rows(grid, grid.heads) == 0
        )

    def with_more(self, block: Block) -> "_Rows":
        """Return the rows with those of a block."""
        assert block.grid is not None
        more = (replace(box, row=box.row + self.grid.height) for box in block.grid.boxes)
        grid = Grid((*self.grid.boxes, *more), self.grid.heads)
        return _Rows(self.begin, self.end + len(block.lines), block.page, grid)


class _Text:
    """The paragraphs of a story while they are written down."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, BlockKind, int]] = []
        self._tables: list[_Rows] = []
        self._open = False

    def add(self, item: Item) -> None:
        """Write an item down: text goes on in an open paragraph, anything else ends it."""
        if item.role is Role.CAPTION:
            self._write(_joined(item.blocks[0].lines), BlockKind.CAPTION, item.blocks[0].page)
        elif item.role is Role.TEXT:
            self._add_text(item.blocks[0])
        elif item.role is Role.TABLE:
            self._add_table(item.blocks[0])
        else:
            for block in item.blocks:
                self._write(_joined(block.lines), BlockKind.HEADING, block.page)

    def _add_text(self, block: Block) -> None:
        found = [part for paragraph in paragraphs(block) for part in _without_byline(paragraph)]
        for at, paragraph in enumerate(found):
            text = _joined(paragraph.lines)
            if at == 0 and self._open and not paragraph.opens:
                above, kind, page = self.lines[-1]
                self.lines[-1] = above + _glue(above, text) + text, kind, page
            else:
                self._write(text, BlockKind.BODY, block.page)
        # Without indents nothing but the end of the last line tells that a paragraph ends with its column.
        self._open = not block.finished or (
            block.lines[-1].text[-1] in FINISHED and _has_indents(block) and _full(block)
        )

    def _add_table(self, block: Block) -> None:
        assert block.grid is not None
        begin = len(self.lines)
        for row in block.lines:
            self._write(row.text, BlockKind.ROW, block.page)
        last = self._tables[-1] if self._tables else None
        if last is not None and last.goes_on(begin, block):
            self._tables[-1] = last.with_more(block)
        else:
            self._tables.append(_Rows(begin, len(self.lines), block.page, block.grid))

    def tables(self, offsets: Sequence[int]) -> Iterator[Table]:
        """Yield the tables; `offsets` are those of the lines."""
        for one in self._tables:
            cells: list[Cell] = []
            for at, row in enumerate(one.grid.lines(), one.begin):
                start = offsets[at]
                for box in row:
                    cells.append(
                        Cell(start, start + len(box.text), box.row, box.column, box.rows, box.columns)
                    )
                    start += len(box.text) + len(CELL_GAP)
            yield Table(tuple(cells), head_rows(one.grid, one.grid.heads))

    def _write(self, text: str, kind: BlockKind, page: int) -> None:
        self.lines.append((text, kind, page))
        self._open = False


def _has_indents(block: Block) -> bool:
    return any(block.indented(at) for at in range(1, len(block.lines)))


def _full(block: Block) -> bool:
    return block.edge - block.lines[-1].box.right < block.size


def _without_byline(paragraph: Paragraph) -> Iterator[Paragraph]:
    """Yield a paragraph with a first line that is only a byline, and a last one that is only a date, set apart."""
    first, rest = paragraph.lines[:1], paragraph.lines[1:]
    if rest and read_byline(first[0].text) is not None:
        yield Paragraph(first, True)
        yield from _without_byline(Paragraph(rest, True))
    elif _signed.fullmatch(paragraph.lines[-1].text.replace(" ", "")):
        if rest:
            yield Paragraph(paragraph.lines[:-1], paragraph.opens)
        yield Paragraph(paragraph.lines[-1:], True)
    else:
        yield paragraph


def _joined(lines: Sequence[Fragment]) -> str:
    text = lines[0].text
    for line in lines[1:]:
        text += _glue(text, line.text) + line.text
    return text


def _glue(above: str, below: str) -> str:
    """Return what stands between two lines: a blank between Latin words."""
    return " " if above[-1:] in LATIN and below[:1] in LATIN else ""


def _extract(story: Story, issue: Issue) -> Extract | None:
    """Return the words of a story; None if it has none beside its headline."""
    title, above_and_below = _headline(story)
    text = _Text()
    for words, page in above_and_below:
        text.lines.append((words, BlockKind.HEADING, page))
    captions = [item for item in story.items if item.role is Role.CAPTION]
    for item in [*(item for item in story.items if item.role is not Role.CAPTION), *captions]:
        if item is not story.head:
            text.add(item)
    told = (BlockKind.BODY, BlockKind.ROW)
    if not any(kind in told and any(map(str.isalnum, words)) for words, kind, _ in text.lines):
        return None
    offsets = [0, *accumulate(len(words) + 1 for words, _, _ in text.lines)]
    numbers = [page for _, _, page in text.lines]
    said = issue.mastheads.get(story.page, Masthead())
    return Extract(
        "\n".join(words for words, _, _ in text.lines),
        title=title,
        publisher=said.publisher,
        published=said.published,
        edition=said.edition if issue.newspaper else "",
        pages=_starts(numbers, offsets),
        kinds=tuple(zip(offsets, (kind for _, kind, _ in text.lines), strict=False)),
        tables=tuple(text.tables(offsets)),
        drops=tuple(_drops(story, issue)),
        rules=_rules(story, said, title) | _scanned(story, issue),
    )


def _headline(story: Story) -> tuple[str, list[tuple[str, int]]]:
    """Return the title, and the lines above and below it in smaller type with their page."""
    head = story.head
    if head is None:
        return "", []
    main = [block for block in head.blocks if block.size > MAIN * head.size]
    lines = [line for block in main for line in block.lines]
    width = (
        max(block.edge for item in story.items for block in item.blocks if block.page == main[0].page)
        - head.box.left
    )
    title = lines[0].text
    for above, below in pairwise(lines):
        full = above.box.width > width - FULL * above.size
        apart = (
            not full
            and len(main) + len(main[0].lines) > 2
            and title[-1] not in MARKS
            and not within_word(above.text, below.text)
        )
        title += (" " if apart else _glue(title, below.text)) + below.text
    rest = [(_joined(block.lines), block.page) for block in head.blocks if block not in main]
    return title, rest


def _starts(numbers: Sequence[int], offsets: Sequence[int]) -> tuple[int, ...]:
    """Return where each page begins, from page 1; pages that the story is not on begin where the next one does."""
    starts: list[int] = []
    for number, offset in zip(numbers, offsets, strict=False):
        starts += [offset] * (number - len(starts))
    return tuple(starts)


def _drops(story: Story, issue: Issue) -> Iterator[Drop]:
    """Yield what is no text on the pages on which a story is the first."""
    for page in sorted(_pages(story)):
        if next(_on_page(issue, page), None) is story:
            yield from (Drop(words, "running head") for words in issue.mastheads[page].left_out)
            yield from (Drop(words, "recognised too uncertainly") for words in issue.recognised.get(page, ()))


def _scanned(story: Story, issue: Issue) -> dict[str, str]:
    """Return what recognised the words of a story, nothing where they stood in the file."""
    scans = sorted(_pages(story) & issue.recognised.keys())
    return {RECOGNISED: f"OCR of page {', '.join(map(str, scans))}"} if scans else {}


def _pages(story: Story) -> set[int]:
    return {block.page for item in story.items for block in item.blocks}


def _on_page(issue: Issue, page: int) -> Iterator[Story]:
    for story in issue.stories:
        if any(block.page == page for item in story.items for block in item.blocks):
            yield story


def _rules(story: Story, said: Masthead, title: str) -> dict[str, str]:
    """Return which rule found what."""
    values = {"publisher": said.publisher, "published": said.published, "edition": said.edition}
    rules = {name: "running head" for name, value in values.items() if value}
    if title:
        rules["title"] = "headline by its size"
    if story.whole_page:
        rules["text"] = "whole page: its headlines could not be told from its text"
    return rules
