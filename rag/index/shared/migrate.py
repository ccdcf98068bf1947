"""The tables of a shared index brought up to what this program reads, by Alembic."""

from pathlib import Path
from typing import Any

import psycopg

from rag.errors import StoreError
from rag.index import migrations

__all__ = ["HEAD", "prepare", "version_of"]

HEAD = "0002"
"""The newest step in `rag.index.migrations`."""
LOCK = 4_917_002
"""The advisory lock of whoever makes tables."""


def version_of(connection: psycopg.Connection[Any]) -> str:
    """Return which tables there are, "" for none."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def prepare(connection: psycopg.Connection[Any], url: str, named: str) -> None:
    """Make or change the tables where they are not those of this program; `named` is what messages call the database.

    Raises StoreError where they are those of a newer program, or where this one may not make them.
    """
    if version_of(connection) == HEAD:
        return
    connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
    try:
        _upgrade(url, named)
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))


def _upgrade(url: str, named: str) -> None:
    import sqlalchemy  # only where there is something to do: it takes as long as all else
    from alembic.config import Config
    from alembic.runtime.environment import EnvironmentContext
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    script = ScriptDirectory(
        str(Path(__file__).parent), version_locations=[str(Path(migrations.__file__).parent)]
    )

    def upgrade(revision: Any, _: Any) -> Any:
        return script._upgrade_revs(HEAD, revision)

    engine = sqlalchemy.create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url), poolclass=sqlalchemy.NullPool
    )
    try:
        with engine.connect() as connection, EnvironmentContext(Config(), script, fn=upgrade) as context:
            context.configure(connection=connection)
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
    except CommandError:
        raise StoreError(
            f"{named} has tables of another version than this program reads: install the newer program."
        ) from None
    except sqlalchemy.exc.SQLAlchemyError as error:
        said = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise StoreError(
            f"The tables of {named} cannot be made ({said}): this needs PostgreSQL 15 or newer with the extension vector "
            "(pgvector 0.7 or newer), and a user that may create tables."
        ) from None
