"""All pages of a PDF → its stories: one of a newspaper for each headline, one of any other file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.ingest.cleaning.credits_and_captions import is_caption, read_byline, read_dateline
from rag.ingest.pdf.blocks import Block, find_blocks
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.glyphs import Fragment, Sheet
from rag.ingest.pdf.reading_order import MOST_PARTS, is_over, reading_order
from rag.ingest.pdf.running_head import Masthead, RunningHeads
from rag.ingest.pdf.stories import Item, Role, Story, find_heads, find_stories, item_of
from rag.ingest.pdf.tables import Table, find_tables
from rag.ingest.sheet import CELL_GAP

__all__ = ["Issue", "read_issue"]

# Type this much larger than that of the text is always a headline, whatever else is on the pages.
HEADLINE = 1.6
# Two sizes of headings are of one kind if they differ by less than this share.
SAME_KIND = 0.1
# A kind of heading is one of headlines if this share of them shows it, or stands at the top of its columns.
CLEAR_SHARE = 1 / 3
# With less text (characters) to a headline than this a page is no page of stories but of lists, advertisements, tables.
LEAST_STORY = 60
# A frame holds at least so many lines, and no more than this share of those of the page.
LEAST_FRAMED = 3
MOST_FRAMED = 0.7
# A caption stands so near to its picture (in type sizes).
NEAR_PICTURE = 2.5
# A column is narrower than this share of what is printed on a page that has several.
ONE_OF_SEVERAL = 0.62


@dataclass(frozen=True, slots=True)
class Issue:
    """The stories of a file, what each page says of itself, and whether it was taken apart."""

    stories: list[Story]
    mastheads: dict[int, Masthead]
    newspaper: bool
    recognised: Mapping[int, tuple[str, ...]]
    """the pages that were pictures, each with what was recognised on it too uncertainly"""


@dataclass(slots=True)
class _Region:
    """A page without its frames, or a frame."""

    number: int
    framed: bool
    heads: list[Item]
    texts: list[Block]
    captions: list[Block]
    pictures: tuple[Box, ...]
    tables: list[Block]

    @property
    def length(self) -> int:
        return sum(len(block.text) for block in self.texts)


def read_issue(sheets: Sequence[Sheet]) -> Issue:
    """Read the pages of a file."""
    heads = RunningHeads(sheets)
    parts = [heads.part(sheet) for sheet in sheets]
    body = _body_size(line for lines, _ in parts for line in lines)
    pages = [list(_regions(sheet, lines, body)) for sheet, (lines, _) in zip(sheets, parts, strict=True)]
    mastheads = {sheet.number: said for sheet, (_, said) in zip(sheets, parts, strict=True)}
    regions = [region for page in pages for region in page]
    kinds = _headline_kinds(regions, body)
    scans = {sheet.number: sheet.unsure for sheet in sheets if sheet.recognised}
    if not _is_newspaper(pages, mastheads.values(), kinds):
        return Issue([_one_story(regions)] if regions else [], mastheads, False, scans)
    return Issue(_stories(pages, kinds), mastheads, True, scans)


def _body_size(lines: Iterable[Fragment]) -> float:
    """Return the size of type that most characters have."""
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size * 4) / 4] += len(line.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0


def _regions(sheet: Sheet, lines: Sequence[Fragment], body: float) -> Iterator[_Region]:
    """Yield the page without its frames, and each frame with text in it."""
    left = list(lines)
    for frame in sorted(sheet.frames, key=lambda frame: frame.width * frame.height):
        inside = [line for line in left if frame.holds(line.box)]
        if LEAST_FRAMED <= len(inside) <= MOST_FRAMED * len(lines):
            left = [line for line in left if not frame.holds(line.box)]
            yield _region(sheet, inside, body, framed=True)
    if left:
        yield _region(sheet, left, body, framed=False)


def _region(sheet: Sheet, lines: Sequence[Fragment], body: float, *, framed: bool) -> _Region:
    tables, lines = find_tables(sheet.lines, lines)
    blocks = find_blocks(sheet, lines)
    captions = [block for block in blocks if _is_caption(block, sheet.pictures, body)]
    rest = [block for block in blocks if block not in captions]
    heads = find_heads(rest, body)
    used = {id(block) for head in heads for block in head.blocks}
    texts = [block for block in rest if id(block) not in used]
    held = [_table_block(table, body, sheet.number) for table in tables]
    return _Region(sheet.number, framed, heads, texts, captions, sheet.pictures, held)


def _table_block(table: Table, body: float, page: int) -> Block:
    rows = tuple(
        Fragment(CELL_GAP.join(box.text for box in row), table.box, table.size) for row in table.grid.lines()
    )
    return Block(rows, table.box, body, page, table.grid)


def _is_caption(block: Block, pictures: Sequence[Box], body: float) -> bool:
    """Say whether a block belongs to a picture: by its words, or in smaller type right below or above one."""
    if len(block.lines) <= 4 and is_caption(block.text):
        return True
    if block.size >= 0.97 * body or len(block.lines) > 6:
        return False
    reach = NEAR_PICTURE * block.size
    return any(
        picture.beside(block.box) > 0.5 * block.box.width and -reach < picture.level(block.box) <= block.size
        for picture in pictures
    )


def _headline_kinds(regions: Sequence[_Region], body: float) -> list[float]:
    """Return the sizes of type that headlines have in this file; other headings stand inside a story."""
    heads = [(head, region) for region in regions for head in region.heads]
    sizes = sorted({round(head.size, 1) for head, _ in heads}, reverse=True)
    chosen: list[float] = []
    for size in sizes:
        mine = [pair for pair in heads if abs(pair[0].size - size) <= SAME_KIND * size]
        clear = sum(_is_clear(head, region) or _leads(head, region) for head, region in mine)
        large = size >= HEADLINE * body or not chosen or abs(chosen[-1] - size) <= SAME_KIND * size
        if large or clear >= CLEAR_SHARE * len(mine):
            chosen.append(size)
    return chosen


def _is_clear(head: Item, region: _Region) -> bool:
    """Say whether a heading is a headline for sure: a byline or dateline follows, or it is wider than a column."""
    below = [
        block
        for block in region.texts
        if head.box.beside(block.box) > 0 and block.box.top >= head.box.bottom - head.size
    ]
    if not below:
        return False
    first = min(below, key=lambda block: block.box.top)
    opening = first.lines[0].text
    credit = read_dateline(first.text[:80])
    bylined = read_byline(opening) is not None or bool(credit.publisher or credit.author)
    return bylined or head.box.width > 1.2 * first.box.width


def _leads(head: Item, region: _Region) -> bool:
    """Say whether no text stands above a heading: one that parts a story seldom comes to the top of a column."""
    return not any(is_over(block.box, head.box) for block in region.texts)


def _is_newspaper(
    pages: Sequence[Sequence[_Region]], mastheads: Iterable[Masthead], kinds: Sequence[float]
) -> bool:
    """Say whether a file holds several stories: it numbers its pages as papers do, is set in columns, or its headings are clear."""
    regions = [region for page in pages for region in page]
    headlines = [(head, region) for region in regions for head in region.heads if _is_headline(head, kinds)]
    if not headlines:
        return False
    if any(said.edition for said in mastheads):
        return True
    if sum(map(_in_columns, pages)) * 2 >= len(pages):
        return len(headlines) > 1
    return sum(_is_clear(*pair) for pair in headlines) * 2 > len(headlines) > 1


def _in_columns(page: Sequence[_Region]) -> bool:
    texts = [block.box for region in page for block in region.texts]
    if not texts:
        return False
    width = max(box.right for box in texts) - min(box.left for box in texts)
    narrow = sum(box.height for box in texts if box.width < ONE_OF_SEVERAL * width)
    return 2 * narrow > sum(box.height for box in texts)


def _is_headline(head: Item, kinds: Sequence[float]) -> bool:
    return any(abs(head.size - kind) < 0.1 for kind in kinds)


def _one_story(regions: Sequence[_Region]) -> Story:
    """Return everything as one story; its headline is the first of the largest headings, if it stands at the front."""
    heads = [head for region in regions for head in region.heads if region.number == regions[0].number]
    largest = max((head.size for head in heads), default=0.0)
    title = next((head for head in heads if head.size > 0.97 * largest), None)
    story = Story(regions[0].number)
    for region in regions:
        items = [
            *(replace(head, role=Role.HEADLINE) if head is title else head for head in region.heads),
            *_texts(region),
        ]
        story.items += [items[i] for i in reading_order([item.box for item in items])]
    return story


def _texts(region: _Region) -> list[Item]:
    texts = [
        replace(item_of(Role.TEXT, [block]), pictured=_pictured(block, region.pictures))
        for block in region.texts
    ]
    tables = [item_of(Role.TABLE, [block]) for block in region.tables]
    return texts + tables + [item_of(Role.CAPTION, [block]) for block in region.captions]


def _pictured(block: Block, pictures: Sequence[Box]) -> float | None:
    """Return the upper edge of a picture that stands, with its caption, right above a text."""
    return next(
        (
            picture.top
            for picture in pictures
            if picture.beside(block.box) > 0.5 * block.box.width
            and 0 <= block.box.top - picture.bottom < 2 * NEAR_PICTURE * block.size
        ),
        None,
    )


def _stories(pages: Sequence[Sequence[_Region]], kinds: Sequence[float]) -> list[Story]:
    found: list[Story] = []
    carried: list[Story] = []
    for page in pages:
        begun: list[Story] = []
        for region in sorted(page, key=lambda region: region.framed):
            items = [*_named_heads(region, kinds), *_texts(region)]
            if _is_list(region, items):
                begun.append(_one_story([region]))
                begun[-1].whole_page = True
            else:
                begun += find_stories(items, region.number, begun if region.framed else carried)
        found += begun
        carried = _last_on(page, found)
    return [story for story in found if story.items]


def _named_heads(region: _Region, kinds: Sequence[float]) -> list[Item]:
    """Return the headings, those that are headlines named so; a frame's uppermost heading is one."""
    upper = min(region.heads, key=lambda head: head.box.top, default=None) if region.framed else None
    return [
        replace(head, role=Role.HEADLINE) if head is upper or _is_headline(head, kinds) else head
        for head in region.heads
    ]


def _is_list(region: _Region, items: Sequence[Item]) -> bool:
    headlines = sum(item.role is Role.HEADLINE for item in items)
    return len(items) > MOST_PARTS or (headlines > 2 and region.length < LEAST_STORY * headlines)


def _last_on(page: Sequence[_Region], found: Sequence[Story]) -> list[Story]:
    """Return the stories that may go on on the next page, in the order of the page."""
    numbers = {region.number for region in page}
    return [
        story
        for story in found
        if any(block.page in numbers for item in story.items for block in item.blocks)
    ]
