"""The command line: data on stdout, progress and messages on stderr.

Exit codes: 0 good, 1 our error in one sentence, 2 usage, 3 gate failed.
"""

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from rag.bot import Bot, open_store
from rag.cli.jsonl import RowOutput, error_json, json_line, read_line, read_lines, spread, use_utf8
from rag.cli.keys import app as key_app
from rag.cli.operations import backup, feedback, mcp, restore
from rag.cli.options import (
    Articles,
    Cache,
    Compare,
    DryRun,
    Exclude,
    Explain,
    Files,
    Follow,
    Force,
    Gate,
    Html,
    Include,
    Index,
    Json,
    Limit,
    ModeOption,
    Out,
    Paths,
    Prune,
    Publisher,
    Read,
    Rebuild,
    Regress,
    Restore,
    Resume,
    Seed,
    Since,
    Today,
    Until,
    Update,
)
from rag.config import Settings, read_settings
from rag.errors import IndexEmpty, RagError
from rag.evaluation.metrics import help_text
from rag.records import Answer
from rag.request import DEFAULT_K, read_request
from rag.server.listener import bind

if TYPE_CHECKING:
    from rag.evaluation.command import Options, Outcome
    from rag.index.build.builder import BuildReport
    from rag.ingest.files import Pick
    from rag.records import Embedder

__all__ = ["app", "main"]

STOPPED = 130
"""The exit code of a run that Ctrl-C ended, as shells have it."""

app = typer.Typer(
    name="youju",
    help="有据 Youju: questions over Chinese news, answered only by quoting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(key_app, name="key")


def main() -> None:
    """Run the command line; an error of ours is one sentence on stderr and exit code 1."""
    use_utf8()
    try:
        app()
    except RagError as error:
        print(f"youju: {error}", file=sys.stderr)
        sys.exit(1)


@app.command()
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
        _print_answer(bot.run(request).answer, json)


def _ask_lines(settings: Settings, options: Mapping[str, str | int], json: bool) -> None:
    """Answer the lines of stdin in order; one that fails gives an error in its place."""
    with Bot.open(settings) as bot:
        for line in read_lines(sys.stdin):
            try:
                _print_answer(bot.run(read_line(line, options)).answer, json)
            except RagError as error:
                print(json_line(error_json(line, error)) if json else f"error: {error}", flush=True)


def _print_answer(answer: Answer, json: bool) -> None:
    from rag.render.answer_text import answer_text
    from rag.render.explain_text import explain_text

    print(json_line(answer.to_json()) if json else answer_text(answer) + "\n", flush=True)
    if answer.explain is not None and not json:
        print(explain_text(answer.explain) + "\n", flush=True)


@app.command()
def build(
    paths: Paths = None,
    index: Index = None,
    rebuild: Rebuild = False,
    restore: Restore = False,
    prune: Prune = False,
    force: Force = False,
    dry_run: DryRun = False,
    include: Include = None,
    exclude: Exclude = None,
    watch: Follow = 0.0,
    json: Json = False,
) -> None:
    """Ingest files and folders into the index; what is unchanged is neither read nor embedded again.

    Examples: `youju build`; `youju build news/ archive.jsonl --index /data/index`; `youju build news/ --watch 30`.
    """
    from rag.cli.build_text import preview_lines
    from rag.index.build.builder import build as build_index
    from rag.index.build.changes import look
    from rag.index.build.progress import ProgressBar
    from rag.ingest.articles import SUFFIXES
    from rag.ingest.files import Pick
    from rag.models.embedder import load_embedder

    settings = read_settings(index=index)
    embedder, pick = load_embedder(settings), Pick(tuple(include or ()), tuple(exclude or ()))
    if dry_run:
        seen = look(paths or (), settings.index, embedder, pick=pick)
        return print(json_line(asdict(seen)) if json else "\n".join(preview_lines(seen)))
    run = partial(build_index, rebuild=rebuild, restore=restore, prune=prune, force=force, pick=pick)
    with ProgressBar() as bar:
        report = run(paths or (), settings.index, embedder, progress=bar.show)
    _print_report(report, json)
    if watch > 0:
        _watch(paths or (), settings.index, embedder, pick, watch, json)
    elif not report.articles or (paths and not report.read):
        named = f" in {', '.join(map(str, paths))}" if paths else ""
        raise IndexEmpty(
            f"Nothing could be read{named}: name files or folders that hold {' '.join(SUFFIXES)}."
        )


def _print_report(report: "BuildReport", json: bool) -> None:
    from rag.cli.build_text import complaints, report_line

    for line in complaints(report):
        print(line, file=sys.stderr)
    print(json_line(asdict(report)) if json else report_line(report), flush=True)


def _watch(
    paths: Sequence[Path], index: Path, embedder: "Embedder", pick: "Pick", seconds: float, json: bool
) -> None:
    """Follow the folders until Ctrl-C."""
    from rag.index.build.changes import recorded_roots
    from rag.index.build.watch import Watch

    def heard(news: "BuildReport | RagError") -> None:
        print(f"youju: {news}", file=sys.stderr) if isinstance(news, RagError) else _print_report(news, json)

    with suppress(KeyboardInterrupt):
        Watch(paths or recorded_roots(index), index, embedder, pick).follow(seconds, heard)
    raise typer.Exit(STOPPED)


@app.command()
def doctor(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to look at.")], json: Json = False
) -> None:
    """Show how files would be read: encoding, layout, articles, the rules that found titles and dates, what is odd.

    Example: `youju doctor archive/2024/`.
    """
    from rag.ingest.doctor import examine_all, finding_text

    for found in examine_all(paths):
        print(json_line(asdict(found)) if json else "\n".join(finding_text(found)), flush=True)


@app.command()
def remove(
    targets: Annotated[list[str], typer.Argument(help="Article ids, external ids or paths.")],
    index: Index = None,
) -> None:
    """Take articles out of the index; the next build skips them (`build --restore` takes them back)."""
    from rag.index.build.builder import remove as remove_from_index

    change = remove_from_index(targets, read_settings(index=index).index)
    print(f"{change.removed} articles removed, generation {change.generation}")


@app.command()
def status(index: Index = None, json: Json = False) -> None:
    """Show what the index holds, its models, its size and what the last build refused."""
    from rag.cli.status import status as index_status
    from rag.cli.status import status_text

    found = index_status(read_settings(index=index))
    print(json_line(found) if json else status_text(found))


@app.command()
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
                print(f"failed: {check.source or check.article_id}: {check.reason}")
    left = f", {skipped} lines without an answer skipped" * bool(skipped)
    print(f"{total - failed} of {total} verified{left}", file=sys.stderr if json else sys.stdout)
    if failed:
        raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: $RAG_HOST, else 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on [default: $RAG_PORT, else 7860].")
    ] = None,
    index: Index = None,
) -> None:
    """Serve the page, the API and the embeddable page: the same as `python app.py`."""
    settings = read_settings(host=host, port=port, index=index)
    taken = bind(settings)  # gradio takes seconds, the models too: a taken port is told before
    from rag.server.run import run

    run(settings, taken)


class _Spread(TyperCommand):
    """A command whose --articles takes every name up to the next option, as a shell's *.txt gives them."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Write --articles before each of its names; only where the question files come first, as in the usage."""
        first = bool(args) and not args[0].startswith("-")
        return super().parse_args(ctx, spread(args, "--articles") if first else args)


@app.command("eval", cls=_Spread, epilog=f"Metrics, each with the questions it is over:\n\n{help_text()}")
def _eval(
    files: Files,
    index: Index = None,
    articles: Articles = None,
    mode: ModeOption = "end-to-end",
    json: Out = None,
    html: Html = None,
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

    settings = read_settings(index=index)
    earlier = json if resume else None
    day = read_day(today)
    named = index is not None
    options = Options(
        tuple(files), settings, tuple(articles or ()), named, mode, limit, seed, day, k, cache, earlier
    )
    outcome = _evaluate(options, json, html)
    if gate is not None:
        _hold(outcome, gate, update, allow_regression)
    if outcome.line["meta"]["partial"]:
        raise typer.Exit(STOPPED)


def _evaluate(options: "Options", json: Path | None, html: Path | None) -> "Outcome":
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


for _command in (feedback, backup, restore, mcp):
    app.command()(_command)
