"""The commands `youju key add|list|revoke`."""

from dataclasses import asdict
from typing import Annotated, cast

import typer

from rag.cli.jsonl import json_line
from rag.cli.spoken import spoken
from rag.config import read_settings
from rag.index.state import state_of
from rag.server.security.keys import SCOPES, Key, KeyStore, Scope

__all__ = ["app"]

app = typer.Typer(help="Make, list and take back access keys.", no_args_is_help=True, rich_markup_mode=None)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose key it is: a person, a script, a page.")],
    scope: Annotated[
        str, typer.Option(help=f"What it may do, separated by commas: {', '.join(SCOPES)}.")
    ] = "ask,read",
    days: Annotated[int, typer.Option(min=0, help="Days until it runs out; 0 is never.")] = 0,
) -> None:
    """Make a key and print it, once: only a digest is kept.

    Examples: `youju key add 归档脚本`; `youju key add 张三 --scope page`; `youju key add 门户页面 --scope ask --days 90`.
    """
    wanted = [one.strip() for one in scope.split(",") if one.strip()]
    if not wanted or set(wanted) - set(SCOPES):
        raise typer.BadParameter(f"--scope takes {', '.join(SCOPES)}, not {scope!r}")
    _, text = _store().add(name, [cast(Scope, one) for one in wanted], days)
    typer.echo(text)
    typer.echo(spoken("Keep it: it is not shown again."), err=True)


@app.command("list")
def list_keys(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
) -> None:
    """List the keys; their texts are kept nowhere."""
    for key in _store().all():
        typer.echo(json_line(_shown(key)) if json else _line(key))


@app.command()
def revoke(which: Annotated[str, typer.Argument(help="The name or the id of the key.")]) -> None:
    """Take a key back; a running server refuses it from the next request on."""
    key = _store().revoke(which)
    typer.echo(spoken(f"{key.name} ({key.ident}) opens nothing any more"), err=True)


def _store() -> KeyStore:
    return KeyStore(state_of(read_settings()))


def _shown(key: Key) -> dict[str, object]:
    return {name: value for name, value in asdict(key).items() if name != "digest"}


def _line(key: Key) -> str:
    until = spoken(f"until {key.expires[:10]}" if key.expires else "no end")
    return "\t".join(
        (key.ident, key.name, ",".join(key.scopes), key.made[:10], until if key.valid else spoken("expired"))
    )
