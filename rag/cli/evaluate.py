"""The command `eval`: answers scored against question files."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from rag.cli.build import STOPPED
from rag.cli.jsonl import RowOutput, spread
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
    Update,
)
from rag.config import read_settings
from rag.request import DEFAULT_K

if TYPE_CHECKING:
    from rag.evaluation.command import Options, Outcome

__all__ = ["ManyArticles", "evaluate"]


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
    earlier = json if resume else None
    named = index is not None
    options = Options(
        tuple(files), settings, tuple(articles or ()), named, mode, limit, seed, day, k, cache, earlier
    )
    outcome = _evaluate(options, json, html, junit)
    if gate is not None:
        _hold(outcome, gate, update, allow_regression)
    if outcome.line["meta"]["partial"]:
        raise typer.Exit(STOPPED)


def _evaluate(options: "Options", json: Path | None, html: Path | None, junit: Path | None) -> "Outcome":
    """Ask, write what was asked for, and show the table unless stdout is for the rows."""
    from rag.evaluation.command import run
    from rag.evaluation.report.table import summary_table

    with RowOutput(json) as output:
        outcome = run(options, output.write, lambda said: print(said, file=sys.stderr))
    if html is not None:
        from rag.evaluation.report.page import report_html

        line = outcome.line
        meta = {**line["meta"], "by": line["by"], "curves": line["curves"]}
        html.write_text(report_html(outcome.rows, line["summary"], meta), encoding="utf-8")
    if junit is not None:
        from rag.evaluation.report.junit import junit_xml

        junit.write_text(junit_xml(outcome.rows), encoding="utf-8")
    if json != Path("-"):
        print(summary_table(outcome.line, outcome.rows))
    return outcome


def _hold(outcome: "Outcome", floors: Path, update: bool, allow_regression: bool) -> None:
    """Exit with 3 if the outcome is below its floors; with `update`, write them."""
    from rag.evaluation.command import hold

    failures = hold(outcome.line, floors, update=update, allow_regression=allow_regression)
    for failure in failures:
        print(f"gate: {failure}", file=sys.stderr)
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
        print(comparison_table(found))
