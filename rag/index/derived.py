"""What is derived from the database: the vectors and words of one generation, ready to search.

`index/<generation>/` holds a tantivy folder `lexical`, above FLAT_LIMIT passages a folder `dense` (the vectors, and
the ids that can be found), and last `manifest.json` with the size and digest of each file, and the lineage of the
database. A folder without it, or that differs from it, is not used: the database has everything.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from rag.errors import StoreError
from rag.index.connection import Connection, read_meta
from rag.index.dense import FLAT_LIMIT, DenseIndex, Ids
from rag.index.lexical import LexicalIndex, Terms, grow
from rag.records import FloatArray
from rag.text.words import bigrams

__all__ = ["VISIBLE", "derive", "forget", "load_dense", "load_lexical", "vectors_of", "visible_ids"]

# A row of `articles` or `files` in the generation bound to both marks.
VISIBLE = "born <= ? AND (gone IS NULL OR gone > ?)"
MANIFEST = "manifest.json"
LINEAGE = "lineage"
"""The name in `meta` of what another backup put back changes: the number of a generation may come again."""
VECTORS, IDS = "vectors.faiss", "ids.npy"
# Above this many ids reading every row is quicker than looking each up.
FEW = 1000


def visible_ids(connection: Connection, generation: int) -> Ids:
    """Return the passage ids of a generation, ascending."""
    rows = connection.execute(
        f"SELECT passage FROM passages JOIN articles USING (article) WHERE {VISIBLE}",
        (generation, generation),
    )
    return np.sort(np.fromiter((row[0] for row in rows), np.int64))


def vectors_of(connection: Connection, ids: Ids) -> FloatArray:
    """Return the vectors `(n, dim)` of passages in the order of `ids`; an unknown id raises StoreError."""
    pairs = connection.execute(
        "SELECT passage, vector FROM passages WHERE passage IN (SELECT value FROM json_each(?))"
        if len(ids) <= FEW
        else "SELECT passage, vector FROM passages WHERE ? != ''",
        (json.dumps(ids.tolist()),),
    ).fetchall()
    number_of = dict(pairs)
    try:
        numbers = np.asarray([number_of[passage] for passage in ids.tolist()], np.int64)
    except KeyError as error:
        raise StoreError(f"The index holds no passage {error} any more: ask again.") from None
    return _values(connection, numbers)


def _values(connection: Connection, numbers: Ids) -> FloatArray:
    """Return the rows of `vectors` with these numbers, in their order."""
    width = _width(connection, numbers)
    distinct, places = np.unique(numbers, return_inverse=True)
    rows = connection.execute(
        "SELECT vector, value FROM vectors WHERE vector IN (SELECT value FROM json_each(?)) AND length(value) = ? "
        "ORDER BY vector"
        if len(numbers) <= FEW
        else "SELECT vector, value FROM vectors WHERE ? != '' AND length(value) = ? ORDER BY vector",
        (json.dumps(numbers.tolist()) if len(numbers) <= FEW else "[]", width),
    )
    values = np.empty((len(distinct), width // 2), np.float16)
    row = 0
    for number, value in rows:  # one by one: all of them at once would be several copies
        if row < len(distinct) and number == distinct[row]:
            values[row] = np.frombuffer(value, np.float16)
            row += 1
    if row < len(distinct):
        raise StoreError(f"The index holds no vector {distinct[row]} any more: ask again.")
    found: FloatArray = values[places].astype(np.float32)
    return found


def _width(connection: Connection, numbers: Ids) -> int:
    """Return the bytes of the vectors wanted; those of another embedder may be in the making beside them."""
    if not len(numbers):
        return 2 * int(read_meta(connection, "dim", "0"))
    row = connection.execute(
        "SELECT length(value) FROM vectors WHERE vector = ?", (int(numbers[0]),)
    ).fetchone()
    return int(row[0])


def load_dense(
    connection: Connection, index: Path, generation: int, near: DenseIndex | None = None
) -> DenseIndex:
    """Return the vectors of a generation: `near` or the derived file brought up to date, else from the database."""
    stored = _whole(connection, index / str(generation), "dense")
    wanted = _stored_ids(index, generation) if stored else visible_ids(connection, generation)
    start = near or (_stored_dense(index, generation) if stored else None)
    if start is not None:
        held = start.ids
        new = np.setdiff1d(wanted, held, assume_unique=True)
        moved = start.changed(
            new, vectors_of(connection, new), np.setdiff1d(held, wanted, assume_unique=True)
        )
        if moved is not None:
            return moved
    return DenseIndex.build(wanted, vectors_of(connection, wanted))


def load_lexical(connection: Connection, index: Path, generation: int) -> LexicalIndex:
    """Return the words of a generation: the derived folder, or in memory from the database if that is damaged."""
    folder = index / str(generation)
    if _whole(connection, folder, "lexical"):
        try:
            return LexicalIndex.open(folder / "lexical")
        except StoreError:
            pass
    return LexicalIndex.in_memory(_terms(connection, visible_ids(connection, generation)))


def derive(
    connection: Connection,
    index: Path,
    generation: int,
    old: int,
    held: Ids | None = None,
    *,
    dense: bool = True,
) -> None:
    """Write the folder of `generation`, from that of generation `old` where it is whole.

    `held` are the passages of `old` where the database may not know them any more; without `dense` no vectors are
    written. Call it inside the transaction that publishes the generation, before the commit.
    """
    folder, before = index / str(generation), index / str(old)
    shutil.rmtree(folder, ignore_errors=True)
    wanted = visible_ids(connection, generation)
    if _whole(connection, before, "lexical"):
        held = visible_ids(connection, old) if held is None else held
        new, gone = np.setdiff1d(wanted, held), np.setdiff1d(held, wanted)
        grow(folder / "lexical", before / "lexical", _terms(connection, new), gone.tolist())
    else:
        grow(folder / "lexical", None, _terms(connection, wanted), ())
    if dense and len(wanted) > FLAT_LIMIT:
        _derive_dense(connection, before, folder, wanted)
    _write_manifest(folder, read_meta(connection, LINEAGE))


def forget(index: Path, keep: tuple[int, ...]) -> None:
    """Delete the folders of all generations but those to `keep`; what a reader still holds goes the next time."""
    for folder in index.iterdir():
        if folder.name.isdigit() and int(folder.name) not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _derive_dense(connection: Connection, before: Path, folder: Path, wanted: Ids) -> None:
    """Keep the old base if it still serves, else write a new one."""
    target = folder / "dense"
    target.mkdir()
    np.save(target / IDS, wanted)
    if _whole(connection, before, "dense"):
        old = _stored_dense(before.parent, int(before.name))
        held = old.ids
        new, gone = np.setdiff1d(wanted, held), np.setdiff1d(held, wanted)
        if old.changed(new, vectors_of(connection, new), gone) is not None:
            _link(before / "dense" / VECTORS, target / VECTORS)
            return
    (target / VECTORS).write_bytes(DenseIndex.build(wanted, vectors_of(connection, wanted)).to_bytes())


def _link(source: Path, target: Path) -> None:
    """Give a file that never changes a second name; where links are refused it is copied."""
    with suppress(OSError, NotImplementedError):
        os.link(source, target)
    if not target.exists():
        shutil.copyfile(source, target)


def _stored_ids(index: Path, generation: int) -> Ids:
    found: Ids = np.load(index / str(generation) / "dense" / IDS)
    return found


def _stored_dense(index: Path, generation: int) -> DenseIndex:
    return DenseIndex.open(index / str(generation) / "dense" / VECTORS)


def _terms(connection: Connection, ids: Ids) -> Iterator[Terms]:
    for at in range(0, len(ids), FEW):
        rows = connection.execute(
            "SELECT article, passage, words, start, end, heading_start, heading_end "
            "FROM passages JOIN terms USING (passage) "
            "WHERE passage IN (SELECT value FROM json_each(?)) ORDER BY passage",
            (json.dumps(ids[at : at + FEW].tolist()),),
        )
        for article, of_article in groupby(rows, key=itemgetter(0)):
            # Read once: a long article has thousands of passages.
            story = "SELECT text, title FROM articles WHERE article = ?"
            text, title = connection.execute(story, (article,)).fetchone()
            for _, number, words, start, end, heading_start, heading_end in of_article:
                heading = text[heading_start:heading_end] if heading_end else ""
                yield Terms(number, words, _joined(text[start:end]), _joined(title), _joined(heading))


def _joined(text: str) -> str:
    return " ".join(bigrams(text))


def _write_manifest(folder: Path, lineage: str) -> None:
    files: dict[str, Any] = {LINEAGE: lineage} | {
        path.relative_to(folder).as_posix(): [path.stat().st_size, _digest(path)]
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix != ".lock"
    }
    with (folder / "manifest.new").open("w", encoding="utf-8") as file:
        json.dump(files, file)
        file.flush()
        os.fsync(file.fileno())
    (folder / "manifest.new").replace(folder / MANIFEST)


def _whole(connection: Connection, folder: Path, part: str) -> bool:
    """Tell whether the manifest lists files of `part` for this database and every one is as it was written."""
    lineage = read_meta(connection, LINEAGE)
    try:
        files = json.loads((folder / MANIFEST).read_bytes())
        if files.pop(LINEAGE, lineage) != lineage:  # an older program wrote none
            return False
        listed = [(folder / name, *rest) for name, rest in files.items() if name.split("/")[0] == part]
        if not listed or any(path.stat().st_size != size for path, size, _ in listed):
            return False
        with ThreadPoolExecutor(2) as side:
            return list(side.map(_digest, [path for path, _, _ in listed])) == [d for _, _, d in listed]
    except (OSError, ValueError):
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
