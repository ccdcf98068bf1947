"""The text of an article while it is written down, with the seams between pieces that are no neighbours."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence

from rag.ingest.cleaning.lines import Line
from rag.ingest.cleaning.paragraphs import Run
from rag.records import Block, BlockKind
from rag.text.characters import squeeze

__all__ = ["Written"]


class Written:
    """A text that grows by blocks; `cuts` are offsets in the source where something was taken out before."""

    def __init__(self, source: str, cuts: Iterable[int] = ()) -> None:
        self.blocks: list[Block] = []
        self.seams: list[int] = []
        self._source, self._cuts = source, sorted(cuts)
        self._pieces: list[str] = []
        self._length = 0
        self._end = 0

    @property
    def text(self) -> str:
        """All blocks, joined by one newline."""
        return "".join(self._pieces)

    def add(self, run: Run, kind: BlockKind) -> None:
        """Write a run as one block; the lines of a heading are set apart by a space."""
        glue: Sequence[str] = [" "] * (len(run.lines) - 1) if kind is BlockKind.HEADING else run.glue()
        if self._length:
            self._append("\n")
        start = self._length
        for line, word, space in zip(run.lines, run.words(), ["", *glue], strict=True):
            self._append(space)
            self._place(line, word)
        self.blocks.append(Block(start, self._length, kind))

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)

    def _place(self, line: Line, word: str) -> None:
        """Append a line, with a seam before it or in it where the source has something between."""
        between = self._source[self._end : line.start]
        first = bisect_right(self._cuts, self._end - 1)
        inside = self._cuts[first : bisect_right(self._cuts, line.end - 1)]
        before = [cut for cut in inside if cut <= line.start]
        if self._length and (line.start < self._end or before or (not between.isspace() and between)):
            self.seams.append(self._length)
        if later := inside[len(before) :]:
            self.seams += [self._length + at for at in _same_places(self._source, line.start, later, word)]
        self._append(word)
        self._end = line.end


def _same_places(source: str, start: int, cuts: Sequence[int], word: str) -> Iterator[int]:
    """Yield for each cut the offset in `word` after as many characters, white space apart, as the source has."""
    places = [at for at, char in enumerate(word) if not char.isspace()]
    count = 0
    for cut in cuts:
        count += len(squeeze(source[start:cut]))
        start = cut
        yield places[count] if count < len(places) else len(word)
