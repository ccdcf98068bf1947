"""Search and the list of articles for programs: filters, pages, and what is refused by name."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.index.store import Store
from rag.records import Reading
from rag.server.app import create_app
from rag.server.security.keys import KeyStore, Scope
from rag.server.service import Answers
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.sample import PARKS, FakeBot

HERE = "http://127.0.0.1:7860"


@contextmanager
def client(bot: Answers | None = None, **changed: Any) -> Iterator[TestClient]:
    with TestClient(create_app(bot or FakeBot(), read_settings({}, **changed)), base_url=HERE) as opened:
        yield opened


@pytest.fixture(scope="module")
def seeds(seeds_bot: Bot) -> Iterator[TestClient]:
    with client(seeds_bot) as opened:
        yield opened


@pytest.mark.parametrize("by", ["meaning", "words"])
def test_a_passage_is_where_it_says(seeds: TestClient, by: str) -> None:
    found = seeds.get("/api/search", params={"q": "5G基站", "by": by}).json()
    assert found["passages"]
    for one in found["passages"]:
        article = seeds.get(f"/api/articles/{one['article_id']}").json()
        assert article["text"][one["start"] : one["end"]] == one["text"]
        assert one["source"] in article["sources"]
        assert seeds.get(one["permalink"]).status_code == 200
        assert (one["score"] is None) == (by == "words")
    scores = [one["score"] for one in found["passages"] if one["score"] is not None]
    assert scores == sorted(scores, reverse=True)


def test_the_pages_of_a_search_follow_each_other(seeds: TestClient) -> None:
    def page(offset: int, limit: int) -> Any:
        return seeds.get("/api/search", params={"q": "成都5G", "offset": offset, "limit": limit}).json()

    whole = page(0, 6)
    first, second = page(0, 3), page(3, 3)
    assert first["passages"] + second["passages"] == whole["passages"]
    assert first["next_offset"] == 3
    assert page(whole["total"], 3)["passages"] == []
    assert page(whole["total"] - 1, 3)["next_offset"] is None


def test_a_filter_holds_for_search_and_list(tmp_path: Path) -> None:
    with shelf(tmp_path) as http:
        every = http.get("/api/articles", params={"limit": 100}).json()["articles"]
        for said, fits in (
            ({"since": "2024-06-01"}, lambda row: row["published"] >= "2024-06-01"),
            ({"until": "2024-06-01"}, lambda row: row["published"] <= "2024-06-01"),
            ({"publisher": "蜀都日报"}, lambda row: row["publisher"] == "蜀都日报"),
            ({"q": "绵阳"}, lambda row: "绵阳" in row["title"]),
        ):
            kept = [row["article_id"] for row in every if fits(row)]
            assert 0 < len(kept) < len(every)
            listed = http.get("/api/articles", params={**said, "limit": 100}).json()
            assert ([row["article_id"] for row in listed["articles"]], listed["total"]) == (kept, len(kept))
            if "q" not in said:
                for by in ("meaning", "words"):
                    query = {"q": "建成", "by": by, "limit": 100, **said}
                    found = http.get("/api/search", params=query).json()["passages"]
                    assert {one["article_id"] for one in found} <= set(kept)
                    assert found


@contextmanager
def shelf(folder: Path) -> Iterator[TestClient]:
    """Serve an index of twenty dated articles of two publishers."""
    embedder, settings = FakeEmbedder(), read_settings({}, index=folder / "index")
    build([write_news(folder / "news.jsonl", news(20))], settings.index, embedder)
    reader = FakeReader()
    with (
        Store.open(settings.index, embedder.name, embedder.dim) as store,
        client(Bot(store, embedder, reader, settings)) as http,
    ):
        yield http


class FakeReader:
    """Marks nothing."""

    name = "none"

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        return [[] for _ in texts]


def test_the_list_has_pages(seeds: TestClient) -> None:
    whole = seeds.get("/api/articles").json()
    first = seeds.get("/api/articles", params={"limit": 1}).json()
    assert first["articles"] == whole["articles"][:1]
    assert (first["next_offset"], first["total"]) == (1, whole["total"])
    assert set(first["articles"][0]) == {
        *("article_id", "external_id", "title", "publisher", "published", "url", "sources", "passages")
    }


@pytest.mark.parametrize(
    ("path", "query", "named"),
    [
        ("/api/search", {"q": "公园", "publishr": "x"}, "publisher"),
        ("/api/search", {"q": "公园", "publisher": "滨江早报"}, "滨江日报"),
        ("/api/search", {"q": "公园", "since": "2024-05-02", "until": "2024-05-01"}, "晚于"),
        ("/api/search", {"q": "公园", "since": "昨天"}, "since"),
        ("/api/search", {"q": "公园", "limit": "0"}, "limit"),
        ("/api/search", {"q": "公园", "offset": "-1"}, "offset"),
        ("/api/search", {"q": "公园", "by": "magic"}, "by"),
        ("/api/search", {"q": "公园", "sort": "date"}, "by=words"),
        ("/api/search", {}, "请输入"),
        ("/api/search", [("q", "公园"), ("q", "座")], "q "),
        ("/api/articles", {"page": "2"}, "page"),
        ("/api/articles", {"publisher": "没有的报"}, "没有的报"),
    ],
)
def test_what_a_query_says_wrongly_is_named(path: str, query: Any, named: str) -> None:
    with client() as http:
        reply = http.get(path, params=query)
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "bad_field")
    assert named in reply.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream"])
@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"publishr": "滨江日报"}, "publisher"),
        ({"publisher": "滨江早报"}, "滨江日报"),
        ({"since": "2024-05-02", "until": "2024-05-01"}, "晚于"),
        ({"history": [{"role": "user", "contnt": "问"}]}, "content"),
        ({"history": "问"}, "history"),
    ],
)
def test_what_an_ask_says_wrongly_is_named(path: str, more: Any, named: str) -> None:
    with client() as http:
        reply = http.post(path, json={"question": "有多少座公园？", **more})
        batch = http.post("/api/ask/batch", json={"questions": [{"question": "有多少座公园？", **more}]})
    assert (reply.status_code, reply.json()["error"]["code"]) == (422, "bad_field")
    assert named in reply.json()["error"]["message"]
    assert named in batch.json()["answers"][0]["error"]["message"]


def test_the_history_may_be_messages() -> None:
    bot = FakeBot()
    history = [
        {"role": "system", "content": "忽略"},
        {"role": "user", "content": "诺华的总部在哪里？"},
        {"role": "assistant", "content": "诺华的总部在巴塞尔 [1]\n\n> 总部设在**巴塞尔**。"},
        {"role": "user", "content": "好"},
    ]
    with client(bot) as http:
        assert http.post("/api/ask", json={"question": "有多少人？", "history": history}).status_code == 200
    turns = [(turn.question, turn.answer) for turn in bot.asked[0][1]]
    assert turns == [("诺华的总部在哪里？", "巴塞尔"), ("好", "")]


def test_links_carry_the_path_that_a_proxy_shows(seeds_bot: Bot) -> None:
    with client(seeds_bot, root_path="/news") as http:
        answer = http.post("/news/api/ask", json={"question": "成都有多少5G基站？"}).json()
        found = http.get("/news/api/search", params={"q": "成都5G"}).json()
        links = [one["permalink"] for one in (*answer["citations"], *found["passages"])]
        assert links
        assert all(http.get(link).status_code == 200 for link in links)
    assert {link.partition("/articles/")[0] for link in links} == {"/news"}


def test_an_article_is_found_by_the_id_of_whoever_wrote_its_file(tmp_path: Path) -> None:
    bot = FakeBot()
    bot.store.articles = {PARKS.id: type(PARKS)(**{**_fields(PARKS), "external_id": "cms/12"})}
    with client(bot) as http:
        assert http.get("/api/articles/cms/12").json()["article_id"] == PARKS.id
        assert http.get("/api/articles/cms%2F12").json()["external_id"] == "cms/12"
        assert http.get("/api/articles/cms/13").status_code == 404


def _fields(article: Any) -> dict[str, Any]:
    return {name: getattr(article, name) for name in article.__dataclass_fields__}


@pytest.mark.parametrize(
    ("scopes", "status"), [((), 401), (("ask",), 403), (("push",), 403), (("read",), 200), (("page",), 200)]
)
@pytest.mark.parametrize("path", ["/api/search?q=公园", "/api/articles"])
def test_who_may_read_may_search(tmp_path: Path, scopes: tuple[Scope, ...], status: int, path: str) -> None:
    headers = {}
    if scopes:
        headers = {"authorization": f"Bearer {KeyStore(tmp_path).add('k', scopes)[1]}"}
    with client(access="key", state=tmp_path) as http:
        assert http.get(path, headers=headers).status_code == status


def test_a_search_counts_as_a_question_and_a_list_does_not() -> None:
    with client(rate="2/hour") as http:
        assert [http.get("/api/search?q=公园").status_code for _ in range(3)] == [200, 200, 429]
        assert http.get("/api/articles").status_code == 200
