"""The tables of an index, as a copy of it is made: their columns, and those by which a row is found."""

from dataclasses import dataclass

__all__ = ["ONLY_BUILDS", "READ", "Table"]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `late` says that what was deleted stays in a copy for a while: questions in hand may still need it."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    late: bool = False

    def local(self, column: str) -> str:
        """Return what a column is called in a file of SQLite, where refusals have no number but that of the row."""
        return "rowid" if column == "refusal" else f'"{column}"'


def _table(name: str, columns: str, key: str, *, late: bool = False) -> Table:
    return Table(name, tuple(columns.split()), tuple(key.split()), late)


READ = (
    _table("meta", "name value", "name"),
    _table("generations", "generation articles passages words bigrams title heading", "generation"),
    _table("roots", "path", "path"),
    _table("removed", "kind value", "kind value"),
    _table("files", "file path size mtime_ns sha256 recipe whole born gone", "file"),
    _table("refusals", "file line reason refusal", "refusal"),
    _table("sources", "file line id external_id", "file line id"),
    _table(
        "articles",
        "article id recipe title subtitle publisher author published external_id url rules details text_digest "
        "passages born gone fate text",
        "article",
    ),
    _table(
        "passages", "passage article start end kind heading_start heading_end vector", "passage", late=True
    ),
    _table("terms", "passage words word_count bigram_count title_count heading_count", "passage", late=True),
    _table("vectors", "vector digest value", "vector", late=True),
    _table("abbreviations", "article short long", "article short long", late=True),
    _table("reprint_groups", "id story", "id"),
    _table(
        "corrections",
        "target was_start was_end notice now_start now_end start end denied",
        "target was_start was_end notice now_start",
    ),
)
"""What readers need."""
ONLY_BUILDS = (_table("reprint_bands", "band id", "band id"), _table("notices", "id found", "id"))
