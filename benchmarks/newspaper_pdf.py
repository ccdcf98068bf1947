"""Measure how newspaper pages come apart: `python -m benchmarks.newspaper_pdf [--seeds N] [--show N]`.

Real stories set in two columns ($RAG_DATA/houjin_pdf) and every layout of `tests.support.layouts` with N seeds, drawn in four
orders. An article counts if its title is right and its body has a character F1 of .98; a sentence is *mixed* when it stands
in no story as it was printed.
"""

import argparse
import json
import os
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory

from rag.ingest.articles import Refused, read_articles
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.layouts import LAYOUTS
from tests.support.papers import Paper, save
from tests.support.random_papers import random_paper

DATA = Path(os.environ.get("RAG_DATA", "../shared/data"))
ORDERS = ("written", "rows", "shuffled", "letters")
WHOLE = 0.98
FLOOR = 0.95
# Fewer characters than this between two full stops are no sentence that could tell where it comes from.
SHORTEST = 8

_sentence = re.compile("[^。！？!?]+[。！？!?]")


@dataclass(frozen=True)
class Told:
    """A story as it was printed."""

    title: str
    text: str


@dataclass(frozen=True)
class Score:
    """How one issue came apart; `wrong` describes what did not."""

    stories: int
    titled: int
    whole: int
    overlap: float
    surplus: int
    mixed: tuple[str, ...]
    wrong: tuple[str, ...]


def read(path: Path) -> list[Article]:
    """Return the articles of a file."""
    return [entry[1] for entry in read_articles(path) if not isinstance(entry, Refused)]


def body_of(article: Article) -> str:
    """Return the body of an article without white space."""
    return squeeze(
        "".join(
            article.text[block.start : block.end] for block in article.blocks if block.kind is BlockKind.BODY
        )
    )


def letters(text: str) -> str:
    """Return the letters and digits; a font may lack the marks between them."""
    return "".join(filter(str.isalnum, text))


def overlap(one: str, other: str) -> float:
    """Return the F1 of characters, 0 to 1."""
    return 2 * (Counter(one) & Counter(other)).total() / max(1, len(one) + len(other))


def score(told: Sequence[Told], articles: Sequence[Article]) -> Score:
    """Compare the stories of an issue with the articles that were read from it."""
    left = list(articles)
    titled, overlaps, wrong = 0, [], []
    for story in told:
        same = [one for one in left if squeeze(one.title) == squeeze(story.title)]
        titled += bool(same)
        article = max(same or left, key=lambda one: overlap(body_of(one), squeeze(story.text)), default=None)
        value = overlap(body_of(article), squeeze(story.text)) if article else 0.0
        overlaps.append(value if same else 0.0)
        if same and article:
            left.remove(article)
        if value < WHOLE or not same:
            read_as = article.title if article else ""
            wrong.append(f"{story.title!r} read as {read_as!r}, F1 {value:.3f}")
    printed = [letters(story.title + story.text) for story in told]
    mixed = tuple(
        words
        for article in articles
        for block in article.blocks
        if block.kind is BlockKind.BODY
        for words in _sentence.findall(squeeze(article.text[block.start : block.end]))
        if len(words) >= SHORTEST and not any(letters(words) in text for text in printed)
    )
    whole = sum(value >= WHOLE for value in overlaps)
    return Score(len(told), titled, whole, fmean(overlaps), len(left), mixed, tuple(wrong))


def houjin() -> Iterator[tuple[str, Score]]:
    """Yield the scores of the issues of $RAG_DATA/houjin_pdf."""
    rows = [json.loads(row) for row in (DATA / "houjin_pdf" / "index.jsonl").read_bytes().splitlines()]
    articles = [json.loads(row) for row in (DATA / "houjin" / "articles.jsonl").read_bytes().splitlines()]
    texts = {row["id"]: row["text"] for row in articles}
    issues = defaultdict(list)
    for row in rows:
        issues[row["issue"]].append(Told(row["title"], texts[row["article_id"]]))
    for number, told in issues.items():
        yield f"houjin {number}", score(told, read(DATA / "houjin_pdf" / f"issue_{number:02d}.pdf"))


def printed(seeds: int, make: Callable[[int], Paper], orders: Sequence[str] = ORDERS) -> Iterator[Score]:
    """Yield the scores of generated papers in each order of drawing."""
    with TemporaryDirectory() as folder:
        for seed in range(100, 100 + seeds):
            paper = make(seed)
            told = [Told(one.title, "".join(one.paragraphs)) for one in paper.told]
            for order in orders:
                found = score(told, read(save(Path(folder) / "a.pdf", paper.pages, order, seed)))
                yield replace(found, wrong=tuple(f"seed {seed} {order}: {line}" for line in found.wrong))


def layouts(seeds: int) -> Iterator[tuple[str, Score]]:
    """Yield the scores of the layouts of our own making."""
    for name, make in LAYOUTS.items():
        yield from ((name, one) for one in printed(seeds, make))


def random_papers(seeds: int) -> Iterator[tuple[str, Score]]:
    """Yield the scores of papers laid out at random."""
    yield from (("random papers", one) for one in printed(seeds, random_paper))


def table(scores: Iterator[tuple[str, Score]], show: int) -> bool:
    """Print a line for each kind of issue; tell whether all reach the floor and no sentence is mixed."""
    groups: dict[str, list[Score]] = defaultdict(list)
    for name, one in scores:
        groups[name].append(one)
    good = True
    for name, group in groups.items():
        stories = sum(one.stories for one in group)
        whole = sum(one.whole for one in group) / stories
        mixed = [words for one in group for words in one.mixed]
        print(
            f"{name:26} {stories:5} stories: title {sum(one.titled for one in group) / stories:.3f}, "
            f"whole {whole:.3f}, body F1 {fmean(one.overlap for one in group):.4f}, "
            f"surplus articles {sum(one.surplus for one in group)}, mixed sentences {len(mixed)}"
        )
        for line in [*(wrong for one in group for wrong in one.wrong), *mixed][:show]:
            print("    ", line)
        good = good and whole >= FLOOR and not mixed
    return good


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    kinds = (houjin(), layouts(options.seeds), random_papers(10 * options.seeds))
    good = [table(kind, options.show) for kind in kinds]
    sys.exit(0 if all(good) else 3)
