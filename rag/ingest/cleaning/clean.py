"""Decoded text → what the article says: flowing paragraphs, headings, captions, credits; nothing lost or invented."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import groupby, pairwise

from rag.budget import spend
from rag.ingest.cleaning.assembly import Written
from rag.ingest.cleaning.credits_and_captions import (
    Credit,
    find_captions,
    is_caption,
    is_column_name,
    is_office,
    is_publisher,
    read_byline,
    read_dateline,
)
from rag.ingest.cleaning.enumeration import enumerated
from rag.ingest.cleaning.headline import Heading, find_headline, find_headline_lines
from rag.ingest.cleaning.lines import REMEMBERED, Column, Line, find_columns, main_column, read_lines
from rag.ingest.cleaning.paragraphs import LONG_HEADING, Run, join_headline, join_lines
from rag.records import Block, BlockKind, Drop
from rag.text.characters import squeeze

__all__ = ["Story", "clean"]

_decoration = re.compile(r"([-=*_~—─━·•#＊◆◇★☆□■○●※]\s?){3,}|(?=[^◆◇★☆□■○●※]*+[◆◇★☆□■○●※])[\W_]++")
_comma = re.compile("[，。；：、]")

# A heading of more lines than this is a list.
MOST_HEADING_LINES = 4
# A line is in the middle of a sentence if there is a clause among so many lines above it.
MOST_OPEN_LINES = 6
# The signature is among so many lines at the end.
SIGNATURE = 3
# Shorter repetitions may be meant.
SHORTEST_REPEAT = 8
LONGEST_REPEAT = 120
LONGEST_TITLE = 120


@dataclass(frozen=True, slots=True)
class Part:
    """A run and what it is; `rule` says why for what is dropped."""

    run: Run
    kind: BlockKind | None
    rule: str = ""

    @property
    def start(self) -> int:
        """Where it begins in the source."""
        return self.run.lines[0].start


@dataclass(frozen=True, slots=True)
class Story:
    """A cleaned text, and what it says about itself."""

    title: str
    subtitle: str
    text: str
    blocks: tuple[Block, ...]
    seams: tuple[int, ...]
    drops: tuple[Drop, ...]
    credit: Credit
    found_by: Mapping[str, str]
    origins: tuple[int, ...] = ()
    """where in the source each block begins"""


def clean(
    source: str,
    *,
    titled: bool = False,
    cuts: Sequence[int] = (),
    kinds: Mapping[int, BlockKind] | None = None,
    apart: Mapping[int, BlockKind] | None = None,
) -> Story:
    """Clean the text of one article; with `titled` its first line is known to be the title.

    `cuts` are offsets in `source` where something was taken out before; they become seams. Where the reader of the
    file knows what each line is, `kinds` says so by the line's offset; then no line is joined to another. `apart` says
    so of lines that no other is joined to (items of a list, rows of a table): the others are read without them.
    """
    lines = read_lines(source)
    parts = (
        _known_parts(source, lines, kinds, titled) if kinds else _around(source, lines, apart or {}, titled)
    )
    parts, rule = _crown(parts, titled)
    parts = list(_drop_repeats(_settle_headings(parts)))
    return _tell(source, parts, rule, cuts)


def _known_parts(
    source: str, lines: Sequence[Line], kinds: Mapping[int, BlockKind], titled: bool
) -> list[Part]:
    """Name each line as its reader did; only bylines, captions and lines without words are told by their words."""
    parts: list[Part] = []
    for at, line in enumerate(lines):
        spend()
        if titled and at == 0:
            parts.append(Part(Run((line,)), BlockKind.TITLE))
        else:
            parts.append(_known_part(source, line, kinds.get(line.start, BlockKind.BODY)))
    return parts


def _around(source: str, lines: Sequence[Line], apart: Mapping[int, BlockKind], titled: bool) -> list[Part]:
    """Take the lines `apart` as they stand, and name and join the others as if a blank line stood in their place."""
    known = {line.start: BlockKind.BODY for line in enumerated(lines[titled:])}
    known |= {line.start: apart[line.start] for line in lines[titled:] if line.start in apart}
    if not known:
        return _name_parts(lines, find_columns(lines), titled)
    others = [line for line in lines if line.start not in known]
    below = {under.start for over, under in pairwise(lines) if over.start in known}
    others = [replace(line, gap=max(line.gap, 1)) if line.start in below else line for line in others]
    parts = _name_parts(others, find_columns(others), titled, below) if others else []
    parts += [_known_part(source, line, known[line.start]) for line in lines if line.start in known]
    return sorted(parts, key=lambda part: part.start)


def _known_part(source: str, line: Line, kind: BlockKind) -> Part:
    """Return a line that is known; the cells of a row stay apart, what stands in the place of text may be a byline."""
    if kind is BlockKind.ROW:
        return Part(Run((replace(line, text=source[line.start : line.end]),)), kind)
    found, rule = _mark(line.text) if kind is BlockKind.BODY else (kind, "")
    return Part(Run((line,)), found, rule)


def _name_parts(
    lines: Sequence[Line], columns: Sequence[Column | None], titled: bool, parted: Collection[int] = ()
) -> list[Part]:
    """Tell captions and bylines from the text, and join the lines of the text, none with one that is `parted` from it."""
    kinds = _mark_lines(lines, columns, titled, parted)
    column = main_column(columns)
    parts: list[Part] = []
    taken: set[int] = set()
    for first, end in find_captions(lines, column):
        parts.append(Part(Run(tuple(lines[first:end]), column), BlockKind.CAPTION))
        kinds[first:end] = [(BlockKind.CAPTION, "")] * (end - first)
        taken.update(range(first, end))
    for first, end in find_headline_lines(lines, [kind for kind, _ in kinds], column):
        parts += [Part(run, BlockKind.HEADING) for run in join_headline(lines[first:end], column)]
        kinds[first:end] = [(BlockKind.HEADING, "")] * (end - first)
        taken.update(range(first, end))
    parts += [
        Part(Run((line,)), kind, rule)
        for i, (line, (kind, rule)) in enumerate(zip(lines, kinds, strict=True))
        if kind is not BlockKind.BODY and i not in taken
    ]
    for barrier, stretch in groupby(_stretches(lines, kinds, parted), key=lambda pair: pair[0]):
        chosen = [i for _, i in stretch]
        del barrier
        text = [replace(lines[i], cut_in=i > 0 and kinds[i - 1][0] is BlockKind.CAPTION) for i in chosen]
        for run in join_lines(text, [columns[i] for i in chosen]):
            parts.append(
                Part(
                    run,
                    BlockKind.HEADING
                    if _is_heading(run, first=chosen[0] == 0 and run.lines[0] is text[0])
                    else BlockKind.BODY,
                )
            )
    return sorted(parts, key=lambda part: part.start)


def _stretches(
    lines: Sequence[Line], kinds: Sequence[tuple[BlockKind | None, str]], parted: Collection[int]
) -> Iterator[tuple[int, int]]:
    """Yield (stretch, line) for the lines of the text; a new stretch begins after a byline or title and where it is parted."""
    stretch = 0
    for i, (kind, _) in enumerate(kinds):
        stretch += lines[i].start in parted
        if kind is BlockKind.BODY:
            yield stretch, i
        elif kind is not BlockKind.CAPTION:
            stretch += 1


def _mark_lines(
    lines: Sequence[Line], columns: Sequence[Column | None], titled: bool, parted: Collection[int]
) -> list[tuple[BlockKind | None, str]]:
    """Return what each line is by its own words: caption, byline, to be dropped (None), else body."""
    body = (BlockKind.BODY, "")
    kinds: list[tuple[BlockKind | None, str]] = []
    for i, line in enumerate(lines):
        spend()
        kinds.append(body if _in_flow(lines, columns, i) else _mark(line.text))
    for i, (above, below) in enumerate(pairwise(lines)):
        if kinds[i][0] is BlockKind.BODY and kinds[i + 1][0] is BlockKind.BYLINE:
            # An office that signs stands above the day at the end; at the top its name may be the headline.
            below_text = len(lines) > SIGNATURE or above.start in parted
            signs = below_text and i + SIGNATURE >= len(lines) and is_office(above.text)
            if signs or is_publisher(above.text):
                kinds[i] = (BlockKind.BYLINE, "")
        if kinds[i][0] is BlockKind.BYLINE and kinds[i + 1][0] is BlockKind.BODY and is_publisher(below.text):
            kinds[i + 1] = (BlockKind.BYLINE, "")
    if titled and lines:
        kinds[0] = (BlockKind.TITLE, "")
    return kinds


def _in_flow(lines: Sequence[Line], columns: Sequence[Column | None], at: int) -> bool:
    """Say whether a line stands in the middle of a wrapped sentence, whatever its own words look like."""
    line, column = lines[at], columns[at]
    if at == 0 or column is None or lines[at - 1].finished or is_publisher(lines[at - 1].text):
        return False
    if not column.holds(line.text) or column.room(lines[at - 1], line.text) >= 0:
        return False
    set_off = at + 1 == len(lines) or (line.gap and lines[at + 1].gap)
    return not set_off and (_below_a_clause(lines, at) or read_byline(line.text) is None)


def _below_a_clause(lines: Sequence[Line], at: int) -> bool:
    """Say whether the lines above, back to the last full stop, have said half a sentence: a headline has not."""
    for line in reversed(lines[max(0, at - MOST_OPEN_LINES) : at]):
        if line.finished or read_byline(line.text):
            return False
        if _comma.search(line.text):
            return True
    return at > MOST_OPEN_LINES


@lru_cache(REMEMBERED)
def _mark(text: str) -> tuple[BlockKind | None, str]:
    if _decoration.fullmatch(text):
        return None, "a line without words"
    if is_caption(text):
        return BlockKind.CAPTION, ""
    if read_byline(text):
        return BlockKind.BYLINE, ""
    if is_column_name(text):
        return None, "the name of a newspaper's section"
    return BlockKind.BODY, ""


def _is_heading(run: Run, *, first: bool) -> bool:
    """Say whether a run states no sentence; the first line of a text may also ask or shout."""
    text = run.text
    if run.column and len(run.lines) == 1 and not run.column.holds(text) and not run.lines[0].finished:
        return len(text) <= LONGEST_TITLE
    if text[-1] in "：:" and _comma.search(text):
        return False  # it announces what stands below
    shouts = first and text[-1] in "？！?!" and "。" not in text and len(text) < LONG_HEADING
    return len(text) <= LONGEST_TITLE and (shouts or not run.a_sentence)


def _crown(parts: Sequence[Part], titled: bool) -> tuple[list[Part], str]:
    """Name title and subtitle; return the rule that found the title, "" without one."""
    if titled:
        return list(parts), "given"
    numbers = [i for i, part in enumerate(parts) if part.kind is BlockKind.HEADING]
    body = "\n".join(part.run.text for part in parts if part.kind is BlockKind.BODY)
    found = find_headline(list(_headings(parts)), body)
    if found is None:
        return list(parts), ""
    named = {numbers[found.title]: BlockKind.TITLE}
    if found.subtitle is not None:
        named[numbers[found.subtitle]] = BlockKind.SUBTITLE
    return [replace(part, kind=named.get(i, part.kind)) for i, part in enumerate(parts)], found.rule


def _headings(parts: Sequence[Part]) -> Iterator[Heading]:
    """Yield what the choice of a headline needs to know of each heading."""
    group = 0
    above = _nearest_bodies(parts)
    below = _nearest_bodies(parts[::-1])[::-1]
    for i, part in enumerate(parts):
        if part.kind is not BlockKind.HEADING:
            group += part.kind is not None
            continue
        before, after = above[i], below[i]
        yield Heading(
            part.run.text,
            group,
            before.run.text if before else "",
            after.run.text if after else "",
            wide=part.run.column is not None and not part.run.column.holds(part.run.text),
            column_changes=bool(before and after and before.run.column != after.run.column),
            bylined=i + 1 < len(parts) and parts[i + 1].kind is BlockKind.BYLINE,
        )


def _nearest_bodies(parts: Sequence[Part]) -> list[Part | None]:
    """Return for each part the last text before it."""
    found: list[Part | None] = []
    last: Part | None = None
    for part in parts:
        found.append(last)
        last = part if part.kind is BlockKind.BODY else last
    return found


def _settle_headings(parts: Sequence[Part]) -> Iterator[Part]:
    """Join headings of several lines; headings with nothing below them, and long lists, are text."""
    told = (BlockKind.BODY, BlockKind.ROW)
    last = max((i for i, part in enumerate(parts) if part.kind in told), default=-1)
    for i, (kind, group) in _grouped(parts):
        if kind is not BlockKind.HEADING:
            yield from group
            continue
        if len(group) > MOST_HEADING_LINES or last < i + len(group):
            yield from (replace(part, kind=BlockKind.BODY) for part in group)
        else:
            yield Part(Run(tuple(line for part in group for line in part.run.lines)), kind, "heading")


def _grouped(parts: Sequence[Part]) -> Iterator[tuple[int, tuple[BlockKind | None, list[Part]]]]:
    at = 0
    for kind, members in groupby(parts, key=lambda part: part.kind):
        group = list(members)
        yield at, (kind, group)
        at += len(group)


def _drop_repeats(parts: Iterable[Part]) -> Iterator[Part]:
    """Drop the end of a paragraph that is printed again below the pictures that interrupt it."""
    last, below_caption = "", False
    for part in parts:
        if part.kind is BlockKind.BODY:
            text = squeeze(part.run.text)
            again = below_caption and SHORTEST_REPEAT <= len(text) <= LONGEST_REPEAT and last.endswith(text)
            yield replace(part, kind=None, rule="printed again below a caption") if again else part
            last, below_caption = (last if again else text), False
        else:
            below_caption |= part.kind is BlockKind.CAPTION
            yield part


def _tell(source: str, parts: Sequence[Part], rule: str, cuts: Sequence[int]) -> Story:
    """Write the parts down in order: title and subtitle first, the rest as in the source."""
    order = {BlockKind.TITLE: 0, BlockKind.SUBTITLE: 1}
    kept = sorted(
        (part for part in parts if part.kind), key=lambda part: order.get(part.kind or BlockKind.BODY, 2)
    )
    written = Written(source, cuts)
    for part in kept:
        assert part.kind
        written.add(part.run, part.kind)
    credit, found_by = _credit(kept)
    named = {part.kind: part.run.text for part in reversed(kept)}
    return Story(
        title=named.get(BlockKind.TITLE, ""),
        subtitle=named.get(BlockKind.SUBTITLE, ""),
        text=written.text,
        blocks=tuple(written.blocks),
        seams=tuple(written.seams),
        drops=tuple(Drop(part.run.text, part.rule) for part in parts if part.kind is None),
        credit=credit,
        found_by=found_by | ({"title": rule} if rule else {}),
        origins=tuple(part.start for part in kept),
    )


def _credit(parts: Sequence[Part]) -> tuple[Credit, dict[str, str]]:
    """Collect publisher, author and date: from bylines first, then from datelines; the first of each counts."""
    said = [
        ("byline", read_byline(part.run.text) or Credit(publisher=part.run.text))
        for part in parts
        if part.kind is BlockKind.BYLINE
    ]
    said += [("dateline", read_dateline(part.run.text)) for part in parts if part.kind is BlockKind.BODY][:3]
    values: dict[str, str] = {}
    found_by: dict[str, str] = {}
    for rule, credit in said:
        for name in ("publisher", "author", "published"):
            if (value := getattr(credit, name)) and name not in values:
                values[name], found_by[name] = value, rule
    return Credit(**values), found_by
