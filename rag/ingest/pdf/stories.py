"""The columns of a newspaper's page → its stories: which text belongs to which headline, in reading order."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from rag.ingest.pdf.blocks import Block
from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.reading_order import is_over, reading_order

__all__ = ["Item", "Role", "Story", "find_heads", "find_stories", "item_of"]

# Type so much larger than that of the text is a heading, if it says no more than this many characters.
LARGER = 1.12
LONGEST_HEAD = 90
# A line between this and that in size, right above or below a headline, belongs to it.
BARELY_LARGER = 1.05
# Lines of one headline leave no more between them than this (in type sizes).
HEAD_LEADING = 1.0
# Text that begins level with that of a headline (in type sizes) is below the same headline.
LEVEL = 1.6


class Role(StrEnum):
    """What a block of a page is."""

    HEADLINE = "headline"
    HEADING = "heading"
    TEXT = "text"
    CAPTION = "caption"
    TABLE = "table"


@dataclass(frozen=True, slots=True)
class Item:
    """A block of text, or the lines of a headline with those above and below it in smaller type."""

    role: Role
    blocks: tuple[Block, ...]
    box: Box
    pictured: float | None = None
    """the upper edge of a picture that stands right above a text"""

    @property
    def top(self) -> float:
        """Where the item begins, with a picture above it."""
        return self.box.top if self.pictured is None else self.pictured

    @property
    def size(self) -> float:
        """The largest size of type."""
        return max(block.size for block in self.blocks)

    @property
    def text(self) -> str:
        """The words."""
        return "".join(block.text for block in self.blocks)

    @property
    def finished(self) -> bool:
        """Say whether nothing is missing at the end."""
        return self.role is not Role.TEXT or self.blocks[-1].finished


@dataclass(slots=True)
class Story:
    """A headline and the items below it, in reading order; `page` is that of the first."""

    page: int
    items: list[Item] = field(default_factory=list)
    whole_page: bool = False

    @property
    def head(self) -> Item | None:
        """The headline, if there is one."""
        return next((item for item in self.items if item.role is Role.HEADLINE), None)

    @property
    def open(self) -> bool:
        """Say whether the text breaks off."""
        texts = [item for item in self.items if item.role is Role.TEXT]
        return not texts[-1].finished if texts else self.head is not None


def find_heads(blocks: Sequence[Block], body: float) -> list[Item]:
    """Return the headings among the blocks of a page, lines of one headline together."""
    heads: list[list[Block]] = []
    larger = [
        block
        for block in blocks
        # Where most is set in the small type of tables, sentences are larger, too.
        if block.size >= LARGER * body and len(block.text) <= LONGEST_HEAD and block.text[-1] not in "。；"
    ]
    for block in sorted(larger, key=lambda block: block.box.top):
        above = next((head for head in heads if _same_head(head, block, blocks)), None)
        if above is None:
            heads.append([block])
        else:
            above.append(block)
    for block in blocks:
        if BARELY_LARGER * body <= block.size < LARGER * body and len(block.lines) == 1:
            beside = next((head for head in heads if _is_beside_head(block, head)), None)
            if beside is not None:
                beside.append(block)
    return [item_of(Role.HEADING, sorted(head, key=lambda block: block.box.top)) for head in heads]


def _is_beside_head(block: Block, head: Sequence[Block]) -> bool:
    """Say whether a line stands right above or below a headline, and is no sentence."""
    box, size = item_of(Role.HEADING, head).box, max(one.size for one in head)
    gap = max(box.top - block.box.bottom, block.box.top - box.bottom)
    inside = box.left - size <= block.box.left and block.box.right <= box.right + size
    return inside and gap <= HEAD_LEADING * size and block.text[-1] not in "。！？；，"


def item_of(role: Role, blocks: Sequence[Block]) -> Item:
    """Return blocks as one item."""
    box = blocks[0].box
    for block in blocks[1:]:
        box = box.around(block.box)
    return Item(role, tuple(blocks), box)


def _same_head(head: Sequence[Block], block: Block, blocks: Sequence[Block]) -> bool:
    """Say whether a block goes on below a headline: close to it, and alone there."""
    last = head[-1]
    gap = block.box.top - last.box.bottom
    if (
        gap > HEAD_LEADING * max(block.size, last.size)
        or block.box.beside(last.box) <= 0
        or gap < -0.5 * last.size
    ):
        return False
    wider, narrower = max(last.box.width, block.box.width), min(last.box.width, block.box.width)
    level = [
        other
        for other in blocks
        if other is not block
        and other.box.level(block.box) > 0.3 * block.size
        and other.box.beside(last.box) > 0
    ]
    return not (level and narrower < 0.75 * wider)


class _Page:
    """The items of one page (or of one frame on it) and what stands above what."""

    def __init__(self, items: Sequence[Item], number: int) -> None:
        self.items = list(items)
        self.number = number
        self.owner: dict[int, Story] = {}
        self.waiting: set[int] = set()

    def settle(self, carried: Sequence[Story]) -> list[Story]:
        """Give every item to a story; return those that begin here, in reading order."""
        begun = []
        for at in reading_order([item.box for item in self.items]):
            if self.items[at].role is Role.HEADLINE:
                self.owner[at] = Story(self.number)
                begun.append(self.owner[at])
        for at in sorted(
            range(len(self.items)), key=lambda at: (self.items[at].box.left, self.items[at].box.top)
        ):
            story = self._story(at)
            if story is None:
                story = next((one for one in reversed(carried) if one.open), carried[-1] if carried else None)
            if story is None:
                story = Story(self.number)
                begun.insert(0, story)
            self.owner[at] = story
        for story in {id(story): story for story in self.owner.values()}.values():
            mine = [item for at, item in enumerate(self.items) if self.owner[at] is story]
            texts = [item for item in mine if item.role is not Role.CAPTION]
            story.items += [texts[i] for i in reading_order([item.box for item in texts])]
            story.items += [item for item in mine if item.role is Role.CAPTION]
        return begun

    def _story(self, at: int) -> Story | None:
        """Return the story of an item: that of what stands above it, or of the end of the column to the left."""
        if at in self.owner or at in self.waiting:
            return self.owner.get(at)
        self.waiting.add(at)
        above = self._above(at)
        head = self._level_head(at, above)
        if head is not None:
            return self.owner[head]
        before = above if above is not None else self._left(at)
        story = None if before is None else self._story(before)
        if story is not None:
            self.owner[at] = story
        return story

    def _above(self, at: int) -> int | None:
        """Return the nearest item above; of several side by side the last one."""
        box = self.items[at].box
        over = [
            i
            for i, item in enumerate(self.items)
            if i != at
            and item.role is not Role.CAPTION
            and is_over(item.box, box)
            and item.box.beside(box) > 0.15 * min(box.width, item.box.width)
        ]
        if not over:
            return None
        lowest = max(self.items[i].box.bottom for i in over)
        level = [i for i in over if lowest - self.items[i].box.bottom < LEVEL * self.items[at].size]
        return max(level, key=lambda i: self.items[i].box.left)

    def _level_head(self, at: int, above: int | None) -> int | None:
        """Return the headline beside which the space above an item is empty, if its text begins level with the item."""
        item = self.items[at]
        if item.role is not Role.TEXT or (above is not None and self.items[above].role is Role.HEADLINE):
            return None
        ceiling = self.items[above].box.bottom if above is not None else 0.0
        heads = [
            i
            for i, head in enumerate(self.items)
            if head.role is Role.HEADLINE
            and head.box.top > ceiling - 0.5 * item.size
            and head.box.bottom <= item.top + 0.5 * item.size
            and self._begins_level(i, item)
        ]
        return min(heads, key=lambda i: self._distance(i, item), default=None)

    def _distance(self, head: int, item: Item) -> tuple[bool, bool, float]:
        """Return how far a headline is from text that may belong to it; text rather stands right of it, and right level."""
        shift = item.box.left - self.items[head].box.left
        return abs(self._first_below(head, item) - item.top) > 0.3 * item.size, shift < 0, abs(shift)

    def _begins_level(self, head: int, item: Item) -> bool:
        """Say whether the first text below a headline begins at the height of `item`, and nothing parts them."""
        return abs(self._first_below(head, item) - item.top) < LEVEL * item.size

    def _first_below(self, head: int, item: Item) -> float:
        """Return the height at which text begins below a headline, `item` apart; -1 if there is none."""
        box = self.items[head].box
        below = [
            other.top
            for other in self.items
            if other is not item and other.role is Role.TEXT and is_over(box, other.box)
        ]
        return min(below, default=-1.0)

    def _left(self, at: int) -> int | None:
        """Return the item at the end of the column to the left, above what spans both columns."""
        box = self.items[at].box
        floor = min(
            (
                item.box.top
                for i, item in enumerate(self.items)
                if i != at and is_over(box, item.box) and item.box.left < box.left - item.size
            ),
            default=float("inf"),
        )
        beside = [
            i
            for i, item in enumerate(self.items)
            if item.role is not Role.CAPTION
            and item.box.right <= box.left + item.size
            and item.box.top < floor
        ]
        if not beside:
            return None
        nearest = max(self.items[i].box.left for i in beside)
        column = [i for i in beside if self.items[i].box.right > nearest]
        column.sort(key=lambda i: self.items[i].box.bottom)
        if self.items[column[-1]].finished:
            broken_off = [i for i in column if not self.items[i].finished and self._is_last(i)]
            if broken_off:
                return broken_off[-1]
        return column[-1]

    def _is_last(self, at: int) -> bool:
        """Say whether a headline follows below, so that the text of an item cannot go on there."""
        box = self.items[at].box
        below = [item for item in self.items if is_over(box, item.box) and item.role is not Role.CAPTION]
        return not below or min(below, key=lambda item: item.box.top).role is Role.HEADLINE


def find_stories(items: Sequence[Item], number: int, carried: Sequence[Story]) -> list[Story]:
    """Give the items of page `number` to stories; those in `carried`, from the page before, may go on.

    Returns the stories that begin on the page.
    """
    return _Page(items, number).settle(carried)
