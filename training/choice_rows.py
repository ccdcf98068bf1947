"""Possible answers of the questions of $RAG_DATA and of our own, with their features and which of them are right."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from tqdm import tqdm

from benchmarks.quality import ROOT, code_digest
from benchmarks.quality_sets import CACHE, DATA, TODAY, is_dev
from benchmarks.taken import unanswerable, without_gold
from rag.answering.evidence import Evidence
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus, open_reading
from rag.evaluation.gold import Gold, by_answer
from rag.evaluation.match import holds_answer, right
from rag.evaluation.questions import Question, read_questions, sample
from rag.records import Hit
from rag.request import Request
from tests.support.near_misses import pairs, read_pool
from training.asked_questions import OWN_TEXTS, QUESTIONS, is_kept

__all__ = ["SETS", "AskedRow", "ChoiceSet", "asked"]

# Articles beside the gold ones: all 7,200 of crud_rag would be a quarter of an hour of a core.
POOL = 500
# The day of our own questions, as `make gate` has it.
OWN_DAY = date(2024, 12, 1)
OWN = (ROOT / "seeds", ROOT / "tests" / "data" / "articles")

Kind = Literal["questions", "pairs", "off-topic", "taken", "staff", "asked", "own texts"]

STAFF = DATA.parent / "qa" / "staff"
STAFF_DAY = date(2025, 12, 10)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A question with its possible answers.

    Of each there are its `features`, whether it is `vetoed`, whether it is `right`, and whether its sentence
    `holds` an answer.
    """

    id: str
    answerable: bool
    features: Sequence[Mapping[str, float]]
    vetoed: Sequence[bool]
    right: Sequence[float]
    holds: Sequence[float]


@dataclass(frozen=True, slots=True)
class ChoiceSet:
    """Questions to learn from; sets of one `family` are left out together, for they share articles.

    `pool` asks over the gold articles and so many others instead of all. `reading` shows the gold article alone. `times` as many questions are asked as of other sets. Of the sets the reader is trained on (`dev`) only what it has not seen.
    """

    name: str
    family: str
    kind: Kind = "questions"
    articles: str = ""
    reading: bool = False
    dev: bool = False
    files: tuple[Path, ...] = ()
    pool: int = 0
    times: int = 1

    @property
    def news(self) -> tuple[Path, ...]:
        """The articles that are asked."""
        if self.kind == "staff":
            return (STAFF / "articles", ROOT / "seeds")
        if self.kind == "asked":
            return tuple(DATA / "xinwenlianbo" / name for name in ("articles.jsonl", "more.jsonl"))
        if self.kind == "own texts":
            return tuple(sorted(OWN_TEXTS.glob("*.jsonl")))
        return OWN if self.files else (DATA / (self.articles or self.family) / "articles.jsonl",)

    def questions(self, size: int) -> list[Question]:
        """Return a sample of at most `size` questions, or of as many pairs."""
        if self.files:
            return [question for question in read_questions(self.files).questions if not question.turns]
        if self.kind == "staff":
            return [_of_staff(row) for row in _rows(STAFF / "questions.jsonl") if row["kind"] != "smalltalk"]
        if self.kind in ("asked", "own texts"):
            return sample(self._written(), self.times * size, seed=1)
        path = DATA / self.family / "qa.jsonl"
        kept = {row["id"] for row in _rows(path) if self._keeps(row)}
        found = [one for one in read_questions([path]).questions if one.id in kept]
        if self.kind == "pairs":
            made = islice(pairs(found, read_pool(self.news), seed=1), size)
            return [_question(row) for pair in made for row in pair.rows()]
        chosen = sample(found, size, seed=1)
        return chosen if self.kind in ("questions", "taken") else [unanswerable(one) for one in chosen]

    def _written(self) -> list[Question]:
        """Return the questions written for training about this set's texts, those kept from it."""
        asked = [
            row
            for path in sorted(QUESTIONS.glob("*.jsonl"))
            for row in _rows(path)
            if is_kept(row["article_id"])
        ]
        told = {row["id"]: row["date"] for path in self.news for row in _rows(path)}
        return [_of_asked(row, told[row["article_id"]]) for row in asked if row["article_id"] in told]

    def _keeps(self, row: Mapping[str, object]) -> bool:
        """Leave out what was trained on, what no span answers, and what needs its article shown."""
        if (self.dev and not is_dev(row)) or (row.get("context_only") and not self.reading):
            return False
        return bool(row.get("extractive", True)) and row["type"] not in ("yesno", "event_type")

    @property
    def today(self) -> date:
        """The day of asking, where a question names none."""
        return STAFF_DAY if self.kind == "staff" else OWN_DAY if self.files else TODAY

    def open(self, cache: Path, questions: Sequence[Question] = ()) -> AbstractContextManager[Bot]:
        """Return a bot over the articles: all of them, or those of `questions` and a pool of others."""
        opened = open_reading if self.reading else open_corpus
        news = self._pooled(questions, cache) if self.pool else self.news
        return opened(news, read_settings({}, threads=1), cache / "index")

    def _pooled(self, questions: Sequence[Question], cache: Path) -> tuple[Path, ...]:
        """Write the gold articles of the questions and `pool` others, the same at every call, and return the file."""
        gold = {number for question in questions for number in question.article_ids}
        rows = [row for path in self.news for row in _rows(path)]
        others = sorted((row for row in rows if row["id"] not in gold), key=lambda row: _digest(row["id"]))
        kept = [row for row in rows if row["id"] in gold] + others[: self.pool]
        lines = "\n".join(json.dumps(row, ensure_ascii=False, sort_keys=True) for row in kept)
        path = cache / "pools" / f"{self.family}-{_digest(lines)}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(lines, encoding="utf-8")
        return (path,)

    def rows(self, size: int, cache: Path = CACHE) -> list[AskedRow]:
        """Return a row for each question; they are kept under `cache` until code, models or sets change."""
        path = cache / "choices" / code_digest() / f"{self.name}.{size}.jsonl"
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            questions = self.questions(size)
            with self.open(cache, questions) as bot:
                found = tqdm(
                    asked(bot, questions, self),
                    self.name,
                    len(questions),
                    mininterval=5,
                )
                lines = [json.dumps(asdict(row)) for row in found]
            path.write_text("\n".join(lines), encoding="utf-8")
        return [AskedRow(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


SETS: tuple[ChoiceSet, ...] = (
    ChoiceSet("chronoqa", "chronoqa", dev=True),
    ChoiceSet("cmrc2018", "cmrc2018", dev=True, reading=True),
    ChoiceSet("drcd", "drcd", dev=True, reading=True),
    ChoiceSet("houjin", "houjin"),
    ChoiceSet("houjin pairs", "houjin", "pairs", reading=True),
    ChoiceSet("cail2019", "cail2019", reading=True),
    ChoiceSet("chinesesquad", "chinesesquad", reading=True),
    ChoiceSet("finqa", "finqa"),
    ChoiceSet("webqa", "webqa"),
    ChoiceSet("crud_rag", "crud_rag", pool=POOL),
    ChoiceSet("crud_rag pairs", "crud_rag", "pairs", pool=POOL),
    ChoiceSet("staff", "staff", "staff"),
    ChoiceSet("asked", "asked", "asked", pool=POOL),
    ChoiceSet("own texts", "own texts", "own texts", times=3),
    ChoiceSet("crud_rag taken", "crud_rag", "taken", pool=POOL),
    ChoiceSet("webqa taken", "webqa", "taken"),
    ChoiceSet("finqa taken", "finqa", "taken"),
    ChoiceSet("houjin taken", "houjin", "taken"),
    ChoiceSet("chronoqa taken", "chronoqa", "taken", dev=True),
    ChoiceSet("off-topic", "webqa", "off-topic", articles="xinwenlianbo", pool=POOL),
    ChoiceSet("own", "own", files=(ROOT / "tests" / "gate" / "questions.jsonl",)),
    ChoiceSet("own paraphrases", "own", files=(ROOT / "tests" / "gate" / "paraphrases.jsonl",)),
    ChoiceSet("own pairs", "own", files=(ROOT / "tests" / "gate" / "near_miss_pairs.jsonl",)),
)


def asked(bot: Bot, questions: Iterable[Question], of: ChoiceSet) -> Iterator[AskedRow]:
    """Ask `questions` and yield what might have been answered to each."""
    gold = Gold(bot.store)
    for question in questions:
        day = date.fromisoformat(question.question_date) if question.question_date else of.today
        request = Request(question.question, today=day)
        shown: Sequence[Hit] | None = gold.hits(question) if of.reading else None
        if of.kind == "taken":
            shown = without_gold(bot, request, gold.articles(question), question)
            if shown is None:
                continue
            question = unanswerable(question)
        choices = bot.run(request, shown=shown).choices
        weighed = [choice.evidence for choice in choices]
        counted = [one for one in weighed if _counts(one, question, gold)]
        yield AskedRow(
            question.id,
            question.answerable,
            [dict(choice.features) for choice in choices],
            [choice.vetoed is not None for choice in choices],
            [float(one in counted and right(one.candidate.text, question)) for one in weighed],
            [float(one in counted and holds_answer([_sentence(one)], question)) for one in weighed],
        )


def _counts(evidence: Evidence, question: Question, gold: Gold) -> bool:
    """Tell whether an answer from there counts: from a gold article, or from any where those are only guessed."""
    if not question.answerable:
        return False
    return by_answer(question) or evidence.scene.article.id in gold.articles(question)


def _sentence(evidence: Evidence) -> str:
    span = evidence.scene.sentence
    return evidence.scene.article.text[span.start : span.end]


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:12]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def _of_staff(row: Mapping[str, Any]) -> Question:
    answers = tuple(row["answers"]) if row["answerable"] else ()
    return Question(
        row["id"],
        row["question"],
        answers=answers,
        answerable=row["answerable"],
        question_date=row.get("today", ""),
    )


def _of_asked(row: Mapping[str, Any], told: str) -> Question:
    """Return a question, asked some days after its text was published."""
    return Question(
        row["id"],
        row["question"],
        answers=tuple(row["answers"]),
        answerable=row["answerable"],
        article_ids=(row["article_id"],),
        question_date=(date.fromisoformat(told) + timedelta(days=3)).isoformat(),
    )


def _question(row: Mapping[str, Any]) -> Question:
    fields = {name: row[name] for name in ("id", "question", "answerable")}
    groups = tuple(tuple(group) for group in row.get("answer_groups", ()))
    return Question(
        **fields,
        answers=tuple(row["answers"]),
        article_ids=tuple(row["article_ids"]),
        answer_groups=groups,
        question_date=row.get("question_date", ""),
    )
