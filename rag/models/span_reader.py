"""The span reader: which words of a text answer the question."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tokenizers import Encoding

from rag.config import MODELS, Settings
from rag.models.runtime import MAX_CHARS, ModelFolder, OnnxModel
from rag.records import FloatArray, Reader, Reading

__all__ = ["OnnxReader", "load_reader"]

# A token is about 1.5 characters; of CMRC2018's answers 97 % are no longer than this.
MAX_SPAN_TOKENS = 30

# A question keeps its first 128 tokens, so that a window always has room for a passage.
MAX_QUESTION_TOKENS = 128

# What a window says before its text of where that stands: a headline, cut here.
MAX_TITLE_TOKENS = 32

# Neighbouring windows share this much: an answer and some words on both sides stand whole in one of them.
OVERLAP_TOKENS = 96

BEGIN, END = 0, 2


@dataclass(frozen=True, slots=True)
class _Window:
    """A run of a text's tokens that the model sees at once, from token `first` on."""

    text: int
    first: int
    tokens: list[int]


class OnnxReader:
    """The bundled reader; a score depends on nothing but the question and that one text."""

    def __init__(self, folder: Path = MODELS / "reader", *, threads: int = 0) -> None:
        """Load the model; `threads` texts are read side by side (0: one a core). Raises ModelError."""
        self.folder = ModelFolder.open(folder)
        self.name = self.folder.name
        self._model = OnnxModel(self.folder, threads=threads)

    def read(
        self,
        question: str,
        texts: Sequence[str],
        *,
        best: int = 3,
        max_tokens: int = MAX_SPAN_TOKENS,
        titles: Sequence[str] = (),
    ) -> list[list[Reading]]:
        """Return for each text its `best` non-overlapping spans, best first; none longer than `max_tokens` tokens.

        `margin` is start + end logit − those of position 0, "not here". A text without words has no spans. `titles`
        say, one for each text or none at all, what stands above it: they are read but never marked.
        """
        asked = self._question(question)
        before = [[*asked, *self._title(title)] for title in titles or [""] * len(texts)]
        encodings = self._model.tokenizer.encode_batch(list(texts), add_special_tokens=False)
        rooms = [self.folder.max_tokens - len(ids) - 1 for ids in before]
        windows = list(_windows([encoding.ids for encoding in encodings], rooms))
        rows = [[*before[window.text], *window.tokens, END] for window in windows]
        found: list[list[Reading]] = [[] for _ in texts]
        for window, logits in zip(windows, self._model.run(rows), strict=True):
            marker = _Marker(texts[window.text], encodings[window.text], window.first)
            found[window.text] += marker.readings(logits, len(before[window.text]), best, max_tokens)
        return [_apart(readings, best) for readings in found]

    def _question(self, question: str) -> list[int]:
        """Return the ids that stand before every text."""
        prefixed = self.folder.prefixes["query"] + question[:MAX_CHARS]
        ids = self._model.tokenizer.encode(prefixed, add_special_tokens=False).ids
        return [BEGIN, *ids[:MAX_QUESTION_TOKENS], END]

    def _title(self, title: str) -> list[int]:
        """Return the ids that stand between the question and a text of that title."""
        ids = self._model.tokenizer.encode(title[:MAX_CHARS], add_special_tokens=False).ids
        return [*ids[:MAX_TITLE_TOKENS], END] if title.strip() else []


def load_reader(settings: Settings) -> Reader:
    """Load the reader that `settings.reader` names: a folder, "" is the bundled one. Raises ModelError."""
    folder = Path(settings.reader) if settings.reader else MODELS / "reader"
    return OnnxReader(folder, threads=settings.threads)


@dataclass(frozen=True, slots=True)
class _Marker:
    """Turns the logits of one window into spans of characters of its text."""

    text: str
    encoding: Encoding
    first: int

    def readings(self, logits: FloatArray, skip: int, best: int, max_tokens: int) -> Iterator[Reading]:
        """Yield the best non-overlapping spans; the text's tokens begin at position `skip` of the logits."""
        nowhere = float(logits[0].sum())
        starts, ends = logits[skip:-1].T.copy()
        tokens = self.encoding.tokens[self.first : self.first + len(ends)]  # all of them are copied each time
        ends[[_is_blank(token) for token in tokens]] = -np.inf
        for start, end, score in _spans(starts, ends, best, max_tokens):
            yield self._reading(self.first + start, self.first + end, score - nowhere)

    def _reading(self, first: int, last: int, margin: float) -> Reading:
        """Return the characters of the tokens `first` to `last` without the white space around them."""
        start, end = self.encoding.offsets[first][0], self.encoding.offsets[last][1]
        words = self.text[start:end]
        start += len(words) - len(words.lstrip())
        return Reading(start, start + len(words.strip()), margin)


def _is_blank(token: str) -> bool:
    """Tell whether a token is only white space; the tokenizer puts one before the text, too."""
    return not token.strip("▁")


def _windows(texts: Sequence[list[int]], rooms: Sequence[int]) -> Iterator[_Window]:
    """Cut the tokens of each text into windows that fit its room and overlap; an empty text has none."""
    for number, (tokens, room) in enumerate(zip(texts, rooms, strict=True)):
        first = 0
        while first < len(tokens):
            yield _Window(number, first, tokens[first : first + room])
            if first + room >= len(tokens):
                break
            first += room - OVERLAP_TOKENS


def _spans(
    starts: FloatArray, ends: FloatArray, best: int, max_tokens: int
) -> Iterator[tuple[int, int, float]]:
    """Yield `(start, end, score)` of the best spans that share no token, end included, best first."""
    first = np.arange(len(starts))[:, None]
    last = first + np.arange(max_tokens)
    outside = last >= len(ends)
    last = np.where(outside, 0, last)
    scores = np.where(outside, -np.inf, starts[:, None] + ends[last])
    for _ in range(best if len(starts) else 0):
        row, column = divmod(int(scores.argmax()), max_tokens)
        score = float(scores[row, column])
        if score == -np.inf:
            return
        yield row, row + column, score
        scores[(first <= row + column) & (last >= row)] = -np.inf


def _apart(readings: list[Reading], best: int) -> list[Reading]:
    """Keep the `best` readings that do not overlap a better one (windows and shared characters repeat some)."""
    kept: list[Reading] = []
    for reading in sorted(readings, key=lambda reading: (-reading.margin, reading.start)):
        if all(reading.end <= other.start or other.end <= reading.start for other in kept):
            kept.append(reading)
    return kept[:best]
