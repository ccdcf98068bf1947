"""The answer as JSON in the shape that a client asks for: what of its schema the Answer can promise, or a refusal that says where."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from pydantic import TypeAdapter

from rag.errors import AskError, Unsupported
from rag.records import Answer
from rag.server.responses import dumps

__all__ = ["Shape", "read_format"]

Json = Mapping[str, Any]
TOLD = {"title", "description", "default", "examples", "$defs", "definitions", "strict", "$schema"}
"""Keywords that ask for nothing."""
KNOWN = TOLD | {"type", "properties", "required", "additionalProperties", "items", "anyOf", "$ref", "enum"}
MOST_STEPS = 2_000
DEEPEST = 24


class Shape:
    """A schema whose every value the Answer has; `{}` is the whole Answer."""

    def __init__(self, schema: Json) -> None:
        self.schema = schema

    def write(self, answer: Json) -> str:
        """Return the fields of an Answer that the schema asks for, as JSON."""
        return dumps(self._taken(answer, self.schema))

    def _taken(self, value: Any, schema: Json) -> Any:
        schema = _resolved(schema, self.schema)
        if "anyOf" in schema:
            branches = [_resolved(one, self.schema) for one in schema["anyOf"]]
            schema = next((one for one in branches if _is_of(value, one)), {})
        if isinstance(value, dict) and "properties" in schema:
            return {name: self._taken(value[name], one) for name, one in schema["properties"].items()}
        if isinstance(value, list | tuple) and "items" in schema:
            return [self._taken(one, schema["items"]) for one in value]
        return value


def read_format(value: object) -> Shape | None:
    """Return the shape that `response_format` asks for, None for text.

    Raises Unsupported where the Answer cannot promise it, AskError where it is none.
    """
    if value is None:
        return None
    kind = value.get("type") if isinstance(value, dict) else None
    if kind == "text":
        return None
    if kind == "json_object":
        return Shape({})
    told = value.get("json_schema") if isinstance(value, dict) and kind == "json_schema" else None
    schema = told.get("schema") if isinstance(told, dict) else None
    if not isinstance(schema, dict):
        raise AskError(
            "response_format is none of text, json_object and json_schema with a schema.",
            "response_format 应为 text、json_object 或带 schema 的 json_schema。",
            field="response_format",
        )
    if reason := _Check(schema).reason:
        raise Unsupported(
            f"The answer cannot have the shape of response_format: {reason}. See the schema Answer in /openapi.json.",
            f"回答不能写成 response_format 的样子：{reason}。可用的字段见 /openapi.json 的 Answer。",
            field="response_format",
        )
    return Shape(schema)


class _Check:
    """A walk through a schema beside that of the Answer; `reason` is where and why they part, "" where they do not."""

    def __init__(self, schema: Json) -> None:
        self.root, self.ours = schema, _ours()
        self._open: set[tuple[int, int]] = set()
        self._steps = 0
        self.reason = next(self._parts(schema, self.ours, "$", 0), "")

    def _parts(self, asked: Any, ours: Json, where: str, depth: int) -> Iterator[str]:
        """Yield what of `asked` a value of `ours` may not satisfy."""
        self._steps += 1
        if self._steps > MOST_STEPS or depth > DEEPEST:
            yield f"{where} is too deep or too large"
            return
        asked, ours = _resolved(asked, self.root), _resolved(ours, self.ours)
        pair = (id(asked), id(ours))
        if pair in self._open:  # a schema that refers to itself
            return
        self._open.add(pair)
        yield from self._differing(asked, ours, where, depth)
        self._open.discard(pair)

    def _differing(self, asked: Json, ours: Json, where: str, depth: int) -> Iterator[str]:
        unknown = set(asked) - KNOWN
        if unknown:
            yield f"{where} asks for {min(unknown)}"
        elif "anyOf" in ours:
            for one in ours["anyOf"]:
                yield from self._parts(asked, one, where, depth + 1)
        elif "anyOf" in asked:
            if not any(not [*self._parts(one, ours, where, depth + 1)] for one in _list(asked["anyOf"])):
                yield f"{where} is {ours.get('type', 'anything')}"
        else:
            yield from self._kinds(asked, ours, where)
            yield from self._inner(asked, ours, where, depth)

    def _kinds(self, asked: Json, ours: Json, where: str) -> Iterator[str]:
        kind, wanted = ours.get("type"), asked.get("type")
        if wanted is not None and kind not in _widened(wanted):
            yield f"{where} is {kind}, not {wanted}"
        if "enum" in asked and not set(ours.get("enum", [...])) <= set(_list(asked["enum"])):
            yield f"{where} has other values"

    def _inner(self, asked: Json, ours: Json, where: str, depth: int) -> Iterator[str]:
        known, wanted = ours.get("properties"), asked.get("properties", {})
        names = dict.fromkeys(
            [*(wanted if isinstance(wanted, dict) else ()), *_list(asked.get("required", []))]
        )
        for name in names:
            if known is None or name not in known:
                yield f"{where}.{str(name)[:40]} is no field of it"
            elif isinstance(wanted, dict) and name in wanted:
                yield from self._parts(wanted[name], known[name], f"{where}.{name}", depth + 1)
        if "items" in asked and "items" in ours:
            yield from self._parts(asked["items"], ours["items"], f"{where}[]", depth + 1)


@cache
def _ours() -> Json:
    """Return the schema of an Answer as it is sent."""
    schema = TypeAdapter(Answer).json_schema(mode="serialization")
    del schema["$defs"]["Answer"]["properties"]["explain"]
    return schema


def _resolved(schema: Any, root: Json) -> Json:
    """Return what a schema refers to; one that is none, or refers to nothing, asks for what nothing has."""
    for _ in range(DEEPEST):
        if not isinstance(schema, dict):
            break
        if "$ref" not in schema:
            return schema
        where, name, _ = (*str(schema["$ref"]).removeprefix("#/").split("/"), "", "")[:3]
        schema = root.get(where, {}).get(name) if isinstance(root.get(where, {}), dict) else None
    return {"not a schema": True}


def _is_of(value: Any, schema: Json) -> bool:
    kinds = {
        dict: "object",
        list: "array",
        tuple: "array",
        str: "string",
        bool: "boolean",
        type(None): "null",
    }
    kind = kinds.get(type(value), "number")
    wanted = _widened(schema.get("type", kind))
    names = schema.get("properties", {})
    return (kind in wanted or (isinstance(value, int) and "integer" in wanted)) and (
        not isinstance(value, dict) or set(names) <= set(value)
    )


def _widened(kinds: object) -> set[object]:
    found = {str(one) for one in (kinds if isinstance(kinds, list) else [kinds])}
    return found | ({"integer"} if "number" in found else set())


def _list(value: object) -> list[Any]:
    return (
        [one for one in value if isinstance(one, str | int | float | bool | dict) or one is None]
        if isinstance(value, list)
        else []
    )
