"""The description of the HTTP interface that people read: one page, served from here."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode

from rag.render.escape import attribute
from rag.render.strings import Lang
from rag.server.api.openapi import EXAMPLES, openapi

__all__ = ["reference_page"]

TEMPLATE = Path(__file__).resolve().parent / "docs.html"
LEAD = {
    "zh": "以下地址供程序调用。请求与回答都是 UTF-8 的 JSON；出错时为 {code} 和相应的状态码。"
    "每个回答带 {id} 头，请求里带上同名的头则原样返回。机器可读的描述：{link}。",
    "en": "Addresses for programs. Bodies and replies are JSON in UTF-8; an error is {code} with its status. "
    "Every reply carries the header {id}; send one and it comes back. For machines: {link}.",
}
WORDS = {
    "zh": {"title": "接口", "try": "试一试", "body": "请求", "query": "问号后面", "field": "字段", "kind": "类型", "meaning": "含义", "replies": "回答"},
    "en": {"title": "API", "try": "Try it", "body": "Body", "query": "Query", "field": "Field", "kind": "Type", "meaning": "Meaning", "replies": "Replies"},
}  # fmt: skip


def reference_page(base: str, lang: Lang) -> str:
    """Return the page of a server that is mounted under the path `base`."""
    described, say = openapi(base), WORDS[lang]
    schemas = described["components"]["schemas"]
    body = "".join(
        _section(path, method, operation, schemas, base, say)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    )
    lead = LEAD[lang].format(
        code='<code>{"error": {"code", "message"}}</code>',
        id="<code>X-Request-Id</code>",
        link=f'<a href="{attribute(base)}/openapi.json">openapi.json</a>',
    )
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        title=say["title"], lead=lead, body=body, base=attribute(base), lang="zh-CN" if lang == "zh" else "en"
    )


def _section(
    path: str,
    method: str,
    operation: Mapping[str, Any],
    schemas: Mapping[str, Any],
    base: str,
    say: Mapping[str, str],
) -> str:
    address = attribute(base + path)
    return (
        f'<section id="{operation["operationId"]}"><h2><b>{method.upper()}</b> <code>{address}</code></h2>'
        f"<p>{attribute(operation['summary'])}</p>{''.join(_body(path, operation, schemas, say))}"
        f"<h3>{say['replies']}</h3><ul>{''.join(_replies(operation))}</ul>"
        f"{_trial(operation, method, address, say)}</section>"
    )


def _body(
    path: str, operation: Mapping[str, Any], schemas: Mapping[str, Any], say: Mapping[str, str]
) -> Iterator[str]:
    """Yield the fields of the query or the body as a table."""
    if query := [one for one in operation.get("parameters", ()) if one["in"] == "query"]:
        needed = [one["name"] for one in query if one["required"]]
        schema: Mapping[str, Any] = {
            "properties": {one["name"]: one["schema"] for one in query},
            "required": needed,
        }
    elif "requestBody" in operation:
        name = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        schema = schemas[name]
    else:
        return
    yield f"<h3>{say['query' if query else 'body']}</h3><table><thead><tr>"
    yield "".join(f'<th scope="col">{say[column]}</th>' for column in ("field", "kind", "meaning"))
    yield "</tr></thead><tbody>"
    for field, kind in schema["properties"].items():
        mark = " *" if field in schema["required"] else ""
        what = attribute(str(kind.get("description", "")))
        yield f"<tr><td><code>{field}</code>{mark}</td><td>{attribute(_kind(kind))}</td><td>{what}</td></tr>"
    yield "</tbody></table>"


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(schema["enum"])
    kind = schema["type"]
    return str(kind if isinstance(kind, str) else " | ".join(kind))


def _replies(operation: Mapping[str, Any]) -> Iterator[str]:
    for status, reply in operation["responses"].items():
        kinds = ", ".join(
            content["schema"].get("$ref", media).rpartition("/schemas/")[2] or media
            for media, content in reply["content"].items()
        )
        said = attribute(reply["description"]) if status != "200" else ""
        yield f"<li><code>{status}</code> {attribute(kinds)} {said}</li>"


def _trial(operation: Mapping[str, Any], method: str, address: str, say: Mapping[str, str]) -> str:
    """Return the form with which the address is tried from the page."""
    told = operation.get("parameters", ())
    if any(one["in"] == "path" for one in told):
        return ""
    query = urlencode({one["name"]: one["example"] for one in told if "example" in one})
    address += f"?{query}" * bool(query)
    example = EXAMPLES.get(operation["operationId"])
    text = "" if example is None else json.dumps(example, ensure_ascii=False, indent=2)
    box = f'<textarea rows="{text.count(chr(10)) + 1}" spellcheck="false" aria-label="{say["body"]}">{attribute(text)}</textarea>'
    return (
        f'<form data-method="{method.upper()}" data-address="{address}">{box if text else ""}'
        f'<button>{say["try"]}</button><pre tabindex="0" hidden aria-live="polite"></pre></form>'
    )
