"""The headline among the lines that could be one: shoulder and section headings look alike."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.budget import spend
from rag.ingest.cleaning.lines import Column, Line
from rag.records import BlockKind
from rag.text.characters import fold

__all__ = ["Heading", "Headline", "find_headline", "find_headline_lines"]

# A headline has no more lines than this, and none of so many characters.
MOST_LINES = 4
LONGEST_LINE = 45
# Of fewer characters only few headlines are.
SHORT_TITLE = 8

# Body text after which coverage is no longer looked for: a headline's words stand near the top of some column.
MOST_BODY = 20_000

_numbered = re.compile(
    r"^[（(]?[一二三四五六七八九十\d]{1,3}[）)、.．]|^第[一二三四五六七八九十\d]+[章节条部]"
)
_lead = re.compile(r"^(?:\d{1,2}月\d{1,2}日|本报讯|.{2,12}(?:电|讯)|近日|日前|昨日|记者|今年|\d{4}年)")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line that could be a headline, and how it stands among the others.

    `group` numbers the headings with nothing but headings between them. `before` and `after` are the body paragraphs
    around the group, "" at either end of the text.
    """

    text: str
    group: int
    before: str
    after: str
    wide: bool = False
    column_changes: bool = False
    bylined: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The numbers of the headings that are title and subtitle (None without one), and why."""

    title: int
    subtitle: int | None
    rule: str


def find_headline_lines(
    lines: Sequence[Line], kinds: Sequence[BlockKind | None], column: Column | None
) -> Iterator[tuple[int, int]]:
    """Yield the spans (first, end) of two to four lines that together are headlines.

    They begin the text and end before a blank line where `column`, that of the text, was not full; or they stand
    between a full stop and a byline.
    """
    for first, line in enumerate(lines):
        if first and not (line.gap and (lines[first - 1].finished or kinds[first - 1] is not BlockKind.BODY)):
            continue
        end = first
        while end < min(len(lines), first + MOST_LINES) and _is_bare(lines[end], kinds[end], end > first):
            end += 1
        if end - first > 1 and end < len(lines):
            bylined = kinds[end] is BlockKind.BYLINE
            set_off = lines[end].gap and kinds[end] is BlockKind.BODY
            if bylined or (first == 0 and set_off and not _fills(lines[end - 1], lines[end], column)):
                yield first, end


def _is_bare(line: Line, kind: BlockKind | None, inside: bool) -> bool:
    """Say whether a line could be one of a headline's: no clause ends in it, and inside no gap stands above it."""
    bare = kind is BlockKind.BODY and not line.finished and not set(line.text) & set("，。；")
    return bare and len(line.text) <= LONGEST_LINE and not (inside and line.gap)


def _fills(above: Line, below: Line, column: Column | None) -> bool:
    return column is not None and column.holds(above.text) and column.room(above, below.text) < 0


def find_headline(headings: Sequence[Heading], body: str) -> Headline | None:
    """Choose the title; None if no line can be one."""
    if not headings:
        return None
    known = _bigrams(body[:MOST_BODY])
    shapes = _groups_by_shape(headings)
    scores = [_score(heading, shapes, known) for heading in headings]
    best = max(range(len(headings)), key=lambda i: (scores[i], -i))
    if scores[best] <= -1:
        return None
    group = [i for i, heading in enumerate(headings) if heading.group == headings[best].group]
    group = [i for i in group if scores[i] > scores[best] - 4 and not _parallel(headings[i], shapes)][:3]
    title = _main_line(group, headings, body) if best in group else best
    subtitle = next((i for i in group if i != title and abs(i - title) == 1), None)
    return Headline(title, subtitle, _rule(headings[title]))


Shapes = Mapping[str, frozenset[int]]
"""The groups in which lines of a shape stand."""


def _score(heading: Heading, shapes: Shapes, known: frozenset[str]) -> float:
    """Add up the signs that this is the headline; higher is better."""
    pairs = _bigrams(heading.text)
    signs = [
        (2.0 * len(pairs & known) / max(len(pairs), 1), True),
        (1.0, 8 <= len(heading.text) <= 45),
        (-3.0, len(heading.text) < 5),
        (3.0, not heading.before),
        (3.0, not heading.after),
        (1.0, heading.wide),
        (1.5, heading.column_changes),
        (1.0, _lead.match(heading.after) is not None),
        (2.0, heading.bylined),
        (-4.0, _parallel(heading, shapes)),
        (-3.0, _numbered.match(heading.text) is not None),
    ]
    return sum(weight for weight, holds in signs if holds)


def _bigrams(text: str) -> frozenset[str]:
    folded = fold(text)
    return frozenset(folded[i : i + 2] for i in range(len(folded) - 1) if folded[i : i + 2].isalnum())


def _groups_by_shape(headings: Sequence[Heading]) -> Shapes:
    groups: dict[str, set[int]] = {}
    for heading in headings:
        spend()
        groups.setdefault(_shape(heading.text), set()).add(heading.group)
    return {shape: frozenset(found) for shape, found in groups.items()}


def _parallel(heading: Heading, shapes: Shapes) -> bool:
    """Say whether another group has a line of the same shape: 有“底气”, 有“实力”."""
    return bool(shapes[_shape(heading.text)] - {heading.group})


def _shape(text: str) -> str:
    """Return the length with the first character and the marks."""
    return text[0] + re.sub(r"\w", "口", text[1:])


def _main_line(group: Sequence[int], headings: Sequence[Heading], body: str) -> int:
    """Choose the title among lines that stand together: the one whose subject the story repeats.

    A shoulder line begins with what happened (入选…), the title with whom it is about; at the top of a text the first
    line has the better claim, elsewhere the last.
    """
    text = body[:MOST_BODY]
    at_top = not headings[group[0]].before
    favourite = group[0] if at_top else group[-1]

    def claim(i: int) -> float:
        words = headings[i].text
        place, length = 1.6 if i == favourite else 1.0, 1.0 if len(words) >= SHORT_TITLE else 0.5
        return (text.count(words[:2]) + 0.5) * place * length

    return max(group, key=claim)


def _rule(heading: Heading) -> str:
    if not heading.before:
        return "first line"
    if not heading.after:
        return "last heading, with no text below"
    return "heading that fits the whole text best"
