r"""The shape in which OpenAI's clients ask and read: messages in, one message with quotes and their records out.

Nothing is generated: the message is the answer of `POST /api/ask` as Markdown. Its `citations` are the records of
that answer, its `annotations` the same as addresses, in the place of their marks.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Any

from rag.errors import AskError, RagError
from rag.query.follow_up.rewrite import stand_alone
from rag.records import Answer, Citation, Turn
from rag.render.answer_text import answer_markdown
from rag.request import MAX_QUESTION, Request, answer_in, read_request
from rag.server.responses import dumps

__all__ = ["MODEL", "completion", "completion_chunks", "model", "read_chat"]

MODEL = "youju"
REMEMBERED = 10
"""Earlier questions that are read; a follow-up looks back one or two."""
LIMITS = ("today", "since", "until", "publisher", "k")
RECORDS = ("citations", "closest", "confidence", "certainty", "as_of", "variants")
_mark = re.compile(r"\\\[(\d+)\\\]")

Link = Callable[[Citation], str]


def model() -> Mapping[str, Any]:
    """Return the one model there is."""
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


def read_chat(fields: Mapping[str, Any]) -> tuple[Request, bool]:
    """Return the question that the last message asks, and whether the reply is to be streamed.

    Earlier messages are its history, each question completed from those before it. What the system says changes
    nothing about what the articles say. Raises AskError that names the field.
    """
    stream = fields.get("stream")
    if stream is not None and not isinstance(stream, bool):
        raise AskError("stream is not true or false.", "stream 应为 true 或 false。")
    said = _messages(fields.get("messages"))
    if not said or said[-1][0] != "user":
        raise AskError(
            "The last of messages is none of the user.", "messages 的最后一条应是用户（user）的提问。"
        )
    asked = said[-1][1]
    history = [{"question": turn.question, "answer": turn.answer} for turn in _turns(said[:-1])]
    limits = {name: fields[name] for name in LIMITS if name in fields}
    return read_request({**limits, "question": asked, "history": history}), bool(stream)


def _messages(value: object) -> list[tuple[str, str]]:
    """Return the role and text of each message."""
    if not isinstance(value, list) or not all(isinstance(message, dict) for message in value):
        raise AskError("messages is no list of {role, content}.", "messages 应为 {role, content} 的列表。")
    return [(str(message.get("role")), _content(message.get("content"))) for message in value]


def _content(value: object) -> str:
    """Return the text of a message: a string, or a list of parts of which only text is read."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and all(isinstance(part, dict) for part in value):
        texts = [part.get("text") for part in value if part.get("type") == "text"]
        if all(isinstance(text, str) for text in texts):
            return "\n".join(str(text) for text in texts)
    raise AskError("The content of a message is no text.", "消息的 content 应为文字。")


def _turns(said: Sequence[tuple[str, str]]) -> list[Turn]:
    """Return the exchanges before the last question."""
    turns: list[Turn] = []
    asked = [number for number, (role, text) in enumerate(said) if role == "user" and text.strip()]
    for number in asked[-REMEMBERED:]:
        replies = [text for role, text in said[number + 1 : number + 2] if role == "assistant"]
        question = stand_alone(said[number][1].strip()[:MAX_QUESTION], turns)
        turns.append(Turn(question, answer_in(replies[0]) if replies else ""))
    return turns


def completion(answer: Answer, link: Link, ident: str, created: int) -> Mapping[str, Any]:
    """Return the whole reply, made at `created` (seconds since 1970)."""
    message = {"role": "assistant", "content": _written(answer, link), **_records(answer, link)}
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {**_head(ident, created, "chat.completion"), "choices": [choice]}


async def completion_chunks(
    stages: AsyncIterator[str | Answer], link: Link, ident: str, created: int
) -> AsyncIterator[bytes]:
    """Yield the reply as server-sent events: stages as comments, which clients skip, then the message in parts."""
    head = _head(ident, created, "chat.completion.chunk")
    yield _chunk(head, {"role": "assistant", "content": ""})
    try:
        async for stage in stages:
            if isinstance(stage, str):
                yield f": {stage}\n\n".encode()
                continue
            for part in _written(stage, link).splitlines(keepends=True):
                yield _chunk(head, {"content": part})
            yield _chunk(head, _records(stage, link), "stop")
        yield b"data: [DONE]\n\n"
    except RagError as error:
        yield _data({"error": {"code": error.code, "message": error.message}})


def _written(answer: Answer, link: Link) -> str:
    """Return the answer as Markdown, its marks [1] readable where Markdown is not rendered."""
    first, newline, rest = answer_markdown(answer, link).partition("\n")
    return _mark.sub(r"[\1]", first) + newline + rest


def _records(answer: Answer, link: Link) -> Mapping[str, Any]:
    fields = answer.to_json()
    return {
        "refusal": answer.refusal.message if answer.refusal else None,
        "annotations": list(_annotations(answer, link)),
        **{name: fields[name] for name in RECORDS},
    }


def _annotations(answer: Answer, link: Link) -> Iterator[Mapping[str, Any]]:
    """Yield the address behind each mark, with its place in the content."""
    cited = {citation.number: citation for citation in answer.citations}
    for mark in re.finditer(r"\[(\d+)\]", _written(answer, link).partition("\n")[0]):
        if citation := cited.get(int(mark[1])):
            where = {"start_index": mark.start(), "end_index": mark.end()}
            yield {
                "type": "url_citation",
                "url_citation": {**where, "url": link(citation), "title": citation.title},
            }


def _head(ident: str, created: int, kind: str) -> Mapping[str, Any]:
    return {"id": f"chatcmpl-{ident}", "object": kind, "created": created, "model": MODEL}


def _chunk(head: Mapping[str, Any], delta: Mapping[str, Any], reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
    return _data({**head, "choices": [choice]})


def _data(fields: Mapping[str, Any]) -> bytes:
    return f"data: {dumps(fields)}\n\n".encode()
