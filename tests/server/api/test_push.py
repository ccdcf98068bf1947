"""Pushing over HTTP: who may, what is taken, what is refused by name, and the job that tells what became of it."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.config import read_settings
from rag.index.build.builder import build
from rag.index.store import Store
from rag.server.app import create_app
from rag.server.security.keys import KeyStore, Scope
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.sample import FakeBot

HERE = "http://127.0.0.1:7860"
STORY = {
    "title": "新馆开放",
    "text": "临江市图书馆新馆向公众开放，有阅览座位1200个。",
    "published": "2024-05-06",
}
ADDRESSES = (
    ("POST", "/api/articles"),
    ("PUT", "/api/articles/a"),
    ("DELETE", "/api/articles/a"),
    ("GET", "/api/jobs/0123456789abcdef"),
)


@contextmanager
def client(folder: Path, peer: str = "127.0.0.1", **changed: Any) -> Iterator[TestClient]:
    """Serve an index of three articles to someone at `peer`."""
    index = folder / "index"
    if not index.exists():
        build([write_news(folder / "news" / "old.jsonl", news(3))], index, FakeEmbedder())
    where = {"index": index, "state": folder / "state", "added": folder / "added"}
    app = create_app(FakeBot(), read_settings({}, **(where | changed)))
    with TestClient(app, HERE, client=(peer, 1)) as http:
        yield http


def ended(http: TestClient, reply: Any) -> Any:
    """Poll the job that a reply names until it has ended."""
    assert reply.status_code == 202, reply.text
    late = time.monotonic() + 120
    while (job := http.get(reply.headers["location"]).json())["state"] not in ("done", "failed"):
        assert time.monotonic() < late
        time.sleep(0.02)
    return job


def states(job: Any) -> list[tuple[str, str]]:
    return [(item["id"], item["state"]) for item in job["items"]]


def titles(folder: Path) -> set[str]:
    with Store.open(folder / "index", "fake", 64) as store:
        return {row.title for row in store.catalogue.articles()}


def test_an_id_with_a_line_feed_is_refused_as_an_id_and_not_as_an_unknown_page(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        assert [
            http.request(method, "/api/articles/a%0Ab", json={}).status_code for method in ("PUT", "DELETE")
        ] == [422, 422]
        assert http.get("/api/articles/a%0Ab").json()["error"]["message"] == "库中没有这篇报道。"


def test_articles_are_pushed_replaced_and_deleted(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        both = [{"id": "cms/1", **STORY}, {"id": "cms-2", **STORY, "title": "新桥通车"}]
        job = ended(http, http.post("/api/articles", json={"articles": both}))
        assert states(job) == [("cms/1", "added"), ("cms-2", "added")]
        assert {"新馆开放", "新桥通车"} <= titles(tmp_path)
        assert job["generation"] == 2
        again = ended(http, http.put("/api/articles/cms/1", json={**STORY, "title": "新馆开放一周"}))
        assert states(again) == [("cms/1", "updated")]
        gone = ended(http, http.delete("/api/articles/cms%2F1"))
        assert states(gone) == [("cms/1", "deleted")]
        assert titles(tmp_path) & {"新馆开放", "新馆开放一周", "新桥通车"} == {"新桥通车"}


def test_without_an_id_the_content_is_one_so_that_a_push_may_be_repeated(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        first = ended(http, http.post("/api/articles", json=STORY))
        second = ended(http, http.post("/api/articles", json=STORY))
        other = ended(http, http.post("/api/articles", json={**STORY, "title": "另一篇"}))
    [(ident, became)] = states(first)
    assert (ident[:7], became) == ("sha256-", "added")
    assert states(second) == [(ident, "unchanged")]
    assert states(other)[0][1] == "added"


def test_a_file_is_pushed_as_the_body_with_what_is_known_of_it(tmp_path: Path) -> None:
    text = "临江市图书馆新馆开放\n临江市图书馆新馆向公众开放，有阅览座位1200个。\n".encode()
    with client(tmp_path) as http:
        query = {"id": "f1", "name": "新馆.txt", "publisher": "临江日报", "published": "2024-05-06"}
        job = ended(http, http.post("/api/articles", params=query, content=text))
        assert states(job) == [("f1", "added")]
        put = http.put(
            "/api/articles/f1", content=text, headers={"content-type": "text/plain; charset=utf-8"}
        )
        assert states(ended(http, put)) == [("f1", "updated")]
        unread = ended(http, http.put("/api/articles/f2?name=a.pdf", content=b"no pdf"))
    assert states(unread) == [("f2", "refused")]
    assert unread["items"][0]["message"]
    assert "state" not in unread["items"][0]["reason"].partition("a.pdf")[0]  # no folder of the server's


@pytest.mark.parametrize(
    ("sent", "named"),
    [
        ({}, "text"),
        ({"text": "。。"}, "text"),
        ({"text": 5}, "text"),
        ({"text": "新馆\ud800"}, "text"),
        ({**STORY, "titel": "x"}, "title"),
        ({**STORY, "published": "昨天"}, "YYYY-MM-DD"),
        ({**STORY, "url": "javascript:alert(1)"}, "url"),
        ({**STORY, "id": ""}, "id"),
        ({**STORY, "id": "a\nb"}, "id"),
        ({**STORY, "title": 5}, "title"),
        ({"articles": []}, "articles"),
        ({"articles": [STORY] * 1001}, "articles"),
        ({"articles": [STORY, {"title": "无正文"}]}, "articles[1]"),
        ({"articles": [STORY], "text": "x"}, "text"),
    ],
)
def test_what_is_wrong_with_an_article_is_named(tmp_path: Path, sent: Any, named: str) -> None:
    with client(tmp_path) as http:
        headers = {"content-type": "application/json"}
        reply = http.post("/api/articles", content=json.dumps(sent), headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (422, "bad_field")
        assert named in reply.json()["error"]["message"]
        assert not [path for path in (tmp_path / "state" / "push").glob("*")]


def test_what_is_wrong_with_a_file_is_named(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        tries = [
            (http.put("/api/articles/a", content=b"x"), "可以读入"),
            (http.put("/api/articles/a?name=a.exe", content=b"x"), "exe"),
            (http.put("/api/articles/a?name=a.txt", content=b""), "空"),
            (http.put("/api/articles/a?name=a.txt&titel=b", content=b"x"), "title"),
            (http.put("/api/articles/a?name=a.txt&id=b", content=b"x"), "id"),
            (http.put("/api/articles/a", json={**STORY, "id": "b"}), "id"),
            (http.post("/api/articles", data={"text": "新馆"}), "表单"),
        ]
        for reply, named in tries:
            assert reply.status_code == 422
            assert named in reply.json()["error"]["message"]
        assert (
            http.post("/api/articles", content=b"{", headers={"content-type": "application/json"}).status_code
            == 400
        )
        large = http.post("/api/articles", json={"text": "字" * 3_000_000})
        assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")


PLAIN = "临江市图书馆新馆开放\n临江市图书馆新馆向公众开放，有阅览座位1200个。\n".encode()


def test_a_form_brings_files_and_what_is_said_of_them(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        said = {"id": "f1", "publisher": "临江日报", "published": "2024-05-06", "title": "新馆开放了"}
        one = http.post("/api/articles", files={"file": ("新馆.txt", PLAIN)}, data=said)
        assert states(ended(http, one)) == [("f1", "added")]
        with Store.open(tmp_path / "index", "fake", 64) as store:
            [row] = [row for row in store.catalogue.articles() if row.title == "新馆开放了"]
        assert (row.external_id, row.publisher, row.published) == ("f1", "临江日报", "2024-05-06")
        page = "<html><head><title>新桥通车</title></head><body><h1>新桥通车</h1><p>临江大桥5月6日通车，全长1200米，往返六车道。</p></body></html>"
        several: list[Any] = [
            ("file", ("a.txt", PLAIN + "又讯。".encode())),
            ("file", ("page", page.encode(), "text/html")),
        ]
        both = ended(http, http.post("/api/articles", files=several, data={"publisher": "临江日报"}))
        assert [became for _, became in states(both)] == ["added", "added"]
        again = ended(http, http.post("/api/articles", files=several, data={"publisher": "临江日报"}))
        assert [became for _, became in states(again)] == ["unchanged", "unchanged"]
        put = http.put("/api/articles/f1", files={"file": ("b.txt", PLAIN)}, data={"title": "新馆"})
        assert states(ended(http, put)) == [("f1", "updated")]


def test_a_form_without_a_file_is_an_article(tmp_path: Path) -> None:
    fields = {name: (None, value) for name, value in {**STORY, "id": "f9"}.items()}
    with client(tmp_path) as http:
        assert states(ended(http, http.post("/api/articles", files=fields))) == [("f9", "added")]
    assert "新馆开放" in titles(tmp_path)


def test_what_is_wrong_with_a_form_is_named(tmp_path: Path) -> None:
    text, two = ("a.txt", PLAIN), [("file", ("a.txt", PLAIN)), ("file", ("b.txt", PLAIN))]
    forms: list[tuple[Any, Any, int, str]] = [
        ({"file": text}, {"titel": "b"}, 422, "title"),
        ({"file": ("a.exe", b"x")}, {}, 422, "exe"),
        ({"file": ("a.txt", b"")}, {}, 422, "空"),
        ({"title": text}, {}, 422, "file"),
        ({"datei": text}, {}, 422, "datei"),
        ({"file": text}, {"text": "正文。"}, 422, "text"),
        ({"file": text}, {"published": "昨天"}, 422, "YYYY-MM-DD"),
        (two, {"id": "a"}, 422, "id"),
        ({"title": (None, "无正文")}, {}, 422, "text"),
        ({"name": (None, "a.txt")}, {}, 422, "file"),
        ([("id", (None, "a")), ("id", (None, "b")), ("file", text)], {}, 422, "id"),
    ]
    with client(tmp_path) as http:
        for files, data, status, named in forms:
            reply = http.post("/api/articles", files=files, data=data)
            assert (reply.status_code, named in reply.json()["error"]["message"]) == (status, True), (
                reply.text
            )
        kind = {"content-type": "multipart/form-data; boundary=x"}
        for body in (b"nonsense", b"--x\r\n\r\n"):
            assert http.post("/api/articles", content=body, headers=kind).status_code == 400
        bare = {"content-type": "multipart/form-data"}
        assert http.post("/api/articles", content=b"--x--", headers=bare).status_code == 400
        large = http.post("/api/articles", files={"file": ("a.txt", b"x" * 33_000_000)})
        assert large.status_code == 413
        put = http.put("/api/articles/a", files=two)
        assert (put.status_code, "2" in put.json()["error"]["message"]) == (422, True)
    assert not [path for path in (tmp_path / "state" / "push").glob("*")]


@pytest.mark.parametrize(
    ("scopes", "status"),
    [((), 401), (("ask", "read"), 403), (("page",), 403), (("edit",), 403), (("push",), 202)],
)
def test_a_key_needs_the_scope_of_its_own(tmp_path: Path, scopes: tuple[Scope, ...], status: int) -> None:
    headers = {}
    if scopes:
        headers = {"authorization": f"Bearer {KeyStore(tmp_path / 'state').add('k', scopes)[1]}"}
    with client(tmp_path, "192.0.2.9", access="key") as http:
        assert http.put("/api/articles/a", json=STORY, headers=headers).status_code == status
        asks = http.post("/api/ask", json={"question": "有多少座公园？"}, headers=headers)
    if scopes == ("push",):
        assert asks.status_code == 403


@pytest.mark.parametrize(
    ("peer", "headers", "changed"),
    [
        ("192.0.2.9", {}, {}),
        ("127.0.0.1", {}, {"host": "0.0.0.0"}),
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.9"}, {}),
        ("127.0.0.1", {}, {"edit": False}),
        ("127.0.0.1", {"origin": "http://portal.test"}, {"allowed_origins": "http://portal.test"}),
        ("127.0.0.1", {"origin": "http://other.test"}, {}),
        ("127.0.0.1", {"host": "evil.test"}, {}),
    ],
)
def test_nobody_else_pushes(tmp_path: Path, peer: str, headers: Any, changed: Any) -> None:
    with client(tmp_path, peer, **changed) as http:
        for method, path in ADDRESSES:
            reply = http.request(
                method, path, headers=headers, json=STORY if method in ("POST", "PUT") else None
            )
            assert reply.status_code in (400, 403) or (method == "GET" and "origin" in headers)
    assert not (tmp_path / "added").exists()


def test_a_job_that_is_none_is_not_found(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        reply = http.get("/api/jobs/0123456789abcdef")
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "not_found")


def test_what_was_pushed_is_seen_after_the_server_was_started_anew(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        job = ended(http, http.put("/api/articles/a", json=STORY))
    with client(tmp_path) as http:
        assert http.get(f"/api/jobs/{job['job']}").json() == job
