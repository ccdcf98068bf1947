"""Articles → passages: the only place that knows where Chinese may be cut."""

import re
from collections.abc import Iterator

from rag.records import Article, Block, BlockKind, Passage, Span, Table
from rag.text.characters import is_cjk
from rag.text.sentences import sentences

__all__ = ["MAX_CHARS", "chunk"]

# About one newspaper paragraph; with the title it fits an encoder of 512 tokens. Chosen with
# `python -m benchmarks.sweep max_chars`: run that again before you change it.
MAX_CHARS = 240
# A head of a table is read before each of its passages: one that is longer is said in part.
LONGEST_HEAD = 160
# A headline or heading of fewer Chinese characters states nothing that could be quoted.
MIN_HEADLINE = 8

# Tried in this order: a list (、) is cut only if there is nothing else.
_cuts = [re.compile("[；;][”’」』）)]*"), re.compile("[，：][”’」』）)]*|,(?!\\d)"), re.compile("、")]


def chunk(article: Article, max_chars: int = MAX_CHARS) -> Iterator[Passage]:
    """Yield the passages of `article` in order, without overlap, none longer than `max_chars`.

    A passage is a run of whole sentences of one block, or of rows of one table under its head. A sentence is split only
    if it alone is too long, and then at its last comma within the limit.
    """
    rows = {table.span.start: table for table in article.tables}
    heading: Span | None = None
    seams, above = frozenset(article.seams), BlockKind.TITLE
    captions = [table.caption for table in article.tables if table.caption is not None]
    for block in article.blocks:
        if any(caption.start <= block.start < caption.end for caption in captions):
            continue  # it is the head of the passages of its table
        if block.kind is BlockKind.HEADING:
            heading = Span(block.start, block.end)
        elif block.start in seams and block.kind is above is BlockKind.BODY:
            heading = None  # the headline stood here: what follows it is not in the section above
        above = block.kind
        if block.start in rows:
            yield from _rows(article, rows[block.start], max_chars)
        if _is_quotable(article, block):
            inside = heading if block.kind is BlockKind.BODY else None
            for start, end in _pack(_pieces(article.text, block, max_chars), max_chars):
                yield Passage(article, start, end, block.kind, inside)


def _rows(article: Article, table: Table, max_chars: int) -> Iterator[Passage]:
    """Yield the rows of a table below its head, as many together as fit."""
    lines: dict[int, Span] = {}
    for cell in table.cells:
        lines[cell.row] = Span(lines.get(cell.row, cell).start, cell.end)
    heads = [span for row, span in lines.items() if row < table.heads]
    told = [span for span in (table.caption, *heads) if span is not None]
    head = Span(told[0].start, told[-1].end) if told else None
    if head is not None and len(head) > LONGEST_HEAD:
        head = min((span for span in told if len(span) <= LONGEST_HEAD), key=lambda s: -s.end, default=None)
    pieces = ((span.start, span.end) for row, span in lines.items() if row >= table.heads)
    cut = (piece for start, end in pieces for piece in _split(article.text, start, end, max_chars))
    for start, end in _pack(cut, max_chars):
        yield Passage(article, start, end, BlockKind.ROW, head)


def _is_quotable(article: Article, block: Block) -> bool:
    """Say whether a block is cut into passages: text and captions are, bylines are not, headlines if they say much."""
    if block.kind in (BlockKind.BODY, BlockKind.CAPTION):
        return True
    text = article.text[block.start : block.end]
    return block.kind not in (BlockKind.BYLINE, BlockKind.ROW) and sum(map(is_cjk, text)) >= MIN_HEADLINE


def _pieces(text: str, block: Block, max_chars: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences of a block, the long ones in pieces."""
    for start, end in sentences(text[block.start : block.end]):
        yield from _split(text, block.start + start, block.start + end, max_chars)


def _split(text: str, start: int, end: int, max_chars: int) -> Iterator[tuple[int, int]]:
    """Cut a sentence that is too long at its last comma within the limit, and the rest again."""
    while end - start > max_chars:
        cut = _last_comma(text, start, start + max_chars)
        yield start, cut
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    if start < end:
        yield start, end


def _last_comma(text: str, start: int, limit: int) -> int:
    """Return the end of the last comma before `limit`, `limit` if there is none; a ；in the second half goes first."""
    for marks in _cuts:
        ends = [match.end() for match in marks.finditer(text, start, limit)]
        if ends and (marks is not _cuts[0] or ends[-1] - start > (limit - start) // 2):
            return ends[-1]
    return limit


def _pack(pieces: Iterator[tuple[int, int]], max_chars: int) -> Iterator[tuple[int, int]]:
    """Join neighbouring pieces as long as they fit."""
    here: tuple[int, int] | None = None
    for start, end in pieces:
        if here and end - here[0] <= max_chars:
            here = (here[0], end)
            continue
        if here:
            yield here
        here = (start, end)
    if here:
        yield here
