"""The body of an ask, as HTTP and a `{…}` line of `ask -` carry it, checked once."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from rag.errors import AskError, BadJson
from rag.records import Answer, Turn

__all__ = ["Asks", "Request", "Tell", "read_json", "read_request"]

Tell = Callable[[str], None]
"""What is called with the name of each stage as it begins: retrieving, reading."""

MAX_QUESTION = 1_000
"""Characters; about four times the longest question of the evaluation sets, and what the page can show."""
MAX_TURNS = 50
MAX_K = 20


class Asks(Protocol):
    """What answers: the part of `rag.bot.Bot` that a request needs."""

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        today: date | None = None,
        since: str = "",
        until: str = "",
        publisher: str = "",
        k: int = 5,
        explain: bool = False,
        tell: Tell | None = None,
    ) -> Answer:
        """Answer `question` with quotes, or refuse; say how it came about if `explain`."""
        ...


@dataclass(frozen=True, slots=True)
class Request:
    """A question and what it is asked with; `since` and `until` are ISO dates or ""."""

    question: str
    history: tuple[Turn, ...] = ()
    today: date | None = None
    since: str = ""
    until: str = ""
    publisher: str = ""
    k: int = 5
    explain: bool = False

    def ask(self, bot: Asks, tell: Tell | None = None) -> Answer:
        """Put the question to `bot`."""
        return bot.ask(
            self.question,
            history=self.history,
            today=self.today,
            since=self.since,
            until=self.until,
            publisher=self.publisher,
            k=self.k,
            explain=self.explain,
            tell=tell,
        )


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in `body`; raise BadJson for anything else."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # ValueError holds bad UTF-8 and bad JSON
        raise BadJson("The body is not JSON.", "请求内容不是合法的 JSON。") from None
    if not isinstance(fields, dict):
        raise BadJson("The body is not a JSON object.", "请求内容应为一个 JSON 对象。")
    return fields


def read_request(fields: Mapping[str, Any]) -> Request:
    """Check the fields of an ask; unknown ones are ignored.

    Raises AskError that names the field.
    """
    question = _text(fields, "question", MAX_QUESTION).strip()
    if not question:
        raise AskError("The question is empty.", "请输入问题。")
    today = _day(fields, "today")
    return Request(
        question=question,
        history=_history(fields.get("history") or []),
        today=date.fromisoformat(today) if today else None,
        since=_day(fields, "since"),
        until=_day(fields, "until"),
        publisher=_text(fields, "publisher", 200).strip(),
        k=_count(fields.get("k")),
        explain=_flag(fields, "explain"),
    )


def _text(fields: Mapping[str, Any], name: str, longest: int) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AskError(f"{name} is no text: {value!r}.", f"{name} 应为文字。")
    if len(value) > longest:
        raise AskError(
            f"{name} has {len(value):,} characters, more than {longest:,}.",
            f"内容过长（{len(value)} 字），请缩短到 {longest} 字以内。",
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise AskError(f"{name} holds half of a surrogate pair.", f"{name} 含有无法识别的字符。")
    return value


def _day(fields: Mapping[str, Any], name: str) -> str:
    value = _text(fields, name, 40)
    try:
        return date.fromisoformat(value).isoformat() if value else ""
    except ValueError:
        raise AskError(
            f"{name} is no date: {value!r}; write YYYY-MM-DD.",
            f"{name} 不是日期，请写成 YYYY-MM-DD，例如 2024-11-12。",
        ) from None


def _flag(fields: Mapping[str, Any], name: str) -> bool:
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise AskError(f"{name} is {value!r}, not true or false.", f"{name} 应为 true 或 false。")
    return bool(value)


def _count(value: object) -> int:
    if value is None:
        return 5
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_K:
        raise AskError(f"k is {value!r}, not a number from 1 to {MAX_K}.", f"k 应为 1 到 {MAX_K} 的整数。")
    return value


def _history(value: object) -> tuple[Turn, ...]:
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise AskError(
            "history is no list of {question, answer}.", "history 应为 {question, answer} 的列表。"
        )
    turns = value[-MAX_TURNS:]
    return tuple(
        Turn(_text(turn, "question", MAX_QUESTION), _text(turn, "answer", 4 * MAX_QUESTION)) for turn in turns
    )
