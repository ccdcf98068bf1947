"""The articles as tools of a language model's program: ask, search, article, by the Model Context Protocol.

Needs the extra `mcp` (`pip install ".[mcp]"`); nothing else imports this module.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from rag.bot import Bot
from rag.errors import RagError
from rag.records import Passage
from rag.render.answer_text import answer_plain
from rag.request import read_request

__all__ = ["make_server"]

INSTRUCTIONS = """新闻报道库，只用原文回答。ask 给出一句有引文的回答，或者说明为什么不能回答：照引文转述，不要补充引文里没有的内容。
search 找相关段落，article 读全文。日期写成 YYYY-MM-DD。"""

# What of an answer's JSON a model is given.
KEPT = (
    "question",
    "refused",
    "answer",
    "as_of",
    "confidence",
    "certainty",
    "citations",
    "closest",
    "variants",
)


class _Tools:
    """The tools; one question is answered at a time, as in the server."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self._lock = threading.Lock()

    def ask(self, question: str, since: str = "", until: str = "", publisher: str = "") -> dict[str, Any]:
        """Answer a question over the news by quoting, or refuse with the reason.

        `text` is the answer with its quotes as plain text; `citations` are their records. The dates since and until
        (YYYY-MM-DD) and publisher limit the articles; leave them empty for all.
        """
        fields = {"question": question, "since": since, "until": until, "publisher": publisher}
        with _spoken(), self._lock:
            answer = self.bot.run(read_request(fields)).answer
        found = answer.to_json()
        return {**{name: found[name] for name in KEPT}, "text": answer_plain(answer)}

    def search(self, question: str, limit: int = 5, since: str = "", until: str = "") -> list[dict[str, Any]]:
        """Return the passages of articles that fit a question or words best, best first; at most 20."""
        with _spoken(), self._lock:
            asked = read_request({"question": question, "since": since, "until": until, "k": limit})
            hits = self.bot.search(asked).hits[: asked.k]
        return [_passage(hit.passage) for hit in hits]

    def article(self, article_id: str) -> dict[str, Any]:
        """Return the whole article of an id that ask or search gave."""
        with _spoken():
            found = self.bot.store.article(article_id)
        names = ("title", "subtitle", "publisher", "author", "published", "url", "text")
        return {"article_id": found.id, **{name: getattr(found, name) for name in names}}


@contextmanager
def _spoken() -> Iterator[None]:
    """Turn an error of ours into the sentence that the model's program shows."""
    try:
        yield
    except RagError as error:
        raise ToolError(error.message) from None


def make_server(bot: Bot) -> MCPServer[Any]:
    """Return a server of the three tools; `run()` answers on stdin and stdout."""
    server: MCPServer[Any] = MCPServer("youju", title="有据", instructions=INSTRUCTIONS, log_level="WARNING")
    tools = _Tools(bot)
    for tool in (tools.ask, tools.search, tools.article):
        server.add_tool(tool)
    return server


def _passage(passage: Passage) -> dict[str, Any]:
    article = passage.article
    return {
        "article_id": article.id,
        "title": article.title,
        "publisher": article.publisher,
        "published": article.published,
        "start": passage.start,
        "end": passage.end,
        "text": passage.text,
    }
