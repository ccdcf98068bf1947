"""What the schemas of the OpenAPI description are made of."""

from collections.abc import Mapping
from typing import Any

__all__ = ["reference"]

Json = Mapping[str, Any]
TEXT: Json = {"type": "string"}
DATE: Json = {"type": "string", "description": "YYYY-MM-DD", "examples": ["2024-11-12"]}
NUMBER: Json = {"type": "integer"}


def reference(name: str) -> Json:
    """Return what refers to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}
