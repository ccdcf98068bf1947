"""What an index lists: its articles, where they were read, its files."""

import json
import os
import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from rag.index.derived import VISIBLE
from rag.ingest.regular_file import real_path
from rag.records import Amendment, Source, Span
from rag.text.characters import media_name

__all__ = [
    "ArticleRow",
    "Catalogue",
    "FileRecord",
    "Shown",
    "SourceRecord",
    "recorded_name",
    "shown_path",
    "source_path",
]

# VISIBLE where ?2 is the generation.
VISIBLE_NOW = VISIBLE.replace("?", "?2")


@dataclass(frozen=True, slots=True)
class SourceRecord:
    """A place an article was read from, and the state its file had then.

    `status` is "current", or "changed" when the file no longer holds this article. `path` is how the index finds the
    file; readers see `shown`: the server's folders are not theirs to know.
    """

    path: str
    line: int | None
    size: int
    mtime_ns: int
    sha256: str
    status: str
    shown: str

    def __str__(self) -> str:
        return str(Source(self.shown, self.line))


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """A line of the list of articles."""

    article_id: str
    title: str
    publisher: str
    published: str
    sources: int
    passages: int
    external_id: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Which articles are listed: words of the title, days of print (ISO, inclusive), publisher, folder; "" for no limit."""

    text: str = ""
    since: str = ""
    until: str = ""
    publisher: str = ""
    folder: str = ""


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of the index: how many articles it gave, and what in it was refused (line, 0 for the file; reason)."""

    path: str
    size: int
    mtime_ns: int
    sha256: str
    articles: int
    refused: tuple[tuple[int, str], ...]
    shown: str = ""
    """its path in the folder that was built, which readers may see"""

    @property
    def spoken(self) -> list[tuple[int, str]]:
        """What was refused in words for readers: a sentence that begins with the file, or one beside it, loses the folder."""
        stem = PurePosixPath(self.path).stem
        parts = [(line, reason.rpartition(f"/{stem}")) for line, reason in self.refused]
        return [(line, f"{stem if mark else ''}{rest}") for line, (_, mark, rest) in parts]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The lists of one generation."""

    connection: sqlite3.Connection
    generation: int
    kept: dict[str, Any] = field(default_factory=dict, compare=False)
    """what was asked of this generation before: it never changes"""

    def find(self, text: str) -> list[str]:
        """Return the ids of the articles with this id, external id or path (also its end, from a whole name on)."""
        if not text:
            return []
        path, _, line = text.replace("\\", "/").partition("#")
        escaped = path.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        names = f"SELECT id FROM articles WHERE id = ?1 AND {VISIBLE_NOW}"
        others = f"SELECT id FROM sources JOIN files USING (file) WHERE external_id = ?1 AND {VISIBLE_NOW}"
        files = f"SELECT file FROM files WHERE (path = ?3 OR path LIKE ?4 ESCAPE '!') AND {VISIBLE_NOW}"  # a short table
        return self._column(
            f"SELECT DISTINCT id FROM articles WHERE {VISIBLE_NOW} AND id IN ({names} UNION {others} UNION "
            f"SELECT id FROM sources WHERE file IN ({files}) AND (?5 = '' OR line = ?5)) ORDER BY id",
            text,
            self.generation,
            path,
            f"%/{escaped}",
            int(line) if line.isdecimal() else "",
        )

    def with_external_id(self, text: str) -> list[str]:
        """Return the ids of the articles that were given this id by whoever wrote their file."""
        return self._column(
            f"SELECT DISTINCT id FROM articles WHERE {VISIBLE_NOW} AND id IN (SELECT id FROM sources JOIN files "
            f"USING (file) WHERE external_id = ?1 AND ?1 != '' AND {VISIBLE_NOW}) ORDER BY id",
            text,
            self.generation,
        )

    def sources(self, article_id: str) -> tuple[SourceRecord, ...]:
        """Return where an article was read, sorted by path; for a superseded one, where it last was."""
        rows = self._rows(
            f"SELECT path, nullif(line, 0), size, mtime_ns, sha256, CASE WHEN {VISIBLE} THEN 'current' ELSE 'changed' "
            "END AS status FROM sources JOIN files USING (file) WHERE id = ? AND born <= ? ORDER BY status DESC, path, line",
            *self._at(),
            article_id,
            self.generation,
        )
        roots = self._roots()
        records = [SourceRecord(*(*row, shown_path(row[0], roots))) for row in rows]
        current = [record for record in records if record.status == "current"]
        return tuple(current or records)

    def holds_removed(self, path: str) -> bool:
        """Tell whether somebody took an article of the file with this recorded path out of the index."""
        return bool(
            self._rows(
                "SELECT 1 FROM sources JOIN files USING (file) JOIN removed ON "
                "(kind, value) IN (VALUES ('article', id), ('external', external_id)) WHERE path = ? LIMIT 1",
                path,
            )
        )

    def held_in(self, path: str) -> list[ArticleRow]:
        """Return the articles of the file with this recorded path, the earliest first."""
        rows = self._rows(
            f"SELECT id, title, publisher, published, 1, passages FROM articles WHERE {VISIBLE} AND id IN "
            f"(SELECT id FROM sources JOIN files USING (file) WHERE {VISIBLE} AND path = ?) ORDER BY article",
            *self._at(),
            *self._at(),
            path,
        )
        return [ArticleRow(*row) for row in rows]

    def is_removed(self, article_id: str) -> bool:
        """Tell whether somebody took the article out of the index."""
        return bool(
            self._rows(
                "SELECT 1 FROM removed WHERE (kind, value) = ('article', ?1) OR (kind = 'external' AND value IN "
                "(SELECT external_id FROM sources WHERE id = ?1 AND external_id != ''))",
                article_id,
            )
        )

    def reprints(self, article_id: str) -> list[str]:
        """Return the ids of other articles with the same body, white space apart; other titles do not matter."""
        return self._column(
            "SELECT DISTINCT id FROM articles WHERE text_digest = "
            f"(SELECT text_digest FROM articles WHERE id = ? LIMIT 1) AND id != ? AND {VISIBLE} ORDER BY id",
            article_id,
            article_id,
            *self._at(),
        )

    def story_ids(self, article_ids: Sequence[str]) -> dict[str, str]:
        """Return for each article the name of its story: equal for reprints and versions of one text."""
        found: dict[str, str] = {identity: identity for identity in article_ids}
        if self._rows("SELECT 1 FROM sqlite_master WHERE name = 'reprint_groups'"):
            query = "SELECT id, story FROM reprint_groups WHERE id IN (SELECT value FROM json_each(?))"
            found.update(self._rows(query, json.dumps(list(found))))
        return found

    def versions(self, article_id: str) -> list[str]:
        """Return the ids of the other articles that tell the same story in the same words, perhaps shortened."""
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'reprint_groups'"):
            return self.reprints(article_id)
        return self._column(
            "SELECT DISTINCT id FROM reprint_groups JOIN articles USING (id) WHERE story = "
            f"(SELECT story FROM reprint_groups WHERE id = ?) AND id != ? AND {VISIBLE} ORDER BY id",
            article_id,
            article_id,
            *self._at(),
        )

    def corrections(self, article_id: str) -> list[Amendment]:
        """Return what notices say of an article's words, in the order of the words, the latest notice of a word first."""
        if not self._rows("SELECT 1 FROM sqlite_master WHERE name = 'corrections'"):
            return []
        rows = self._rows(
            "SELECT was_start, was_end, notice, start, end, now_start, now_end, denied FROM corrections "
            f"JOIN articles ON articles.id = notice WHERE target = ? AND {VISIBLE} "
            "ORDER BY was_start, was_end, published DESC, notice, now_start",
            article_id,
            *self._at(),
        )
        return [
            Amendment(Span(*row[:2]), row[2], Span(*row[3:5]), Span(*row[5:7]), bool(row[7])) for row in rows
        ]

    def articles(self) -> list[ArticleRow]:
        """Return the articles, latest first."""
        return self.listed(Shown())

    def listed(self, shown: Shown, offset: int = 0, limit: int = -1) -> list[ArticleRow]:
        """Return at most `limit` (-1: all) of the articles that `shown` lets through, latest first, from `offset` on."""
        condition, values = self._shown(shown)
        some = (  # of the narrow index; the rows, which have the texts, are read for one page alone
            f"SELECT article FROM articles a WHERE {VISIBLE} AND {condition} "
            "ORDER BY published DESC, article LIMIT ? OFFSET ?"
        )
        rows = self._rows(
            "SELECT a.id, title, publisher, published, (SELECT COUNT(*) FROM sources s JOIN files USING (file) "
            f"WHERE s.id = a.id AND {VISIBLE}), passages, external_id, url FROM articles a WHERE article IN ({some}) "
            "ORDER BY published DESC, article",
            *self._at(),
            *self._at(),
            *values,
            limit,
            offset,
        )
        return [ArticleRow(*row) for row in rows]

    def count_listed(self, shown: Shown) -> int:
        """Return how many articles `shown` lets through."""
        condition, values = self._shown(shown)
        query = f"SELECT COUNT(*) FROM articles a WHERE {VISIBLE} AND {condition}"
        return int(self._column(query, *self._at(), *values)[0])

    def _shown(self, shown: Shown) -> tuple[str, list[str]]:
        """Return the condition on articles and its values; a day leaves undated ones out."""
        names = self.printed_names(shown.publisher) or [shown.publisher] if shown.publisher else []
        files = self._files_below(shown.folder) if shown.folder else []
        parts = [
            ("instr(lower(title), lower(?))", [shown.text]),
            ("published != '' AND published >= ?", [shown.since] if shown.since else []),
            ("published != '' AND published <= ?", [shown.until] if shown.until else []),
            ("publisher IN (SELECT value FROM json_each(?))", [json.dumps(names)] if names else []),
            (
                "a.id IN (SELECT id FROM sources WHERE file IN (SELECT value FROM json_each(?)))",
                [json.dumps(files)] if shown.folder else [],
            ),
        ]
        given = [(condition, values) for condition, values in parts if values]
        return " AND ".join(condition for condition, _ in given), [v for _, values in given for v in values]

    def folders(self, limit: int = -1) -> list[str]:
        """Return the folders that files lie in, as readers see them, those with most files first."""
        counts = Counter(str(PurePosixPath(shown).parent) for _, shown in self._shown_files())
        names = sorted((name for name in counts if name != "."), key=lambda name: (-counts[name], name))
        return names[: limit if limit >= 0 else None]

    def span(self) -> tuple[str, str]:
        """Return the first and the last day that an article is dated, "" where none is."""
        query = f"SELECT min(published), max(published) FROM articles WHERE {VISIBLE} AND published != ''"
        first, last = self._once("span", query)[0]
        return str(first or ""), str(last or "")

    def _files_below(self, folder: str) -> list[int]:
        return [file for file, shown in self._shown_files() if PurePosixPath(shown).is_relative_to(folder)]

    def _shown_files(self) -> list[tuple[int, str]]:
        roots = self._roots()
        rows = self._once("files", f"SELECT file, path FROM files WHERE {VISIBLE}")
        return [(file, shown_path(path, roots)) for file, path in rows]

    def publishers(self, limit: int = -1) -> list[str]:
        """Return the publishers, those with most articles first; of one medium the name that is printed most."""
        counts: Counter[str] = Counter()
        printed: dict[str, str] = {}
        for name, count in self._publishers():
            counts[media_name(name)] += count
            printed.setdefault(media_name(name), name)
        names = sorted(counts, key=lambda name: (-counts[name], printed[name]))
        return [printed[name] for name in names[: limit if limit >= 0 else None]]

    def printed_names(self, publisher: str) -> list[str]:
        """Return the names under which articles of a publisher are kept: its parts may be joined in several ways."""
        return [name for name, _ in self._publishers() if media_name(name) == media_name(publisher)]

    def _publishers(self) -> list[tuple[str, int]]:
        return self._once(
            "publishers",
            f"SELECT publisher, COUNT(*) FROM articles WHERE {VISIBLE} AND publisher != '' "
            "GROUP BY publisher ORDER BY COUNT(*) DESC, publisher",
        )

    def files(self) -> list[FileRecord]:
        """Return the files of the index by path."""
        found = self._rows(
            "SELECT file, path, size, mtime_ns, sha256, (SELECT COUNT(*) FROM sources s WHERE s.file = f.file) "
            f"FROM files f WHERE {VISIBLE} ORDER BY path",
            *self._at(),
        )
        refused: dict[int, list[tuple[int, str]]] = {}
        for file, line, reason in self._rows("SELECT file, line, reason FROM refusals ORDER BY file, line"):
            refused.setdefault(file, []).append((line, reason))
        roots = self._roots()
        return [
            FileRecord(
                path, size, mtime_ns, sha256, count, tuple(refused.get(file, ())), shown_path(path, roots)
            )
            for file, path, size, mtime_ns, sha256, count in found
        ]

    def abbreviations(self, names: Sequence[str]) -> list[tuple[str, str, str]]:
        """Return (article id, short, long) of the abbreviations of which either form is among the folded `names`.

        An index that no build has touched since abbreviations are stored has none.
        """
        if not self._column("SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'abbreviations'"):
            return []
        return self._rows(
            "WITH asked AS (SELECT value FROM json_each(?1)) SELECT id, short, long FROM abbreviations "
            f"JOIN articles USING (article) WHERE (short IN asked OR long IN asked) AND {VISIBLE_NOW} ORDER BY 2, 3, 1",
            json.dumps(names, ensure_ascii=False),
            self.generation,
        )

    def _roots(self) -> list[str]:
        return self._column("SELECT path FROM roots ORDER BY length(path)")

    def _at(self) -> tuple[int, int]:
        return self.generation, self.generation

    def _once(self, name: str, query: str) -> list[Any]:
        """Return the rows of a query on the whole generation, asked once."""
        if name not in self.kept:
            self.kept[name] = self._rows(query, *self._at())
        rows: list[Any] = self.kept[name]
        return rows

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self.connection.execute(query, values).fetchall()

    def _column(self, query: str, *values: object) -> list[Any]:
        return [row[0] for row in self._rows(query, *values)]


def shown_path(path: str, roots: Sequence[str]) -> str:
    """Return a recorded path relative to the outermost of `roots` (shortest first) that it lies in: no reader sees more.

    >>> shown_path("/srv/news/2024/a.txt", ["/srv/news", "/srv/news/2024"]), shown_path("/srv/b.txt", ["/srv/b.txt"])
    ('2024/a.txt', 'b.txt')
    """
    found = PurePosixPath(path)
    root = next((root for root in roots if found.is_relative_to(root)), None)
    below = found.relative_to(root).as_posix() if root is not None else path
    whole = root is None and (found.is_absolute() or bool(PureWindowsPath(path).drive))
    return found.name if whole or below == "." else below


def source_path(path: Path, index: Path) -> str:
    """Return the path under which a file is recorded, every link resolved (see `recorded_name`)."""
    return recorded_name(real_path(path), index)


def recorded_name(path: Path, index: Path) -> str:
    """Return how a real name is recorded: relative to the folder of the index where it lies in it."""
    absolute, base = Path(os.path.abspath(path)), real_path(index).parent  # noqa: PTH100 (resolve() follows links)
    return (absolute.relative_to(base) if absolute.is_relative_to(base) else absolute).as_posix()
