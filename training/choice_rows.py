"""Possible answers of the questions of $RAG_DATA with their features, and which of them are right."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from tqdm import tqdm

from benchmarks.near_misses import pairs
from benchmarks.quality import CACHE, code_digest
from benchmarks.quality_sets import TODAY, QuestionSet, is_dev
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluate.corpus import open_corpus
from rag.evaluate.gold import Gold, by_answer
from rag.evaluate.match import holds_answer, right
from rag.evaluate.questions import Question, sample
from rag.evidence import Evidence, weigh
from rag.features import features
from rag.query import understand
from rag.read import candidates

__all__ = ["SETS", "AskedRow", "rows_of"]

# All end to end, over the articles of the set: a probability is needed where passages compete. Of the sets the reader is
# trained on only what it has not seen. Yes/no questions and those that ask for a label of the article have no span.
SETS: tuple[QuestionSet, ...] = (
    QuestionSet("chronoqa", "end-to-end", "chronoqa", lambda row: bool(row["extractive"]) and is_dev(row)),
    QuestionSet("cmrc2018", "end-to-end", "cmrc2018", is_dev),
    QuestionSet("drcd", "end-to-end", "drcd", is_dev),
    QuestionSet("houjin", "end-to-end", "houjin"),
    QuestionSet("cail2019", "end-to-end", "cail2019", lambda row: row["type"] != "yesno"),
    QuestionSet("chinesesquad", "end-to-end", "chinesesquad"),
    QuestionSet(
        "finqa", "end-to-end", "finqa", lambda row: not row.get("context_only") and row["type"] != "event_type"
    ),
    QuestionSet("webqa", "end-to-end", "webqa"),
    QuestionSet("crud_rag", "end-to-end", "crud_rag"),
    QuestionSet("off-topic", "end-to-end", "webqa", articles="crud_rag", off_topic=True),
)


@dataclass(frozen=True, slots=True)
class AskedRow:
    """A question with its possible answers: `features` of each, whether it is `right`, whether its sentence `holds` an answer."""

    id: str
    answerable: bool
    features: Sequence[Mapping[str, float]]
    right: Sequence[float]
    holds: Sequence[float]


def rows_of(chosen: QuestionSet, size: int, cache: Path = CACHE) -> list[AskedRow]:
    """Return a row for each question of a sample; they are kept under `cache` until code, models or sets change."""
    path = cache / "choices" / code_digest() / f"{chosen.name}.{size}.jsonl"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with open_corpus([chosen.news], read_settings({}, threads=1), cache / "index") as bot:
            questions = sample(chosen.questions(), size, seed=0)
            lines = [json.dumps(asdict(row)) for row in tqdm(asked(bot, questions), chosen.name, len(questions))]
        path.write_text("\n".join(lines), encoding="utf-8")
    return [AskedRow(**json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def asked(bot: Bot, questions: Sequence[Question]) -> Iterator[AskedRow]:
    """Ask `questions` and yield what might have been answered to each."""
    gold = Gold(bot.store)
    for question in questions:
        day = date.fromisoformat(question.question_date) if question.question_date else TODAY
        query = understand(question.question, question.question, day)
        hits = bot.retriever.search(query, bot.retriever.embed(query), 5)
        weighed = [weigh(query, candidate) for candidate in candidates(query, hits, bot.reader)]
        counted = [_counts(one, question, gold) for one in weighed]
        yield AskedRow(
            question.id,
            question.answerable,
            features(query, weighed),
            [float(ok and right(one.candidate.text, question)) for ok, one in zip(counted, weighed, strict=True)],
            [float(ok and holds_answer([_sentence(one)], question)) for ok, one in zip(counted, weighed, strict=True)],
        )


def _counts(evidence: Evidence, question: Question, gold: Gold) -> bool:
    """Tell whether an answer from there counts: from a gold article, or from any where those are only guessed."""
    if not question.answerable:
        return False
    return by_answer(question) or evidence.scene.article.id in gold.articles(question)


def _sentence(evidence: Evidence) -> str:
    span = evidence.scene.sentence
    return evidence.scene.article.text[span.start : span.end]
