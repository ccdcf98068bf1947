r"""The shape in which OpenAI's clients ask and read: messages in, one message with quotes and their records out.

Nothing is generated: the message is the answer of `POST /api/ask` as Markdown. Its `citations` are the records of
that answer, its `annotations` the same as addresses, in the place of their marks.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.errors import AskError, RagError, Unsupported
from rag.query.follow_up.rewrite import stand_alone
from rag.records import Answer, Citation, Turn
from rag.render.answer_text import answer_markdown
from rag.request import MAX_QUESTION, Request, answer_in, read_flag, read_request
from rag.server.api.chat_chores import chore_reply
from rag.server.api.structured import Shape, read_format
from rag.server.responses import dumps, error_fields

__all__ = ["MODEL", "Chat", "Reply", "model", "read_chat"]

MODEL = "youju"
REMEMBERED = 10
"""Earlier questions that are read; a follow-up looks back one or two."""
CHORE = "对话标题"
"""What stands for a chore where a question is needed; it is never asked."""
LIMITS = ("today", "since", "until", "publisher", "k")
RECORDS = ("citations", "closest", "confidence", "certainty", "as_of", "variants")
# Before (, [ and : what an article says would become a link.
_mark = re.compile(r"\\\[(\d+)\\\](?![(\[:\\])")

Link = Callable[[Citation], str]


def model() -> Mapping[str, Any]:
    """Return the one model there is."""
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}


@dataclass(frozen=True, slots=True)
class Chat:
    """What a client asks: a question, or a `chore` that is answered without one; `shape` is that of the reply, None for text.

    `characters` counts those of all messages.
    """

    request: Request
    stream: bool
    usage: bool = False
    shape: Shape | None = None
    chore: str | None = None
    characters: int = 0


def read_chat(fields: Mapping[str, Any]) -> Chat:
    """Return what the last message asks, and how the reply is to be written.

    Earlier messages are its history, each question completed from those before it. What the system says changes
    nothing about what the articles say. Raises AskError that names the field, Unsupported for what is not made here.
    """
    _check_makeable(fields)
    stream, usage = read_flag(fields, "stream"), _usage(fields)
    shape = read_format(fields.get("response_format"))
    said = _messages(fields.get("messages"))
    if not said or said[-1][0] != "user":
        raise AskError(
            "The last of messages is none of the user.",
            "messages 的最后一条应是用户（user）的提问。",
            field="messages",
        )
    characters = sum(len(text) for _, text in said)
    chore = chore_reply(said) if shape is None else None
    asked = CHORE if chore is not None else said[-1][1]
    history = [{"question": turn.question, "answer": turn.answer} for turn in _turns(said[:-1])]
    limits = {name: fields[name] for name in LIMITS if name in fields}
    request = read_request({**limits, "question": asked, "history": history})
    return Chat(request, stream, usage, shape, chore, characters)


def _check_makeable(fields: Mapping[str, Any]) -> None:
    """Raise Unsupported for what would be left out of the reply: other answers, calls of tools, sound, probabilities."""
    made = {
        "n": fields.get("n") in (None, 1),
        "tools": not fields.get("tools") or fields.get("tool_choice") == "none",
        "functions": not fields.get("functions") or fields.get("function_call") == "none",
        "logprobs": not fields.get("logprobs"),
        "modalities": fields.get("modalities") in (None, [], ["text"]),
        "audio": not fields.get("audio"),
    }
    for name, fits in made.items():
        if not fits:
            raise Unsupported(
                f"{name} is not made here: there is one answer, in words of the articles.",
                f"不支持 {name}：这里只有一个回答，用报道的原文。",
                field=name,
            )


def _usage(fields: Mapping[str, Any]) -> bool:
    options = fields.get("stream_options")
    if options is not None and not isinstance(options, dict):
        raise AskError("stream_options is no object.", "stream_options 应为对象。", field="stream_options")
    return read_flag(options or {}, "include_usage")


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


@dataclass(frozen=True, slots=True)
class Reply:
    """How the reply to a chat is written: its id, when it was made (seconds since 1970), and what makes links."""

    link: Link
    ident: str
    created: int
    chat: Chat

    def completion(self, answer: Answer) -> Mapping[str, Any]:
        """Return the whole reply."""
        return self.whole(self._content(answer), self._records(answer))

    def whole(self, content: str, more: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return the whole reply that says `content`, with `more` in its message."""
        message = {"role": "assistant", "content": content, "refusal": None, **more}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        return {**self._head("chat.completion"), "choices": [choice], "usage": self._usage(content)}

    async def chunks(self, stages: AsyncIterator[str | Answer]) -> AsyncIterator[bytes]:
        """Yield the reply as server-sent events: stages as comments, which clients skip, then the message in parts."""
        yield self._chunk({"role": "assistant", "content": ""})
        try:
            async for stage in stages:
                if isinstance(stage, str):
                    yield f": {stage}\n\n".encode()
                    continue
                content = self._content(stage)
                for part in content.splitlines(keepends=True):
                    yield self._chunk({"content": part})
                yield self._chunk(self._records(stage), "stop")
                for last in self._end(content):
                    yield last
        except RagError as error:
            yield _data(error_fields(error.code, error.message, error.field))

    async def told(self) -> AsyncIterator[bytes]:
        """Yield the answer to a chore as server-sent events."""
        content = self.chat.chore or ""
        yield self._chunk({"role": "assistant", "content": content})
        yield self._chunk({}, "stop")
        for last in self._end(content):
            yield last

    def _end(self, content: str) -> Iterator[bytes]:
        if self.chat.usage:
            yield _data({**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(content)})
        yield b"data: [DONE]\n\n"

    def _content(self, answer: Answer) -> str:
        return self.chat.shape.write(answer.to_json()) if self.chat.shape else _written(answer, self.link)

    def _records(self, answer: Answer) -> Mapping[str, Any]:
        """Return what the message has beside its content."""
        fields = answer.to_json()
        notes = [] if self.chat.shape else [*_annotations(answer, self.link)]
        refusal = answer.refusal.message if answer.refusal and not self.chat.shape else None
        return {
            "refusal": refusal,
            "annotations": notes,
            **{name: fields[name] for name in RECORDS},
        }

    def _usage(self, content: str) -> Mapping[str, int]:
        """Count characters: nothing here is counted in tokens."""
        asked, told = self.chat.characters, len(content)
        return {"prompt_tokens": asked, "completion_tokens": told, "total_tokens": asked + told}

    def _head(self, kind: str) -> Mapping[str, Any]:
        return {
            "id": f"chatcmpl-{self.ident}",
            "object": kind,
            "created": self.created,
            "model": MODEL,
            "system_fingerprint": None,
        }

    def _chunk(self, delta: Mapping[str, Any], reason: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "finish_reason": reason, "logprobs": None}
        usage = {"usage": None} if self.chat.usage else {}
        return _data({**self._head("chat.completion.chunk"), "choices": [choice], **usage})


def _written(answer: Answer, link: Link) -> str:
    """Return the answer as Markdown, its marks [1] readable where Markdown is not rendered."""
    return _mark.sub(r"[\1]", answer_markdown(answer, link))


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


def _data(fields: Mapping[str, Any]) -> bytes:
    return f"data: {dumps(fields)}\n\n".encode()
