"""From files to rows that nobody sees yet: articles, their passages and terms, vectors still to be made."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from rag.budget import FileBudget, budgeted, spend
from rag.text.abbreviation import RULES as ABBREVIATION_RULES
from rag.text.abbreviation import abbreviations
from rag.index.catalogue import recorded_name
from rag.index.build.chunking import chunk
from rag.index.connection import Connection, read_meta, transaction, write_meta
from rag.index.database import ARTICLE_COLUMNS, article_values
from rag.errors import IngestError
from rag.ingest.regular_file import open_file
from rag.ingest.files import FileState
from rag.ingest.articles import Refused, read_articles
from rag.records import Article, BlockKind, Passage, Source
from rag.text.words import bigrams, words

__all__ = ["PASSAGES", "Intake", "embedding_text", "file_digest"]

# Articles between two commits: about a second of reading, cutting and writing.
BATCH = 200
# Raise it when the same article gives other passages or words: then all are made again.
PASSAGES = 1
# Between a recipe and the stamp of a file's sidecar.
BESIDE = " beside "
MARKS = ",".join("?" * len(ARTICLE_COLUMNS.split(",")))
Record = tuple[Source, Article] | Refused


def embedding_text(title: str, heading: str, text: str) -> str:
    """Return what stands for a passage before the encoder: 标题。小标题。正文."""
    return "。".join(part for part in (title, heading, text) if part)


@dataclass(frozen=True, slots=True)
class Intake:
    """A build's way into the database; `recipe` names the rules and the embedder that make passages of a text."""

    connection: Connection
    index: Path
    recipe: str
    model: str

    def take(self, state: FileState, heard: Callable[[int], None]) -> bool:
        """Read a file into rows unless it is the one that was read last; tell whether it was read.

        `heard` is told how many characters of the file have been read so far.
        """
        path, recorded = state.path, recorded_name(state.path, self.index)
        stamp = (state.size, state.mtime_ns)
        recipe = self.recipe_of(state)
        if self._is_known(recorded, stamp, "", recipe):
            return False
        try:
            digest = file_digest(path)
        except (IngestError, OSError) as error:
            file = self._begin(recorded, stamp, "", recipe="")
            said = str(error) if isinstance(error, IngestError) else f"it cannot be opened: {error.strerror}"
            self._refuse(file, 0, said)
        else:
            if self._is_known(recorded, stamp, digest, recipe):
                return False
            file = self._begin(recorded, stamp, digest, recipe)
            self._fill(file, state, heard)
        self.connection.execute("UPDATE files SET whole = TRUE WHERE file = ?", (file,))
        return True

    def recipe_of(self, state: FileState) -> str:
        """Return what makes articles of a file: what is said beside it is part of that."""
        return f"{self.recipe}{BESIDE}{state.sidecar}" if state.sidecar else self.recipe

    def knows(self, state: FileState) -> bool:
        """Tell whether nothing about a file has changed, from its size and time alone."""
        stamp = (state.size, state.mtime_ns)
        return self._is_known(recorded_name(state.path, self.index), stamp, "", self.recipe_of(state))

    def discard(self, keep: Iterable[str]) -> None:
        """Delete the rows of files that an unfinished build took in, but for these paths read by this recipe."""
        kept = set(keep)
        rows = self.connection.execute("SELECT file, path, recipe FROM files WHERE born IS NULL").fetchall()
        with transaction(self.connection):
            for file, path, recipe in rows:
                if path not in kept or recipe.partition(BESIDE)[0] != self.recipe:
                    self._delete_file(file)

    def abbreviate(self) -> None:
        """Find the abbreviations of every article anew if other rules, or none, found those that are stored."""
        if read_meta(self.connection, "abbreviations") == str(ABBREVIATION_RULES):
            return
        with transaction(self.connection):
            self.connection.execute("DELETE FROM abbreviations")
            rows = self.connection.execute("SELECT article, text FROM articles WHERE passages IS NOT NULL")
            for article, text in rows:
                self._add_abbreviations(article, text)
            write_meta(self.connection, "abbreviations", str(ABBREVIATION_RULES))

    def _is_known(self, path: str, stamp: tuple[int, int], digest: str, recipe: str) -> bool:
        """Tell whether the file was read whole, by a recipe, with this stamp or digest, and nothing is missing."""
        row = self.connection.execute(
            "SELECT file, size, mtime_ns, sha256, born FROM files "
            "WHERE path = ? AND gone IS NULL AND whole AND recipe = ? ORDER BY file DESC LIMIT 1",
            (path, recipe),
        ).fetchone()
        if row is None or (row[1:3] != stamp and row[3] != digest) or self._lacks_passages(row[0]):
            return False
        if row[1:3] != stamp and digest:
            self.connection.execute(
                "UPDATE files SET size = ?, mtime_ns = ? WHERE file = ?", (*stamp, row[0])
            )
        return True

    def _lacks_passages(self, file: int) -> bool:
        """Tell whether an article of the file that nobody removed has no passages: one that is restored."""
        query = (
            "SELECT 1 FROM sources s WHERE file = ? "
            "AND id NOT IN (SELECT value FROM removed WHERE kind = 'article') "
            "AND external_id NOT IN (SELECT value FROM removed WHERE kind = 'external') "
            "AND NOT EXISTS (SELECT 1 FROM articles a WHERE a.id = s.id AND passages IS NOT NULL) LIMIT 1"
        )
        return self.connection.execute(query, (file,)).fetchone() is not None

    def _begin(self, path: str, stamp: tuple[int, int], digest: str, recipe: str) -> int:
        """Return a new row for a file; one without a recipe is read again by every build."""
        with transaction(self.connection):
            for (file,) in self.connection.execute(
                "SELECT file FROM files WHERE path = ? AND born IS NULL", (path,)
            ).fetchall():
                self._delete_file(file)
            return self._insert(
                "INSERT INTO files (path, size, mtime_ns, sha256, recipe) VALUES (?, ?, ?, ?, ?)",
                (path, *stamp, digest, recipe),
                "file",
            )

    def _delete_file(self, file: int) -> None:
        for table in ("sources", "refusals", "files"):
            self.connection.execute(f"DELETE FROM {table} WHERE file = ?", (file,))

    def _fill(self, file: int, state: FileState, heard: Callable[[int], None]) -> None:
        """Read a file into rows; what is done with all its articles together is within the budget of one file."""
        records, characters = read_articles(state.path), 0
        try:
            with budgeted(FileBudget(state.path, state.size)):
                while batch := list(islice(records, BATCH)):
                    with transaction(self.connection):
                        self._write(file, batch)
                    characters += sum(len(record[1].text) for record in batch if isinstance(record, tuple))
                    heard(characters)
        except (IngestError, OSError) as error:
            self._refuse(file, 0, str(error))

    def _write(self, file: int, records: Sequence[Record]) -> None:
        for record in records:
            if isinstance(record, Refused):
                self._refuse(file, record.source.line or 0, record.reason)
                continue
            source, article = record
            if not _storable(article):
                self._refuse(file, source.line or 0, "it holds characters that are no text")
                continue
            self.connection.execute(
                "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                (file, source.line or 0, article.id, article.external_id),
            )
            if not self._is_removed(article) and not self._has(file, article):
                self._add(article)

    def _refuse(self, file: int, line: int, reason: str) -> None:
        self.connection.execute("INSERT INTO refusals VALUES (?, ?, ?)", (file, line, reason))

    def _is_removed(self, article: Article) -> bool:
        query = "SELECT 1 FROM removed WHERE (kind, value) IN (VALUES ('article', ?), ('external', ?))"
        return self.connection.execute(query, (article.id, article.external_id)).fetchone() is not None

    def _has(self, file: int, article: Article) -> bool:
        """Tell whether the newest version of the article is of this recipe, with its passages, and says the same.

        What stands outside the text (author, url, …) may differ from one source to another; the first one counts.
        """
        row = self.connection.execute(
            f"SELECT recipe, passages, born, {ARTICLE_COLUMNS} FROM articles WHERE id = ? ORDER BY article DESC LIMIT 1",
            (article.id,),
        ).fetchone()
        if row is None or row[0] != self.recipe or row[1] is None:
            return False
        return (
            row[2] is None or row[3:] == article_values(article) or self._has_other_source(file, article.id)
        )

    def _has_other_source(self, file: int, article_id: str) -> bool:
        """Tell whether the article stands in another file, or further up in this one."""
        query = (
            "SELECT count(*) FROM sources JOIN files USING (file) WHERE id = ?1 AND gone IS NULL "
            "AND (file = ?2 OR path != (SELECT path FROM files WHERE file = ?2))"
        )
        return int(self.connection.execute(query, (article_id, file)).fetchone()[0]) > 1

    def _add(self, article: Article) -> None:
        passages = list(chunk(article))
        key = self._insert(
            f"INSERT INTO articles ({ARTICLE_COLUMNS}, recipe, text_digest, passages) VALUES ({MARKS}, ?, ?, ?)",
            (*article_values(article), self.recipe, _text_digest(article), len(passages)),
            "article",
        )
        for passage in passages:
            spend()
            self._add_passage(key, passage)
        self._add_abbreviations(key, article.text)

    def _add_abbreviations(self, article: int, text: str) -> None:
        self.connection.executemany(
            "INSERT INTO abbreviations VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
            [(article, found.short, found.long) for found in abbreviations(text)],
        )

    def _add_passage(self, article: int, passage: Passage) -> None:
        title, heading, text = passage.article.title, passage.heading_text, passage.text
        edges = (None, None) if passage.heading is None else (passage.heading.start, passage.heading.end)
        number = self._insert(
            "INSERT INTO passages (article, start, \"end\", kind, heading_start, heading_end, vector) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                article,
                passage.start,
                passage.end,
                passage.kind.value,
                *edges,
                self._vector(embedding_text(title, heading, text)),
            ),
            "passage",
        )
        terms = words(text)
        counts = (len(terms), len(bigrams(text)), len(bigrams(title)), len(bigrams(heading)))
        self.connection.execute(
            "INSERT INTO terms VALUES (?, ?, ?, ?, ?, ?)", (number, " ".join(terms), *counts)
        )

    def _vector(self, text: str) -> int:
        """Return the row of the vector of `text`, made if it is new."""
        digest = hashlib.sha256(f"{self.model}\0{text}".encode()).digest()[:16]
        row = self.connection.execute("SELECT vector FROM vectors WHERE digest = ?", (digest,)).fetchone()
        return int(row[0]) if row else self._insert("INSERT INTO vectors (digest) VALUES (?)", (digest,), "vector")

    def _insert(self, query: str, values: tuple[object, ...], key: str) -> int:
        return self.connection.insert(query, values, key)


def _storable(article: Article) -> bool:
    """Tell whether a database can hold the article: no half of a surrogate pair, no NUL."""
    return not any(_unstorable(str(value)) for value in article_values(article))


def _unstorable(text: str) -> bool:
    try:
        return b"\0" in text.encode()
    except UnicodeEncodeError:
        return True


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file's bytes; raises what `open_file` raises."""
    with open_file(path) as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _text_digest(article: Article) -> bytes:
    """Return the digest of the body: reprints often have a title of their own."""
    told = (BlockKind.BODY, BlockKind.ROW)
    body = [article.text[block.start : block.end] for block in article.blocks if block.kind in told]
    return hashlib.sha256("".join("".join(body).split()).encode()).digest()[:16]
