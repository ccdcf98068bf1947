"""What scripts and the page for frames call: questions, one, streamed, many or as OpenAI's clients ask; feedback."""

import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import replace
from typing import Any

from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from rag.errors import BadJson, RagError
from rag.records import Answer, Citation
from rag.render.citation_html import article_path
from rag.request import read_ask, read_json
from rag.server.api.batch import answer_batch, read_batch
from rag.server.api.openai_chat import Reply, read_chat
from rag.server.feedback import read_feedback
from rag.server.request_log import request_id
from rag.server.responses import dumps, error_fields, event, event_stream, json_reply, while_here
from rag.server.security.gate import CHARGE, WHO
from rag.server.security.identity import PERSON
from rag.server.service import Server

__all__ = ["AskApi"]

LINES = "application/x-ndjson"


class AskApi:
    """The handlers."""

    def __init__(self, server: Server) -> None:
        self.server = server

    async def ask(self, http: HttpRequest) -> Response:
        """Answer with the Answer as JSON."""
        request = self.server.checked(read_ask(read_json(await http.body())))
        return json_reply((await while_here(http, self.server.ask(request))).to_json())

    async def stream(self, http: HttpRequest) -> Response:
        """Answer with server-sent events: `stage`…, then `answer` or `error`."""
        request = self.server.checked(read_ask(read_json(await http.body())))
        stages = self.server.follow(request)
        return event_stream(_events(stages))

    async def batch(self, http: HttpRequest) -> Response:
        """Answer all questions; as lines, each as soon as it is there, if the client accepts these."""
        bodies = read_batch(read_json(await http.body()))
        http.scope[CHARGE](len(bodies) - 1)  # one was counted at the door
        found = answer_batch(self.server, bodies)
        if LINES in http.headers.get("accept", ""):
            return event_stream(_lines(found), LINES)
        return json_reply({"answers": await while_here(http, _all(found))})

    async def chat(self, http: HttpRequest) -> Response:
        """Answer in the shape of OpenAI's chat completions, streamed if that is asked for."""
        chat = read_chat(read_json(await http.body()))
        made = Reply(_link(http), request_id(), int(time.time()), chat)
        if chat.chore is not None:
            return event_stream(made.told()) if chat.stream else json_reply(made.whole(chat.chore, {}))
        request = self.server.checked(chat.request)
        if chat.stream:
            return event_stream(made.chunks(self.server.follow(request)))
        return json_reply(made.completion(await while_here(http, self.server.ask(request))))

    async def feedback(self, http: HttpRequest) -> Response:
        """Keep what a reader says of an answer; saying it again changes it and adds nothing, another's it cannot change.

        Only JSON is taken: a form of another site can send text, but not this type without being asked first.
        """
        if http.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise BadJson("The content type is not application/json.", "请求类型应为 application/json。")
        fields = read_json(await http.body())
        entry = read_feedback(fields)
        person = http.scope[PERSON]
        entry = replace(entry, given=self.server.given.has(entry), user=person)
        self.server.feedback.save(entry, http.scope[WHO], str(fields.get("token") or "")[:64])
        return json_reply({"status": "stored"})


async def _events(stages: AsyncIterator[str | Answer]) -> AsyncIterator[bytes]:
    try:
        async for stage in stages:
            if isinstance(stage, str):
                yield event("stage", {"stage": stage})
            else:
                yield event("answer", stage.to_json())
    except RagError as error:
        yield event("error", error_fields(error.code, error.message, error.field))


async def _lines(found: AsyncIterator[Mapping[str, Any]]) -> AsyncIterator[bytes]:
    async for one in found:
        yield dumps(one).encode() + b"\n"


async def _all(found: AsyncIterator[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [one async for one in found]


def _link(http: HttpRequest) -> Callable[[Citation], str]:
    """Return what makes addresses that open elsewhere, too: a chat program shows them on a page of its own."""
    site = str(http.base_url).rstrip("/")
    return lambda citation: article_path(citation, site)
