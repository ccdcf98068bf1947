"""Where tests build: in a folder, and in a PostgreSQL with a folder as its copy, so that both hold the same promises."""

import json
import sqlite3
from contextlib import closing
from dataclasses import asdict
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from rag.index.opened import newest
from rag.index.place import Place
from rag.index.shared.postgres import connect
from rag.index.state import State
from tests.support.postgres import PostgresServer

__all__ = ["BLANK", "KINDS", "Places", "ask", "folder_of", "read_place", "said_place"]

KINDS = ("embedded", "shared")
BLANK = "blank"
"""A database with the tables and nothing in them, of which others are made."""
EMPTY = """
DO $$ BEGIN
    PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid != pg_backend_pid();
    EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' RESTART IDENTITY'
        FROM pg_tables WHERE schemaname = 'public' AND tablename != 'alembic_version');
    INSERT INTO meta VALUES ('database', gen_random_uuid()::text);
END $$
"""
_numbers = count()
_used: list[str] = []


class Places:
    """Makes places of one kind: with a server each has a database of its own there."""

    def __init__(self, server: PostgresServer | None) -> None:
        self.server = server
        self._taken: list[str] = []

    def __call__(self, folder: Path) -> Path | Place:
        """Return a place whose folder is `folder`."""
        if self.server is None:
            return folder
        return Place(folder, self.database())

    def state(self, folder: Path) -> Path | State:
        """Return where servers keep things: `folder`, or the tables of a database."""
        return folder if self.server is None else State(folder, self.database())

    def database(self) -> str:
        """Return the address of a database with all tables and no rows."""
        assert self.server is not None
        url = _used.pop() if _used else self.server.make(f"test{next(_numbers)}", BLANK)
        self._taken.append(url)
        return url

    def close(self) -> None:
        """Empty the databases for the next test: making one takes longer, and deleting its files much longer."""
        for url in self._taken:
            with psycopg.connect(url) as connection:
                connection.execute(EMPTY)
            _used.append(url)


def folder_of(index: Path | Place) -> Path:
    """Return the folder of a place, brought up to date."""
    return newest(Place.of(index))


def ask(index: Path | Place, query: str) -> list[tuple[Any, ...]]:
    """Return what a query gives where a place is written."""
    place = Place.of(index)
    if place.database:
        with connect(place) as shared:
            return shared.execute(query).fetchall()
    with closing(sqlite3.connect(place.folder / "news.db")) as embedded:
        return embedded.execute(query).fetchall()


def said_place(index: Path | Place) -> str:
    """Return a place as an argument of a command."""
    place = Place.of(index)
    return json.dumps({**asdict(place), "folder": str(place.folder)})


def read_place(said: str) -> Place:
    """Return the place that `said_place` wrote."""
    fields = json.loads(said)
    return Place(**{**fields, "folder": Path(fields["folder"])})
