"""The table of commands: data on stdout, progress and messages on stderr.

Exit codes: 0 good, 1 our error in one sentence, 2 usage, 3 gate failed.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

import rag
from rag.cli.ask import ask, verify
from rag.cli.build import build, doctor, remove, status
from rag.cli.evaluate import ManyArticles, evaluate
from rag.cli.jsonl import use_utf8
from rag.cli.keys import app as key_app
from rag.cli.operations import backup, copy, feedback, mcp, restore
from rag.cli.serve import serve
from rag.errors import RagError
from rag.evaluation.metrics import help_text

__all__ = ["app", "main"]

app = typer.Typer(
    name="youju",
    help="有据 Youju: questions over Chinese news, answered only by quoting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(key_app, name="key")
FIRST: tuple[Callable[..., None], ...] = (ask, build, doctor, remove, status, verify, serve)
LAST: tuple[Callable[..., None], ...] = (feedback, backup, restore, copy, mcp)
for _command in FIRST:
    app.command()(_command)
app.command(
    "eval", cls=ManyArticles, epilog=f"Metrics, each with the questions it is over:\n\n{help_text()}"
)(evaluate)
for _command in LAST:
    app.command()(_command)


def main() -> None:
    """Run the command line; an error of ours is one sentence on stderr and exit code 1."""
    use_utf8()
    try:
        app()
    except RagError as error:
        print(f"youju: {error}", file=sys.stderr)
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(f"youju {rag.__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    pass
