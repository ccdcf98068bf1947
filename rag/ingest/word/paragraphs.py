"""The words of Word's paragraphs and the cells of its tables, as they are shown when all changes are accepted."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.ingest.grid import Box, Grid, arrange
from rag.ingest.raised import lowered, raised
from rag.ingest.word.embedded import A_TEXT, Embedded, chosen, in_fallback
from rag.ingest.word.equations import M, equation_text
from rag.ingest.word.numbering import FORMATS, Numbering
from rag.ingest.word.styles import Styles, W, is_on, value, whole_number
from rag.ingest.word.symbols import symbol
from rag.records import BlockKind, Drop
from rag.text.sentences import NOTE_MARKS

__all__ = ["Notes", "Paragraph", "Shown"]

_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
OFF_LINE = {"superscript": raised, "subscript": lowered}
SIGNS = {f"{W}br": "\n", f"{W}cr": "\n", f"{W}tab": "\t", f"{W}ptab": "\t", f"{W}noBreakHyphen": "-"}
# Other breaks, of a page or column, end no line.
WRAPS = "textWrapping"
# What was taken out, and what was moved elsewhere: the rule by which its words are not in the article.
GONE = {f"{W}del": "deleted in Word", f"{W}moveFrom": "moved in Word"}
# Elements that hold nothing that is shown where they stand.
UNSHOWN = frozenset(
    f"{W}{name}" for name in ("rPr", "pPr", "sdtPr", "sdtEndPr", "tblPr", "tblGrid", "trPr", "tcPr")
)
PARAGRAPHS = (f"{W}p", f"{M}oMathPara", f"{M}oMath")
BLOCKS = (*PARAGRAPHS, f"{W}tbl", f"{W}altChunk")
HIDDEN, PHONETIC, COVERED = "hidden in Word", "phonetic guide", "covered by a merged cell"
RAISED = str.maketrans("0123456789ivxlcdm", NOTE_MARKS[:17])
MARKS = f"{NOTE_MARKS} "
# 岗位：语文教师: one of several lines that each say one thing.
_field = re.compile(r"[^，。；：:！？,;!?\s]{1,12}\s?[：:]\s?\S.{0,60}")
ENDS = ("。", "！", "？", "；", ";", "!", "?")
# Word has no table of more columns.
MOST_COLUMNS = 63


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line that is shown; one that is `apart` goes on in no other: an item of a list (or a heading of one), a note."""

    text: str
    apart: BlockKind | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes of one kind by id, and how their numbers are written."""

    by_id: Mapping[str, Any] = field(default_factory=dict)
    form: str = "decimal"


@dataclass(slots=True)
class _Line:
    """A paragraph while it is read: its words, what stands in boxes beside it, what its notes say."""

    words: list[str] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Shown:
    """Reads the parts of one file in order; `drops` is what it left out."""

    def __init__(
        self,
        styles: Styles,
        numbering: Numbering,
        notes: Mapping[str, Notes],
        embedded: Embedded,
    ) -> None:
        self.drops: list[Drop] = []
        self._styles, self._numbering, self._notes, self._embedded = styles, numbering, notes, embedded
        self._unread = {(kind, ident) for kind, some in notes.items() for ident in some.by_id}
        self._cited: dict[str, int] = {}
        self._later: list[str] | None = None

    def items(self, holder: Any) -> Iterator[Paragraph | Grid]:
        """Yield the paragraphs and tables of a body, a cell, a box or a note.

        A paragraph whose mark is deleted or hidden goes on in the next one.
        """
        open_: list[Any] = []
        for part in self._blocks(holder):
            if part.tag in PARAGRAPHS:
                open_.append(part)
                if not _mark_is_gone(part):
                    yield from self._paragraph(open_)
                    open_ = []
                continue
            if open_:
                yield from self._paragraph(open_)
                open_ = []
            yield from self._chunk(part) if part.tag == f"{W}altChunk" else self._table(part)
        if open_:
            yield from self._paragraph(open_)

    def _chunk(self, part: Any) -> Iterator[Paragraph]:
        lines, drops = self._embedded.chunk(part)
        self.drops += drops
        yield from map(Paragraph, lines)

    def _blocks(self, holder: Any) -> Iterator[Any]:
        """Yield the paragraphs and tables, those inside content controls and the like too."""
        for part in holder:
            if part.tag in BLOCKS:
                yield part
            elif part.tag in GONE:
                self._drop(part, GONE[part.tag])
            elif part.tag == f"{_MC}AlternateContent":
                yield from self._blocks(chosen(part))
            elif isinstance(part.tag, str) and part.tag not in UNSHOWN:
                yield from self._blocks(part)

    def _paragraph(self, parts: list[Any]) -> Iterator[Paragraph | Grid]:
        """Yield what paragraphs that read as one show; the last of them says what they are."""
        last = parts[-1]
        line = _Line()
        for part in parts:
            hidden = self._styles.hides(value(part, "pPr/pStyle")) or False
            self._words(part, line, hidden)
        text = "".join(line.words)
        number = self._numbering.next(last)
        lines = [one for one in text.split("\n") if one.strip()]
        if lines and number is not None:
            lines[0] = f"{number}{lines[0].lstrip()}"
        kind = None if number is None else self._kind(last)
        yield from self._lines(*self._noted(last, lines, line.notes), kind)
        for box in line.boxes:
            yield from (Paragraph(box, BlockKind.BODY),) if isinstance(box, str) else self.items(box)

    def _kind(self, paragraph: Any) -> BlockKind:
        """Return what a numbered paragraph is: a heading where its style says so, else an item."""
        heading = self._styles.is_heading(value(paragraph, "pPr/pStyle"))
        return BlockKind.HEADING if heading else BlockKind.BODY

    def _noted(self, paragraph: Any, lines: list[str], notes: list[str]) -> tuple[list[str], list[str]]:
        """Return the lines with their notes, and the notes that follow them: a note belongs to the sentences it explains.

        Those of a title or heading stand below it, those of a cell below its table.
        """
        if self._later is not None:
            self._later += notes
            return lines, []
        if not notes or not lines or self.is_title(paragraph) or not lines[-1].rstrip(MARKS).endswith(ENDS):
            return lines, notes
        return [*lines[:-1], " ".join([lines[-1].rstrip(), *notes])], []

    def _lines(self, lines: list[str], notes: list[str], kind: BlockKind | None) -> Iterator[Paragraph]:
        fields = [_field.fullmatch(one.strip()) is not None for one in lines]
        for at, line in enumerate(lines):
            beside = fields[at] and (any(fields[max(0, at - 1) : at]) or any(fields[at + 1 : at + 2]))
            yield Paragraph(line, kind or (BlockKind.BODY if beside else None))
        yield from (Paragraph(note, BlockKind.BODY) for note in notes)

    def is_title(self, paragraph: Any) -> bool:
        """Tell whether a paragraph is in the style of titles."""
        return self._styles.is_title(value(paragraph, "pPr/pStyle"))

    def title(self, paragraph: Any) -> str:
        """Return the words of a paragraph without its number and notes."""
        line, drops = _Line(), list(self.drops)
        cited = dict(self._cited)
        self._words(paragraph, line, False)
        self.drops, self._cited = drops, cited
        return " ".join("".join(line.words).split())

    def _words(self, holder: Any, line: _Line, hidden: bool) -> None:
        """Add the words of a paragraph, a link, a content control, … to its line."""
        for part in (holder,) if holder.tag in PARAGRAPHS[1:] else holder:
            tag = part.tag
            if tag == f"{W}r":
                said = is_on(part, "rPr/vanish")
                by_style = self._styles.hides(value(part, "rPr/rStyle")) if said is None else said
                if hidden if by_style is None else by_style:
                    self._drop(part, HIDDEN)
                else:
                    self._run(part, line, hidden)
            elif tag in GONE:
                self._drop(part, GONE[tag])
            elif tag == f"{_MC}AlternateContent":
                self._words(chosen(part), line, hidden)
            elif tag in PARAGRAPHS[1:]:
                line.words.append(equation_text(part))
                for gone in part.iter(*GONE):
                    self._drop(gone, GONE[gone.tag])
            elif isinstance(tag, str) and tag not in UNSHOWN:
                self._words(part, line, hidden)

    def _run(self, run: Any, line: _Line, hidden: bool) -> None:
        for part in run:
            tag = part.tag
            if tag == f"{W}t":
                # A comment of XML may stand between the words.
                said = "".join([part.text or "", *(child.tail or "" for child in part)])
                line.words.append(OFF_LINE.get(value(run, "rPr/vertAlign"), str)(said))
            elif tag in SIGNS:
                line.words.append("" if part.get(f"{W}type", WRAPS) != WRAPS else SIGNS[tag])
            elif tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._note(part, tag[len(W) : -len("Reference")], line)
            elif tag == f"{_MC}AlternateContent":
                self._run(chosen(part), line, hidden)
            elif tag == f"{W}ruby":
                self._spelt(part, line, hidden)
            elif tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
                line.boxes += self._embedded.shown(part)
            elif tag == f"{W}sym":
                self._symbol(part, line)

    def _symbol(self, part: Any, line: _Line) -> None:
        font, code = part.get(f"{W}font", ""), part.get(f"{W}char", "")
        if sign := symbol(font, code):
            line.words.append(sign)
        else:
            self.drops.append(Drop(code, f"picture of the font {font}"))

    def _spelt(self, ruby: Any, line: _Line, hidden: bool) -> None:
        """Add words without the letters above them that say how they are spoken."""
        for base in ruby.iterchildren(f"{W}rubyBase"):
            self._words(base, line, hidden)
        for guide in ruby.iterchildren(f"{W}rt"):
            self._drop(guide, PHONETIC)

    def _note(self, reference: Any, kind: str, line: _Line) -> None:
        """Add the number of a note to the line, and what the note says to its notes."""
        notes = self._notes.get(kind, Notes())
        note = notes.by_id.get(reference.get(f"{W}id", ""))
        if note is None:
            return
        self._unread.discard((kind, reference.get(f"{W}id", "")))
        mark = ""
        if not _is_marked(reference):
            self._cited[kind] = self._cited.get(kind, 0) + 1
            mark = FORMATS.get(notes.form, str)(self._cited[kind]).translate(RAISED)
        line.words.append(mark)
        said = " ".join(one.text.strip() for one in self.items(note) if isinstance(one, Paragraph))
        if said:
            line.notes.append(f"{mark}{said}")

    def _table(self, table: Any) -> Iterator[Paragraph | Grid]:
        """Yield a table, and the notes of its cells below it."""
        outer, self._later = self._later, []
        grid = self._grid(table)
        notes, self._later = self._later, outer
        yield grid
        if outer is None:
            yield from (Paragraph(note, BlockKind.BODY) for note in notes)
        else:
            outer += notes

    def _grid(self, table: Any) -> Grid:
        rows: list[list[Box]] = []
        heads = 0
        merging: dict[int, tuple[int, int]] = {}  # column → row and place of the cell that goes on below
        for row in self._rows(table):
            heads += heads == len(rows) and is_on(row, "trPr/tblHeader") is True
            rows.append(self._cells(row, rows, merging))
        return Grid(arrange(rows).boxes, heads)

    def _rows(self, table: Any) -> Iterator[Any]:
        for part in table:
            if part.tag == f"{W}tr":
                gone = is_on(part, "trPr/del") is not None
                if gone or is_on(part, "trPr/hidden"):
                    self._drop(part, GONE[f"{W}del"] if gone else HIDDEN)
                else:
                    yield part
            elif isinstance(part.tag, str) and part.tag not in UNSHOWN:
                yield from self._rows(part)

    def _cells(self, row: Any, rows: list[list[Box]], merging: dict[int, tuple[int, int]]) -> list[Box]:
        """Return the cells of a row; one that goes on from above makes that taller, one that goes on from the left wider."""
        here: dict[int, tuple[int, int]] = {}
        cells: list[Box] = []
        at = skipped = min(whole_number(value(row, "trPr/gridBefore"), 0), MOST_COLUMNS)
        for cell in self._shown_cells(row):
            span = min(max(whole_number(value(cell, "tcPr/gridSpan"), 1), 1), MOST_COLUMNS)
            above = merging.get(at) if _continues(cell, "vMerge") else None
            if above is not None:
                self._drop(cell, COVERED)
                place, number = above
                box = rows[place][number]
                rows[place][number] = Box(
                    box.text, 0, box.column, len(rows) - place + 1, box.columns, box.inner
                )
                here[at], skipped = above, 0
            elif cells and _continues(cell, "hMerge"):
                self._drop(cell, COVERED)
                box = cells[-1]
                cells[-1] = Box(box.text, 0, box.column, box.rows, box.columns + span, box.inner)
            else:
                here[at] = len(rows), len(cells)
                cells.append(self._cell(cell, skipped, span))
                skipped = 0
            at += span
        merging.clear()
        merging.update(here)
        return cells

    def _shown_cells(self, row: Any) -> Iterator[Any]:
        for part in row:
            if part.tag == f"{W}tc":
                if is_on(part, "tcPr/cellDel") is not None:
                    self._drop(part, GONE[f"{W}del"])
                else:
                    yield part
            elif isinstance(part.tag, str) and part.tag not in UNSHOWN:
                yield from self._shown_cells(part)

    def _cell(self, cell: Any, skipped: int, span: int) -> Box:
        words: list[str] = []
        inner: list[Grid] = []
        for item in self.items(cell):
            if isinstance(item, Grid):
                inner.append(item)
            else:
                words.append(item.text.strip())
        text = " ".join(" ".join(filter(None, words)).split())
        return Box(text, 0, skipped, 1, span, _stacked(inner))

    def drop_unread(self) -> None:
        """List the notes to which nothing that is shown refers."""
        for kind, ident in sorted(self._unread):
            self._drop(self._notes[kind].by_id[ident], "note without a sign in the text")

    def _drop(self, part: Any, rule: str) -> None:
        """List the words of a part that is not shown."""
        names = (f"{W}t", f"{W}delText", f"{M}t", A_TEXT)
        said = "".join(one.text or "" for one in part.iter(*names) if not in_fallback(one, part))
        if said.strip():
            self.drops.append(Drop(said, rule))


def _is_marked(reference: Any) -> bool:
    """Tell whether the sign of a note is written behind it by hand."""
    return reference.get(f"{W}customMarkFollows", "0") not in ("0", "false", "off")


def _stacked(grids: list[Grid]) -> Grid | None:
    """Return the tables of one cell as one, each below the last."""
    found: list[Box] = []
    top = 0
    for grid in grids:
        found += [
            Box(box.text, top + box.row, box.column, box.rows, box.columns, box.inner) for box in grid.boxes
        ]
        top += grid.height
    return Grid(tuple(found)) if found else None


def _mark_is_gone(paragraph: Any) -> bool:
    """Tell whether the end of a paragraph was deleted, moved away or is hidden."""
    gone = any(is_on(paragraph, f"pPr/rPr/{name}") is not None for name in ("del", "moveFrom"))
    return gone or is_on(paragraph, "pPr/rPr/vanish") is True


def _continues(cell: Any, name: str) -> bool:
    merged = cell.find(f"{W}tcPr/{W}{name}")
    return merged is not None and merged.get(f"{W}val", "continue") == "continue"
