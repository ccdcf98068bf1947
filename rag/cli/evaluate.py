"""The command `eval`: answers scored against question files."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from rag.cli.build import STOPPED
from rag.cli.jsonl import RowOutput, json_line, spread
from rag.cli.options import (
    Articles,
    Cache,
    Compare,
    Files,
    Gate,
    Html,
    Index,
    Junit,
    Limit,
    ModeOption,
    Out,
    Read,
    Regress,
    Resume,
    Seed,
    Today,
    Trec,
    Update,
)
from rag.cli.spoken import spoken
from rag.config import read_settings
from rag.request import DEFAULT_K

if TYPE_CHECKING:
    from rag.evaluation.command import Options, Outcome

__all__ = ["ManyArticles", "draft", "evaluate"]


class ManyArticles(TyperCommand):
    """A command whose --articles takes every name up to the next option, as a shell's *.txt gives them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write --articles before each of its names; only where the question files come first, as in the usage."""
        first = bool(args) and not args[0].startswith("-")
        return super().parse_args(ctx, spread(args, "--articles") if first else args)


def evaluate(
    files: Files,
    index: Index = None,
    articles: Articles = None,
    mode: ModeOption = "end-to-end",
    json: Out = None,
    html: Html = None,
    junit: Junit = None,
    trec: Trec = None,
    gate: Gate = None,
    update: Update = False,
    allow_regression: Regress = False,
    compare: Compare = False,
    limit: Limit = 0,
    seed: Seed = 0,
    today: Today = "",
    k: Read = DEFAULT_K,
    cache: Cache = None,
    resume: Resume = False,
) -> None:
    """Score answers against question files: a table, rows for scripts, a page to read, floors to hold.

    Examples: `youju eval questions.csv`; `youju eval dev.jsonl --articles news.jsonl --html report.html`;
    `youju eval --compare before.jsonl after.jsonl`.
    """
    if compare:
        _compare(files, json)
        return
    from rag.evaluation.command import Options, read_day

    settings, day = read_settings(index=index), read_day(today)
    asked = (tuple(files), settings, tuple(articles or ()), index is not None)
    options = Options(*asked, mode, limit, seed, day, k, cache, json if resume else None)
    outcome = _evaluate(options, json, html, junit, trec)
    if gate is not None:
        _hold(outcome, gate, update, allow_regression)
    if outcome.line["meta"]["partial"]:
        raise typer.Exit(STOPPED)


def draft(
    count: Annotated[int, typer.Option("-n", "--count", min=1, max=10_000, help="How many questions.")] = 30,
    out: Annotated[
        Path | None, typer.Option(help="Write them as CSV, for a spreadsheet [default: JSONL on stdout].")
    ] = None,
    seed: Seed = 0,
    index: Index = None,
) -> None:
    """Draft questions from what the articles of the index state, for a person to read and mend.

    Each is marked as a draft until somebody empties its column draft. Example: `youju eval draft -n 50 --out questions.csv`.
    """
    from rag.bot import open_store
    from rag.evaluation.drafting.draft import draft_json, drafts, write_drafts

    with open_store(read_settings(index=index)) as store:
        found = drafts(store, count, seed)
    if out is not None:
        write_drafts(out, found)
    else:
        for one in found:
            print(json_line(draft_json(one)), flush=True)
    said = f"{len(found)} drafts: read each, mend or delete it, and empty its column draft"
    print(spoken(said), file=sys.stderr)


def _evaluate(
    options: "Options", json: Path | None, html: Path | None, junit: Path | None, trec: Path | None
) -> "Outcome":
    """Ask, write what was asked for, and show the table unless stdout is for the rows."""
    from rag.evaluation.command import run
    from rag.evaluation.report.table import summary_table

    with RowOutput(json) as output:
        outcome = run(options, output.write, lambda said: print(spoken(said), file=sys.stderr))
    if html is not None:
        from rag.evaluation.report.page import report_html

        line = outcome.line
        meta = {**line["meta"], "by": line["by"], "curves": line["curves"]}
        html.write_text(report_html(outcome.rows, line["summary"], meta), encoding="utf-8")
    if junit is not None:
        from rag.evaluation.report.junit import junit_xml

        junit.write_text(junit_xml(outcome.rows), encoding="utf-8")
    if trec is not None:
        from rag.evaluation.report.trec import write_trec

        ranked, judged = write_trec(trec, outcome.rows)
        said = spoken(f"{trec}: run.txt: {ranked} questions, qrels.txt: {judged}")
        print(said, file=sys.stderr)
    if json != Path("-"):
        print(spoken(summary_table(outcome.line, outcome.rows)))
    return outcome


def _hold(outcome: "Outcome", floors: Path, update: bool, allow_regression: bool) -> None:
    """Exit with 3 if the outcome is below its floors; with `update`, write them."""
    from rag.evaluation.command import hold

    failures = hold(outcome.line, floors, update=update, allow_regression=allow_regression)
    for failure in failures:
        print(spoken(f"gate: {failure.metric}: {failure.value}, floor {failure.floor}"), file=sys.stderr)
    if failures:
        raise typer.Exit(3)


def _compare(files: list[Path], json: Path | None) -> None:
    """Show how the second result differs from the first."""
    from rag.evaluation.report.compare import compare, comparison_table
    from rag.evaluation.rows import read_run

    if len(files) != 2:
        raise typer.BadParameter("--compare takes two results of --json: A B")
    found = compare(*map(read_run, files))
    with RowOutput(json) as output:
        output.write(asdict(found))
    if json != Path("-"):
        print(spoken(comparison_table(found)))
