"""The commands of those who run a server: backup, restore, feedback, mcp."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rag.cli.jsonl import json_line
from rag.cli.options import Index
from rag.cli.spoken import spoken
from rag.config import read_settings
from rag.errors import SettingError, StoreError

if TYPE_CHECKING:
    from rag.index.state import State

__all__ = ["backup", "copy", "feedback", "mcp", "restore"]


def backup(
    archive: Annotated[Path, typer.Argument(help="The file to write, such as youju-2024-11-12.zip.")],
    index: Index = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Write over a file that is there without asking.")
    ] = False,
) -> None:
    """Write the index and the state folder into one file; a server may go on answering and a build building.

    The articles' own files are not in it. A file that is there is written over only when that is confirmed.
    Example: `youju backup /backup/youju.zip`.
    """
    from rag.index.backup import back_up

    if archive.exists() and not yes:
        _confirm(archive)
    settings = read_settings(index=index)
    kept = back_up(archive, settings.index, settings.state)
    told = (
        f"{kept.articles} articles of generation {kept.generation}, {kept.files} files, {kept.bytes:,} bytes"
    )
    typer.echo(spoken(told))


def _confirm(archive: Path) -> None:
    """Ask whether a file may be written over; where nobody can answer, it may not."""
    if not sys.stdin.isatty():
        raise StoreError(f"{archive} is there already: name another file, or write over it with --yes.")
    if not typer.confirm(spoken(f"{archive} is there already. Write over it?"), err=True):
        raise typer.Exit(1)


def restore(
    archive: Annotated[Path, typer.Argument(help="A file that `backup` wrote.")],
    index: Index = None,
) -> None:
    """Put a backup in the place of the index and the state folder; a server goes over to it with the next question.

    Example: `youju restore /backup/youju.zip`.
    """
    from rag.index.backup import put_back

    settings = read_settings(index=index)
    kept = put_back(archive, settings.index, settings.state)
    typer.echo(spoken(f"{kept.articles} articles as generation {kept.generation}, {kept.files} files"))


def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="A folder, or postgresql://…")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The other of the two; it holds no index yet.")],
    state: Annotated[
        Path | None, typer.Option(help="The folder of keys and feedback [default: $RAG_STATE, else state].")
    ] = None,
) -> None:
    """Copy an index, with keys, feedback and the editors' inbox, between a folder and a PostgreSQL; every row is compared.

    Examples: `youju copy index postgresql://youju@db/news`; `youju copy postgresql://youju@db/news index2 --state state2`.
    """
    from rag.index.opened import need_postgres
    from rag.index.place import Place
    from rag.index.state import State

    url = next((one for one in (source, target) if one.startswith(("postgresql://", "postgres://"))), "")
    if not url or source == target:
        raise typer.BadParameter(
            "name a folder and an address postgresql://…, one to copy from and one to copy to"
        )
    need_postgres()
    from rag.index.shared.copying import copy_out, copy_over

    folder = state or read_settings().state
    files, tables = State(folder), State(folder, url)
    if url == target:
        copied, old, new = copy_over(Path(source), Place(Path(source), url)), files, tables
    else:
        copied, old, new = copy_out(Place(Path(target), url), Path(target)), tables, files
    for name, count in copied.rows.items():
        typer.echo(f"{name:15} {spoken(f'{count:,} rows, the same on both sides')}")
    keys, entries, inbox = _copy_state(old, new)
    told = f"generation {copied.generation}; {keys} keys, {entries} entries of feedback, {inbox} of the inbox"
    typer.echo(spoken(told))


def _copy_state(old: "State", new: "State") -> tuple[int, int, int]:
    """Copy what servers keep; return how many keys, entries of feedback and rows of the inbox that were."""
    from rag.server.desk.inbox import Inbox
    from rag.server.feedback import FeedbackStore
    from rag.server.security.keys import KeyStore

    keys = KeyStore(old).copy_to(KeyStore(new))
    feedback = FeedbackStore(old).copy_to(FeedbackStore(new))
    return keys, feedback, Inbox(old).copy_to(Inbox(new))


def mcp(index: Index = None) -> None:
    """Answer a language model's program on stdin and stdout (Model Context Protocol): ask, search, article.

    Needs the extra: `pip install ".[mcp]"`.
    """
    from rag.bot import Bot

    try:
        from rag.server.api.mcp_tools import make_server
    except ModuleNotFoundError as error:
        raise SettingError(
            f'The package {error.name} is missing: install the extra, `pip install ".[mcp]"`.'
        ) from None
    with Bot.open(read_settings(index=index), build_if_empty=True) as bot:
        make_server(bot).run("stdio")


def feedback(
    action: Annotated[Literal["export"], typer.Argument(help="export: print it as a question file.")],
    everything: Annotated[
        bool, typer.Option("--all", help="Also what says no right answer, to be completed by hand.")
    ] = False,
) -> None:
    """Print what readers said of answers as a question file for `eval`, one JSON object a line.

    Example: `youju feedback export > feedback.jsonl && youju eval feedback.jsonl`.
    """
    from rag.index.state import state_of
    from rag.server.feedback import FeedbackStore, evaluation_rows

    entries = list(FeedbackStore(state_of(read_settings())).entries())
    rows = list(evaluation_rows(entries, everything=everything))
    for row in rows:
        typer.echo(json_line(row))
    left = len(entries) - len(rows)
    told = (
        f"{len(rows)} questions, {left} left out (no right answer is said, or of an answer that the server did not give)"
        if left
        else f"{len(rows)} questions"
    )
    typer.echo(spoken(told), err=True)
