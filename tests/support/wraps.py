"""Stories laid out as raw newspaper text: narrow columns, broken anywhere, with the headline wherever it stood."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

NO_LINE_START = "，。、；：？！”’）》」』】,.;:?!)%％"
NO_LINE_END = "“‘（《「『【("
INDENT = "　　"

_words = re.compile(r"[A-Za-z0-9][A-Za-z0-9.,%+\-/]*|.", re.DOTALL)


@dataclass(frozen=True)
class Printed:
    """What is laid out. `headings` are (number of the paragraph below, words)."""

    title: str
    paragraphs: Sequence[str]
    headings: Sequence[tuple[int, str]] = ()
    captions: Sequence[str] = ()


@dataclass(frozen=True)
class Layout:
    """How a page is set; `width` counts characters, or half as many display columns when not `by_char`."""

    width: int
    by_char: bool = False
    keeps_words: bool = True
    first_line: str = "plain"
    """plain, indented, or short: the indent was lost but its room is still missing"""
    marks: str = "pushed"
    """pushed: a mark that may not begin a line takes its character along; hung: it stands outside; free"""
    blank_between: bool = True
    column_height: int = 0
    """a blank line after so many lines, 0 for never"""
    justified: float = 0.0
    """share of lines that are filled with spaces"""
    title_at: int = 0
    """before which paragraph the headline stands; as many as there are paragraphs: at the end"""
    wrapped_captions: bool = False
    """captions are set in the column too"""
    captions_inside: bool = True


def random_layout(rng: Random, width: int, paragraphs: int) -> Layout:
    """Return one of the many ways to set a page."""
    first_line = rng.choice(["plain", "indented", "short"])
    return Layout(
        width=width,
        by_char=rng.random() < 0.4,
        keeps_words=rng.random() < 0.7,
        first_line=first_line,
        marks=rng.choice(["pushed", "hung", "free"]),
        blank_between=first_line == "plain" or rng.random() < 0.7,
        column_height=rng.choice([0, 11, 23, 40]),
        justified=rng.choice([0.0, 0.05]),
        title_at=rng.choice([0, paragraphs, rng.randint(0, paragraphs)]),
        captions_inside=rng.random() < 0.6,
    )


def lay_out(story: Printed, layout: Layout, rng: Random) -> str:
    """Return the raw text of a page."""
    lines: list[str] = []
    inside = sorted(rng.sample(range(len(story.paragraphs)), min(len(story.captions), len(story.paragraphs))))
    captions = dict(zip(inside, story.captions, strict=False))
    for i, paragraph in enumerate(story.paragraphs):
        if layout.title_at == i:
            lines += ["", story.title, ""]
        lines += [piece for below, words in story.headings if below == i for piece in ("", words, "")]
        body = [_justify(line, layout, rng) for line in wrap(paragraph, layout)]
        if i in captions:
            at = rng.randint(1, len(body)) if layout.captions_inside else len(body)
            caption = wrap(captions[i], layout) if layout.wrapped_captions else [captions[i]]
            body[at:at] = ["", *caption, ""]
        lines += body
        lines += [""] * layout.blank_between
    if layout.title_at >= len(story.paragraphs):
        lines += ["", story.title, ""]
    return "\n".join(_columns(lines, layout)) + "\n"


def wrap(paragraph: str, layout: Layout) -> list[str]:
    """Break a paragraph into the lines of its column."""
    lines: list[str] = []
    lead = INDENT if layout.first_line != "plain" else ""
    here = lead
    for word in _units(paragraph, layout):
        if here and _size(here + word, layout) > _limit(layout):
            if layout.marks == "hung" and word in NO_LINE_START and _size(here, layout) <= _limit(layout):
                here += word
                continue
            here, below = _pushed(here, word, layout)
            lines.append(here)
            here = below
        here += word
    lines.append(here)
    lines = [line for line in lines if line]
    return [lines[0].removeprefix(INDENT), *lines[1:]] if layout.first_line == "short" else lines


def _pushed(here: str, word: str, layout: Layout) -> tuple[str, str]:
    """Return the line and what goes down with the next one."""
    if layout.marks == "free":
        return here, ""
    cut = len(here)
    if layout.marks == "pushed" and word[0] in NO_LINE_START:
        cut -= 1
        while cut > 1 and here[cut] in NO_LINE_START:
            cut -= 1
    while cut > 1 and here[cut - 1] in NO_LINE_END:
        cut -= 1
    return (here[:cut], here[cut:]) if cut > 1 else (here, "")


def _units(paragraph: str, layout: Layout) -> Iterator[str]:
    for word in _words.findall(paragraph):
        if layout.keeps_words and _size(word, layout) < _limit(layout):
            yield word
        else:
            yield from word


def _limit(layout: Layout) -> int:
    return layout.width if layout.by_char else 2 * layout.width


def _size(text: str, layout: Layout) -> int:
    return len(text) if layout.by_char else sum(1 if char.isascii() else 2 for char in text)


def _justify(line: str, layout: Layout, rng: Random) -> str:
    if rng.random() >= layout.justified:
        return line
    every = rng.random() < 0.5
    return "".join(char + (" " if every or rng.random() < 0.2 else "") for char in line).rstrip()


def _columns(lines: Sequence[str], layout: Layout) -> Iterator[str]:
    """Yield the lines with a blank one where each column ends."""
    for number, line in enumerate(lines, start=1):
        yield line
        if layout.column_height and number % layout.column_height == 0:
            yield ""
