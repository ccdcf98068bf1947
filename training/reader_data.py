"""The groups that the reader learns from: a question with two or three windows, of which at most one answers."""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from rag.text.characters import fold
from rag.text.places import places
from rag.text.sentences import sentences
from rag.text.words import bigrams
from training.excerpt import excerpts
from training.rewording import (
    Bank,
    Edit,
    apply,
    constraints,
    in_other_words,
    nouns,
    other_script,
    restyled,
    simplified,
)

__all__ = ["Group", "Item", "ReaderData", "Window", "read_items"]

SETS = ("cmrc2018", "drcd", "chronoqa")
PASSAGE_CHARS = 240
# Excerpts of the training are of many lengths, up to a whole passage as shown at run time: shorter ones are faster.
EXCERPT_CHARS = (80, 240)
UNANSWERABLE = 0.28
TITLED = 0.5
# Times that only the day of asking makes clear.
RELATIVE = re.compile(
    r"[今去前明后]年|[今明昨前]天|[年月天周]之?前|上个?[月周]|本[月周年]|个月|最近|近日|日前"
)


@dataclass(frozen=True, slots=True)
class Window:
    """What is read at once; `answers` are the spans of the right answers in `text`, empty: not here."""

    title: str
    text: str
    answers: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """A question and its windows."""

    question: str
    windows: tuple[Window, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """A question of the training sets, its article and the answers that stand there."""

    question: str
    title: str
    article: int
    answers: tuple[str, ...]


def is_dev(article_id: str) -> bool:
    """Tell whether an article's questions are kept for measuring."""
    return int(hashlib.sha1(article_id.encode()).hexdigest(), 16) % 5 == 0


def rows(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a JSONL file."""
    with path.open("rb") as lines:
        yield from map(json.loads, lines)


def read_items(data: Path, sets: Sequence[str] = SETS) -> tuple[list[Item], list[list[str]]]:
    """Return the questions of the training sides and the passages of each article; drcd comes in both scripts."""
    items: list[Item] = []
    pool: list[list[str]] = []
    for name in sets:
        read = {row["id"]: row for row in rows(data / name / "articles.jsonl") if not is_dev(row["id"])}
        for plain in (False, True) if name == "drcd" else (False,):
            write = simplified if plain else str
            numbers = {key: len(pool) + at for at, key in enumerate(read)}
            pool += [passages(write(row["text"])) for row in read.values()]
            for row in rows(data / name / "qa.jsonl"):
                first = row["article_ids"][0]
                answers = tuple(write(answer) for answer in row["answers"])
                if first in read and _is_plain(row):
                    article = numbers[first]
                    if any(answer in passage for answer in answers for passage in pool[article]):
                        title = write(read[first].get("title") or "")
                        items.append(Item(write(row["question"]), title, article, answers))
    return items, pool


def _is_plain(row: dict[str, Any]) -> bool:
    """Tell whether one article answers in its own words, without a day to count back from."""
    alone = row.get("extractive", True) and len(row["article_ids"]) == 1
    return alone and not RELATIVE.search(row["question"] if "question_date" in row else "")


def passages(text: str) -> list[str]:
    """Return the text in runs of whole sentences of at most 240 characters, as the index cuts it."""
    found: list[list[int]] = []
    for start, end in sentences(text):
        if found and end - found[-1][0] <= PASSAGE_CHARS:
            found[-1][1] = end
        else:
            found.append([start, end])
    return [text[start:end] for start, end in found]


class ReaderData:
    """All groups, one for each number from 0 on; a group depends on nothing but the data, the seed and its number."""

    # Shares of the groups: without an answer, under titles; of those without, with a word swapped.
    unanswerable = UNANSWERABLE
    titled = TITLED
    swapped = 0.85

    def __init__(self, data: Path, seed: int, sets: Sequence[str] = SETS) -> None:
        """Read the training sides and mine each question's negatives."""
        self.items, pool = read_items(data, sets)
        self.seed = seed
        self.passages = [(number, passage) for number, article in enumerate(pool) for passage in article]
        self.of_article = pool
        self.mined = mine([item.question for item in self.items], [passage for _, passage in self.passages])
        self.bank = _bank(self.items)
        self.titles = {item.article: item.title for item in self.items}

    def group(self, number: int) -> Group:
        """Return a group: every question comes once before any comes again."""
        epoch, place = divmod(number, len(self.items))
        order = np.random.default_rng([self.seed, epoch]).permutation(len(self.items))
        return self.make(int(order[place]), Random(f"{self.seed} {number}"))

    def make(self, index: int, random: Random) -> Group:
        """Return the question of that index with windows drawn by `random`."""
        item = self.items[index]
        chars = random.randint(*EXCERPT_CHARS)
        gold = self._gold(item, chars, random)
        if random.random() < self.unanswerable:
            group = self._unanswerable(index, gold, chars, random)
        else:
            group = self._answerable(index, gold, chars, random)
        windows = list(group.windows)
        random.shuffle(windows)
        if random.random() < self.titled:
            return Group(group.question, tuple(windows))
        return Group(group.question, tuple(replace(window, title="") for window in windows))

    def _gold(self, item: Item, chars: int, random: Random) -> Window:
        """Return a window with an answer: of the passages that have one, that which says most of the question."""
        having = [p for p in self.of_article[item.article] if any(answer in p for answer in item.answers)]
        asked = set(bigrams(item.question))
        best = max(having, key=lambda passage: len(asked.intersection(bigrams(passage))))
        runs = [best[start:end] for start, end in _ends(item.question, best, chars)]
        text = next((run for run in runs if any(answer in run for answer in item.answers)), best)
        return _marked(item.title, text, item.answers)

    def _answerable(self, index: int, gold: Window, chars: int, random: Random) -> Group:
        """Return the gold window with one or two others; often the question is asked in another way."""
        item = self.items[index]
        question, others = item.question, list[Window]()
        near = self._constraints(index, gold, random)
        how = random.random()
        if near and how < 0.3:
            edit = random.choice(near)
            other = Window(apply(edit, gold.title), apply(edit, gold.text))
            if other.title + other.text != gold.title + gold.text:
                others.append(other)
        if not others:
            others.append(self._negative(index, chars, random, same=how < 0.65))
        if random.random() < 0.2:
            others.append(self._negative(index, chars, random, same=False))
        way = random.random()
        if near and way < 0.12:
            swapped = random.choice(near)
            edited = _everywhere(swapped.old, swapped.said, gold)
            if edited is not None and swapped.kind in ("place", "year", "number", "ordinal", "object"):
                return Group(
                    apply(swapped, question), (edited, self._negative(index, chars, random, same=False))
                )
        if way < 0.45:
            question = in_other_words(question, random)
        return _rewritten(Group(question, (gold, *others)), random)

    def _unanswerable(self, index: int, gold: Window, chars: int, random: Random) -> Group:
        """Return windows of which none answers: a constraint swapped in the question or the passage, or other texts."""
        question = self.items[index].question
        near = self._constraints(index, gold, random)
        how = random.random()
        here = replace(gold, answers=())
        other = self._negative(index, chars, random, same=random.random() < 0.5)
        if near and how < self.swapped:
            kinds = sorted({edit.kind for edit in near})
            kind = random.choice(kinds)
            edit = random.choice([edit for edit in near if edit.kind == kind])
            edited = Window(apply(edit, here.title), apply(edit, here.text))
            if how < 0.3 and edited.title + edited.text != here.title + here.text:
                windows: tuple[Window, ...] = (edited,)
            else:
                question, windows = apply(edit, question), (here,)
            windows = (*windows, other) if random.random() < 0.25 else windows
        else:
            windows = (self._negative(index, chars, random, same=False), other)
        if random.random() < 0.3:
            question = in_other_words(question, random)
        return _rewritten(Group(question, windows), random)

    def _constraints(self, index: int, gold: Window, random: Random) -> list[Edit]:
        """Return the edits that make a near miss of the question; names come from articles that match it, too."""
        around = self.passages[random.choice(self.mined[index])][1]
        whole = gold.title + gold.text
        return constraints(self.items[index].question, whole, self.bank, sorted(set(nouns(around))), random)

    def _negative(self, index: int, chars: int, random: Random, *, same: bool) -> Window:
        """Return a window without the answer: of the same article if there is one, else of those that match most."""
        item = self.items[index]
        texts = [(item.article, text) for text in self.of_article[item.article]] if same else []
        near = [(number, text) for number, text in texts if not _has(text, item.answers)]
        if not near:
            mined = [self.passages[place] for place in self.mined[index]]
            near = [(n, text) for n, text in mined if n != item.article and not _has(text, item.answers)]
        number, text = random.choice(near or [random.choice(self.passages)])
        start, end = _ends(item.question, text, chars)[0]
        window = Window(self.titles.get(number, ""), text[start:end])
        return window if not _has(window.text, item.answers) else Window("", "没有。")


def _has(text: str, answers: Sequence[str]) -> bool:
    plain = fold(text)
    return any(fold(answer) in plain for answer in answers)


def _ends(question: str, text: str, chars: int) -> list[tuple[int, int]]:
    return [(span.start, span.end) for span in excerpts(question, text, chars)] or [(0, len(text))]


def _marked(title: str, text: str, answers: Sequence[str]) -> Window:
    spans = {match.span() for answer in answers for match in re.finditer(re.escape(answer), text)}
    return Window(title, text, tuple(sorted(spans)))


def _everywhere(old: str, said: str, window: Window) -> Window | None:
    """Return the window with the same edit as the question's, its answers moved along; None if one is touched."""
    if old not in window.title + window.text:
        return None
    spans = []
    for start, end in window.answers:
        if old in window.text[start:end]:
            return None
        moved = len(window.text[:start].replace(old, said))
        spans.append((moved, moved + end - start))
    text = window.text.replace(old, said)
    kept = [
        one
        for one, (start, end) in zip(spans, window.answers, strict=True)
        if text[slice(*one)] == window.text[start:end]
    ]
    return Window(window.title.replace(old, said), text, tuple(kept)) if kept else None


def _rewritten(group: Group, random: Random) -> Group:
    """Change the script or the digits of the question or of all windows now and then: nothing else changes."""
    question, windows, how = group.question, group.windows, random.random()
    if how < 0.05:
        question = other_script(question)
    elif how < 0.10:
        windows = tuple(replace(w, title=other_script(w.title), text=other_script(w.text)) for w in windows)
    elif how < 0.14:
        question = restyled(question, random)
    elif how < 0.18:
        windows = tuple(replace(window, text=restyled(window.text, random)) for window in windows)
    return Group(question, windows)


def _bank(items: Sequence[Item]) -> Bank:
    """Return the nouns and places that the questions name, each once, sorted."""
    asked = sorted({item.question for item in items})
    words = {word for question in asked[::3] for word in nouns(question)}
    named = {question[place.start : place.end] for question in asked for place in places(question)}
    return Bank(sorted(words), sorted(name for name in named if len(name) > 1))


def mine(questions: Sequence[str], texts: Sequence[str], depth: int = 8) -> np.ndarray:
    """Return for each question the numbers of the texts that match most by BM25 of character bigrams, best first."""
    vocabulary: dict[str, int] = {}
    counts = _counts(texts, vocabulary, grow=True)
    lengths = np.asarray(counts.sum(axis=1)).ravel()
    present = np.asarray((counts > 0).sum(axis=0)).ravel()
    idf = np.log(1 + (len(texts) - present + 0.5) / (present + 0.5))
    weights = counts.tocoo()
    damp = 1.2 * (0.25 + 0.75 * lengths[weights.row] / lengths.mean())
    weights.data = idf[weights.col] * weights.data * 2.2 / (weights.data + damp)
    table = weights.tocsc()
    asked = _counts(questions, vocabulary, grow=False)
    asked.data[:] = 1
    found = []
    for start in range(0, len(questions), 256):
        scores = (asked[start : start + 256] @ table.T).toarray()
        top = np.argpartition(-scores, min(depth, len(texts) - 1), axis=1)[:, :depth]
        found.append(np.take_along_axis(top, np.argsort(-np.take_along_axis(scores, top, 1), 1, "stable"), 1))
    return np.concatenate(found)[:, :depth]


def _counts(texts: Sequence[str], vocabulary: dict[str, int], *, grow: bool) -> csr_matrix:
    columns: list[int] = []
    starts = [0]
    for text in texts:
        for bigram in bigrams(text):
            if grow:
                columns.append(vocabulary.setdefault(bigram, len(vocabulary)))
            elif bigram in vocabulary:
                columns.append(vocabulary[bigram])
        starts.append(len(columns))
    shape = (len(texts), len(vocabulary))
    table = csr_matrix((np.ones(len(columns), np.float32), columns, starts), shape=shape)
    table.sum_duplicates()
    return table
