"""A push as a form, as `curl -F` and the forms of content systems send it: files, and what is said of them."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request as HttpRequest

from rag.editing.drafts import MAX_FILE
from rag.errors import AskError, BadJson, TooLarge
from rag.request import check_known

__all__ = ["Form", "Sent", "limited", "read_form"]

FILE = "file"
MAX_FILES = 100
MAX_TEXT = 8_000_000
"""Bytes of one field: an article's text, as long as it may be in JSON."""
BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Sent:
    """A file of a form, where it lies now: `name` and `kind` are what the sender calls it, `digest` is SHA-256."""

    name: str
    kind: str
    path: Path
    digest: str


@dataclass(frozen=True, slots=True)
class Form:
    """What a form holds: text fields by name, and files in order."""

    fields: Mapping[str, str]
    files: tuple[Sent, ...]


async def read_form(http: HttpRequest, folder: Path, known: Collection[str]) -> Form:
    """Read a form of the fields `known` and of files named `file`, which go into `folder`.

    Raises BadJson where it is no form, AskError for a field that is unknown or said twice, TooLarge over MAX_FILE in all.
    """
    parser = MultiPartParser(
        http.headers,
        limited(http, _large()),
        max_files=MAX_FILES,
        max_fields=len(known),
        max_part_size=MAX_TEXT,
    )
    try:
        data = await parser.parse()
    except MultiPartException as error:
        raise BadJson(f"The form cannot be read: {error.message}", "表单无法读取，请检查格式。") from None
    try:
        said = data.multi_items()
        check_known({name for name, _ in said}, (*known, FILE), "a form")
        fields = {name: value for name, value in said if isinstance(value, str)}
        files = [value for name, value in said if isinstance(value, UploadFile) and name == FILE]
        twice = next((name for name in fields if [one for one, _ in said].count(name) > 1), None)
        if twice is not None or len(fields) + len(files) < len(said):
            name = twice or FILE
            raise AskError(
                f"{name} is given twice, or a file stands in a field of text: files are called {FILE}.",
                f"{name} 重复，或文件放在了文字字段里：文件的字段名应为 {FILE}。",
                field=name,
            )
        kept = [await asyncio.to_thread(_keep, one, folder / str(at)) for at, one in enumerate(files)]
    finally:
        await data.close()
    return Form(fields, tuple(kept))


def _large() -> TooLarge:
    return TooLarge(
        f"The form has more than {MAX_FILE // 1_000_000} MB: push its files one by one.",
        f"表单超过 {MAX_FILE // 1_000_000} MB，请分几次推送。",
    )


async def limited(http: HttpRequest, large: TooLarge) -> AsyncGenerator[bytes, None]:
    """Yield the parts of a body; raises `large` once they are more than MAX_FILE bytes."""
    size = 0
    async for part in http.stream():
        size += len(part)
        if size > MAX_FILE:
            raise large
        yield part


def _keep(sent: UploadFile, path: Path) -> Sent:
    """Write a file where its job finds it."""
    digest = hashlib.sha256()
    with path.open("xb") as file:
        while block := sent.file.read(BLOCK):
            digest.update(block)
            file.write(block)
        if not file.tell():
            raise AskError(f"The file {sent.filename!r} is empty.", "文件是空的。", field=FILE)
    kind = (sent.content_type or "").partition(";")[0].strip().lower()
    return Sent(sent.filename or "", kind, path, digest.hexdigest())
