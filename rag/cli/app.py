"""The table of commands: data on stdout, progress and messages on stderr.

Exit codes: 0 good, 1 our error in one sentence, 2 usage, 3 gate failed.
"""

import io
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import rag
from rag.cli.ask import ask, verify
from rag.cli.build import build, doctor, remove, status
from rag.cli.evaluate import ManyArticles, draft, evaluate
from rag.cli.jsonl import use_utf8
from rag.cli.keys import app as key_app
from rag.cli.operations import backup, copy, feedback, mcp, restore
from rag.cli.search import search
from rag.cli.serve import serve
from rag.cli.spoken import is_chinese, spoken, spoken_error, spoken_help, spoken_usage
from rag.errors import RagError
from rag.evaluation.metrics import help_text

__all__ = ["app", "main"]


class _Commands(TyperGroup):
    """The commands; one of two words is found by both: no question file is called draft."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Find a command of two words before one of the first alone."""
        both = " ".join(args[:2])
        return super().resolve_command(ctx, [both, *args[2:]] if both in self.commands else args)


app = typer.Typer(
    name="youju",
    cls=_Commands,
    help="有据 Youju: questions over Chinese news, answered only by quoting.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
# What the library raises for a command that cannot be read; it has no public name there.
CommandError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
app.add_typer(key_app, name="key")
FIRST: tuple[Callable[..., None], ...] = (ask, search, build, doctor, remove, status, verify, serve)
LAST: tuple[Callable[..., None], ...] = (feedback, backup, restore, copy, mcp)
for _command in FIRST:
    app.command()(_command)
app.command(
    "eval", cls=ManyArticles, epilog=f"Metrics, each with the questions it is over:\n\n{help_text()}"
)(evaluate)
app.command("eval draft")(draft)
for _command in LAST:
    app.command()(_command)


def main() -> None:
    """Run the command line; an error of ours is one sentence on stderr and exit code 1."""
    use_utf8()
    try:
        if is_chinese():
            sys.exit(_run_in_chinese())
        app()
    except RagError as error:
        print(f"youju: {spoken_error(error)}", file=sys.stderr)
        sys.exit(1)


def _run_in_chinese() -> int:
    """Run the command line with its help, and what is wrong with a command, in Chinese; return the exit code."""
    command: Any = typer.main.get_command(app)
    spoken_help(command)
    try:
        done = command(standalone_mode=False)
    except typer.Abort:
        print(spoken("Aborted!"), file=sys.stderr)
        return 1
    except CommandError as error:
        told = io.StringIO()
        error.show(told)
        print(spoken_usage(told.getvalue().rstrip("\n")), file=sys.stderr)
        return int(error.exit_code)
    return done if isinstance(done, int) else 0


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
