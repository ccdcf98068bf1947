"""Questions as staff type them, written for this project (`staff_questions/`), as groups to learn from.

They are about items of xinwenlianbo and about news texts of our own (`staff_questions/articles/`).

A question that the item answers is shown the sentences around the answer and rivals: other parts of the item, and items
that share most of its words. Near misses are shown the item and such rivals. Of ten articles three are kept for
measuring and for the choice (`is_kept`).
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from rag.text.sentences import sentences
from rag.text.words import bigrams
from training.reader_data import Group, Window, rows

__all__ = ["OWN_TEXTS", "QUESTIONS", "AskedQuestions", "is_kept"]

QUESTIONS = Path(__file__).parent / "staff_questions"
OWN_TEXTS = QUESTIONS / "articles"
CHARS = (80, 330)
# Of answerable questions, those shown only what does not answer.
TAKEN = 0.15
TITLED = 0.55
# Items tried as rivals for their words.
NEAREST = 6
# Of near misses, those shown the sentence of their item that shares most of their words.
NEAR = 0.7
# A pair of characters in more items than this tells nothing about one.
COMMON = 400


def is_kept(article_id: str) -> bool:
    """Tell whether the questions about an article are kept from training."""
    return int(hashlib.sha1(article_id.encode()).hexdigest(), 16) % 10 < 3


class AskedQuestions:
    """The questions to train on with their items and rivals."""

    def __init__(self, data: Path, folder: Path = QUESTIONS) -> None:
        """Read the questions of `folder`, its texts and the items of `data`/xinwenlianbo."""
        files = [data / "xinwenlianbo" / name for name in ("articles.jsonl", "more.jsonl")]
        files += sorted((folder / "articles").glob("*.jsonl"))
        self.items = {row["id"]: row for file in files if file.exists() for row in rows(file)}
        asked = [row for file in sorted(folder.glob("*.jsonl")) for row in rows(file)]
        self.questions = [row for row in asked if not is_kept(row["article_id"])]
        self.near = {row["id"]: near for row, near in zip(self.questions, self._nearest(), strict=True)}

    def _nearest(self) -> Iterable[list[str]]:
        """Return for each question the other items that share most of its pairs of characters, the rarer the more."""
        holders = defaultdict[str, list[str]](list)
        wanted = {pair for row in self.questions for pair in bigrams(row["question"])}
        for number, item in self.items.items():
            for pair in wanted.intersection(bigrams(item["title"] + item["text"])):
                holders[pair].append(number)
        return [self._nearest_to(row, holders) for row in self.questions]

    def _nearest_to(self, row: Mapping[str, Any], holders: Mapping[str, Sequence[str]]) -> list[str]:
        shared = Counter[str]()
        for pair in set(bigrams(row["question"])):
            found = holders.get(pair, ())
            if len(found) <= COMMON:
                for number in found:
                    shared[number] += 1
        others = (number for number, _ in shared.most_common(NEAREST + 1) if number != row["article_id"])
        return [number for number in others if self._is_rival(row, number)][:NEAREST]

    def _is_rival(self, row: Mapping[str, Any], number: str) -> bool:
        """Tell whether an item surely has none of the answers: the same news is told on several days."""
        text = self.items[number]["text"]
        own = set(bigrams(self.items[row["article_id"]]["title"]))
        retold = len(own.intersection(bigrams(self.items[number]["title"]))) > len(own) / 3
        return not retold and not any(answer in text for answer in row["answers"])

    def draw(self, random: Random) -> Group:
        """Return the group of a question."""
        row = random.choice(self.questions)
        item = self.items[row["article_id"]]
        rivals = [self._part(self.items[number], None, random) for number in self._some(row["id"], random)]
        if not row["answerable"]:
            near = _likest(row["question"], item["text"]) if random.random() < NEAR else None
            return self._titled(row["question"], [self._part(item, near, random), *rivals], random)
        if rivals and random.random() < TAKEN:
            return self._titled(row["question"], rivals, random)
        marks = [match.span() for match in re.finditer(re.escape(row["answers"][0]), item["text"])]
        gold = self._part(item, random.choice(marks), random, row["answers"])
        aside = self._part(item, None, random)
        if not any(answer in aside.text for answer in row["answers"]) and random.random() < TITLED:
            rivals = [aside, *rivals]
        return self._titled(row["question"], [gold, *rivals], random)

    def _some(self, question: str, random: Random) -> list[str]:
        near = self.near[question]
        return random.sample(near, min(len(near), random.choice((0, 1, 1, 2))))

    @staticmethod
    def _titled(question: str, windows: Sequence[Window], random: Random) -> Group:
        titled = random.random() < TITLED
        shown = [window if titled else Window("", window.text, window.answers) for window in windows]
        random.shuffle(shown)
        return Group(question, tuple(shown))

    @staticmethod
    def _part(
        item: Mapping[str, Any], around: tuple[int, int] | None, random: Random, answers: Sequence[str] = ()
    ) -> Window:
        """Return a run of sentences of the item: around a span, or anywhere; the answers in it are marked."""
        spans, chars = sentences(item["text"]), random.randint(*CHARS)
        at = random.randrange(len(spans))
        first = last = at
        if around is not None:
            inside = [n for n, (a, b) in enumerate(spans) if a < around[1] and b > around[0]]
            first, last = inside[0], inside[-1]
        while True:
            ways = [(first - 1, last), (first, last + 1)]
            fit = [
                (a, b) for a, b in ways if a >= 0 and b < len(spans) and spans[b][1] - spans[a][0] <= chars
            ]
            if not fit:
                break
            first, last = random.choice(fit)
        text = item["text"][spans[first][0] : spans[last][1]]
        # Of several wordings the first is the best; it is marked wherever it stands.
        marks = [match.span() for match in re.finditer(re.escape(answers[0]), text)] if answers else []
        return Window(item["title"], text, tuple(marks))


def _likest(question: str, text: str) -> tuple[int, int]:
    """Return the sentence that shares most pairs of characters with the question."""
    asked = set(bigrams(question))
    return max(sentences(text), key=lambda span: len(asked.intersection(bigrams(text[slice(*span)]))))
