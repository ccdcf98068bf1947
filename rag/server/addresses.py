"""Every address the server answers at, in one table: access, limits, headers, counts and the description are read off it.

What is not listed is shut. A new route is a row here, a handler, and a line in `rag.server.routes`.
"""

import re
from dataclasses import dataclass
from typing import Literal

from rag.editing.drafts import MAX_FILE
from rag.server.security.keys import Scope

__all__ = [
    "ADDRESSES",
    "ARTICLE_FIELDS",
    "FILE_FIELDS",
    "LISTING",
    "MAX_BATCH",
    "MAX_BODY",
    "MAX_PAGE",
    "MAX_PUSH",
    "MAX_PUSHED",
    "OTHER",
    "SEARCHING",
    "Address",
    "Described",
    "address_of",
]

MAX_BODY = 64 * 1024
MAX_BATCH = 100
"""Questions; at 0.2 s each a batch is done before a proxy gives up on it (60 s)."""
MAX_BATCH_BODY = 512 * 1024
"""A hundred questions of 1000 characters, and some of their history."""
MAX_DESK_BODY = 256 * 1024
"""Titles, days and publishers of as many files as may wait at once."""
MAX_PAGE = 100
"""Entries of one page of a list."""
FILTERS = ("since", "until", "publisher")
PAGING = ("offset", "limit")
LISTING = ("q", *FILTERS, "folder", *PAGING)
SEARCHING = ("q", *FILTERS, "by", "sort", *PAGING)
"""What may stand behind the question mark of a list and of a search."""
MAX_PUSH = 8_000_000
"""Bytes of articles pushed as JSON at once; a file may have MAX_FILE."""
MAX_PUSHED = 1_000
"""Articles pushed at once."""
FILE_FIELDS = ("id", "name", "title", "published", "publisher", "author", "url")
"""What may be said of a file that is pushed."""
ARTICLE_FIELDS = ("id", "text", "title", "published", "publisher", "author", "url")
OTHER = "page"
"""What Gradio's files and everything unknown are counted as."""

Costs = Literal["post", "always", "query", "never"]
GET, POST, PUT, DELETE = ("GET",), ("POST",), ("PUT",), ("DELETE",)
FORM = ("GET", "POST")


@dataclass(frozen=True, slots=True)
class Described:
    """What the OpenAPI description says of an address; what has none is no part of the API."""

    said: str
    reply: str
    """A schema, or a media type."""
    name: str
    """The operationId: how a client that is made of the description calls it."""
    body: str = ""
    """A schema."""
    errors: tuple[int, ...] = ()
    """Statuses beside those that follow from its access, its methods and its body."""
    query: tuple[str, ...] = ()
    """What may stand behind the question mark, of `rag.server.api.schemas.QUERY`."""
    success: int = 200
    tag: str = "ask"


@dataclass(frozen=True, slots=True)
class Address:
    """What holds for one address; each default is the strictest, or what most have."""

    path: str
    """With {names} for one part each, {name:path} for several; one that ends with / is everything below it."""
    needs: Scope | None
    """What its visitor must be allowed; None is nothing, for what shows nothing of the articles."""
    methods: tuple[str, ...] = GET
    costs: Costs = "post"
    """Which requests count as a question of the visitor: those that send something, all, also those with a query, none."""
    in_line: bool = False
    """Every request is one question in line, and is turned away before anything else where the line is full."""
    most_body: int = MAX_BODY
    """Bytes."""
    counted_as: str = ""
    """The label of its counts; "" is its path without what varies."""
    ours: bool = True
    """Not Gradio's, whose page needs a wider policy."""
    framed: bool = False
    """Pages of the listed origins may show it in a frame."""
    form: bool = False
    """Holds a form that the browser itself sends."""
    printed: bool = False
    """A file that the browser shows by itself, a PDF or a picture."""
    shared: bool = False
    """Any site may load it."""
    inside: bool = False
    """Pages of other origins never reach it, listed ones neither."""
    streamed: bool = False
    """Its body is handed on as it comes, to whoever may send it; the handler limits it."""
    any_host: bool = False
    """Answers under any host name: it shows nothing of the articles, and says which name to list."""
    caching: str = ""
    described: Described | None = None

    @property
    def label(self) -> str:
        """Under what its requests are counted."""
        return self.counted_as or self.path.partition("{")[0]


def _gradio(path: str, needs: Scope | None = "page", caching: str = "") -> Address:
    return Address(path, needs, counted_as=OTHER, ours=False, caching=caching)


def _desk(
    path: str, methods: tuple[str, ...] = GET, most_body: int = MAX_BODY, *, streamed: bool = False
) -> Address:
    return Address(
        path, "edit", methods, costs="never", most_body=most_body, counted_as="/desk", form=True, inside=True, streamed=streamed
    )  # fmt: skip


def _push(path: str, methods: tuple[str, ...], described: Described) -> Address:
    return Address(
        path, "push", methods, costs="never", most_body=MAX_FILE, inside=True, streamed=methods in (POST, PUT), described=described
    )  # fmt: skip


ADDRESSES = (
    # For programs.
    Address("/api/ask", "ask", POST, in_line=True, described=Described("提问，得到回答与引文 · Ask", "Answer", "ask", "Ask")),
    Address("/api/ask/stream", "ask", POST, in_line=True, described=Described("提问，逐步得知进展 · Ask, with stages as server-sent events", "text/event-stream", "askStream", "Ask")),
    Address("/api/ask/batch", "ask", POST, most_body=MAX_BATCH_BODY, described=Described(f"一次提问至多 {MAX_BATCH} 个问题 · Ask many", "Answers", "askBatch", "Batch")),
    Address("/api/search", "read", costs="query", described=Described("搜索段落，按意思或按字词 · Passages that fit, by meaning or by words", "Passages", "search", query=SEARCHING, tag="articles")),
    Address("/api/articles", "read", described=Described("报道列表，新的在前 · The articles, latest first", "Articles", "listArticles", query=LISTING, tag="articles")),
    Address("/api/articles/{id:path}", "read", described=Described("一篇报道的全文，按编号或推送时的编号 · An article by its id, or the id that it was pushed with", "Article", "getArticle", errors=(404, 410), tag="articles")),
    _push("/api/articles", POST, Described("推送报道或文件，新增或替换 · Push articles or a file", "Job", "pushArticles", "Push", success=202, query=FILE_FIELDS, tag="articles")),
    _push("/api/articles/{id:path}", PUT, Described("以此编号新增或替换一篇 · Add or replace an article under an id", "Job", "putArticle", "PushedArticle", success=202, query=FILE_FIELDS[1:], tag="articles")),
    _push("/api/articles/{id:path}", DELETE, Described("删除以此编号推送的 · Delete what was pushed under an id", "Job", "deleteArticle", errors=(422,), success=202, tag="articles")),
    _push("/api/jobs/{id}", GET, Described("推送进行得怎样 · How far a push is", "Job", "getJob", errors=(404,), tag="articles")),
    Address("/api/feedback", "ask", POST, described=Described("评价一个回答 · Judge an answer", "Status", "judge", "Feedback", (409,))),
    Address("/v1/chat/completions", "ask", POST, in_line=True, described=Described("与 OpenAI 客户端兼容 · For OpenAI's clients", "Completion", "createChatCompletion", "Chat", tag="openai")),
    Address("/v1/models", "ask", described=Described("模型列表 · The models", "Models", "listModels", tag="openai")),
    Address("/v1/models/{name}", "ask", counted_as="/v1/models", described=Described("一个模型 · A model", "Model", "retrieveModel", errors=(404,), tag="openai")),
    Address("/healthz", None, described=Described("进程在运行 · The process lives", "Status", "alive", tag="service")),
    Address("/readyz", None, described=Described("可以提问 · Questions are taken", "Status", "ready", tag="service")),
    Address("/metrics", "metrics", described=Described("供 Prometheus 读取的计数 · Counts for Prometheus", "text/plain", "metrics", tag="service")),
    Address("/openapi.json", "read"),
    Address("/docs", "read"),
    # For people, and for the scripts of the page.
    Address("/articles/{id}", "read"),
    Address("/articles/{id}/original", "read", costs="always", printed=True),
    Address("/library", "read", form=True),
    Address("/search", "read", costs="query", form=True),
    Address("/page/start", "read", counted_as="/page/"),
    Address("/page/ask", "ask", POST, counted_as="/page/"),
    Address("/page/why", "ask", POST, counted_as="/page/"),
    Address("/page/articles/{id}", "read", counted_as="/page/"),
    Address("/page/articles/{id}/next", "read", costs="always", counted_as="/page/"),
    _desk("/desk"),
    _desk("/desk/state"),
    _desk("/desk/inbox"),
    _desk("/desk/questions.jsonl"),
    _desk("/desk/files", POST, most_body=MAX_FILE, streamed=True),
    _desk("/desk/do", POST, most_body=MAX_DESK_BODY),
    Address("/login", None, FORM, form=True),
    Address("/logout", None, POST),
    # For the pages of others.
    Address("/embed", None, framed=True),
    Address("/embed/ask", "ask", POST, framed=True),
    Address("/embed/doctor", None, costs="query", counted_as="/embed", framed=True, form=True, any_host=True),
    Address("/widget.js", None, shared=True),
    Address("/widget/1.js", None, shared=True, counted_as="/widget.js"),
    # Files: ours are asked for again, so that a new version is seen at once; Gradio's are named by their content.
    Address("/web/", None, any_host=True, caching="no-cache"),
    _gradio("/assets/", caching="public, max-age=31536000, immutable"),
    # Everything Gradio's page asks for; the rest of its routes (uploads, files, proxy, run history, code editing, …)
    # stays shut, and so does a new version's new route until it is listed here.
    _gradio("/static/"),
    _gradio("/"),
    _gradio("/config"),
    _gradio("/favicon.ico", None),
    _gradio("/manifest.json"),
    _gradio("/robots.txt", None),
    _gradio("/theme.css"),
    _gradio("/gradio_api/theme.css"),
)  # fmt: skip


_several, _one = re.compile(r"\\{\w+:path\\}"), re.compile(r"\\{\w+\\}")


def _pattern(path: str) -> re.Pattern[str]:
    """Return what a path fits: / alone is itself, not everything."""
    said = _one.sub("[^/]+", _several.sub("(?s:.+)", re.escape(path)))
    return re.compile(said + "(?s:.*)" * (path.endswith("/") and path != "/"))


_PATTERNS = tuple((_pattern(address.path), address) for address in ADDRESSES)


def address_of(path: str, method: str = "GET") -> Address | None:
    """Return the address that a path below the mount belongs to, None where nothing answers.

    Several may share a path, each with methods of its own; a method that none takes is answered by the first.

    >>> address_of("/api/articles/0123456789ab").path
    '/api/articles/{id:path}'
    """
    found = [address for pattern, address in _PATTERNS if pattern.fullmatch(path)]
    wanted = "GET" if method == "HEAD" else method
    return next((address for address in found if wanted in address.methods), found[0] if found else None)
