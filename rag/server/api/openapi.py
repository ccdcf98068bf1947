"""The description of the HTTP interface that machines read: OpenAPI 3.1."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from rag.records import Answer
from rag.request import DEFAULT_K, MAX_K, MAX_PUBLISHER, MAX_QUESTION, MAX_TURNS
from rag.server.addresses import ADDRESSES, MAX_BATCH, Described
from rag.server.feedback import VERDICTS

__all__ = ["EXAMPLES", "openapi"]

Json = Mapping[str, Any]

_BODIES: Mapping[str, Json] = {
    "Ask": {"question": "成都有多少5G基站？"},
    "Batch": {"questions": ["成都有多少5G基站？", {"question": "那4G呢？", "k": 3}]},
    "Feedback": {
        "id": "0f3a9c",
        "verdict": "accurate",
        "question": "成都有多少5G基站？",
        "generation": 1,
        "answer": {},
    },
    "Chat": {"model": "youju", "messages": [{"role": "user", "content": "成都有多少5G基站？"}]},
}
"""A body of each kind."""
_DESCRIBED = {address.path: (address, address.described) for address in ADDRESSES if address.described}
EXAMPLES: Mapping[str, Json] = {
    path: _BODIES[described.body] for path, (_, described) in _DESCRIBED.items() if described.body
}
"""A body for each address that takes one."""

_TEXT: Json = {"type": "string"}
_DATE: Json = {"type": "string", "description": "YYYY-MM-DD", "examples": ["2024-11-12"]}
_TURN: Json = {"type": "object", "properties": {"question": _TEXT, "answer": _TEXT}}
_LIMITS: Json = {
    "today": {**_DATE, "description": "今年、去年由此推算；缺省为服务器当天 (the day 今年 refers to)"},
    "since": {**_DATE, "description": "只用此日及以后的报道 (published on this day or later)"},
    "until": {**_DATE, "description": "只用此日及以前的报道 (published on this day or earlier)"},
    "publisher": {
        **_TEXT,
        "maxLength": MAX_PUBLISHER,
        "description": "只用此来源的报道 (only this publisher)",
    },
    "k": {
        "type": "integer",
        "minimum": 1,
        "maximum": MAX_K,
        "default": DEFAULT_K,
        "description": "读几段 (passages read)",
    },
}
_ASK: Json = {
    "type": "object",
    "required": ["question"],
    "properties": {
        "question": {**_TEXT, "minLength": 1, "maxLength": MAX_QUESTION},
        "history": {
            "type": "array",
            "items": _TURN,
            "description": f"前面的问答，最近的在最后，读最后 {MAX_TURNS} 轮 (earlier turns, latest last)",
        },
        **_LIMITS,
        "explain": {"type": "boolean", "description": "附上每一步的依据 (say how the answer came about)"},
    },
}
_BATCH: Json = {
    "type": "object",
    "required": ["questions"],
    "properties": {
        "questions": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_BATCH,
            "items": {"anyOf": [_TEXT, {"$ref": "#/components/schemas/Ask"}]},
        },
        **_LIMITS,
    },
}
_MESSAGE: Json = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": _TEXT,
        "content": {"type": ["string", "array", "null"], "items": {"type": "object"}},
    },
}
_CHAT: Json = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "model": _TEXT,
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "stream": {"type": "boolean"},
        **_LIMITS,
    },
}
_FEEDBACK: Json = {
    "type": "object",
    "required": ["id", "verdict", "question", "generation"],
    "properties": {
        "id": {**_TEXT, "maxLength": 64},
        "token": {
            **_TEXT,
            "maxLength": 64,
            "description": "随机文字；同一 id 只有带同一 token 的人能改 (whoever knows it may change the entry)",
        },
        "verdict": {"enum": list(VERDICTS)},
        "question": _TEXT,
        "generation": {"type": "integer"},
        "answer": {"type": "object"},
        "comment": _TEXT,
        "expected": _TEXT,
        "turns": {"type": "array", "items": _TEXT},
    },
}
_ERROR: Json = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {
                "code": _TEXT,
                "message": {**_TEXT, "description": "中文，可直接显示 (to be shown)"},
            },
        }
    },
}
_ARTICLE: Json = {
    "type": "object",
    "required": ["article_id", "title", "text", "blocks", "sources"],
    "properties": {
        **dict.fromkeys(
            [
                "article_id",
                "external_id",
                "title",
                "subtitle",
                "publisher",
                "author",
                "published",
                "url",
                "text",
            ],
            _TEXT,
        ),
        "blocks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "start": {"type": "integer"},
                    "end": {"type": "integer"},
                    "kind": _TEXT,
                    "page": {"type": ["integer", "null"]},
                },
            },
        },
        "sources": {"type": "array", "items": _TEXT},
    },
}
_MEANINGS = {
    400: "请求不是合法的 JSON，或主机名不被接受 (bad_json, bad_host)",
    404: "没有 (not_found)",
    409: "这个 id 是别人的 (conflict)",
    410: "已移除 (gone)",
    413: "内容过长 (too_large)",
    422: "某个字段不对 (bad_field)，或问题太复杂 (over_budget)",
    429: "提问的人较多，按 Retry-After 稍后再试 (busy, too_often)",
    503: "正在启动或停止 (not_ready)",
}


@cache
def openapi(base: str) -> Json:
    """Return the description of a server that is mounted under the path `base`."""
    paths: dict[str, dict[str, Any]] = {}
    for path, (address, described) in _DESCRIBED.items():
        operation = _operation(path, described)
        paths[path] = {method.lower(): operation for method in address.methods}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "有据 Youju",
            "version": "1",
            "description": "只用报道原文回答 (answers only by quoting)",
        },
        "servers": [{"url": base or "/"}],
        "paths": paths,
        "components": {"schemas": _schemas()},
    }


def _operation(path: str, described: Described) -> Json:
    said, body = described.said, described.body
    statuses = sorted({400, *described.errors, *((422,) if body else ())})
    found: dict[str, Any] = {
        "summary": said,
        "responses": {
            "200": {"description": said, "content": _content(described.reply)},
            **{
                str(status): {"description": _MEANINGS[status], "content": _content("Error")}
                for status in statuses
            },
        },
    }
    if body:
        example = {"example": EXAMPLES[path]}
        content = {"application/json": {"schema": _ref(body), **example}}
        found["requestBody"] = {"required": True, "content": content}
    if "{id}" in path:
        ident = {"type": "string", "pattern": "^[0-9a-f]{12}$"}
        found["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": ident}]
    return found


def _content(reply: str) -> Json:
    if reply == "text/event-stream":  # the schema is that of one event
        return {reply: {"schema": {"type": "object", "properties": {"event": _TEXT, "data": _TEXT}}}}
    return {reply: {"schema": _TEXT}} if "/" in reply else {"application/json": {"schema": _ref(reply)}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas() -> Json:
    answer = TypeAdapter(Answer).json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    parts = answer.pop("$defs")
    answer = parts.pop("Answer", answer)  # among the parts, for an Answer may have Answers
    answer["required"] = [name for name in answer["properties"] if name != "explain"]
    either = {"anyOf": [_ref("Answer"), _ref("Error")]}
    listed = {
        "type": "object",
        "required": ["answers"],
        "properties": {"answers": {"type": "array", "items": either}},
    }
    return {
        **parts,
        "Answer": answer,
        "Answers": listed,
        "Article": _ARTICLE,
        "Ask": _ASK,
        "Batch": _BATCH,
        "Chat": _CHAT,
        "Completion": {"type": "object", "required": ["id", "object", "created", "model", "choices"]},
        "Error": _ERROR,
        "Feedback": _FEEDBACK,
        "Models": {"type": "object", "required": ["object", "data"]},
        "Status": {"type": "object", "required": ["status"], "properties": {"status": _TEXT}},
    }
