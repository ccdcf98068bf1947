"""The shapes of bodies, replies and queries, as the OpenAPI description has them."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from rag.editing.added import MAX_FIELD
from rag.editing.pushed import MAX_ID
from rag.records import Answer
from rag.request import DEFAULT_K, MAX_K, MAX_PUBLISHER, MAX_QUESTION, MAX_TURNS
from rag.server.addresses import MAX_BATCH, MAX_PAGE
from rag.server.api.article_schemas import ARTICLE_SCHEMAS
from rag.server.api.schema_parts import DATE, NUMBER, TEXT, Json, reference
from rag.server.feedback import VERDICTS

__all__ = ["QUERY", "schemas"]

_TURN: Json = {"type": "object", "properties": {"question": TEXT, "answer": TEXT}}
_SAID: Json = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {"role": TEXT, "content": {"type": ["string", "null"]}, "name": TEXT},
    "additionalProperties": False,
}
_LIMITS: Json = {
    "today": {**DATE, "description": "今年、去年由此推算；缺省为服务器当天 (the day 今年 refers to)"},
    "since": {**DATE, "description": "只用此日及以后的报道 (published on this day or later)"},
    "until": {**DATE, "description": "只用此日及以前的报道 (published on this day or earlier)"},
    "publisher": {
        **TEXT,
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
        "question": {**TEXT, "minLength": 1, "maxLength": MAX_QUESTION},
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
            "items": {"anyOf": [TEXT, {"$ref": "#/components/schemas/Ask"}]},
        },
        **_LIMITS,
    },
}
_MESSAGE: Json = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": TEXT,
        "content": {"type": ["string", "array", "null"], "items": {"type": "object"}},
    },
}
_CHAT: Json = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "model": TEXT,
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "stream": {"type": "boolean"},
        **_LIMITS,
    },
}
_FEEDBACK: Json = {
    "type": "object",
    "required": ["id", "verdict", "question", "generation"],
    "properties": {
        "id": {**TEXT, "maxLength": 64},
        "token": {
            **TEXT,
            "maxLength": 64,
            "description": "随机文字；同一 id 只有带同一 token 的人能改 (whoever knows it may change the entry)",
        },
        "verdict": {"enum": list(VERDICTS)},
        "question": TEXT,
        "generation": {"type": "integer"},
        "answer": {"type": "object"},
        "comment": TEXT,
        "expected": TEXT,
        "turns": {"type": "array", "items": TEXT},
    },
}
_MODEL: Json = {
    "type": "object",
    "required": ["id", "object", "created", "owned_by"],
    "properties": {"id": TEXT, "object": TEXT, "created": NUMBER, "owned_by": TEXT},
}
QUERY: Mapping[str, Json] = {
    "id": {**TEXT, "maxLength": MAX_ID, "description": "文件的编号 (of a file)"},
    "name": {**TEXT, "description": "文件名，说明是哪种文件 (of a file: its suffix says its kind)"},
    **{name: {**TEXT, "maxLength": MAX_FIELD} for name in ("title", "author")},
    "published": DATE,
    "url": TEXT,
    "q": {
        **TEXT,
        "maxLength": MAX_QUESTION,
        "description": "搜索：问题或字词；列表：标题中的字 (what is looked for)",
    },
    **{name: _LIMITS[name] for name in ("since", "until", "publisher")},
    "folder": {**TEXT, "description": "只列此文件夹的报道 (only of this folder)"},
    "by": {"enum": ["meaning", "words"], "default": "meaning", "description": "按意思或按字词 (by what)"},
    "sort": {
        "enum": ["relevance", "date"],
        "default": "relevance",
        "description": "按字词时可按日期 (date: by=words)",
    },
    "offset": {**NUMBER, "minimum": 0, "maximum": 1_000_000_000, "default": 0},
    "limit": {**NUMBER, "minimum": 1, "maximum": MAX_PAGE, "default": 20},
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
                "code": TEXT,
                "message": {**TEXT, "description": "中文，可直接显示 (to be shown)"},
                "type": TEXT,
                "param": {"type": ["string", "null"], "description": "不对的字段 (the field at fault)"},
            },
        }
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
        **ARTICLE_SCHEMAS,
        "Answers": listed,
        "Ask": _ASK,
        "Batch": _BATCH,
        "Chat": _CHAT,
        "Completion": {"type": "object", "required": ["id", "object", "created", "model", "choices"]},
        "Error": _ERROR,
        "Feedback": _FEEDBACK,
        "Model": _MODEL,
        "Models": {"type": "object", "required": ["object", "data"]},
        "Status": {
            "type": "object",
            "required": ["status"],
            "properties": {
                "status": TEXT,
                "generation": {"type": "integer"},
                "database": {"enum": ["up", "away"]},
                "since": TEXT,
            },
        },
    }
