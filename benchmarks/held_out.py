"""Ask the questions that only measure: `python -m benchmarks.held_out [questions|two-part|dialogues …] [--show] [--save FILE]`.

They lie in `benchmarks/staff_questions/` and are asked over its texts, those of training/staff_questions/ and the seeds. An
answer is right if its short answer or sentence has an expected one and a quote of it holds that; what cannot be
answered is to be refused.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.quality_sets import CACHE
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.match import holds_answer, right
from rag.evaluation.questions import Question
from rag.records import Answer, Turn
from rag.request import Request

__all__ = ["FOLDER", "SETS", "Said", "asked"]

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "benchmarks" / "staff_questions"
ARTICLES = [FOLDER / "articles", ROOT / "training" / "staff_questions" / "articles", ROOT / "seeds"]
SETS = ("questions", "two-part", "dialogues")
# After the last of the texts.
TODAY = date(2026, 11, 30)
LIMIT = 60


@dataclass(frozen=True, slots=True)
class Said:
    """What was said to a question or to a part of one; `outcome` is right, wrong, missed (refused), refused (rightly) or false.

    `quoted` tells whether a quote of all that was said has an expected answer.
    """

    id: str
    kind: str
    question: str
    expected: tuple[str, ...]
    understood_as: str
    outcome: str
    certainty: str
    confidence: float
    answer: str
    text: str
    quoted: bool


def asked(bot: Bot, name: str) -> Iterator[Said]:
    """Yield what is said to each question of a set, each part and each turn by itself."""
    yield from {"questions": _questions, "two-part": _two_part, "dialogues": _dialogues}[name](bot)


def _questions(bot: Bot) -> Iterator[Said]:
    for row in _rows("own-f.jsonl"):
        answer = bot.run(Request(row["question"], today=TODAY)).answer
        yield _said(row["id"], row["kind"], row["question"], row["answers"], answer, [answer])


def _two_part(bot: Bot) -> Iterator[Said]:
    for row in _rows("two-part.jsonl"):
        answer = bot.run(Request(row["question"], today=TODAY)).answer
        for number, part in enumerate(row["parts"]):
            kind = "part" if part["answerable"] else "near_miss"
            parts = answer.parts or [answer]
            yield _said(f"{row['id']}.{number + 1}", kind, row["question"], part["answers"], answer, parts)


def _dialogues(bot: Bot) -> Iterator[Said]:
    for row in _rows("dialogues.jsonl"):
        history: list[Turn] = []
        for number, turn in enumerate(row["turns"]):
            answer = bot.run(Request(turn["question"], tuple(history), TODAY)).answer
            kind = "first" if not number else "later"
            yield _said(
                f"{row['id']}.{number + 1}", kind, turn["question"], turn["answers"], answer, [answer]
            )
            history.append(Turn(answer.understood_as, answer.answer))


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


def _said(
    name: str, kind: str, question: str, expected: Sequence[str], whole: Answer, parts: Sequence[Answer]
) -> Said:
    """Return what was said to what `expected` answers; of several `parts` by the one that answers it."""
    wanted = Question(name, question, answers=tuple(expected))
    told = [part for part in parts if not part.refused]
    answering = [part for part in told if expected and _is_right(part, wanted)]
    if expected:
        outcome = "right" if answering else "missed" if len(told) < len(parts) or not told else "wrong"
    else:
        outcome = "refused" if len(told) < len(parts) or not told else "false"
    one = answering[0] if answering else whole
    text = whole.text.replace("\n", " ")
    return Said(
        name,
        kind,
        question,
        tuple(expected),
        whole.understood_as,
        outcome,
        one.certainty,
        one.confidence,
        one.answer,
        text,
        bool(holds_answer([citation.quote for citation in whole.citations], wanted)) if expected else False,
    )


def _is_right(answer: Answer, wanted: Question) -> bool:
    """Tell whether an answer says an expected one and quotes it."""
    said = right(answer.answer, wanted) or holds_answer([answer.statement], wanted)
    quotes = [citation.quote for citation in answer.citations]
    return bool(said) and holds_answer(quotes, wanted)


def summary(said: Sequence[Said]) -> Mapping[str, str]:
    """Return the shares of a set in words."""
    answerable = [one for one in said if one.expected]
    others = [one for one in said if not one.expected]
    told = [one for one in said if one.outcome in ("right", "wrong", "false")]
    found = {
        "right of the answerable": (answerable, "right"),
        "an answer in a quote": (answerable, "quoted"),
        "wrong": (answerable, "wrong"),
        "missed": (answerable, "missed"),
        "answered though it cannot be": (others, "false"),
        "right of what is said surely": ([one for one in told if one.certainty == "sure"], "right"),
        "right of what is said likely": ([one for one in told if one.certainty == "likely"], "right"),
    }
    for kind in sorted({one.kind for one in said}):
        found[f"good of {kind}"] = ([one for one in said if one.kind == kind], "good")
    return {name: _share(rows, outcome) for name, (rows, outcome) in found.items()}


def _share(rows: Sequence[Said], outcome: str) -> str:
    good = ("right", "refused") if outcome == "good" else (outcome,)
    count = sum(one.quoted if outcome == "quoted" else one.outcome in good for one in rows)
    return f"{count}/{len(rows)} {count / max(len(rows), 1):.1%}"


def both_parts(said: Sequence[Said], *, quoted: bool = False) -> str:
    """Return of how many messages all parts came out good, or have their answer in a quote if `quoted` is enough."""
    whole: dict[str, bool] = {}
    for one in said:
        name = one.id.partition(".")[0]
        good = one.outcome in ("right", "refused") or (quoted and one.quoted)
        whole[name] = whole.get(name, True) and good
    return f"{sum(whole.values())}/{len(whole)} {sum(whole.values()) / len(whole):.1%}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("set", nargs="*", help=", ".join(SETS))
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    parser.add_argument("--save", type=Path, help="write what was said, a line each")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    kept: list[Said] = []
    with open_corpus(ARTICLES, read_settings({}), options.cache / "index") as bot:
        for name in options.set or SETS:
            said = list(asked(bot, name))
            kept += said
            for one in said if options.show else ():
                if one.outcome not in ("right", "refused"):
                    print(f"  {one.outcome} {one.id} {one.kind}: {one.question} ≠ {one.expected[:1]}")
                    print(
                        f"    {one.certainty or '–'} {one.confidence:.2f} {one.answer[:LIMIT]} | {one.text[: 2 * LIMIT]}"
                    )
            print(name, len(said))
            for what, share in summary(said).items():
                print(f"  {what:<32}{share}")
            if name != "questions":
                print(f"  {'all parts or turns good':<32}{both_parts(said)}")
                print(f"  {'all of them good or quoted':<32}{both_parts(said, quoted=True)}")
    if options.save:
        lines = (json.dumps(asdict(one), ensure_ascii=False) for one in kept)
        options.save.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
