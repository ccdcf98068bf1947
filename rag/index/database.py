"""The file news.db: what an index holds, as tables of SQLite.

An index moves in generations. Rows of `files` and `articles` are visible to the readers of generation G if
`born <= G` and not `gone <= G`; a build writes rows with `born` NULL, which nobody sees, and publishes them all in
one transaction that also moves the generation. So a build that dies leaves the old generation as it was, and what
it had embedded is there for the next one.

A row of `articles` is a *version* of an article: the same id comes again when other rules or another embedder (its
`recipe`) make other passages of it. `fate` says why it is no longer visible: "superseded" (its file has changed) or
"removed". `passages` counts its passages, NULL if they are not (or no longer) there. `passages.digest` is that of
the recipe and the embedded text: equal digests have equal vectors, and nothing is embedded twice. `abbreviations` are
the names that the text of a version defines, folded.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.errors import IndexEmpty, StoreError
from rag.index.connection import read_meta, transaction, write_meta
from rag.records import Article, Block, BlockKind, Cell, Drop, Passage, Span, Table
from rag.text.web_address import web_address

__all__ = [
    "ARTICLE_COLUMNS",
    "DATABASE",
    "Connections",
    "SqliteConnection",
    "article_of",
    "article_values",
    "check_schema",
    "connect",
    "connect_nothing",
    "connect_writer",
    "index_empty",
    "passage_of",
    "read_meta",
    "transaction",
    "write_meta",
]

DATABASE = "news.db"
SCHEMA_VERSION = 1
SCHEMA = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE generations (
    generation INTEGER PRIMARY KEY, articles INTEGER NOT NULL, passages INTEGER NOT NULL,
    words REAL NOT NULL, bigrams REAL NOT NULL, title REAL NOT NULL, heading REAL NOT NULL
);
CREATE TABLE roots (path TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE removed (kind TEXT, value TEXT, PRIMARY KEY (kind, value)) WITHOUT ROWID;
CREATE TABLE files (
    file INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL,
    sha256 TEXT NOT NULL, recipe TEXT NOT NULL, whole INTEGER NOT NULL DEFAULT 0, born INTEGER, gone INTEGER
);
CREATE INDEX files_path ON files (path);
CREATE TABLE refusals (file INTEGER NOT NULL, line INTEGER NOT NULL, reason TEXT NOT NULL);
CREATE INDEX refusals_file ON refusals (file);
CREATE TABLE sources (
    file INTEGER NOT NULL, line INTEGER NOT NULL, id TEXT NOT NULL, external_id TEXT NOT NULL,
    PRIMARY KEY (file, line, id)
) WITHOUT ROWID;
CREATE INDEX sources_id ON sources (id);
CREATE INDEX sources_external_id ON sources (external_id) WHERE external_id != '';
CREATE TABLE articles (
    article INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, recipe TEXT NOT NULL, title TEXT NOT NULL,
    subtitle TEXT NOT NULL, publisher TEXT NOT NULL, author TEXT NOT NULL, published TEXT NOT NULL,
    external_id TEXT NOT NULL, url TEXT NOT NULL, rules INTEGER NOT NULL, details TEXT NOT NULL,
    text_digest BLOB NOT NULL, passages INTEGER, born INTEGER, gone INTEGER, fate TEXT NOT NULL DEFAULT '',
    text TEXT NOT NULL
);
CREATE INDEX articles_id ON articles (id);
CREATE INDEX articles_text_digest ON articles (text_digest);
CREATE TABLE passages (
    passage INTEGER PRIMARY KEY AUTOINCREMENT, article INTEGER NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, kind TEXT NOT NULL, heading_start INTEGER, heading_end INTEGER, vector INTEGER NOT NULL
);
CREATE INDEX passages_article ON passages (article);
CREATE INDEX passages_vector ON passages (vector);
CREATE TABLE terms (
    passage INTEGER PRIMARY KEY, words TEXT NOT NULL, word_count INTEGER NOT NULL, bigram_count INTEGER NOT NULL,
    title_count INTEGER NOT NULL, heading_count INTEGER NOT NULL
);
CREATE TABLE vectors (vector INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, value BLOB);
CREATE INDEX vectors_missing ON vectors (vector) WHERE value IS NULL;
"""
# Added later: an index made before gets it from the next build (`rag.index.build.intake.Intake.abbreviate`).
ABBREVIATIONS = """
CREATE TABLE IF NOT EXISTS abbreviations (
    article INTEGER NOT NULL, short TEXT NOT NULL, long TEXT NOT NULL, PRIMARY KEY (article, short, long)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS abbreviations_short ON abbreviations (short);
CREATE INDEX IF NOT EXISTS abbreviations_long ON abbreviations (long);
"""

# Tables that came later: made in any index that is written to, and missed by none that is only read.
ADDED = """
CREATE TABLE IF NOT EXISTS reprint_bands (
    band INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (band, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS reprint_groups (id TEXT PRIMARY KEY, story TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reprint_groups_story ON reprint_groups (story);
CREATE TABLE IF NOT EXISTS notices (id TEXT PRIMARY KEY, found TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS corrections (
    target TEXT NOT NULL, was_start INTEGER NOT NULL, was_end INTEGER NOT NULL, notice TEXT NOT NULL,
    now_start INTEGER NOT NULL, now_end INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    denied INTEGER NOT NULL, PRIMARY KEY (target, was_start, was_end, notice, now_start)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS articles_published ON articles (publisher, published);
CREATE INDEX IF NOT EXISTS articles_title ON articles (title);
CREATE INDEX IF NOT EXISTS articles_listed ON articles (published, publisher, title, born, gone, id);
"""

# What a copy of a shared index remembers: how far it is, and what it deletes later.
REPLICA = """
CREATE TABLE IF NOT EXISTS replica (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS late (
    relation TEXT NOT NULL, key TEXT NOT NULL, due INTEGER NOT NULL, PRIMARY KEY (relation, key)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS late_due ON late (due);
"""

ARTICLE_COLUMNS = "id, title, subtitle, publisher, author, published, external_id, url, rules, details, text"  # as article_of reads


class SqliteConnection(sqlite3.Connection):
    """A connection to the file, as `rag.index.connection` has it."""

    def insert(self, query: str, values: Sequence[object], key: str) -> int:
        """Insert a row and return its number; `key` is the column of it."""
        number = self.execute(query, values).lastrowid
        assert number is not None
        return number

    def begin(self) -> None:
        """Begin a transaction that writes."""
        self.execute("BEGIN IMMEDIATE")

    def has_table(self, name: str) -> bool:
        """Tell whether there is a table of this name."""
        query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
        return self.execute(query, (name,)).fetchone() is not None

    def numbers(self, mark: str = "?") -> str:
        """Return the subquery of the numbers in a value that is a list as JSON."""
        return f"(SELECT value FROM json_each({mark}))"

    names = numbers

    def put_vectors(self, vectors: Sequence[tuple[int, bytes]]) -> None:
        """Write the values of rows of `vectors`."""
        self.executemany(
            "UPDATE vectors SET value = ? WHERE vector = ?", [(value, number) for number, value in vectors]
        )

    def publish(self) -> None:
        """Do nothing: readers look at the file itself."""


class Connections:
    """Read-only connections to one news.db, one for each thread that asks.

    In a folder that may not be written SQLite cannot share its log with a writer: then the file is read as one that
    never changes, and `reset` opens it again when it did.
    """

    def __init__(self, index: Path) -> None:
        self.path = index / DATABASE
        self._local = threading.local()
        self._lock = threading.Lock()
        self._opened: list[SqliteConnection] = []
        self._era = 0
        self._stamp: tuple[int, int, int] | None = None

    def get(self) -> SqliteConnection:
        """Return this thread's connection."""
        if getattr(self._local, "era", -1) != self._era:
            self._local.connection, self._local.era = self._open(), self._era
        connection: SqliteConnection = self._local.connection
        return connection

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let this thread read the file as it is now, whatever is written meanwhile."""
        connection = self.get()
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    def reset(self) -> None:
        """Open the file again if it was read as one that never changes and has changed."""
        with self._lock:
            if self._stamp is not None and self._stamp != self._stat():
                self._era += 1

    def close(self) -> None:
        """Close the connections of all threads."""
        with self._lock:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _open(self) -> SqliteConnection:
        if not self.path.is_file():
            raise index_empty(self.path.parent)
        connection = self._try("mode=ro")
        if connection is None:
            self._stamp = self._stat()
            connection = self._try("mode=ro&immutable=1")
        if connection is None:
            raise StoreError(
                f"{self.path} is damaged or cannot be read: make it anew with `python -m rag build --rebuild PATH`.",
                "索引已损坏，请重新建立索引。",
            )
        with self._lock:
            self._opened.append(connection)
        return connection

    def _try(self, options: str) -> SqliteConnection | None:
        uri = f"{self.path.absolute().as_uri()}?{options}"
        try:
            connection = sqlite3.connect(
                uri, uri=True, check_same_thread=False, isolation_level=None, factory=SqliteConnection
            )
        except sqlite3.OperationalError:
            return None
        try:
            check_schema(connection, self.path)
            empty = connection.execute("PRAGMA user_version").fetchone() == (0,)
        except sqlite3.DatabaseError:
            connection.close()
            return None
        if empty:  # the very first build ended before it wrote a table
            connection.close()
            raise index_empty(self.path.parent)
        return connection

    def _stat(self) -> tuple[int, int, int]:
        state = self.path.stat()
        return state.st_ino, state.st_size, state.st_mtime_ns


def index_empty(index: Path) -> IndexEmpty:
    """Return the error of an index that holds nothing."""
    return IndexEmpty(
        f"The index {index} is empty: build it with `python -m rag build --index {index} PATH`.",
        "索引还是空的，请先导入新闻。",
    )


def check_schema(connection: sqlite3.Connection, path: Path) -> None:
    """Raise StoreError if the tables are those of another version of this program."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in (0, SCHEMA_VERSION):
        raise StoreError(
            f"{path} has tables of version {version}, this program reads {SCHEMA_VERSION}: "
            "make it anew with `python -m rag build --rebuild PATH`."
        )


def connect(path: str | Path, patience: float = 5.0) -> SqliteConnection:
    """Open a file of SQLite as it is, made if it is not there; wait `patience` seconds for others that write to it."""
    return sqlite3.connect(path, timeout=patience, isolation_level=None, factory=SqliteConnection)


def connect_writer(index: Path, *, replica: bool = False) -> SqliteConnection:
    """Open news.db for writing, made if it is not there; hold the lock of the index before.

    Raises StoreError if it is damaged, or a copy of a shared index without `replica`, or none with it;
    sqlite3.OperationalError if it cannot be written.
    """
    path = index / DATABASE
    connection = connect(path)
    try:
        check_schema(connection, path)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        fresh = connection.execute("PRAGMA user_version").fetchone() == (0,)
        if fresh:
            connection.executescript(f"BEGIN; {SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;")
        _check_kind(connection, index, replica, fresh)
        connection.executescript(f"BEGIN; {ABBREVIATIONS} {ADDED} {REPLICA if replica else ''} COMMIT;")
    except sqlite3.OperationalError:
        connection.close()
        raise  # a full disk or a folder that may not be written: nothing is wrong with the tables
    except sqlite3.DatabaseError:
        connection.close()
        raise StoreError(
            f"{path} is damaged: make it anew with `python -m rag build --rebuild PATH`.",
            "索引已损坏，请重新建立索引。",
        ) from None
    except StoreError:
        connection.close()
        raise
    return connection


def _check_kind(connection: SqliteConnection, index: Path, replica: bool, fresh: bool) -> None:
    """Raise StoreError where a copy of a shared index would be written to as an index of its own, or the reverse."""
    if fresh or connection.has_table("replica") == replica:
        return
    if replica and read_meta(connection, "generation", "0") == "0":
        return
    raise StoreError(
        f"The folder {index} holds an index of its own, no copy of a shared one: name another with RAG_INDEX."
        if replica
        else f"The folder {index} holds the copy of a shared index: set RAG_DATABASE, or name another with RAG_INDEX."
    )


def connect_nothing() -> SqliteConnection:
    """Return a database without any rows, to look at what an index would become that is not there yet."""
    connection = connect(":memory:")
    connection.executescript(SCHEMA + ABBREVIATIONS + ADDED)
    return connection


def article_values(article: Article) -> tuple[str | int, ...]:
    """Return the article's values in the order of ARTICLE_COLUMNS."""
    details: dict[str, Any] = {
        "blocks": [(block.start, block.end, block.kind, block.page) for block in article.blocks],
        "period_hint": article.period_hint,
        "seams": article.seams,
        "drops": [(drop.text, drop.rule) for drop in article.drops],
        "found_by": dict(article.found_by),
    }
    if article.edition:
        details["edition"] = article.edition
    if article.tables:
        details["tables"] = [_table_values(table) for table in article.tables]
    return (
        article.id,
        article.title,
        article.subtitle,
        article.publisher,
        article.author,
        article.published,
        article.external_id,
        article.url,
        article.rules,
        json.dumps(details, ensure_ascii=False, separators=(",", ":")),
        article.text,
    )


def article_of(row: tuple[str, str, str, str, str, str, str, str, int, str, str]) -> Article:
    """Return the article of a row with ARTICLE_COLUMNS."""
    identity, title, subtitle, publisher, author, published, external_id, url, rules, details, text = row
    parts = json.loads(details)
    return Article(
        id=identity,
        title=title,
        text=text,
        blocks=tuple(Block(start, end, BlockKind(kind), page) for start, end, kind, page in parts["blocks"]),
        subtitle=subtitle,
        publisher=publisher,
        author=author,
        published=published,
        external_id=external_id,
        url=web_address(url),  # an older index may hold any
        edition=parts.get("edition", ""),
        period_hint=tuple(parts["period_hint"]),
        seams=tuple(parts["seams"]),
        drops=tuple(Drop(text, rule) for text, rule in parts["drops"]),
        found_by=parts["found_by"],
        rules=rules,
        tables=tuple(_table_of(*table) for table in parts.get("tables", ())),
    )


def _table_values(table: Table) -> tuple[Any, ...]:
    caption = None if table.caption is None else (table.caption.start, table.caption.end)
    cells = [(one.start, one.end, one.row, one.column, one.rows, one.columns) for one in table.cells]
    return table.heads, caption, cells


def _table_of(heads: int, caption: tuple[int, int] | None, cells: list[tuple[int, ...]]) -> Table:
    return Table(tuple(Cell(*cell) for cell in cells), heads, None if caption is None else Span(*caption))


def passage_of(article: Article, row: tuple[int, int, str, int | None, int | None]) -> Passage:
    """Return the passage of `article` with the row start, end, kind, heading_start, heading_end."""
    start, end, kind, heading_start, heading_end = row
    heading = None if heading_start is None or heading_end is None else Span(heading_start, heading_end)
    return Passage(article, start, end, BlockKind(kind), heading)
