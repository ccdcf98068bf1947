"""What other sites put into their pages: the page for frames, the script that opens it, and the doctor of both."""

import json
import secrets
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request as HttpRequest
from starlette.responses import FileResponse, HTMLResponse, Response

from rag.budget import Budget, budgeted
from rag.records import Citation
from rag.render.answer_html import answer_html
from rag.render.strings import Lang, lang_of
from rag.request import read_json, read_request
from rag.server.embed.framing import HostPage, examine, read_headers
from rag.server.embed.pages import EmbedOptions, doctor_page, embed_page
from rag.server.responses import json_reply, while_here
from rag.server.security.access import VISITOR, Access, Visitor
from rag.server.security.guard import Guard
from rag.server.service import Server

__all__ = ["Widget"]

HERE = Path(__file__).resolve().parent
DOCTOR_SECONDS = 1.0
"""To read the headers of another page: a thousand times what those of a real one need."""
MAX_GREETING, MAX_COLOR, MAX_OWN, MAX_OWN_QUESTION = 300, 40, 5, 100
"""Characters of a greeting and of a colour; questions of the page's own, and characters of one."""
CACHED = {"cache-control": "max-age=600"}


class Widget:
    """The handlers."""

    def __init__(self, server: Server, access: Access) -> None:
        self.server = server
        self.access = access

    async def page(self, http: HttpRequest) -> Response:
        """Return the page for frames; the questions it offers come from the articles, so not everyone may see them."""
        told, settings = http.query_params, self.server.settings
        visitor: Visitor | None = http.scope[VISITOR]
        options = EmbedOptions(
            theme=told.get("theme", ""),
            lang=_lang(http),
            publisher=told.get("publisher", "").strip()[:200],
            since=told.get("since", "").strip()[:10],
            question=told.get("question", "").strip()[:1000],
            questions=_questions(told.get("questions", "")),
            greeting=told.get("greeting", "").strip()[:MAX_GREETING],
            color=told.get("color", "").strip()[:MAX_COLOR],
            heading=told.get("heading") != "0",
            keep=bool(told.get("keep")) and told.get("keep") != "0",
            origins=settings.allowed_origins,
            keeps=settings.keep_questions,
        )
        examples = list(self.server.bot.examples()) if visitor and "ask" in visitor.scopes else []
        return HTMLResponse(
            embed_page(options, self.server.base, examples), headers={"cache-control": "no-store"}
        )

    async def ask(self, http: HttpRequest) -> Response:
        """Answer with the Answer and its HTML, which is ours to escape, not the page's."""
        fields = read_json(await http.body())
        answer = await while_here(http, self.server.ask(read_request(fields)))
        lang = lang_of(str(fields.get("lang") or ""))
        fragment = answer_html(answer, self._link(http.scope[VISITOR]), uid=secrets.token_hex(4), lang=lang)
        return json_reply({"html": fragment, "answer": answer.to_json()})

    def _link(self, visitor: Visitor | None) -> Callable[[Citation], str]:
        """Return what makes links; one that a visitor with a key follows brings no header, so it has a ticket."""
        if visitor is None or not visitor.by_key:
            return self.server.link

        def ticketed(citation: Citation) -> str:
            address, mark, anchor = self.server.link(citation).partition("#")
            return f"{address}&{self.access.ticket(citation.article_id)}{mark}{anchor}"

        return ticketed

    async def script(self, http: HttpRequest) -> Response:
        """Return the script that puts a button and a panel into a page."""
        return FileResponse(HERE / "widget.js", media_type="text/javascript", headers=CACHED)

    async def doctor(self, http: HttpRequest) -> Response:
        """Tell what keeps a page from embedding: as a page, or as JSON for whoever does not ask for HTML."""
        return await run_in_threadpool(self._examined, http)

    def _examined(self, http: HttpRequest) -> Response:
        with budgeted(Budget(seconds=DOCTOR_SECONDS)):
            return self._findings(http)

    def _findings(self, http: HttpRequest) -> Response:
        told, lang = http.query_params, _lang(http)
        page = HostPage(
            told.get("origin", "").strip().rstrip("/").lower(), read_headers(told.get("headers", ""))
        )
        address = self._address(http)
        known = Guard.from_settings(self._nothing, self.server.settings).knows(http.headers.get("host", ""))
        findings = examine(page, address, known, self.server.settings, lang)
        if "text/html" in http.headers.get("accept", ""):
            return HTMLResponse(doctor_page(findings, told, address, self.server.base, lang))
        told_back = {
            "address": address,
            "origin": page.origin,
            "blocked": any(finding.state == "blocked" for finding in findings),
            "checks": [asdict(finding) for finding in findings],
        }
        return Response(json.dumps(told_back, ensure_ascii=False), media_type="application/json")

    def _address(self, http: HttpRequest) -> str:
        """Return where the web master sees the server; it is only shown, so a proxy's word for https is enough."""
        scheme = http.headers.get("x-forwarded-proto", http.url.scheme)
        host = http.headers.get("host", "")
        return f"{'https' if scheme == 'https' else 'http'}://{host}{self.server.base}"

    async def _nothing(self, *_: object) -> None:
        """Stand for an application."""


def _questions(told: str) -> list[str]:
    """Return the questions that a page offers in place of ours, set apart by |."""
    return [one.strip()[:MAX_OWN_QUESTION] for one in told.split("|") if one.strip()][:MAX_OWN]


def _lang(http: HttpRequest) -> Lang:
    return lang_of(http.query_params.get("lang") or http.headers.get("accept-language", ""))
