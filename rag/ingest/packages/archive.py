"""Archives (.zip) of files → the articles of the files in them, within limits of number, size and packing."""

import stat
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from zipfile import ZipFile, ZipInfo

from rag.errors import IngestError
from rag.ingest.extract import Entry, Fault, Found, Reader
from rag.ingest.files import LEFTOVERS
from rag.ingest.packages.zip_package import DAMAGED
from rag.ingest.regular_file import open_file
from rag.ingest.sidecar import is_sidecar, with_sidecar

__all__ = ["read_archive"]

MOST_ENTRIES = 20_000
LARGEST_TOTAL = 2_000_000_000
# Text packs to a tenth, a log of the same lines to a fiftieth; small entries may pack to anything.
MOST_PACKED = 100
ANY_SIZE = 1_000_000
ARCHIVES = (".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".jar", ".cab", ".iso")
LONGEST_NAME = 80
# The flag of an entry whose name is UTF-8, and that of one with a password.
UTF8, LOCKED = 0x800, 0x1


def read_archive(path: Path, read: Reader) -> Iterator[Entry]:
    """Yield what `read` finds in the entries, by their names, numbered from 1; what cannot be read is named."""
    try:
        with open_file(path) as file, ZipFile(file) as archive, TemporaryDirectory() as folder:
            yield from _entries(path, archive, Path(folder), read)
    except OSError as error:
        raise IngestError(f"{path} cannot be read: {error.strerror}.") from None
    except DAMAGED:
        raise IngestError(f"{path} is not an archive (.zip), or it is damaged.") from None


def _entries(path: Path, archive: ZipFile, folder: Path, read: Reader) -> Iterator[Entry]:
    parts = [
        (name, part) for part in archive.infolist() if not part.is_dir() and _is_kept(name := _name(part))
    ]
    parts.sort(key=lambda pair: pair[0])
    total = sum(part.file_size for _, part in parts)
    if len(parts) > MOST_ENTRIES or total > LARGEST_TOTAL:
        raise IngestError(
            f"{path} holds {len(parts)} files of {total // 1_000_000} MB: an archive may hold {MOST_ENTRIES} of "
            f"{LARGEST_TOTAL // 1_000_000} MB; unpack it and name the folder."
        )
    if not parts:
        raise IngestError(f"{path} is empty.")
    beside = {name: part for name, part in parts if is_sidecar(Path(name))}
    number = 0
    for name, part in parts:
        if name in beside:
            continue
        where = f"{path}/{name}"
        if reason := _refused(part, name):
            yield Fault(None, f"{where} {reason}")
            continue
        for entry in _one(archive, part, where, folder, _sidecars(name, beside), read):
            if isinstance(entry, Found):
                number += 1
                rules = {**entry.extract.rules, "entry": name}
                yield Found(number, replace(entry.extract, rules=rules))
            else:
                yield Fault(None, entry.reason)


def _one(
    archive: ZipFile, part: ZipInfo, where: str, folder: Path, sidecars: dict[str, ZipInfo], read: Reader
) -> Iterator[Entry]:
    """Unpack one entry with what is said beside it, yield what is in it and remove it again."""
    made: list[Path] = []
    try:
        copy = folder / _safe(where)
        for target, source in [
            (copy, part),
            *((folder / f"{copy.name}.meta.json", one) for one in sidecars.values()),
        ]:
            made.append(target)
            with archive.open(source) as packed, target.open("wb") as file:
                copyfileobj(packed, file)
        for entry in read(copy):
            if isinstance(entry, Found):
                yield Found(entry.line, with_sidecar(copy, entry.extract))
            else:
                yield Fault(entry.line, entry.reason.replace(str(copy), where))
    except IngestError as error:
        yield Fault(None, str(error).replace(str(copy), where))
    except DAMAGED:
        yield Fault(None, f"{where} is damaged: unpack the archive to see whether it can be saved.")
    finally:
        for target in made:
            target.unlink(missing_ok=True)


def _name(part: ZipInfo) -> str:
    """Return the name of an entry: without the mark for UTF-8, Chinese programs write it in GBK."""
    name = part.filename
    if not part.flag_bits & UTF8 and not name.isascii():
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    return name.replace("\\", "/")


def _is_kept(name: str) -> bool:
    """Say whether an entry is no leftover of a program or a system."""
    parts = PurePosixPath(name).parts
    hidden = any(fnmatch(part.lower(), pattern) for part in parts if part != ".." for pattern in LEFTOVERS)
    return bool(parts) and parts[0] != "__MACOSX" and not hidden


def _refused(part: ZipInfo, name: str) -> str:
    """Return why an entry is not unpacked, "" if it is."""
    pure = PurePosixPath(name)
    if pure.is_absolute() or ".." in pure.parts or ":" in name.partition("/")[0]:
        return "leads out of its archive: it is not unpacked."
    if stat.S_ISLNK(part.external_attr >> 16):
        return "is a link in an archive: it is not followed."
    if part.flag_bits & LOCKED:
        return "is locked with a password: unpack the archive and name the folder."
    if pure.suffix.lower() in ARCHIVES:
        return "is an archive in an archive: unpack the outer one and name the folder."
    if part.file_size > max(ANY_SIZE, MOST_PACKED * part.compress_size):
        return f"unpacks to {part.file_size // 1_000_000} MB from {part.compress_size // 1000} kB: no article does."
    return ""


def _safe(where: str) -> str:
    """Return a name of an entry under which it can be written: its own without what systems forbid, not too long."""
    name = PurePosixPath(where).name
    stem, dot, suffix = name.rpartition(".")
    stem = "".join(
        char if char.isalnum() or char in " -_.（）()《》“”、，" else "_" for char in stem or suffix
    )
    return f"{stem[:LONGEST_NAME].strip() or '_'}{dot}{''.join(filter(str.isalnum, suffix))[:10]}"


def _sidecars(name: str, beside: dict[str, ZipInfo]) -> dict[str, ZipInfo]:
    """Return the entry that describes another, if there is one."""
    pure = PurePosixPath(name)
    for told in (f"{name}.meta.json", str(pure.with_suffix(".meta.json"))):
        if told in beside and not _refused(beside[told], told):
            return {told: beside[told]}
    return {}
