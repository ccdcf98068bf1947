"""Run an evaluation from its options: read, ask, keep each row as it comes, summarise, hold it to its floors."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tqdm import tqdm

from rag.bot import Bot
from rag.config import Settings
from rag.errors import EvalError
from rag.evaluation.corpus import articles_digest, context_articles, open_corpus, open_reading
from rag.evaluation.gate import Failure, Floors, check, raised, read_floors, write_floors
from rag.evaluation.gold import Gold
from rag.evaluation.metrics import Mode
from rag.evaluation.questions import Question, Questions, questions_digest, read_questions, sample
from rag.evaluation.rows import read_run, row_json
from rag.evaluation.run import evaluate
from rag.evaluation.summary import summarise
from rag.request import DEFAULT_K

__all__ = ["Options", "Outcome", "hold", "read_day", "run"]

RowJson = Mapping[str, Any]
Write = Callable[[RowJson], None]
Say = Callable[[str], None]
NAMED = 5
READ_THEM = "mend or delete them and empty the column draft; until then the scores say little."


@dataclass(frozen=True, slots=True)
class Options:
    """What is asked of what: question files, and an index or `articles` to make one of.

    `own_index` tells that the index was named: it goes before the articles that question files bring along.
    """

    files: tuple[Path, ...]
    settings: Settings
    articles: tuple[Path, ...] = ()
    own_index: bool = False
    mode: Mode = "end-to-end"
    limit: int = 0
    seed: int = 0
    today: date | None = None
    k: int = DEFAULT_K
    cache: Path | None = None
    resume: Path | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows of an evaluation and its last line."""

    rows: Sequence[RowJson]
    line: Mapping[str, Any]


def run(options: Options, write: Write, say: Say) -> Outcome:
    """Ask the questions; `write` gets each row as soon as it is scored and the summary at last, `say` what went wrong.

    Ctrl-C ends the asking: what was scored is summed up, marked partial.
    """
    began = time.monotonic()
    found = read_questions(options.files)
    for bad in found.bad:
        say(f"not asked: {bad}")
    questions = sample(found.questions, options.limit, options.seed)
    unread = sum(question.draft for question in questions)
    if unread:
        say(f"{unread} of {len(questions)} questions are drafts that nobody has read: {READ_THEM}")
    with _open(options, questions) as bot:
        _say_missing(bot, questions, say)
        rows, partial = _ask(bot, options, questions, write)
        meta = {
            **_meta(options, found, questions, bot),
            "asked": len(rows),
            "partial": partial,
            "crashed": _crashed(rows, say),
            "seconds": round(time.monotonic() - began, 1),
        }
    line = summarise(rows, meta, seed=options.seed)
    write(line)
    return Outcome(rows, line)


def hold(line: Mapping[str, Any], path: Path, *, update: bool, allow_regression: bool) -> list[Failure]:
    """Return what the summary line fails of the floors in `path`; with `update` raise them instead.

    Raises EvalError where `update` would lower a floor without `allow_regression`.
    """
    if not update:
        return check(line, read_floors(path))
    floors = read_floors(path) if path.exists() else Floors()
    write_floors(path, raised(line, floors, allow_regression=allow_regression))
    return []


def read_day(text: str) -> date | None:
    """Return the day that YYYY-MM-DD names, None for ""; raises EvalError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise EvalError(f"--today is {text!r}: write YYYY-MM-DD.") from None


def _open(options: Options, questions: Sequence[Question]) -> Bot:
    brought = None if options.own_index or options.articles else context_articles(questions, options.cache)
    articles = options.articles or ((brought,) if brought else ())
    if not articles:
        return Bot.open(options.settings, build_if_empty=True)
    opened = open_reading if options.mode == "reading" else open_corpus
    return opened(articles, options.settings, options.cache)


def _ask(
    bot: Bot, options: Options, questions: Sequence[Question], write: Write
) -> tuple[list[RowJson], bool]:
    """Return the rows and whether the asking was stopped before its end."""
    rows: list[RowJson] = []
    try:
        for row in _rows(bot, options, questions):
            rows.append(row)
            write(row)
    except KeyboardInterrupt:
        return rows, True
    return rows, False


def _rows(bot: Bot, options: Options, questions: Sequence[Question]) -> Iterator[RowJson]:
    done = _done(options.resume)
    kept = [done[q.id] for q in questions if q.id in done and done[q.id]["question"] == q.question]
    yield from kept
    kept_ids = {row["id"] for row in kept}
    left = [question for question in questions if question.id not in kept_ids]
    asked = evaluate(bot, left, mode=options.mode, today=options.today, k=options.k)
    for row in tqdm(asked, total=len(left), desc="Asking", unit="question", mininterval=0.5):
        yield row_json(row)


def _done(path: Path | None) -> dict[str, RowJson]:
    """Return the rows of an earlier run by id; those that crashed are asked again."""
    if path is None or not path.exists():
        return {}
    return {row["id"]: row for row in read_run(path).rows if row["result"] is not None}


def _say_missing(bot: Bot, questions: Sequence[Question], say: Say) -> None:
    gold = Gold(bot.store)
    missing = list(dict.fromkeys(name for question in questions for name in gold.missing(question)))
    if missing:
        shown = ", ".join(missing[:NAMED]) + (" …" if len(missing) > NAMED else "")
        say(
            f"{len(missing)} gold articles are not in the index (their questions count as not found): {shown}"
        )


def _crashed(rows: Sequence[RowJson], say: Say) -> list[dict[str, str]]:
    crashed = [{"id": row["id"], "error": row["error"]} for row in rows if row["result"] is None]
    for one in crashed:
        say(f"crashed: {one['id']}: {one['error']}")
    return crashed


def _meta(options: Options, found: Questions, asked: Sequence[Question], bot: Bot) -> dict[str, Any]:
    counts = bot.store.counts()
    return {
        "files": [path.name for path in options.files],
        "mode": options.mode,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "today": (options.today or date.today()).isoformat(),
        "seed": options.seed,
        "limit": options.limit,
        "k": options.k,
        "drafts": sum(question.draft for question in asked),
        "bad_rows": [asdict(bad) for bad in found.bad],
        "questions_digest": questions_digest(asked),
        "articles_digest": articles_digest(bot.store),
        "index": {
            "generation": bot.store.generation,
            "articles": counts.articles,
            "passages": counts.passages,
            "embedder": bot.store.embedder_name,
            "reader": bot.reader.name,
        },
    }
