"""Many questions in one request: the same objects, in the same order, as `ask -` prints."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from rag.errors import AskError, RagError
from rag.request import Request, read_ask
from rag.server.addresses import MAX_BATCH
from rag.server.service import Server

__all__ = ["MAX_BATCH", "answer_batch", "read_batch"]


def read_batch(fields: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the bodies of the asks: `questions` holds texts and bodies, what stands beside it holds for all.

    Raises AskError if that is no list or too long; what is wrong with one question is told in its place.
    """
    questions = fields.get("questions")
    if not isinstance(questions, list) or not questions or len(questions) > MAX_BATCH:
        raise AskError(
            f"questions is no list of 1 to {MAX_BATCH}.", f"questions 应为 1 到 {MAX_BATCH} 个问题的列表。"
        )
    shared = {
        name: value for name, value in fields.items() if name not in ("questions", "question", "history")
    }
    return [
        {**shared, **(question if isinstance(question, dict) else {"question": question})}
        for question in questions
    ]


async def answer_batch(server: Server, bodies: list[Mapping[str, Any]]) -> AsyncIterator[Mapping[str, Any]]:
    """Yield for each body its Answer or `{"question", "error"}`; one at a time, so that others get their turn."""
    for body in bodies:
        try:
            request: Request = server.checked(read_ask(body))
            yield (await server.ask_patiently(request)).to_json()
        except RagError as error:
            asked = body.get("question")
            yield {
                "question": asked if isinstance(asked, str) else "",
                "error": {"code": error.code, "message": error.message},
            }
