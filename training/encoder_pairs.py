"""Questions and passages to teach the encoder with, from sets whose licence allows it, each with hard negatives.

The passages are those an index would hold (`rag.index.build.chunking`, `rag.index.build.intake.embedding_text`). Articles with
`sha1(id) % 5 == 0` are left out on both sides: they are kept for measuring.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.index.build.chunking import MAX_CHARS, chunk
from rag.index.build.intake import embedding_text
from rag.index.lexical import LexicalIndex, Terms, Weights
from rag.ingest.articles import Refused, read_articles
from rag.records import Embedder
from rag.text.characters import fold, squeeze
from rag.text.sentences import sentences
from rag.text.words import bigrams
from training.measure_models import is_dev, rows

__all__ = ["Example", "Pair", "Piece", "cut", "mine", "neighbours", "pairs_of"]

# A negative this close to the positive, as a share of its cosine, may well be an answer too (positive-aware mining,
# https://arxiv.org/abs/2407.15831).
MARGIN = 0.95
# Candidates for a negative: as many from BM25 and as many from the encoder.
CANDIDATES = 20
# One of this many is drawn: always the very hardest would often be an answer that nobody marked.
HARDEST = 5
BM25 = Weights(words=0.0, bigrams=1.0, title=0.5, heading=0.0)
# A sentence stands for a question if it says enough and is no longer than one.
SENTENCE_CHARS = range(14, 45)
TITLE_CHARS = range(8, 60)


@dataclass(frozen=True, slots=True)
class Piece:
    """A passage as it is embedded, and the article it is of."""

    article: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, the passage that answers it, and the articles that no negative may come from."""

    source: str
    question: str
    positive: str
    articles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """A pair with a passage that looks like an answer but is none."""

    source: str
    question: str
    positive: str
    negative: str


def cut(path: Path) -> list[Piece]:
    """Return the passages of the articles in a JSONL file in order, without those kept for measuring."""
    return [
        Piece(article.external_id, embedding_text(article.title, passage.heading_text, passage.text))
        for _, article in (found for found in read_articles(path) if not isinstance(found, Refused))
        if not is_dev(article.external_id)
        for passage in chunk(article)
    ]


def pairs_of(source: str, data: Path, pieces: Sequence[Piece]) -> list[Pair]:
    """Return all pairs of a set, in the order of its files."""
    makers: dict[str, Callable[[], Iterator[Pair]]] = {
        "qbqtc": lambda: _titles(data / "qbqtc/relevance.jsonl"),
        "xinwenlianbo": lambda: _news(data / "xinwenlianbo/articles.jsonl", pieces),
    }
    asked = makers.get(source, lambda: _questions(source, data / source / "qa.jsonl", pieces))
    return list(asked())


def _questions(source: str, path: Path, pieces: Sequence[Piece]) -> Iterator[Pair]:
    """Yield each question with the gold passage that holds an answer and shares most with it.

    A set in traditional characters is given in simplified ones every other time: both are asked.
    """
    of_article: dict[str, list[str]] = {}
    for piece in pieces:
        of_article.setdefault(piece.article, []).append(piece.text)
    for number, row in enumerate(rows(path)):
        gold = tuple(row["article_ids"])
        if not row["answerable"] or any(map(is_dev, gold)) or gold[0] not in of_article:
            continue
        best = _best(
            row["question"], row["answers"], [text for name in gold for text in of_article.get(name, [])]
        )
        if best and source == "drcd" and number % 2:
            yield Pair(source, fold(row["question"]), fold(best), gold)
        elif best:
            yield Pair(source, row["question"], best, gold)


def _best(question: str, answers: Iterable[str], texts: Sequence[str]) -> str:
    """Return the text that holds an answer (any text if none does) and most pairs of characters of the question."""
    holding = [text for text in texts if any(squeeze(fold(a)) in squeeze(fold(text)) for a in answers)]
    asked = set(bigrams(question))
    return max(holding or texts, key=lambda text: len(asked & set(bigrams(text))), default="")


def _titles(path: Path) -> Iterator[Pair]:
    """Yield the queries with a page title that answers them."""
    for row in rows(path):
        if row["relevance"] == 2:
            yield Pair("qbqtc", row["query"], row["title"], (row["id"],))


def _news(path: Path, pieces: Sequence[Piece]) -> Iterator[Pair]:
    """Yield, in turn, the title of an article with its first passage and a sentence with the title and what follows it.

    What is asked is not in the passage, or the pair would teach to compare characters.
    """
    kept = {piece.article for piece in pieces}
    for number, row in enumerate(found for found in rows(path) if found["id"] in kept):
        title, text = row["title"], squeeze(row["text"])
        cuts = [text[start:end] for start, end in sentences(text)]
        body = "".join(cuts)
        if number % 2 == 0 and len(title) in TITLE_CHARS and title not in body:
            yield Pair("xinwenlianbo", title, body[:MAX_CHARS], (row["id"],))
        elif len(cuts) > 2 and len(cuts[1]) in SENTENCE_CHARS:
            yield Pair(
                "xinwenlianbo", cuts[1], f"{title}。{cuts[0]}{''.join(cuts[2:])}"[:MAX_CHARS], (row["id"],)
            )


def neighbours(pairs: Sequence[Pair]) -> list[Example]:
    """Give each pair the positive of the next one as its negative, where there are no articles to search."""
    return [
        Example(pair.source, pair.question, pair.positive, following.positive)
        for pair, following in zip(pairs, [*pairs[1:], *pairs[:1]], strict=True)
        if following.positive != pair.positive
    ]


def mine(pairs: Sequence[Pair], pieces: Sequence[Piece], encoder: Embedder, seed: int) -> list[Example]:
    """Give each pair a negative: drawn from the hardest of the passages nearest by BM25 and by the encoder.

    A pair is left out if all of these are of its own articles or lie above `MARGIN` of its positive's cosine.
    """
    index = LexicalIndex.in_memory(
        Terms(number, "", " ".join(bigrams(piece.text)), "", "") for number, piece in enumerate(pieces)
    )
    vectors = encoder.embed([piece.text for piece in pieces], kind="passage")
    asked = encoder.embed([pair.question for pair in pairs], kind="query")
    answers = encoder.embed([pair.positive for pair in pairs], kind="passage")
    draw = random.Random(seed)
    found = []
    for pair, question, answer in zip(pairs, asked, answers, strict=True):
        cosines = vectors @ question
        lexical = [number for number, _ in index.search([], bigrams(pair.question), CANDIDATES, BM25)]
        near = dict.fromkeys(lexical + np.argsort(-cosines)[:CANDIDATES].tolist())
        limit = MARGIN * float(question @ answer)
        left = [n for n in near if cosines[n] < limit and pieces[n].article not in pair.articles]
        hardest = sorted(left, key=lambda n: (-cosines[n], n))[:HARDEST]
        if hardest:
            found.append(
                Example(pair.source, pair.question, pair.positive, pieces[draw.choice(hardest)].text)
            )
    return found
