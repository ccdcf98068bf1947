"""Measure whole conversations: `python -m benchmarks.conversations [SET…] [--show] [--update]`.

The sets a, b and c lie in tests/data/conversations/, with the articles that they are about. Each turn is asked after the
program's own answers to those before it. The failures of a were looked at, those of c after its first measurement; b is measured only, c
was written last. Tests hold the floors that lie beside the sets; `--update` raises them to what is reached.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from benchmarks.quality_sets import CACHE
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.match import contains
from rag.evaluation.questions import Question, read_questions
from rag.pipeline import Run
from rag.records import Turn
from rag.request import Request

__all__ = ["ARTICLES", "FLOORS", "SETS", "Asked", "converse", "shares"]

FOLDER = Path(__file__).resolve().parent.parent / "tests" / "data" / "conversations"
ARTICLES = FOLDER / "articles.jsonl"
FLOORS = FOLDER / "floors.json"
SETS = ("a", "b", "c")
TODAY = date(2025, 12, 10)
LIMIT = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """A turn of a conversation with the run that answered it, and the run of the turn before, None for the first."""

    question: Question
    run: Run
    before: Run | None

    @property
    def is_right(self) -> bool:
        """Tell whether the answer holds an expected one; what cannot be answered is to be refused."""
        answer = self.run.answer
        if not self.question.answerable:
            return answer.refused
        return not answer.refused and contains(answer.answer, self.question) == 1.0


def converse(bot: Bot, name: str) -> Iterator[Asked]:
    """Yield the turns of a set as they are asked, each once: its dialogues grow by a turn a line."""
    known: dict[tuple[str, ...], Run] = {}
    for question in read_questions([FOLDER / f"dialogues_{name}.jsonl"]).questions:
        turns = question.turns
        runs = [known[turns[: end + 1]] for end in range(len(turns))]
        history = tuple(Turn(run.answer.understood_as, run.answer.answer) for run in runs)
        run = bot.run(Request(question.question, history, TODAY))
        known[(*turns, question.question)] = run
        yield Asked(question, run, runs[-1] if runs else None)


def shares(asked: Sequence[Asked]) -> Mapping[str, float]:
    """Return the share of all turns, and of those after the first, that are answered right."""
    later = [one for one in asked if one.before is not None]
    return {"all": _share(asked), "later": _share(later)}


def _share(asked: Sequence[Asked]) -> float:
    return sum(one.is_right for one in asked) / len(asked)


def _shown(one: Asked) -> Iterator[str]:
    """Yield a turn that went wrong with the readings that were tried."""
    answer, question = one.run.answer, one.question
    yield f"  {question.id}: {' / '.join((*question.turns, question.question))}"
    said = (answer.answer or answer.text)[:LIMIT]
    yield f"    → {answer.understood_as} → {said} ({answer.confidence:.2f}) ≠ {question.answers}"
    for trial in one.run.tried:
        best = trial.choices[0].candidate.text if trial.choices else ""
        reading = trial.search.reading
        yield f"      {trial.score:6.2f} {reading.prior:5.2f} {trial.certainty:.2f} {reading.query.text} → {best}"


def main() -> None:
    """Measure the sets that were named, all if none was, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", nargs="*", help="a, b, c")
    parser.add_argument("--show", action="store_true", help="print the turns that went wrong")
    parser.add_argument("--update", action="store_true", help="raise the floors to what is reached")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    floors = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.exists() else {}
    with open_corpus([ARTICLES], read_settings({}), options.cache / "index") as bot:
        for name in options.set or SETS:
            asked = list(converse(bot, name))
            if options.show:
                print(*(line for one in asked if not one.is_right for line in _shown(one)), sep="\n")
            reached, held = shares(asked), floors.get(name, {})
            print(
                name,
                len(asked),
                *(f"{key} {reached[key]:.1%} (floor {held.get(key, 0.0):.1%})" for key in reached),
            )
            floors[name] = {key: max(held.get(key, 0.0), int(1000 * reached[key]) / 1000) for key in reached}
    if options.update:
        FLOORS.write_text(json.dumps(floors, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
