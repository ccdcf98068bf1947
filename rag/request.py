"""What one ask consists of, checked once: the only place with its limits.

The command line, HTTP, the Model Context Protocol, evaluation and `Bot.ask` all make a `Request`.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any

from rag.errors import AskError, BadJson
from rag.records import Turn

__all__ = [
    "Filters",
    "Request",
    "Tell",
    "answer_in",
    "check_known",
    "check_question",
    "read_ask",
    "read_filters",
    "read_flag",
    "read_json",
    "read_request",
]

Tell = Callable[[str], None]
"""What is called with the name of each stage as it begins: retrieving, reading."""

MAX_QUESTION = 1_000
"""Characters; about four times the longest question of the evaluation sets, and what the page can show."""
MAX_ANSWER = 4 * MAX_QUESTION
"""Characters of the answer of an earlier turn."""
MAX_TURNS = 50
"""Earlier turns that are kept, the latest ones."""
MAX_PUBLISHER = 200
DEFAULT_K, MAX_K = 5, 20
"""Passages that are read."""
ASKED = ("question", "history", "today", "since", "until", "publisher", "k", "explain")
"""What a program may ask with."""
MESSAGE = ("role", "content", "name")
LONGEST_ANSWER = 30
"""Characters of a message that may be an answer by itself: 截至2023年底，31座。"""
_bold = re.compile(r"\*\*([^*\n]{1,500})\*\*")
_escape = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Filters:
    """What a reader restricts the search to: inclusive ISO dates and a publisher, "" for no limit."""

    since: str = ""
    until: str = ""
    publisher: str = ""

    def __bool__(self) -> bool:
        return bool(self.since or self.until or self.publisher)


@dataclass(frozen=True, slots=True)
class Request:
    """A question and what it is asked with; `since` and `until` are ISO dates or "", `k` passages are read.

    Raises AskError that names what is beyond a limit. Of more than MAX_TURNS earlier turns the latest are kept.
    """

    question: str
    history: tuple[Turn, ...] = ()
    today: date | None = None
    since: str = ""
    until: str = ""
    publisher: str = ""
    k: int = DEFAULT_K
    explain: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "history", tuple(self.history[-MAX_TURNS:]))
        check_question(self.question)
        for turn in self.history:
            _check_text("history", turn.question, MAX_QUESTION)
            _check_text("history", turn.answer, MAX_ANSWER)
        _check_filters(self.filters)
        if not 1 <= self.k <= MAX_K:
            raise _no_count(self.k)

    @property
    def filters(self) -> Filters:
        """What the search is restricted to."""
        return Filters(self.since, self.until, self.publisher)


def check_question(question: str) -> str:
    """Return the question without white space around and beside its words.

    Raises AskError if it has no words, too many, or half a surrogate pair.
    """
    length = len(question.strip())
    if length > MAX_QUESTION:
        raise AskError(
            f"The question has {length} characters, more than {MAX_QUESTION}: ask one thing at a time.",
            f"问题有{length}个字，超过了{MAX_QUESTION}个字的上限，请只问一件事。",
            field="question",
        )
    asked = " ".join(question.split())
    _check_text("question", asked, MAX_QUESTION)
    if not any(map(str.isalnum, asked)):
        raise AskError(
            f"The question {question[:20]!r} has no words: write what you want to know.",
            "请输入要问的内容。",
            field="question",
        )
    return asked


def read_json(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in `body`; raise BadJson for anything else."""
    try:
        fields = json.loads(body)
    except (ValueError, RecursionError):  # ValueError holds bad UTF-8 and bad JSON
        raise BadJson("The body is not JSON.", "请求内容不是合法的 JSON。") from None
    if not isinstance(fields, dict):
        raise BadJson("The body is not a JSON object.", "请求内容应为一个 JSON 对象。")
    return fields


def check_known(fields: Iterable[str], known: Collection[str], what: str) -> None:
    """Raise AskError that names the first of `fields` that is none of `what`, and the one that was probably meant."""
    for name in fields:
        if name in known:
            continue
        near = get_close_matches(name, known, 1)
        raise AskError(
            f"{name[:40]!r} is no field of {what}; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}."),
            f"没有“{name[:40]}”这个字段" + (f"，是不是 {near[0]}？" if near else f"，可用的是：{'、'.join(known)}。"),
            field=name[:40],
        )  # fmt: skip


def read_ask(fields: Mapping[str, Any]) -> Request:
    """Return the ask of a program, as HTTP and a `{…}` line of `ask -` carry it.

    Its history may be turns, {question, answer}, or messages, {role, content}. Raises AskError that names the field, also
    one that is unknown: a filter that is misspelt would not filter.
    """
    check_known(fields, ASKED, "an ask")
    return read_request(fields)


def read_filters(fields: Mapping[str, Any]) -> Filters:
    """Return what a search is restricted to; raises AskError that names the field."""
    found = Filters(_day(fields, "since"), _day(fields, "until"), _text(fields, "publisher").strip())
    _check_filters(found)
    return found


def _check_filters(filters: Filters) -> None:
    since, until = filters.since, filters.until
    for name, day in (("since", since), ("until", until)):
        if day and _iso(name, day) != day:
            raise _no_date(name, day)
    if since and until and since > until:
        raise AskError(
            f"since {since} is after until {until}: no article is of both.",
            f"起始日期 {since} 晚于截止日期 {until}，请改正。",
            field="since",
        )
    _check_text("publisher", filters.publisher, MAX_PUBLISHER)


def read_request(fields: Mapping[str, Any]) -> Request:
    """Return the ask that JSON fields say; unknown ones are ignored (see `read_ask`).

    Raises AskError that names the field.
    """
    today = _text(fields, "today")
    return Request(
        question=_text(fields, "question").strip(),
        history=_history(fields.get("history") or []),
        today=date.fromisoformat(_iso("today", today)) if today else None,
        since=_day(fields, "since"),
        until=_day(fields, "until"),
        publisher=_text(fields, "publisher").strip(),
        k=_count(fields.get("k")),
        explain=read_flag(fields, "explain"),
    )


def _check_text(name: str, value: str, longest: int) -> None:
    if len(value) > longest:
        raise AskError(
            f"{name} has {len(value):,} characters, more than {longest:,}.",
            f"内容过长（{len(value)} 字），请缩短到 {longest} 字以内。",
            field=name,
        )
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise AskError(f"{name} holds half of a surrogate pair.", f"{name} 含有无法识别的字符。", field=name)


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise AskError(f"{name} is no text: {value!r}.", f"{name} 应为文字。", field=name)
    return value


def _day(fields: Mapping[str, Any], name: str) -> str:
    value = _text(fields, name)
    return _iso(name, value) if value else ""


def _iso(name: str, value: str) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise _no_date(name, value) from None


def _no_date(name: str, value: str) -> AskError:
    return AskError(
        f"{name} is no date: {value[:40]!r}; write YYYY-MM-DD.",
        f"{name} 不是日期，请写成 YYYY-MM-DD，例如 2024-11-12。",
        field=name,
    )


def read_flag(fields: Mapping[str, Any], name: str) -> bool:
    """Return a field that is true or false, False where it is not given; raises AskError that names it."""
    value = fields.get(name)
    if value is not None and not isinstance(value, bool):
        raise AskError(f"{name} is {value!r}, not true or false.", f"{name} 应为 true 或 false。", field=name)
    return bool(value)


def _count(value: object) -> int:
    if value is None:
        return DEFAULT_K
    if isinstance(value, bool) or not isinstance(value, int):
        raise _no_count(value)
    return value


def _no_count(value: object) -> AskError:
    return AskError(
        f"k is {value!r}, not a number from 1 to {MAX_K}.", f"k 应为 1 到 {MAX_K} 的整数。", field="k"
    )


def answer_in(message: str) -> str:
    r"""Return the answer that a message gives: what it marks in its quote, or itself where it is short, else "".

    >>> answer_in("诺华的总部在巴塞尔 [1]\n\n> 总部设在**巴塞尔**。"), answer_in("巴塞尔")
    ('巴塞尔', '巴塞尔')
    """
    if found := _bold.search(message):
        return _escape.sub(r"\1", found[1])
    said = message.strip()
    return said if len(said) <= LONGEST_ANSWER and "\n" not in said else ""


def _history(value: object) -> tuple[Turn, ...]:
    if not isinstance(value, list) or not all(isinstance(turn, dict) for turn in value):
        raise AskError(
            "history is no list of {question, answer} or {role, content}.",
            "history 应为 {question, answer} 或 {role, content} 的列表。",
            field="history",
        )
    if any("role" in turn for turn in value):
        return _turns_of(value)
    return tuple(Turn(_text(turn, "question"), _text(turn, "answer")) for turn in value[-MAX_TURNS:])


def _turns_of(messages: Iterable[Mapping[str, Any]]) -> tuple[Turn, ...]:
    """Return the exchanges of a list of messages; what is said by anyone but user and assistant is passed over."""
    turns: list[Turn] = []
    for message in messages:
        check_known(message, MESSAGE, "a message of history")
        said = _text(message, "content")
        if message.get("role") == "user" and said.strip():
            turns.append(Turn(said.strip()[:MAX_QUESTION]))
        elif message.get("role") == "assistant" and turns and not turns[-1].answer:
            turns[-1] = Turn(turns[-1].question, answer_in(said))
    return tuple(turns[-MAX_TURNS:])
