"""What is printed at the edges of every page: paper, date, page number; it is no article."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.ingest.cleaning.credits_and_captions import is_publisher, read_date
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment, Sheet

__all__ = ["Masthead", "RunningHeads"]

# The share of a page's height at either end in which running heads stand.
MARGIN = 0.14
# Running heads are short; a masthead stands in the upper part of the first page, in large type.
LONGEST = 80
MOST_WORDS = 40
SENTENCE = frozenset("，。；！？”")
# Between running heads and text there is more space than this (in type sizes).
LEAST_DISTANCE = 0.7
MASTHEAD = 0.3
MOST_LEVELS = 4
# Lines that stand within so many points of each other's height on several pages are the same.
SAME_PLACE = 4.0

_page_number = re.compile(
    r"[—–\-_·•・|丨~～<>《》【】\[\]()（） ]*+(?:第? ?[A-Z]?\d{1,4} ?[页版]?)(?: ?[/／共] ?\d{1,4} ?[页版]?)?[—–\-_·•・|丨~～<>《》【】\[\]()（） ]*"
)
_edition = re.compile(
    r"第 ?[A-Z]?\d{1,3} ?版|(?<![\dA-Za-z.日共])[A-Z]?\d{1,3} ?版(?!权|本|面积)|第[一二三四五六七八九十]{1,3}版|(?<![\dA-Za-z])[A-D]\d{1,2}(?![\dA-Za-z])"
)
_mark = re.compile(
    r"(?:星期|周)[一二三四五六日天]|农历|刊号|邮发代号|今日\d+版|总第 ?\d+|第 ?\d{3,} ?期|责任?编辑?[:： ]|美编|版式|校对|热线|网址|https?://|www\."
    r"|(?:19|20)\d\d ?(?:年|[-./]) ?\d{1,2} ?(?:月|[-./]) ?\d{1,2}|[一二][〇零○一二三四五六七八九]{3}年 ?[一二三四五六七八九十]{1,2}月"
)


@dataclass(slots=True)
class Masthead:
    """What the running heads of one page say of it; "" for what they do not say."""

    publisher: str = ""
    published: str = ""
    edition: str = ""
    left_out: list[str] = field(default_factory=list)


class RunningHeads:
    """The running heads of a file, known from all its pages."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._pages = len(sheets)
        self._seen = Counter(key for sheet in sheets for key in {*_keys(sheet)})

    def part(self, sheet: Sheet) -> tuple[list[Fragment], Masthead]:
        """Return the lines of a page that are text, and what the others say."""
        said = Masthead()
        out: set[int] = set()
        for levels in (_levels(sheet, top=True), _levels(sheet, top=False)):
            out.update(id(line) for level in self._outer(sheet, list(levels)) for line in level)
        out.update(id(line) for line in sheet.fragments if _is_masthead(sheet, line))
        kept = [line for line in sheet.fragments if id(line) not in out]
        for line in sheet.fragments:
            if id(line) in out:
                _note(said, line.text)
        return kept, said

    def _outer(self, sheet: Sheet, levels: Sequence[Sequence[Fragment]]) -> Sequence[Sequence[Fragment]]:
        """Return the levels that are no text; what stands close to the text and is not on other pages is text."""
        count = 0
        while count < len(levels) and self._is_furniture(sheet, levels[count]):
            count += 1
        unsure = 0 < count < len(levels) and not _is_page_number(levels[count - 1])
        if unsure and not self._is_repeated(sheet, levels[count - 1]):
            last, text = _around(levels[count - 1]), _around(levels[count])
            count -= -last.level(text) < LEAST_DISTANCE * levels[count - 1][0].size
        return levels[:count]

    def _is_furniture(self, sheet: Sheet, level: Sequence[Fragment]) -> bool:
        text = " ".join(line.text for line in level)
        if len(text) > LONGEST or set(text) & SENTENCE:
            return False
        if _is_page_number(level):
            return True
        marked = _mark.search(text) or _edition.search(text)
        if marked and len(_edition.sub("", _mark.sub("", text)).replace(" ", "")) <= MOST_WORDS:
            return True
        return self._pages > 2 and self._is_repeated(sheet, level)

    def _is_repeated(self, sheet: Sheet, level: Sequence[Fragment]) -> bool:
        return all(self._seen[_key(sheet, line)] * 5 >= 2 * self._pages > 2 for line in level)


def _is_page_number(level: Sequence[Fragment]) -> bool:
    return all(_page_number.fullmatch(line.text) for line in level)


def _key(sheet: Sheet, line: Fragment) -> tuple[str, int]:
    place = line.box.top if line.box.top < sheet.height / 2 else sheet.height - line.box.top
    return re.sub(r"\d+|[一二三四五六七八九十]{1,9}(?=版)", "#", line.text.replace(" ", "")), round(
        place / SAME_PLACE
    )


def _keys(sheet: Sheet) -> Iterator[tuple[str, int]]:
    for line in sheet.fragments:
        if line.box.bottom < MARGIN * sheet.height or line.box.top > (1 - MARGIN) * sheet.height:
            key = _key(sheet, line)
            yield from ((key[0], key[1] + more) for more in (-1, 0, 1))


def _levels(sheet: Sheet, *, top: bool) -> Iterator[list[Fragment]]:
    """Yield the outermost lines of a page, those on one height together, from the edge inwards."""
    if top:
        edge = [line for line in sheet.fragments if line.box.bottom < MARGIN * sheet.height]
        edge.sort(key=lambda line: line.box.top)
    else:
        edge = [line for line in sheet.fragments if line.box.top > (1 - MARGIN) * sheet.height]
        edge.sort(key=lambda line: -line.box.bottom)
    found: list[list[Fragment]] = []
    for line in edge:
        if found and line.box.level(_around(found[-1])) > 0.3 * line.box.height:
            found[-1].append(line)
        else:
            found.append([line])
    yield from found[:MOST_LEVELS]


def _around(lines: Iterable[Fragment]) -> Box:
    boxes = [line.box for line in lines]
    whole = boxes[0]
    for box in boxes[1:]:
        whole = whole.around(box)
    return whole


def _is_masthead(sheet: Sheet, line: Fragment) -> bool:
    """Say whether a line is the name of the paper in large type on top of its first page."""
    sizes = sorted(other.size for other in sheet.fragments)
    large = line.size >= 1.6 * sizes[len(sizes) // 2]
    name = line.text.replace(" ", "")
    return (
        sheet.number == 1
        and large
        and line.box.bottom < MASTHEAD * sheet.height
        and len(name) <= 12
        and is_publisher(name)
    )


def _note(said: Masthead, text: str) -> None:
    """Keep what a running head says, the first of each."""
    said.left_out.append(text)
    said.published = said.published or read_date(text)
    if found := _edition.search(text):
        said.edition = said.edition or found[0].replace(" ", "")
    for part in [text.replace(" ", ""), *text.split()]:
        if is_publisher(part):
            said.publisher = said.publisher or part
