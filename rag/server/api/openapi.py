"""The description of the HTTP interface that machines read: OpenAPI 3.1."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

from rag.server.addresses import ADDRESSES, Address, Described
from rag.server.api.schema_parts import Json, reference
from rag.server.api.schemas import QUERY, schemas

__all__ = ["EXAMPLES", "openapi"]

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
    "Push": {
        "articles": [
            {"id": "cms-1", "title": "新馆开放", "text": "图书馆新馆向公众开放。", "published": "2024-05-06"}
        ]
    },
    "PushedArticle": {"title": "新馆开放", "text": "图书馆新馆向公众开放，有座位1200个。"},
    "Chat": {"model": "youju", "messages": [{"role": "user", "content": "成都有多少5G基站？"}]},
}
"""A body of each kind."""
EXAMPLES: Mapping[str, Json] = {
    one.described.name: _BODIES[one.described.body]
    for one in ADDRESSES
    if one.described and one.described.body
}
"""A body for each operation that takes one, by its operationId."""
_TAGS = {
    "ask": "提问 · Asking",
    "articles": "报道 · The articles",
    "openai": "与 OpenAI 客户端兼容 · For OpenAI's clients",
    "service": "服务 · The service",
}
_MEANINGS = {
    400: "请求不是合法的 JSON，或主机名不被接受 (bad_json, bad_host)",
    401: "需要密钥 (unauthorized)",
    403: "没有权限，或来自未列出的网站 (forbidden, bad_origin)",
    404: "没有 (not_found)",
    408: "内容没有及时到达 (too_slow)",
    409: "这个 id 是别人的 (conflict)",
    410: "已移除 (gone)",
    413: "内容过长 (too_large)",
    422: "某个字段不对或不认识 (bad_field)，或问题太复杂 (over_budget)",
    429: "提问的人较多，按 Retry-After 稍后再试 (busy, too_often)",
    500: "程序出错 (internal)",
    503: "正在启动或停止 (not_ready)",
}
_WAIT = (429, 503)
_ID: Json = {
    "description": "请求的编号，可自带 (of the request; send one and it comes back)",
    "schema": {"type": "string"},
}
_SECONDS: Json = {"description": "秒 (seconds to wait)", "schema": {"type": "integer"}}


@cache
def openapi(base: str) -> Json:
    """Return the description of a server that is mounted under the path `base`."""
    paths: dict[str, dict[str, Any]] = {}
    for address in ADDRESSES:
        if address.described:
            operation = _operation(address, address.described)
            path = address.path.replace(":path}", "}")
            paths.setdefault(path, {}).update({method.lower(): operation for method in address.methods})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "有据 Youju",
            "version": "1",
            "description": "只用报道原文回答 (answers only by quoting)",
        },
        "servers": [{"url": base or "/"}],
        "tags": [{"name": name, "description": said} for name, said in _TAGS.items()],
        "paths": paths,
        "components": {"schemas": schemas(), "securitySchemes": {"key": _KEY}},
    }


_KEY: Json = {
    "type": "http",
    "scheme": "bearer",
    "description": "youju key add 名字 --scope …；没有设 RAG_ACCESS 的服务器不需要 (none where RAG_ACCESS is not set)",
}


def _operation(address: Address, described: Described) -> Json:
    replies = {str(described.success): (described.said, described.reply)}
    replies |= {str(status): (_MEANINGS[status], "Error") for status in _errors(address, described)}
    found: dict[str, Any] = {
        "operationId": described.name,
        "tags": [described.tag],
        "summary": described.said,
        "responses": {status: _reply(int(status), *told) for status, told in replies.items()},
        "security": [{"key": [address.needs]}, {}] if address.needs else [],
    }
    if described.body:
        example = {"example": EXAMPLES[described.name]}
        content: dict[str, Json] = {"application/json": {"schema": reference(described.body), **example}}
        if address.streamed:
            content["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
            content["multipart/form-data"] = {"schema": reference("PushForm")}
        found["requestBody"] = {"required": True, "content": content}
    if parameters := [*_parameters(address, described)]:
        found["parameters"] = parameters
    return found


def _errors(address: Address, described: Described) -> list[int]:
    """Return the statuses of errors that an address may answer with."""
    sends = address.methods != ("GET",)
    every = {
        *(400, 500, 503),
        *((401, 403, 429) if address.needs else ()),
        *((403, 408, 413) if sends else ()),
        *((422,) if described.body or described.query else ()),
        *described.errors,
    }
    return sorted(every)


def _reply(status: int, said: str, kind: str) -> Json:
    headers = {"X-Request-Id": _ID, **({"Retry-After": _SECONDS} if status in _WAIT else {})}
    return {
        "description": said or HTTPStatus(status).phrase,
        "headers": headers,
        "content": _content(kind),
    }


def _parameters(address: Address, described: Described) -> Iterator[Json]:
    for name in re.findall(r"{(\w+)", address.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    for name in described.query:
        needed = name == "q" and described.name == "search"
        schema = QUERY[name]
        example = {"example": "5G基站"} if needed else {}
        yield {"name": name, "in": "query", "required": needed, "schema": schema, **example}


def _content(reply: str) -> Json:
    text = {"type": "string"}
    if reply == "text/event-stream":  # the schema is that of one event
        return {reply: {"schema": {"type": "object", "properties": {"event": text, "data": text}}}}
    return {reply: {"schema": text}} if "/" in reply else {"application/json": {"schema": reference(reply)}}
