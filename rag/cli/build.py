"""The commands that make and show an index: build, doctor, remove, status."""

import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rag.cli.jsonl import json_line
from rag.cli.options import (
    DryRun,
    Exclude,
    Follow,
    Force,
    Include,
    Index,
    Json,
    Paths,
    Prune,
    Rebuild,
    Restore,
)
from rag.cli.spoken import spoken, spoken_error
from rag.config import read_settings
from rag.errors import IndexEmpty, RagError

if TYPE_CHECKING:
    from rag.index.build.builder import BuildReport
    from rag.index.place import Place
    from rag.ingest.files import Pick
    from rag.records import Embedder

__all__ = ["build", "doctor", "remove", "status"]

STOPPED = 130
"""The exit code of a run that Ctrl-C ended, as shells have it."""


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
    from rag.index.build.progress import STAGES, ProgressBar
    from rag.index.place import place_of
    from rag.ingest.files import Pick
    from rag.models.embedder import load_embedder

    settings = read_settings(index=index)
    place = place_of(settings)
    embedder, pick = load_embedder(settings), Pick(tuple(include or ()), tuple(exclude or ()))
    if dry_run:
        seen = look(paths or (), place, embedder, pick=pick)
        return print(json_line(asdict(seen)) if json else spoken("\n".join(preview_lines(seen))))
    run = partial(build_index, rebuild=rebuild, restore=restore, prune=prune, force=force, pick=pick)
    with ProgressBar({name: spoken(said) for name, said in STAGES.items()}) as bar:
        report = run(paths or (), place, embedder, progress=bar.show)
    _print_report(report, json)
    if watch > 0:
        _watch(paths or (), place, embedder, pick, watch, json)
    elif not report.articles or (paths and not report.read):
        raise _nothing_read(paths or ())


def _nothing_read(paths: Sequence[Path]) -> IndexEmpty:
    from rag.ingest.articles import SUFFIXES

    kinds, named = " ".join(SUFFIXES), ", ".join(map(str, paths))
    return IndexEmpty(
        f"Nothing could be read in {named}: name files or folders that hold {kinds}."
        if paths
        else f"Nothing could be read: name files or folders that hold {kinds}."
    )


def _print_report(report: "BuildReport", json: bool) -> None:
    from rag.cli.build_text import complaints, report_line

    for line in complaints(report):
        print(spoken(line), file=sys.stderr)
    print(json_line(asdict(report)) if json else spoken(report_line(report)), flush=True)


def _watch(
    paths: Sequence[Path], place: "Place", embedder: "Embedder", pick: "Pick", seconds: float, json: bool
) -> None:
    """Follow the folders until Ctrl-C."""
    from rag.index.build.changes import recorded_roots
    from rag.index.build.watch import Watch

    def heard(news: "BuildReport | RagError") -> None:
        if isinstance(news, RagError):
            print(f"youju: {spoken_error(news)}", file=sys.stderr)
        else:
            _print_report(news, json)

    with suppress(KeyboardInterrupt):
        Watch(paths or recorded_roots(place), place, embedder, pick).follow(seconds, heard)
    raise typer.Exit(STOPPED)


def doctor(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders to look at.")], json: Json = False
) -> None:
    """Show how files would be read: encoding, layout, articles, the rules that found titles and dates, what is odd.

    Example: `youju doctor archive/2024/`.
    """
    from rag.cli.build_text import finding_lines
    from rag.ingest.doctor import examine_all

    for found in examine_all(paths):
        print(json_line(asdict(found)) if json else "\n".join(finding_lines(found)), flush=True)


def remove(
    targets: Annotated[list[str], typer.Argument(help="Article ids, external ids or paths.")],
    index: Index = None,
) -> None:
    """Take articles out of the index; the next build skips them (`build --restore` takes them back)."""
    from rag.index.build.builder import remove as remove_from_index
    from rag.index.place import place_of

    change = remove_from_index(targets, place_of(read_settings(index=index)))
    print(spoken(f"{change.removed} articles removed, generation {change.generation}"))


def status(index: Index = None, json: Json = False) -> None:
    """Show what the index holds, its models, its size and what the last build refused."""
    from rag.cli.status import status as index_status
    from rag.cli.status import status_text

    found = index_status(read_settings(index=index))
    print(json_line(found) if json else spoken(status_text(found)))
