"""A row of an article list → the article: which column says what, whatever it is called, and what was not understood."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from rag.errors import IngestError
from rag.ingest.converters.html_fragment import fragment_text, is_fragment, read_fragment
from rag.ingest.converters.row_dates import row_date
from rag.ingest.extract import Extract
from rag.records import Drop
from rag.text.characters import fold

__all__ = ["RowRead", "field_of", "is_article_list", "read_row"]

# What a heading may say before its field: 新闻标题, article_title.
_OF = (
    r"(?:news|articles?|story|report|page|web|post|doc(?:ument)?|item|main|full|raw|original"
    r"|新闻|文章|稿件|报道|信息|网页|资讯|原文|本文|帖子|推文){0,2}"
)
_PUBLISHED = r"(?:pub(?:l|lish|lished|lication)?|issued?|released?|posted|发布|发表|刊发|刊登|刊载|出版|见报|发稿|推送|上线)"
# The headings of each field, the ones that say it best first, in simplified lower-case letters without anything between.
_HEADS: Mapping[str, tuple[str, ...]] = {
    "text": (
        r"text|正文|全文|新闻正文",
        _OF + r"(?:text|contents?|body|正文|全文|内容|内文|文本|文字)(?:text|内容)?|原文",
        _OF + r"(?:text|contents?|body)?html",
        r"articles?|story|文章|报道|稿件|新闻|document",
    ),
    "title": (
        _OF + r"(?:title|headline|heading|标题|题目|题名|篇名|主标题|主题名)(?:名称?)?",
        r"headlines|titles|head",
    ),
    "date": (
        rf"{_OF}{_PUBLISHED}(?:ed)?(?:date|time|datetime|timestamp|day|at|on|日期|时间|日|时)",
        r"date(?:published|ofpublication)|published|pubdate|ptime|刊期",
        _OF + r"(?:date|日期)",
        _OF + r"(?:date)?(?:time|timestamp|时间)|datetime|日期时间",
    ),
    "publisher": (
        r"publisher(?:name)?",
        _OF
        + r"(?:media|medium|outlet|newspaper|paper|press|magazine|site|website|媒体|报纸|报社|报刊|报刊名|期刊|刊物|公众号|账号|网站|站点|"
        r"发布(?:者|方|单位|机构|媒体)|刊发媒体)(?:name|名称|名|全称)?|刊名|报名",
    ),
    "source": (
        _OF + r"(?:source|src|origin|来源|出处|稿源)(?:name|media|site|名称|媒体|网站|单位)?",
        r"(?:media|媒体)(?:source|来源)|信源",
    ),
    "author": (
        _OF
        + r"(?:authors?|byline|reporters?|journalists?|writers?|作者|记者|撰稿人?|撰文|署名)(?:name|names|姓名|名称|名)?",
    ),
    "url": (
        _OF + r"(?:url|uri|link|href|permalink|链接|连结|网址)(?:地址|address)?|(?:网页|原文|文章|新闻)地址",
    ),
    "id": (_OF + r"(?:id|guid|uuid|编号|稿号)",),
    "edition": (r"edition|版次|版面|版名|版号|版面名称",),
}
_ranked = {name: tuple(map(re.compile, patterns)) for name, patterns in _HEADS.items()}
_aside = re.compile(r"[(（\[【][^()（）\[\]【】]{0,40}[)）\]】]")
# What lists put where they have nothing to say.
NOTHING = frozenset(
    ["null", "none", "nan", "nil", "n/a", "na", "-", "--", "—", "/", "\\", "无", "暂无", "未知", "不详"]
)
# The key of a nested value that says it; a list of parts is written one below the other.
SAYING = ("name", "text", "content", "value", "title", "$date", "$oid", "url", "html")
WORDS = ("text", "content", "value", "html", "paragraph", "children")
DEEPEST = 5
# A column that no heading names holds the text if it is the longest and holds at least such a sentence.
SHORTEST_TEXT = 20
# So much of a field that was not understood is listed with the article.
LISTED = 300


@dataclass(frozen=True, slots=True)
class RowRead:
    """An article of a list, and what of its row was not understood, a sentence each."""

    extract: Extract
    unread: tuple[str, ...]


@lru_cache(4096)
def field_of(head: str) -> tuple[str, int] | None:
    """Return the field that a heading names and its rank among the headings for it (0 is best), None for none.

    >>> field_of("发布日期"), field_of("pub_time"), field_of("抓取时间")
    (('date', 0), ('date', 0), None)
    """
    plain = "".join(filter(str.isalnum, fold(_aside.sub("", head)))).lower()
    if not 1 < len(plain) <= 40:
        return None
    for name, patterns in _ranked.items():
        for rank, pattern in enumerate(patterns):
            if pattern.fullmatch(plain):
                return name, rank
    return None


_month = re.compile(r"(?:19|20)\d\d(?:[-/.]\d\d?|年\d\d?月)")
# A longer cell is a text, also without a full stop.
LONGEST_FACT = 40


def is_article_list(heads: Iterable[str], rows: Iterable[Mapping[str, Any]]) -> bool:
    """Say whether a table's headings are those of a list of articles; `rows` are its first ones."""
    fields = {found[0] for head in heads if (found := field_of(head))}
    if fields == {"text"}:  # 项目, 内容 may head facts
        return any(_is_prose(cell) for row in rows for cell in row.values())
    return "text" in fields or ("title" in fields and any(_longest(row) for row in rows))


def _is_prose(cell: object) -> bool:
    said = cell if isinstance(cell, str) else ""
    return any(mark in said for mark in "。！？") or len(said) > LONGEST_FACT


def read_row(row: Mapping[str, Any], where: str) -> RowRead:
    """Read a row whose keys are headings; raises IngestError when it has no text."""
    columns = _columns(row)
    text_key = next((key for key in columns.pop("text", ()) if _is_said(row[key])), None) or _longest(row)
    if text_key is None:
        raise IngestError(f"{where} has no words in a field of text; its fields are: {_names(row)}.")
    unread: list[str] = []
    body = _text(row[text_key], where)
    used, said = {text_key}, {}
    for name, keys in columns.items():
        for key in keys:
            if _is_said(row[key]):
                used.add(key)
                said[name], reason = _value(name, row[key])
                if reason:
                    unread.append(f'{where} is read without its field "{key}": {reason}.')
                if said[name]:
                    break
    unlisted = [key for key in row if key not in used and _is_said(row[key])]
    body = _without(body, [Drop(f"{key}: {_shown(row[key])}", "column of no field") for key in unlisted])
    for name, value in (("text", body.text), *said.items()):
        if "\0" in value or not _has_bytes(value):
            raise IngestError(f'{where}: the field "{name}" holds a NUL character or half a surrogate pair.')
    return RowRead(_extract(body, said, _rules(text_key)), tuple(unread))


def _without(body: Extract, drops: Sequence[Drop]) -> Extract:
    return replace(body, drops=(*body.drops, *drops))


def _extract(body: Extract, said: Mapping[str, str], rules: Mapping[str, str]) -> Extract:
    return replace(
        body,
        title=" ".join(said.get("title", "").split()),
        publisher=said.get("publisher", "") or said.get("source", ""),
        author=said.get("author", ""),
        published=said.get("date", ""),
        url=said.get("url", ""),
        external_id=said.get("id", ""),
        edition=said.get("edition", ""),
        rules=rules,
    )


def _columns(row: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the keys of each field, the one that says it best first."""
    found: dict[str, list[tuple[int, str]]] = {name: [] for name in _HEADS}
    for key in row:
        if field := field_of(key):
            found[field[0]].append((field[1], key))
    return {name: [key for _, key in sorted(keys, key=lambda pair: pair[0])] for name, keys in found.items()}


def _longest(row: Mapping[str, Any]) -> str | None:
    """Return the key of the longest value that no heading names, if it is a text of sentences."""
    open_keys = [key for key, value in row.items() if isinstance(value, str) and field_of(key) is None]
    longest = max(open_keys, key=lambda key: len(row[key]), default=None)
    if longest is None or len(row[longest]) < SHORTEST_TEXT or not set(row[longest]) & set("。！？"):
        return None
    return longest


def _rules(text_key: str) -> dict[str, str]:
    return {} if field_of(text_key) else {"text": f"the longest column ({text_key[:40]})"}


def _is_said(value: Any) -> bool:
    """Say whether a value says anything: blank, null, 0000-00-00 and words for nothing do not."""
    if isinstance(value, str):
        return any(char.isalnum() and char != "0" for char in value) and value.strip().lower() not in NOTHING
    return value is not None and value == value and value not in ([], {}, "")


def _text(value: Any, where: str) -> Extract:
    """Return the words of a text field without markup, with the rows of its tables and what is left out."""
    parts = value if isinstance(value, list) else [value]
    wordless = [part for part in parts if isinstance(part, dict) and not set(part) & set(WORDS)]
    words = _words([part for part in parts if part not in wordless] if wordless else value, "\n", WORDS)
    if words is None or isinstance(value, int | float):
        raise IngestError(f'{where}: the field "text" is not a string but {type(value).__name__}.')
    body = read_fragment(words, where) if is_fragment(words) else Extract(words)
    if not any(map(str.isalnum, body.text)):
        raise IngestError(f'{where} has no words in its field "text".')
    return _without(body, [Drop(_shown(part), "part of a text without words") for part in wordless])


def _value(name: str, value: Any) -> tuple[str, str]:
    """Return a field as text, and why it is not understood ("" if it is)."""
    words = _words(value, " ")
    if words is None:
        return "", f"it is not a string but {type(value).__name__}"
    words = fragment_text(words, name)[0] if is_fragment(words) else words
    words = " ".join(words.split())
    if name != "date":
        return words, ""
    day = row_date(words)
    if not day and _month.fullmatch(words):  # its first day would be said of the article, and filtered by
        return "", f"the date {words!r} names a month and no day"
    return day, "" if day else f"the date {words[:40]!r} is not one like 2024-10-20"


def _words(value: Any, between: str, saying: Sequence[str] = SAYING, depth: int = 0) -> str | None:
    """Return the words of a value, of a list those of its parts; None for what says nothing in words."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or depth > DEEPEST:
        return None
    if isinstance(value, int | float):
        return str(int(value)) if value == int(value) else str(value)
    if isinstance(value, dict):
        inner = next((value[key] for key in saying if value.get(key) is not None), None)
        return None if inner is None else _words(inner, between, saying, depth + 1)
    if isinstance(value, list):
        parts = [_words(part, between, saying, depth + 1) for part in value if part is not None]
        return None if None in parts else between.join(part for part in parts if part)
    return None


def _shown(value: Any) -> str:
    words = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return words if len(words) <= LISTED else f"{words[:LISTED]}…"


def _names(row: Mapping[str, Any]) -> str:
    return ", ".join(key[:40] for key in list(row)[:12]) or "none"


def _has_bytes(text: str) -> bool:
    """Say whether UTF-8 can write the text: half a surrogate pair it cannot."""
    try:
        return bool(text.encode() or True)
    except UnicodeEncodeError:
        return False
