"""The shapes of bodies, replies and queries, as the OpenAPI description has them."""

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from rag.records import Answer
from rag.request import DEFAULT_K, MAX_K, MAX_PUBLISHER, MAX_QUESTION, MAX_TURNS
from rag.server.addresses import MAX_BATCH, MAX_PAGE
from rag.server.feedback import VERDICTS

__all__ = ["QUERY", "reference", "schemas"]

Json = Mapping[str, Any]

_TEXT: Json = {"type": "string"}
_DATE: Json = {"type": "string", "description": "YYYY-MM-DD", "examples": ["2024-11-12"]}
_NUMBER: Json = {"type": "integer"}
_TURN: Json = {"type": "object", "properties": {"question": _TEXT, "answer": _TEXT}}
_SAID: Json = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {"role": _TEXT, "content": {"type": ["string", "null"]}, "name": _TEXT},
    "additionalProperties": False,
}
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
            "items": {"anyOf": [_TURN, _SAID]},
            "description": f"前面的问答或消息，最近的在最后，读最后 {MAX_TURNS} 轮 (earlier turns or messages, latest last)",
        },
        **_LIMITS,
        "explain": {"type": "boolean", "description": "附上每一步的依据 (say how the answer came about)"},
    },
    "additionalProperties": False,
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
_PLACE: Json = {
    "total": {**_NUMBER, "description": "一共 (entries in all)"},
    "offset": _NUMBER,
    "limit": _NUMBER,
    "next_offset": {
        "type": ["integer", "null"],
        "description": "下一页从此开始 (where the next page begins)",
    },
}
_ROW: Json = {
    **dict.fromkeys(["article_id", "external_id", "title", "publisher", "published", "url"], _TEXT),
    **dict.fromkeys(["sources", "passages"], _NUMBER),
}
_ARTICLES: Json = {
    "type": "object",
    "required": [*_PLACE, "generation", "articles"],
    "properties": {
        **_PLACE,
        "generation": _NUMBER,
        "articles": {
            "type": "array",
            "items": {"type": "object", "required": [*_ROW], "properties": _ROW},
        },
    },
}
_PASSAGE: Json = {
    **dict.fromkeys(
        ["article_id", "external_id", "title", "publisher", "published", "source", "url", "text", "heading"],
        _TEXT,
    ),
    "start": {**_NUMBER, "description": "text == article.text[start:end]，按字符 (code points, half open)"},
    "end": _NUMBER,
    "kind": _TEXT,
    "page": {"type": ["integer", "null"], "description": "PDF 的页 (from 1, in a file of pages)"},
    "score": {"type": ["number", "null"], "description": "越大越好；按字词时没有 (higher is better)"},
    "permalink": {**_TEXT, "description": "打开全文并标出此段 (opens the article at the passage)"},
}
_PASSAGES: Json = {
    "type": "object",
    "required": ["query", "by", *_PLACE, "all_words", "passages"],
    "properties": {
        "query": _TEXT,
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
_MODEL: Json = {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {"id": _TEXT, "object": _TEXT, "created": _NUMBER, "owned_by": _TEXT},
}
QUERY: Mapping[str, Json] = {
    "q": {
        **_TEXT,
        "maxLength": MAX_QUESTION,
        "description": "搜索：问题或字词；列表：标题中的字 (what is looked for)",
    },
    **{name: _LIMITS[name] for name in ("since", "until", "publisher")},
    "folder": {**_TEXT, "description": "只列此文件夹的报道 (only of this folder)"},
    "by": {"enum": ["meaning", "words"], "default": "meaning", "description": "按意思或按字词 (by what)"},
    "sort": {
        "enum": ["relevance", "date"],
        "default": "relevance",
        "description": "按字词时可按日期 (date: by=words)",
    },
    "offset": {**_NUMBER, "minimum": 0, "maximum": 1_000_000_000, "default": 0},
    "limit": {**_NUMBER, "minimum": 1, "maximum": MAX_PAGE, "default": 20},
}
"""What may stand behind a question mark."""
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


def schemas() -> Json:
    """Return the schemas by name."""
    answer = TypeAdapter(Answer).json_schema(
        ref_template="#/components/schemas/{model}", mode="serialization"
    )
    parts = answer.pop("$defs")
    answer = parts.pop("Answer", answer)  # among the parts, for an Answer may have Answers
    answer["required"] = [name for name in answer["properties"] if name != "explain"]
    either = {"anyOf": [reference("Answer"), reference("Error")]}
    listed = {
        "type": "object",
        "required": ["answers"],
        "properties": {"answers": {"type": "array", "items": either}},
    }
    return {
        **parts,
        "Answer": answer,
        "Answers": listed,
        "Articles": _ARTICLES,
        "Article": _ARTICLE,
        "Ask": _ASK,
        "Batch": _BATCH,
        "Chat": _CHAT,
        "Completion": {"type": "object", "required": ["id", "object", "created", "model", "choices"]},
        "Error": _ERROR,
        "Feedback": _FEEDBACK,
        "Model": _MODEL,
        "Models": {"type": "object", "required": ["object", "data"]},
        "Passages": _PASSAGES,
        "Status": {"type": "object", "required": ["status"], "properties": {"status": _TEXT}},
    }


def reference(name: str) -> Json:
    """Return what refers to a schema."""
    return {"$ref": f"#/components/schemas/{name}"}
