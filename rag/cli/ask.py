"""The commands `ask` and `verify`: an answer, and its quotes checked again."""

import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from rag.bot import Bot, open_store
from rag.cli.jsonl import error_json, json_line, read_line, read_lines
from rag.cli.options import Explain, Index, Json, Publisher, Read, Since, Today, Until
from rag.cli.spoken import spoken, spoken_error
from rag.config import Settings, read_settings
from rag.errors import RagError
from rag.records import Answer
from rag.request import DEFAULT_K, read_request
from rag.retrieval.publishers import check_publisher

__all__ = ["ask", "verify"]


def ask(
    question: Annotated[str, typer.Argument(help="The question, or - to read one a line from stdin.")],
    index: Index = None,
    json: Json = False,
    today: Today = "",
    since: Since = "",
    until: Until = "",
    publisher: Publisher = "",
    k: Read = DEFAULT_K,
    explain: Explain = False,
) -> None:
    """Answer a question by quoting.

    Examples: `youju ask 成都有多少5G基站`; `youju ask --json - < questions.txt`.
    """
    limits: dict[str, str | int] = {"since": since, "until": until, "publisher": publisher}
    options = {**limits, "today": today, "k": k, "explain": explain}
    settings = read_settings(index=index)
    if question == "-":
        _ask_lines(settings, options, json)
        return
    request = read_request({"question": question, **options})
    with Bot.open(settings) as bot:
        check_publisher(bot.store.catalogue, request.publisher)
        _print_answer(bot.run(request).answer, json)


def _ask_lines(settings: Settings, options: Mapping[str, str | int], json: bool) -> None:
    """Answer the lines of stdin in order; one that fails gives an error in its place."""
    with Bot.open(settings) as bot:
        for line in read_lines(sys.stdin):
            try:
                request = read_line(line, options)
                check_publisher(bot.store.catalogue, request.publisher)
                _print_answer(bot.run(request).answer, json)
            except RagError as error:
                print(json_line(error_json(line, error)) if json else _failed(error), flush=True)


def _failed(error: RagError) -> str:
    return f"{spoken('error: ')}{spoken_error(error)}"


def _print_answer(answer: Answer, json: bool) -> None:
    from rag.render.answer_text import answer_text
    from rag.render.explain_text import explain_text

    print(json_line(answer.to_json()) if json else answer_text(answer) + "\n", flush=True)
    if answer.explain is not None and not json:
        print(explain_text(answer.explain) + "\n", flush=True)


def verify(
    answers: Annotated[
        Path | None, typer.Argument(help="Answers as `ask --json` prints them, one a line; - reads stdin.")
    ] = None,
    index: Index = None,
    everything: Annotated[bool, typer.Option("--all", help="Check every article of the index.")] = False,
    json: Json = False,
) -> None:
    """Check quotes against the source files again: read them anew and compare; exit code 1 if any fails."""
    from rag.verify import Skipped, verify_all, verify_answers

    if (answers is None) == (not everything):
        raise typer.BadParameter("name a file of answers, or --all")
    with open_store(read_settings(index=index)) as store:
        checks = verify_all(store) if answers is None else verify_answers(store, answers)
        failed = total = skipped = 0
        for check in checks:
            if isinstance(check, Skipped):
                skipped += 1
                continue
            total += 1
            failed += not check.ok
            if json:
                print(json_line(asdict(check)), flush=True)
            elif not check.ok:
                print(spoken(f"failed: {check.source or check.article_id}: {check.reason}"))
    good = total - failed
    told = spoken(
        f"{good} of {total} verified, {skipped} lines without an answer skipped"
        if skipped
        else f"{good} of {total} verified"
    )
    print(told, file=sys.stderr if json else sys.stdout)
    if failed:
        raise typer.Exit(1)
