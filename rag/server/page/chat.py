"""One exchange of the chat: what the page sends, and the stages and the answer it gets back.

The conversation itself lives in the reader's browser, so that it survives a reload and nobody else has it; each
question brings the earlier turns it needs.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from rag.errors import AskError, Busy, RagError
from rag.records import Answer, Citation, Turn
from rag.render.answer_html import answer_html, error_html
from rag.render.answer_text import answer_gbt7714, answer_markdown, answer_plain
from rag.render.citation_html import article_path
from rag.render.library_html import beside_html
from rag.render.strings import Lang, lang_of
from rag.request import Request, read_request
from rag.retrieval.keywords import is_keywords, stands_alone
from rag.server.feedback import kept_answer
from rag.server.service import Server

__all__ = ["KEPT", "answer_digest", "converse"]

KEPT = 10
"""Earlier turns sent along; a follow-up looks back one or two."""
_uid = re.compile("[a-z0-9]{4,32}")


async def converse(server: Server, fields: Mapping[str, Any]) -> AsyncIterator[Mapping[str, Any]]:
    """Yield each stage of the reply, then the answer or why there is none.

    `fields` are what the page sends: question, uid, turns, since, until, publisher, today, lang and its own address.
    """
    try:
        _read_uid(fields)
        request = read_request({**fields, "history": fields.get("turns")})
        if stands_alone(request.question):
            request = replace(request, history=())
        async for stage in server.follow(request):
            if isinstance(stage, str):
                yield {"stage": stage}
            else:
                yield await _answered(server, request, stage, fields)
    except RagError as error:
        lang = lang_of(str(fields.get("lang") or ""))
        yield {"html": error_html(error.message if lang == "zh" else str(error)), "failed": True}


def answer_digest(answer: Answer) -> str:
    """Return 8 hex digits over what is answered and quoted, in whatever words it is said, or why nothing is."""
    said = [
        answer.text if answer.refused else answer.answer,
        *(f"{c.article_id} {c.start} {c.end}" for c in answer.citations),
    ]
    return hashlib.sha256("\n".join(said).encode("utf-8", "replace")).hexdigest()[:8]


async def _beside(server: Server, request: Request, lang: Lang) -> str:
    """Return passages with the typed words, where these ask nothing; "" where they do, or others wait."""
    if not is_keywords(request.question):
        return ""
    try:
        found = await server.run(lambda: server.bot.keyword_search(request.question, request.filters))
    except Busy:
        return ""
    return beside_html(request.question, found, server.base, lang)


async def _answered(
    server: Server, request: Request, answer: Answer, fields: Mapping[str, Any]
) -> Mapping[str, Any]:
    site = _site(fields)
    today = request.today or date.today()

    def link(citation: Citation) -> str:
        return article_path(citation, site)

    lang = lang_of(str(fields.get("lang") or ""))
    reason = answer.refusal.reason if answer.refusal is not None else ""
    found = "" if reason in ("courtesy", "overview") else await _beside(server, request, lang)
    html = answer_html(answer, server.link, uid=_read_uid(fields), lang=lang, found=found)
    # Of an overview the key sentences are taken along, of another refusal nothing.
    taken = replace(answer, citations=answer.closest) if reason == "overview" else answer
    copies = {
        "plain": answer_plain(taken, link),
        "markdown": answer_markdown(taken, link),
        "gbt7714": answer_gbt7714(taken, today, link),
    }
    turn = Turn(answer.understood_as or answer.question, answer.answer)
    return {
        "html": html,
        "turn": {"question": turn.question, "answer": turn.answer},
        "copies": copies if taken.citations else {},
        "refused": answer.refused and reason != "overview",
        "courtesy": reason == "courtesy",
        "examples": list(await asyncio.to_thread(server.bot.examples)) if reason == "courtesy" else [],
        "generation": answer.index.generation,
        "digest": answer_digest(answer),
        "articles": list(dict.fromkeys(citation.article_id for citation in answer.citations)),
        "answer": kept_answer(answer.to_json()),
    }


def _site(fields: Mapping[str, Any]) -> str:
    """Return the address under which the reader sees the page: what is copied must lead back to it."""
    site = str(fields.get("site") or "")[:200]
    parts = urlsplit(site)
    fits = parts.scheme in ("http", "https") and parts.netloc and not re.search(r"[\s<>\"'\\\[\](){}]", site)
    return site.rstrip("/") if fits else ""


def _read_uid(fields: Mapping[str, Any]) -> str:
    uid = fields.get("uid")
    if not isinstance(uid, str) or not _uid.fullmatch(uid):
        raise AskError(f"uid is {uid!r}, not 4 to 32 letters and digits.", "请求缺少编号，请刷新页面。")
    return uid
