"""The shapes of articles: listed, found, read and pushed."""

from collections.abc import Mapping

from rag.editing.added import MAX_FIELD
from rag.editing.pushed import MAX_ID
from rag.server.addresses import MAX_PUSHED
from rag.server.api.schema_parts import DATE, NUMBER, TEXT, Json, reference

__all__ = ["ARTICLE_SCHEMAS"]

_PLACE: Json = {
    "total": {**NUMBER, "description": "一共 (entries in all)"},
    "offset": NUMBER,
    "limit": NUMBER,
    "next_offset": {
        "type": ["integer", "null"],
        "description": "下一页从此开始 (where the next page begins)",
    },
}
_ROW: Json = {
    **dict.fromkeys(["article_id", "external_id", "title", "publisher", "published", "url"], TEXT),
    **dict.fromkeys(["sources", "passages"], NUMBER),
}
_ARTICLES: Json = {
    "type": "object",
    "required": [*_PLACE, "generation", "articles"],
    "properties": {
        **_PLACE,
        "generation": NUMBER,
        "articles": {
            "type": "array",
            "items": {"type": "object", "required": [*_ROW], "properties": _ROW},
        },
    },
}
_PASSAGE: Json = {
    **dict.fromkeys(
        ["article_id", "external_id", "title", "publisher", "published", "source", "url", "text", "heading"],
        TEXT,
    ),
    "start": {**NUMBER, "description": "text == article.text[start:end]，按字符 (code points, half open)"},
    "end": NUMBER,
    "kind": TEXT,
    "page": {"type": ["integer", "null"], "description": "PDF 的页 (from 1, in a file of pages)"},
    "score": {"type": ["number", "null"], "description": "越大越好；按字词时没有 (higher is better)"},
    "permalink": {**TEXT, "description": "打开全文并标出此段 (opens the article at the passage)"},
}
_PASSAGES: Json = {
    "type": "object",
    "required": ["query", "by", *_PLACE, "all_words", "passages"],
    "properties": {
        "query": TEXT,
        "by": {"enum": ["meaning", "words"]},
        **_PLACE,
        "all_words": {
            "type": ["boolean", "null"],
            "description": "按字词时：各段是否含全部字词 (whether each has all the words)",
        },
        "passages": {
            "type": "array",
            "items": {"type": "object", "required": [*_PASSAGE], "properties": _PASSAGE},
        },
    },
}
_PUSHED: Json = {
    "type": "object",
    "required": ["text"],
    "properties": {
        "id": {
            **TEXT,
            "minLength": 1,
            "maxLength": MAX_ID,
            "description": "自己的编号；同一编号再推送即替换，没有则由内容算出 (your own; pushing it again replaces)",
        },
        "text": {**TEXT, "minLength": 1},
        **{name: {**TEXT, "maxLength": MAX_FIELD} for name in ("title", "publisher", "author")},
        "published": DATE,
        "url": TEXT,
    },
    "additionalProperties": False,
}
_PUSH: Json = {
    "type": "object",
    "required": [],
    "description": "一篇报道，或 articles 中的若干篇 (one article, or several in articles)",
    "properties": {
        **_PUSHED["properties"],
        "articles": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_PUSHED,
            "items": reference("PushedArticle"),
        },
    },
    "additionalProperties": False,
}
_FORM: Json = {
    "type": "object",
    "description": "file 中的文件，其余说明它；或者没有文件，text 等就是一篇 (files, and what is said of them; or the fields of one article)",
    "properties": {
        "file": {"type": "array", "items": {"type": "string", "format": "binary"}},
        "name": {**TEXT, "description": "文件名 (of the file)"},
        **_PUSHED["properties"],
    },
    "additionalProperties": False,
}
_BECAME = (
    "waiting", "added", "updated", "unchanged", "deleted", "unknown", "withdrawn", "refused", "superseded"
)  # fmt: skip
_JOB: Json = {
    "type": "object",
    "required": ["job", "state", "items", "error"],
    "properties": {
        "job": TEXT,
        "state": {"enum": ["waiting", "locked", "working", "done", "failed"]},
        "at": TEXT,
        "stage": TEXT,
        "done": NUMBER,
        "total": NUMBER,
        "generation": {**NUMBER, "description": "自此版本起可以找到 (found from this generation on)"},
        "error": {"anyOf": [{"type": "null"}, {"type": "object"}]},
        "items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "id": TEXT,
                    "do": {"enum": ["put", "delete"]},
                    "state": {"enum": list(_BECAME)},
                    "articles": {"type": "array", "items": TEXT},
                    "message": TEXT,
                    "reason": TEXT,
                },
            },
        },
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
            TEXT,
        ),
        "blocks": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "start": {"type": "integer"},
                    "end": {"type": "integer"},
                    "kind": TEXT,
                    "page": {"type": ["integer", "null"]},
                },
            },
        },
        "sources": {"type": "array", "items": TEXT},
    },
}
ARTICLE_SCHEMAS: Mapping[str, Json] = {
    "Article": _ARTICLE,
    "Articles": _ARTICLES,
    "Job": _JOB,
    "Passages": _PASSAGES,
    "Push": _PUSH,
    "PushForm": _FORM,
    "PushedArticle": _PUSHED,
}
"""The schemas by name."""
