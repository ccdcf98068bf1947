"""Measure the understanding of conversations, times and differing sources: `python -m benchmarks.dialogues [PART…]`.

Parts: dialogues and times (ours, asked of seeds/ and tests/data/articles/), variants (ours, and those of the seeds), rewrites (what
`benchmarks.rewrites` measures), chronoqa (dated questions of $RAG_DATA, compared with `--start`, the share at the commit
before times were understood). Every line says what is held and whether it is.
"""

import argparse
import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import rewrites
from benchmarks.quality import rows_of
from benchmarks.quality_sets import CACHE, DATA, SETS
from rag.bot import Bot
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.questions import read_questions
from rag.evaluation.rows import Row
from rag.evaluation.run import evaluate
from rag.query.follow_up import rewrite
from rag.query.follow_up.conversation import Talk, exchange
from rag.records import Answer, Turn
from rag.text.characters import fold
from tests.answering.test_agreement import cases, told

ROOT = Path(__file__).resolve().parent.parent
GATE = ROOT / "tests" / "gate"
ARTICLES = [ROOT / "seeds", ROOT / "tests" / "data" / "articles"]
TODAY = date(2024, 12, 1)
# Answer-in-quote of `chronoqa dated` at e8d00db, over the first 173 of its 219 questions: `python -m benchmarks.quality --set "chronoqa dated" --sample 0` there.
START = 0.873

RowJson = Mapping[str, Any]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().split(b"\n") if line.strip()]


def _line(what: str, reached: float, least: float, count: int, *, most: bool = False) -> str:
    """Return a line that says what was reached, what is to be reached, and whether it is."""
    met = reached <= least if most else reached >= least
    sign = "≤" if most else "≥"
    return f"{what:<46}{reached:7.1%}  {sign} {least:.0%}  {'met' if met else 'MISSED'}  n {count}"


def understood(row: RowJson, said: str) -> bool:
    """Tell whether a question was understood: as one of its `means`, or with the words it must and none it must not have."""
    if "means" in row:
        return any(rewrites.same_meaning(said, form) for form in row["means"][-1])
    plain = fold(said)
    has = all(fold(word) in plain for word in row.get("understood_has", ()))
    return has and not any(fold(word) in plain for word in row.get("understood_lacks", ()))


def dialogues(bot: Bot, path: Path, show: int) -> Iterator[str]:
    """Ask the dialogues of a file, and yield the shares understood and answered right."""
    rows = {row["id"]: row for row in _rows(path)}
    understandings, answers = [], []
    for asked in evaluate(bot, read_questions([path]).questions, today=TODAY):
        row, said = rows[asked.question.id], asked.result
        if said is None:
            raise SystemExit(f"{row['id']} crashed: {asked.error}")
        understandings.append(understood(row, said.understood_as))
        answers.append(is_right(asked, said))
        if show and not (understandings[-1] and answers[-1]):
            yield f"  {row['id']}: {' / '.join(row['turns'])} → {said.understood_as} → {said.answer or said.text} ≠ {row['answers']}"
    count = len(answers)
    yield _line("dialogues: last question understood", sum(understandings) / count, 0.85, count)
    yield _line("dialogues: last question answered right", sum(answers) / count, 0.8, count)


def is_right(asked: Row, said: Answer) -> bool:
    """Tell whether a row's answer is right; what cannot be answered is to be refused."""
    return asked.scores["right"] == 1.0 if asked.question.answerable else said.refused


def turns(path: Path) -> Iterator[str]:
    """Yield the share of all later turns of which one reading is right, each after the right one before."""
    right = asked = 0
    for row in _rows(path):
        last = row["turns"][0]
        for turn, forms, said in zip(
            row["turns"][1:], row.get("means", []), row.get("said", []), strict=False
        ):
            made = rewrite.rewrites(turn, Talk((exchange(last, said),)))
            right += any(rewrites.same_meaning(one.text, form) for one in made for form in forms)
            asked += 1
            last = forms[0]
    if asked:
        yield _line("dialogues: one reading of every turn right", right / asked, 0.75, asked)


def times(bot: Bot, path: Path, show: int) -> Iterator[str]:
    """Ask the questions about times, and yield the share answered right."""
    right = []
    for asked in evaluate(bot, read_questions([path]).questions, today=TODAY):
        said = asked.result
        right.append(said is not None and is_right(asked, said))
        if show and not right[-1]:
            found = (said.answer or said.text) if said else asked.error
            yield f"  {asked.question.id}: {asked.question.question} → {found} ≠ {asked.question.answers}"
    yield _line("questions about times answered right", sum(right) / len(right), 0.85, len(right))


def variants(bot: Bot, show: int) -> Iterator[str]:
    """Tell our cases of sources apart, and ask what the two seeds say differently."""
    found = [(case["id"], case["relation"], told(case)) for case in cases()]
    right = [wanted == seen for _, wanted, seen in found]
    if show:
        yield from (f"  {case}: {seen} ≠ {wanted}" for case, wanted, seen in found if wanted != seen)
    yield _line("variants told apart", sum(right) / len(right), 0.9, len(right))
    lost = sum(seen == "lost" for *_, seen in found)
    yield _line("variants with a source lost", lost / len(found), 0.0, len(found), most=True)
    said = bot.ask("今年前三季度成都人工智能产业规模增速是多少？", today=TODAY)
    both = [(one.relation, sorted(value.value for value in one.values)) for one in said.variants]
    shown = both == [("compatible", ["超30%", "超35%"])]
    yield f"the seeds' 超35% and 超30% as compatible: {'met' if shown else f'MISSED {both}'}"


def rewriting(size: int, show: int) -> Iterator[str]:
    """Yield what `benchmarks.rewrites` measures."""
    draw = random.Random(0)
    rows = draw.sample(_rows(DATA / "rewriter" / "rewrite.jsonl"), size)
    exact, same = rewrites.rewritten(rows, show)
    yield _line("rewriter set, one reading of the same words", same / size, 0.2, size)
    yield f"  {exact / size:.1%} word for word"
    counts = {name: rewrites.altered(name, size, draw) for name in rewrites.SINGLE}
    asked, altered = 0, 0
    for name, (count, found) in counts.items():
        asked, altered = asked + count, altered + len(found)
        yield f"  single questions of {name}: {len(found) / count:.1%} of {count} altered"
        yield from (f"    {earlier} | {question} → {made}" for earlier, question, made in found[:show])
    yield _line("stand-alone questions altered", altered / asked, 0.01, asked, most=True)
    cost = rewrites.cost(rows)
    yield f"understanding takes {cost:.2f} ms of processor time, median (≤ 10)  {'met' if cost <= 10 else 'MISSED'}"


def topic_changes(path: Path, show: int) -> Iterator[str]:
    """Yield the share of the dialogues' changes of topic that were altered."""
    rows = [row for row in _rows(path) if row["how"] == "new_topic"]
    found = [(row, made) for row in rows if (made := _made(row)) != row["question"]]
    yield from (f"    {row['turns']} → {made}" for row, made in found[:show])
    yield f"  changes of topic in dialogues: {len(found)} of {len(rows)} altered"


def _made(row: RowJson) -> str:
    return rewrite.stand_alone(row["question"], [Turn(row["turns"][-2], row.get("said", [""])[-1])])


def chronoqa(cache: Path, start: float) -> Iterator[str]:
    """Ask the dated questions of chronoqa that one article answers."""
    chosen = next(one for one in SETS if one.name == "chronoqa dated")
    rows = rows_of(chosen, 0, 0, 0, cache)
    quoted = [row["scores"]["answer_in_quote"] or 0.0 for row in rows]
    yield _line(
        f"chronoqa dated: answer in quote (start {start:.1%})",
        sum(quoted) / len(quoted),
        start + 0.08,
        len(quoted),
    )


def main() -> None:
    """Measure the parts that were named, all if none was, and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", help="dialogues, times, variants, rewrites, chronoqa")
    parser.add_argument("--file", type=Path, default=GATE / "dialogues.jsonl", help="other dialogues")
    parser.add_argument("--articles", type=Path, nargs="+", default=ARTICLES, help="of which they are asked")
    parser.add_argument("--sample", type=int, default=1000)
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong")
    parser.add_argument("--start", type=float, default=START, help="share of chronoqa to compare with")
    parser.add_argument("--cache", type=Path, default=CACHE)
    options = parser.parse_args()
    for name, lines in _parts(options).items():
        if not options.part or name in options.part:
            for line in lines():
                print(line, flush=True)


def _parts(options: argparse.Namespace) -> Mapping[str, Callable[[], Iterator[str]]]:
    def ours() -> Iterator[str]:
        yield from turns(options.file)
        with _bot(options.articles, options.cache) as bot:
            yield from dialogues(bot, options.file, options.show)

    def dated() -> Iterator[str]:
        with _bot(ARTICLES, options.cache) as bot:
            yield from times(bot, GATE / "time_questions.jsonl", options.show)

    def differing() -> Iterator[str]:
        with _bot([ROOT / "seeds"], options.cache) as bot:
            yield from variants(bot, options.show)

    def rewritten() -> Iterator[str]:
        yield from rewriting(options.sample, options.show)
        yield from topic_changes(options.file, options.show)

    return {
        "dialogues": ours,
        "times": dated,
        "variants": differing,
        "rewrites": rewritten,
        "chronoqa": lambda: chronoqa(options.cache, options.start),
    }


def _bot(articles: Sequence[Path], cache: Path) -> Bot:
    return open_corpus(articles, read_settings({}), cache / "index")


if __name__ == "__main__":
    main()
