"""Lines that each say one thing of one name, “语文教师：15人” below one another: a table of two columns without a head."""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.ingest.cleaning.credits_and_captions import is_caption, read_byline
from rag.ingest.cleaning.lines import find_columns, main_column, read_lines
from rag.ingest.extract import Extract
from rag.records import BlockKind, Cell, Table

__all__ = ["with_pairs"]

# Fewer lines of the kind are sentences that happen to have a colon.
FEWEST = 3
LONGEST_KEY = 20
LONGEST_VALUE = 60
# Blank lines between two of them: saved pages and mails have one.
MOST_BLANK = 1

# A colon between two digits is that of a time or a score; one before // that of an address. A key has no mark of a
# sentence, and what is said begins no quotation: 市民：“…” tells who speaks.
_pair = re.compile(
    rf"^[^\S\n]*+(?P<key>(?!\s)(?:[^\n：:，。；！？、“”]|(?<=\d):(?=\d)){{1,{LONGEST_KEY}}})"
    rf"(?:：|:(?![/\d])|(?<!\d):(?=\d))[^\S\n]*+(?P<value>[^\s“‘「『\"：:][^\n：。！？!?]{{0,{LONGEST_VALUE}}})。?[^\S\n]*+$",
    re.MULTILINE,
)
_word = re.compile(r"[^\W\d_]")
PARTING = "；;，,。 \t\u3000"


@dataclass(frozen=True, slots=True)
class _Pair:
    """A line that names something and says one thing of it."""

    name: str
    start: int
    colon: int
    value: int
    end: int
    line_end: int


def with_pairs(extract: Extract) -> Extract:
    """Return the extract with the lines of names and values as rows of tables.

    Where a name comes back in another run, which is about another thing each time (岗位, 人数), the lines are only set apart.
    """
    runs = list(_runs(extract))
    if not runs:
        return extract
    known = Counter(name for run in runs for name in {pair.name for pair in run})
    told = [run for run in runs if all(known[pair.name] == 1 for pair in run)]
    rows = {pair.start: BlockKind.ROW for run in told for pair in run}
    items = {pair.start: BlockKind.BODY for run in runs for pair in run}
    tables = sorted((*extract.tables, *(_table(run) for run in told)), key=lambda table: table.cells[0].start)
    if extract.kinds:  # what is not joined to another line anyway
        kinds = tuple((at, rows.get(at, kind)) for at, kind in extract.kinds)
        return replace(extract, kinds=kinds, tables=tuple(tables))
    apart = dict(extract.apart) | items | rows
    return replace(extract, apart=tuple(sorted(apart.items())), tables=tuple(tables))


def _table(run: Sequence[_Pair]) -> Table:
    cells = (
        cell
        for row, pair in enumerate(run)
        for cell in (Cell(pair.start, pair.colon, row, 0), Cell(pair.value, pair.end, row, 1))
    )
    return Table(tuple(cells))


def _runs(extract: Extract) -> Iterator[list[_Pair]]:
    """Yield the runs of such lines, each name once in a run: people who speak in turn are named again."""
    text = extract.text
    known = {at for at, kind in (*extract.kinds, *extract.apart) if kind is not BlockKind.BODY}
    found: list[list[_Pair]] = [[]]
    for pair in _pairs(text):
        if pair.start in known:
            continue
        above = found[-1][-1].line_end if found[-1] else pair.start
        between = text[above : pair.start]
        if between.strip() or between.count("\n") > MOST_BLANK + 1:
            found.append([])
        found[-1].append(pair)
    runs = [run for run in found if len(run) >= FEWEST]
    if not runs:
        return
    first = len(text) - len(text.lstrip())
    column_ends = _wrapped(text, runs)
    for run in runs:
        if run[0].start == first and not extract.title:
            run = run[1:]  # it may be the headline
        if column_ends.intersection(pair.start for pair in run):
            continue
        if len(run) >= FEWEST and len({pair.name for pair in run}) == len(run):
            yield run


def _pairs(text: str) -> Iterator[_Pair]:
    for found in _pair.finditer(text):
        line = found[0].strip()
        name, value = found["key"].rstrip(), found["value"].rstrip(PARTING)
        if not (_word.search(name) and value) or len(line.splitlines()) > 1:
            continue
        if read_byline(line) is None and not is_caption(line):
            start, at = found.start("key"), found.start("value")
            yield _Pair(name, start, start + len(name), at, at + len(value), found.end())


def _wrapped(text: str, runs: Sequence[Sequence[_Pair]]) -> set[int]:
    """Return where lines begin that fill the column in which the text around the runs was broken: they go on below."""
    lines = read_lines(text)
    starts = [pair.start for run in runs for pair in run]
    columns = find_columns([line for line in lines if not _has(starts, line.start)])
    column = main_column(columns)
    if column is None or columns.count(column) < FEWEST:
        return set()
    below = zip(lines, [line.text for line in lines[1:]], strict=False)
    return {line.start for line, text in below if column.holds(line.text) and column.room(line, text) < 0}


def _has(starts: Sequence[int], start: int) -> bool:
    at = bisect_left(starts, start)
    return at < len(starts) and starts[at] == start
