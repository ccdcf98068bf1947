"""A web page as lines: the words of each block, where they stand, and how much of them is links."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from rag.ingest.raised import lowered, raised

__all__ = ["SIGNS", "PageLine", "read_page_lines", "unseen_words"]

_blocks = (
    "address article aside blockquote body button caption center dd details dialog div dl dt fieldset figcaption "
    "figure footer form h1 h2 h3 h4 h5 h6 header hr iframe legend li main nav ol option p pre section select table "
    "tbody td textarea tfoot th thead tr ul ucapcontent"
)
BLOCKS = frozenset(_blocks.split())
# Nobody sees these words on the page, or they belong to a picture or a page of its own.
UNSEEN = frozenset(
    [
        "script",
        "style",
        "title",
        "noscript",
        "noframes",
        "template",
        "iframe",
        "object",
        "applet",
        "svg",
        "canvas",
        "audio",
        "video",
        "datalist",
        "xmp",
    ]
)
# Of these nothing is worth a list.
CODE = frozenset(["script", "style", "title"])
# Ways to write a formula again for programs.
ANNOTATIONS = frozenset(["annotation", "annotation-xml"])
# Words set above or below the line.
OFF_LINE: dict[str, Callable[[str], str]] = {"sup": raised, "sub": lowered}
# One of these stands before and behind the words of a table of facts, which tell as much as sentences do.
SIGNS = range(0x2840, 0x28FF)
MARKS = frozenset("，。；！？")
STOPS = frozenset("。！？；…!?")
CLOSERS = "”’」』）)】》〉\"'＂ "


@dataclass(slots=True)
class PageLine:
    """A line of a page: `block` is the innermost block element it stands in, `linked` counts characters of links.

    `rule` says why it is left out, "" for what may be the article.
    """

    text: str
    linked: int
    block: Any
    heading: bool
    rule: str = ""
    above: tuple[Any, ...] = field(default=(), repr=False)
    """the elements around it, outermost first, with `block` as the last"""

    @property
    def plain(self) -> int:
        """Return how many characters are no link."""
        return max(len(self.text) - self.linked, 0)

    @property
    def mostly_linked(self) -> bool:
        """Say whether more than half of it is links."""
        return 2 * self.linked > len(self.text)

    @property
    def finished(self) -> bool:
        """Say whether it ends as a sentence does."""
        return self.text.rstrip(CLOSERS)[-1:] in STOPS or ord(self.text[0]) in SIGNS

    @property
    def prose(self) -> int:
        """Return how many characters of sentences outside of links it has."""
        if self.mostly_linked:
            return 0
        if ord(self.text[0]) in SIGNS:
            return self.plain
        marks = sum(char in MARKS for char in self.text)
        if marks and (self.finished or marks > 1 or len(self.text) > LEAST_CLAUSE):
            return self.plain
        return self.plain if len(self.text) > LEAST_LATIN and ". " in f"{self.text} " else 0


# A line with one comma and no full stop is a sentence if it is longer than this; one in Latin letters needs more.
LEAST_CLAUSE = 24
LEAST_LATIN = 60


def read_page_lines(root: Any) -> list[PageLine]:
    """Return the lines of an element in order, those that show on the page."""
    reader = _Reader()
    walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
    for event, node in walk:
        if event == "start":
            if node.tag in UNSEEN or node.tag in ANNOTATIONS:
                walk.skip_subtree()
            else:
                reader.enter(node)
            continue
        if event == "end" and node.tag not in UNSEEN and node.tag not in ANNOTATIONS:
            reader.leave(node)
        if node is not root:
            reader.say(node.tail)
    reader.end_line()
    return reader.lines


def unseen_words(root: Any) -> list[tuple[str, str]]:
    """Return the words that are no lines of the page, each with the element that holds them."""
    found: list[tuple[str, str]] = []
    walk = etree.iterwalk(root, events=("start",), tag=sorted(UNSEEN))
    for _, node in walk:
        if node.tag not in CODE:
            said = node.xpath(".//text()[not(ancestor::script or ancestor::style)]")
            words = " ".join(" ".join(said).split())
            if words:
                found.append((node.tag, words))
        walk.skip_subtree()
    return found


def _is_block(node: Any) -> bool:
    """Say whether an element begins a line; those that sites define themselves (amp-ad) do."""
    return node.tag in BLOCKS or "-" in node.tag


class _Reader:
    """Collects words until a block or a line ends."""

    def __init__(self) -> None:
        self.lines: list[PageLine] = []
        self._path: list[Any] = []
        self._words: list[str] = []
        self._linked: list[str] = []
        self._links = 0
        self._set: list[Callable[[str], str]] = []
        self._around: tuple[Any, ...] = ()

    def enter(self, node: Any) -> None:
        if _is_block(node):
            self.end_line()
            self._path.append(node)
            self._around = tuple(self._path)
        elif node.tag == "br":
            self.end_line()
        if node.tag == "a":
            self._links += 1
        elif node.tag in OFF_LINE:
            self._set.append(OFF_LINE[node.tag])
        self.say(node.text)

    def leave(self, node: Any) -> None:
        if _is_block(node):
            self.end_line()
            self._path.pop()
            self._around = tuple(self._path)
        elif node.tag == "a":
            self._links -= 1
        elif node.tag in OFF_LINE:
            self._set.pop()

    def say(self, text: str | None) -> None:
        if text:
            text = self._set[-1](text) if self._set else text
            self._words.append(text)
            if self._links:
                self._linked.append(text)

    def end_line(self) -> None:
        if not self._words:
            return
        text = " ".join("".join(self._words).split())
        if text:
            linked = len(" ".join("".join(self._linked).split()))
            block = self._around[-1] if self._around else None
            heading = block is not None and block.tag in ("h1", "h2", "h3", "h4", "h5", "h6")
            self.lines.append(PageLine(text, linked, block, heading, above=self._around))
        self._words.clear()
        self._linked.clear()
