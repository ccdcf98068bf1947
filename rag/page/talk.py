"""A conversation as the chat shows it and as the next question needs it."""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from rag.errors import RagError
from rag.records import Answer, Turn
from rag.render import answer_html, error_html, question_html, waiting_html
from rag.request import Request, read_request
from rag.serve import Server

__all__ = ["Talk", "converse"]

KEPT = 10
"""Earlier turns sent along; a follow-up looks back one or two."""
STAGES = {"queued": "排队中…", "reading": "检索、阅读中…"}


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said so far: `shown` are (role, HTML) in order, `turns` the answered questions."""

    shown: tuple[tuple[str, str], ...] = ()
    turns: tuple[Turn, ...] = ()

    def messages(self) -> list[dict[str, Any]]:
        """Return the messages as Gradio's chat takes them."""
        return [{"role": role, "content": content} for role, content in self.shown]

    def asked(self, question: str) -> "Talk":
        """Return the conversation with a question added."""
        return Talk((*self.shown, ("user", question_html(question))), self.turns)

    def said(self, html: str, turn: Turn | None = None) -> "Talk":
        """Return the conversation with a reply added, and what to remember of it."""
        turns = self.turns if turn is None else (*self.turns, turn)[-KEPT:]
        return Talk((*self.shown, ("assistant", html)), turns)


async def converse(server: Server, talk: Talk, question: str) -> AsyncIterator[Talk]:
    """Yield the conversation at each stage of the reply; the last holds the answer or why there is none."""
    asked = talk.asked(question)
    try:
        request = read_request({"question": question})
        stages = server.follow(Request(request.question, talk.turns))
        async for stage in stages:
            if isinstance(stage, str):
                yield asked.said(waiting_html(STAGES[stage]))
            else:
                yield _answered(server, asked, stage)
    except RagError as error:
        yield asked.said(error_html(error.message))


def _answered(server: Server, talk: Talk, answer: Answer) -> Talk:
    html = answer_html(answer, server.link, uid=secrets.token_hex(4))
    return talk.said(html, Turn(answer.understood_as or answer.question, answer.answer))
