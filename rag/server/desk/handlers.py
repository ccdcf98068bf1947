"""The editor's desk: its page, what its script polls, files that arrive, and what is done with them."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, Response

from rag.editing.desk import Desk
from rag.editing.drafts import Upload
from rag.editing.jobs import Job
from rag.errors import AskError, BadJson, ClientLeft, TooSlow
from rag.index.catalogue import Shown
from rag.render.desk.inbox_html import inbox_page
from rag.render.desk.pages import DeskView, desk_page, desk_parts
from rag.render.strings import Lang, lang_of
from rag.request import read_json
from rag.server.desk.review import Review
from rag.server.responses import dumps, json_reply
from rag.server.security.access import VISITOR
from rag.server.service import Server

__all__ = ["DeskPages"]

FOUND = 30
"""Articles of the library that are offered for withdrawal."""
LISTED = 30
"""Added files, and withdrawals, that are listed: the latest."""
JOBS = 10
"""Jobs that are listed."""
UPLOAD_SECONDS = 300.0
"""A file may take so long to arrive: 32 MB at a hundred kB a second."""
FILE_TYPE = "application/octet-stream"
JSON_TYPE = "application/json"


class DeskPages:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.desk: Desk = server.desk
        self.review = Review(server.feedback, server.inbox)

    def page(self, http: HttpRequest) -> Response:
        """Return the page, with the articles whose titles have `q` to be withdrawn."""
        sought, lang = http.query_params.get("q", "").strip()[:200], _lang(http)
        self.server.bot.store.refresh()
        rows = self.server.bot.store.catalogue.listed(Shown(sought), 0, FOUND) if sought else []
        page = desk_page(self._view(), sought, rows, self.server.base, lang)
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def state(self, http: HttpRequest) -> Response:
        """Return the lists of the page as they are now, and whether they are about to change."""
        busy = self.desk.busy  # before the lists: what ends meanwhile is asked for once more
        return json_reply({"parts": desk_parts(self._view(), self.server.base, _lang(http)), "busy": busy})

    def inbox(self, http: HttpRequest) -> Response:
        """Return the page of what readers said, what was not answered, and the rows made of these."""
        review, kept = self.review, self.server.settings.keep_questions
        page = inbox_page(
            review.judged(),
            review.unanswered(),
            self.server.inbox.rows(),
            kept=kept,
            base=self.server.base,
            lang=_lang(http),
        )
        return HTMLResponse(page, headers={"cache-control": "no-store"})

    def questions(self, http: HttpRequest) -> Response:
        """Return the rows as a question file for `youju eval`."""
        lines = "".join(f"{dumps(row)}\n" for row in self.server.inbox.rows())
        headers = {
            "cache-control": "no-store",
            "content-disposition": 'attachment; filename="questions.jsonl"',
        }
        return Response(lines, media_type="application/x-ndjson", headers=headers)

    async def upload(self, http: HttpRequest) -> Response:
        """Take a file: its bytes are the body, `name` what it is called.

        Only this type is taken: a form of another site cannot send it without being asked first.
        """
        _check_type(http, FILE_TYPE)
        name = http.query_params.get("name", "")
        try:
            async with asyncio.timeout(UPLOAD_SECONDS):
                upload = await _drained(http, lambda: self.desk.drafts.begin(name, _who(http)))
                return await self._receive(http, upload)
        except TimeoutError:
            raise TooSlow("The file did not arrive in time.", "文件没有及时到达，请重试。") from None
        except ClientDisconnect:
            raise ClientLeft("The client has closed the connection.", "连接已关闭。") from None

    async def _receive(self, http: HttpRequest, upload: Upload) -> Response:
        try:
            async for part in http.stream():
                upload.write(part)
            ident = upload.done()
        finally:
            upload.close()
        await asyncio.to_thread(self.desk.waiting)
        return json_reply({"draft": ident})

    async def act(self, http: HttpRequest) -> Response:
        """Do what the body says: accept or drop drafts, withdraw articles or files, restore."""
        _check_type(http, JSON_TYPE)
        fields, who = read_json(await http.body()), _who(http)
        job = await asyncio.to_thread(self._do, fields, who)
        return json_reply({"job": job.ident if job else ""})

    def _do(self, fields: Mapping[str, Any], who: str) -> Job | None:
        match fields.get("do"):
            case "accept":
                drafts = fields.get("drafts")
                if not isinstance(drafts, dict) or not all(isinstance(one, dict) for one in drafts.values()):
                    raise AskError("drafts is no object of fields by draft.", "drafts 的格式不对。")
                return self.desk.accept(drafts)
            case "drop":
                self.desk.drafts.drop(_texts(fields, "draft")[0])
                return None
            case "withdraw" if "article" in fields:
                return self.desk.withdraw(_texts(fields, "article")[0], who)
            case "withdraw":
                return self.desk.withdraw_files(_texts(fields, "files"), who)
            case "restore":
                return self.desk.restore(_texts(fields, "entries"))
            case "row" | "dismiss" | "take_back":
                self._judge(fields, _texts(fields, "item")[0], who)
                return None
        raise AskError(f"do is {fields.get('do')!r}, nothing that can be done.", "do 不是可用的操作。")

    def _judge(self, fields: Mapping[str, Any], item: str, who: str) -> None:
        """Do with an item of the inbox what the body says."""
        if fields["do"] == "row":
            answer = _texts({"answer": fields.get("answer") or ""}, "answer")[0]
            self.review.make_row(item, answer, fields.get("unanswerable") is True, who)
        elif fields["do"] == "dismiss":
            self.review.dismiss(item, who)
        else:
            self.server.inbox.take_back(item)

    def _view(self) -> DeskView:
        return DeskView(
            self.desk.waiting(),
            self.desk.jobs.all()[:JOBS],
            self.desk.files(LISTED),
            list(self.desk.withdrawn.all())[:LISTED],
            self.desk.hindrances(),
            frozenset(job.ident for job in self.desk.jobs.all()[:JOBS] if self.desk.can_undo(job)),
        )


async def _drained(http: HttpRequest, begin: Callable[[], Upload]) -> Upload:
    """Begin an upload; where that is refused, read what arrives: a browser hears no reply while it is still sending."""
    try:
        return begin()
    except BaseException:
        async for _ in http.stream():
            pass
        raise


def _check_type(http: HttpRequest, wanted: str) -> None:
    if http.headers.get("content-type", "").partition(";")[0].strip() != wanted:
        raise BadJson(f"The content type is not {wanted}.", f"请求类型应为 {wanted}。")


def _texts(fields: Mapping[str, Any], name: str) -> list[str]:
    """Return one text or a list of them; raises AskError for anything else."""
    value = fields.get(name)
    found = value if isinstance(value, list) else [value]
    texts = [one for one in found if isinstance(one, str)]
    if not texts or len(texts) < len(found):
        raise AskError(f"{name} is no text and no list of texts.", f"{name} 的格式不对。")
    return texts


def _who(http: HttpRequest) -> str:
    return str(http.scope[VISITOR].name)


def _lang(http: HttpRequest) -> Lang:
    return lang_of(http.query_params.get("lang") or http.headers.get("accept-language", ""))
