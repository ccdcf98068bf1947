"""What programs push: articles added, replaced and deleted under ids of their own, and the jobs that do it."""

import asyncio
import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from rag.editing.added import checked_fields
from rag.editing.drafts import MAX_FILE
from rag.editing.file_names import file_name
from rag.editing.push_jobs import Incoming, Item, PushJob
from rag.editing.pushed import checked_id
from rag.errors import AskError, ClientLeft, EditError, TooLarge, TooSlow
from rag.render.ingest_reasons import reason_zh
from rag.request import check_known, read_json
from rag.server.addresses import ARTICLE_FIELDS, FILE_FIELDS, MAX_PUSH, MAX_PUSHED
from rag.server.api.library import read_query
from rag.server.api.push_form import Form, limited, read_form
from rag.server.responses import json_reply
from rag.server.security.access import VISITOR
from rag.server.service import Server
from rag.text.web_address import web_address

__all__ = ["PushApi"]

T = TypeVar("T")
JSON_TYPE = "application/json"
FORM_TYPE, LINE_TYPE = "multipart/form-data", "application/x-www-form-urlencoded"
SUFFIXES = {
    "application/pdf": ".pdf",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}
"""Of files that come without a name."""
SECONDS = 300.0
"""A file may take so long to arrive: 32 MB at a hundred kB a second."""
MAX_URL = 2_000
DIGITS = 16
SAID = {
    "withdrawn": "编辑撤下了这篇报道；要重新收录，请在报道管理页恢复。",
    "unknown": "没有以这个编号推送过的报道。",
    "superseded": "同一编号后来又有推送，以后来的为准。",
}


class PushApi:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def post(self, http: HttpRequest) -> Response:
        """Take an article or several as JSON, a file, or a form of files; without an id of its own an article's is made of its content."""
        return await self._take(http, "")

    async def put(self, http: HttpRequest) -> Response:
        """Take one article, as JSON or a file, in the place of what its id had."""
        return await self._take(http, _plainly(lambda: checked_id(http.path_params["id"])))

    async def delete(self, http: HttpRequest) -> Response:
        """Delete what was pushed under an id."""
        read_query(http, ())
        incoming = [Incoming(_plainly(lambda: checked_id(http.path_params["id"])))]
        folder = self.server.pushes.spool.begin()
        try:
            return await asyncio.to_thread(self._push, http, folder, incoming)
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # a job has moved it

    def job(self, http: HttpRequest) -> Response:
        """Tell how far a push is."""
        job = self.server.pushes.find(http.path_params["id"])
        if job is None:
            raise HTTPException(404)
        return json_reply(_job_json(job))

    async def _take(self, http: HttpRequest, ident: str) -> Response:
        kind = http.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == LINE_TYPE:
            raise AskError(
                "A form without files is no article: send JSON, multipart/form-data, or the bytes of the file as the body.",
                "不接受这种表单：请以 JSON 或 multipart/form-data 提交，或把文件内容直接作为请求体。",
            )
        folder = self.server.pushes.spool.begin()
        try:
            async with asyncio.timeout(SECONDS):
                if kind == JSON_TYPE:
                    read_query(http, ())
                    incoming = _read_articles(read_json(await _whole(http)), ident)
                elif kind == FORM_TYPE:
                    read_query(http, ())
                    known = (*FILE_FIELDS, "text") if not ident else (*FILE_FIELDS[1:], "text")
                    incoming = _from_form(await read_form(http, folder, known), ident)
                else:
                    incoming = [await _file(http, kind, ident, folder)]
            return await asyncio.to_thread(self._push, http, folder, incoming)
        except TimeoutError:
            raise TooSlow("The body did not arrive in time.", "请求内容没有及时到达，请重试。") from None
        except ClientDisconnect:
            raise ClientLeft("The client has closed the connection.", "连接已关闭。") from None
        finally:
            shutil.rmtree(folder, ignore_errors=True)  # a job has moved it

    def _push(self, http: HttpRequest, folder: Path, incoming: Sequence[Incoming]) -> Response:
        job = self.server.pushes.push(folder, incoming, str(http.scope[VISITOR].name))
        reply = json_reply(_job_json(job))
        reply.status_code = 202
        reply.headers["location"] = f"{self.server.base}/api/jobs/{job.ident}"
        return reply


async def _whole(http: HttpRequest) -> bytes:
    body = b""
    async for part in http.stream():
        body += part
        if len(body) > MAX_PUSH:
            raise TooLarge(
                f"The body has more than {MAX_PUSH // 1_000_000} MB: push fewer articles at once.",
                f"请求内容超过 {MAX_PUSH // 1_000_000} MB，请分几次推送。",
            )
    return body


async def _file(http: HttpRequest, kind: str, ident: str, folder: Path) -> Incoming:
    """Take the bytes of a file into `folder`; the query says what it is called and what is known of it."""
    said = dict(read_query(http, FILE_FIELDS if not ident else FILE_FIELDS[1:]))
    told = said.pop("id", None)
    ident = ident or ("" if told is None else _plainly(lambda: checked_id(told)))
    name = _named(said.pop("name", ""), kind)
    path, digest = folder / "upload", hashlib.sha256()
    with path.open("xb") as file:
        await _receive(http, file, digest.update)
    return _incoming(ident, name, path, digest.hexdigest(), said)


def _incoming(ident: str, name: str, path: Path, digest: str, said: Mapping[str, str]) -> Incoming:
    """Return a file that has arrived as what is to be done with it."""
    ident = ident or f"sha256-{digest[:DIGITS]}"
    fields = _plainly(lambda: checked_fields(said)) | ({"url": _url(said["url"])} if said.get("url") else {})
    return Incoming(ident, path, f".{name.rpartition('.')[2]}", {"id": ident, **fields})


def _from_form(form: Form, ident: str) -> list[Incoming]:
    """Return the article that a form's fields are, or its files, of which what the other fields say is true."""
    if not form.files:
        if "name" in form.fields:
            raise AskError(
                "name is that of a file: the form has none.", "表单里没有文件（file）。", field="file"
            )
        return [_read_article(form.fields, ident)]
    said = dict(form.fields)
    own = [name for name in ("id", "name", "title", "url") if name in said]
    if "text" in said or (len(form.files) > 1 and (own or ident)):
        field = "text" if "text" in said else next(iter(own), "file")
        raise AskError(
            f"{field} does not go with {len(form.files)} files: each has a text, an id, a name and a title of its own.",
            f"{field} 不能与 {len(form.files)} 个文件同时提交。",
            field=field,
        )
    told, named = said.pop("id", None), said.pop("name", "")
    ident = ident or ("" if told is None else _plainly(lambda: checked_id(told)))
    return [
        _incoming(ident, _named(named or one.name, one.kind), one.path, one.digest, said)
        for one in form.files
    ]


def _named(told: str, kind: str) -> str:
    """Return the name of a file; one that has no suffix is of the kind that its type says."""
    return _plainly(
        lambda: file_name(told if "." in told else f"{told or 'article'}{SUFFIXES.get(kind, '')}")
    )


async def _receive(http: HttpRequest, file: IO[bytes], heard: Any) -> None:
    large = TooLarge(
        f"The file has more than {MAX_FILE // 1_000_000} MB: put it into a folder and run `youju build`.",
        f"文件超过 {MAX_FILE // 1_000_000} MB：请放进报道文件夹，用 youju build 收录。",
    )
    async for part in limited(http, large):
        file.write(part)
        heard(part)
    if not file.tell():
        raise AskError("The body is empty: it should be the file.", "请求体是空的，应为文件内容。")


def _read_articles(fields: Mapping[str, Any], ident: str) -> list[Incoming]:
    """Return the article that a body is, or those in its `articles`; raises AskError that says in which what is wrong."""
    if "articles" not in fields or ident:
        return [_read_article(fields, ident)]
    check_known(fields, ("articles",), "a push of several")
    listed = fields["articles"]
    if not isinstance(listed, list) or not 1 <= len(listed) <= MAX_PUSHED:
        raise AskError(
            f"articles is no list of 1 to {MAX_PUSHED}.", f"articles 应为 1 到 {MAX_PUSHED} 篇报道的列表。"
        )
    return [_read_numbered(number, one) for number, one in enumerate(listed)]


def _read_numbered(number: int, one: object) -> Incoming:
    try:
        if not isinstance(one, dict):
            raise AskError("It is no object.", "应为一个 JSON 对象。")
        return _read_article(one, "")
    except AskError as error:
        raise AskError(f"articles[{number}]: {error}", f"articles[{number}]：{error.message}") from None


def _read_article(fields: Mapping[str, Any], ident: str) -> Incoming:
    check_known(fields, ARTICLE_FIELDS, "an article")
    text = fields.get("text")
    if not isinstance(text, str) or not any(map(str.isalnum, text)):
        raise AskError("text is missing or has no words.", "text 应为报道的正文。")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise AskError("text holds half of a surrogate pair.", "text 含有无法识别的字符。")
    said = {name: value for name, value in fields.items() if name not in ("id", "text", "url")}
    known: dict[str, str] = {**_plainly(lambda: checked_fields(said)), "url": _url(fields.get("url"))}
    told = fields.get("id")
    if ident and told not in (None, ident):
        raise AskError(
            f"id is {str(told)[:40]!r}, but the address names {ident[:40]!r}.", "id 与地址中的编号不一致。"
        )
    row = {name: value for name, value in {**known, "text": text}.items() if value}
    content = json.dumps(row, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()
    ident = ident or (f"sha256-{digest[:DIGITS]}" if told is None else _plainly(lambda: checked_id(told)))
    return Incoming(ident, json.dumps({"id": ident, **row}, ensure_ascii=False, indent=1).encode(), ".json")


def _plainly(read: Callable[[], T]) -> T:
    """Return what is read; what is wrong with a field of a person's is wrong with a program's, too."""
    try:
        return read()
    except EditError as error:
        raise AskError(str(error), error.message) from None


def _url(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > MAX_URL or not web_address(value):
        raise AskError(f"url is no http(s) address of up to {MAX_URL} characters.", "url 应为 http(s) 地址。")
    return value


def _job_json(job: PushJob) -> Mapping[str, Any]:
    failed = {"code": "edit", "message": job.message} if job.error else None
    return {
        "job": job.ident,
        "state": job.state,
        "at": job.at,
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "generation": job.generation,
        "error": failed,
        "items": [_item_json(item) for item in job.items],
    }


def _item_json(item: Item) -> Mapping[str, Any]:
    message = reason_zh(item.reason) if item.reason else SAID.get(item.became, "")
    return {
        "id": item.ident,
        "do": item.do,
        "state": item.became,
        "articles": list(item.articles),
        "message": message,
        "reason": item.reason,
    }
