"""The editor's desk over HTTP: who may, what other sites may not, and what is refused with a sentence."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from rag.config import read_settings
from rag.evaluation.questions import read_questions
from rag.index.build.builder import build
from rag.index.store import Store
from rag.render.desk.inbox_html import InboxItem, inbox_page
from rag.server.app import create_app
from rag.server.security.access import Access
from rag.server.security.keys import KeyStore, Scope
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.sample import PARKS, FakeBot
from tests.support.serving import nginx, serving

HERE = "http://127.0.0.1:7860"
LISTED = "http://portal.test"
HTML = {"accept": "text/html,*/*"}
BYTES = {"content-type": "application/octet-stream"}
STORY = "临江市图书馆新馆开放\n2024年5月6日，临江市图书馆新馆向公众开放。\n新馆有阅览座位1200个，藏书60万册。\n".encode()
ADDRESSES = (
    ("GET", "/desk"),
    ("GET", "/desk/state"),
    ("GET", "/desk/inbox"),
    ("GET", "/desk/questions.jsonl"),
    ("POST", "/desk/files?name=a.txt"),
    ("POST", "/desk/do"),
)


@contextmanager
def client(folder: Path, peer: str = "127.0.0.1", **changed: Any) -> Iterator[TestClient]:
    """Serve a desk over an index of three articles to someone at `peer`."""
    index, embedder = folder / "index", FakeEmbedder()
    if not index.exists():
        build([write_news(folder / "news" / "old.jsonl", news(3)).parent], index, embedder)
    settings = read_settings(
        {}, **({"index": index, "state": folder / "state", "added": folder / "added"} | changed)
    )
    app = create_app(FakeBot(), settings)
    with TestClient(app, HERE, client=(peer, 1), follow_redirects=False) as http:
        yield http


def key(folder: Path, *scopes: Scope) -> dict[str, str]:
    text = KeyStore(folder / "state").add("-".join(scopes), scopes)[1]
    return {"authorization": f"Bearer {text}"}


def send(http: TestClient, name: str = "新馆.txt", content: bytes = STORY, **more: str) -> Any:
    return http.post(f"/desk/files?name={quote(name)}", content=content, headers={**BYTES, **more})


def do(http: TestClient, **fields: object) -> Any:
    return http.post("/desk/do", json=fields)


def settled(http: TestClient) -> str:
    """Wait until nothing is in hand and return the lists of the page."""
    late = time.monotonic() + 60
    while (told := http.get("/desk/state").json())["busy"]:
        assert time.monotonic() < late
        time.sleep(0.02)
    return "".join(told["parts"].values())


def titles(folder: Path) -> set[str]:
    with Store.open(folder / "index", "fake", 64) as store:
        return {row.title for row in store.catalogue.articles()}


def statuses(http: TestClient, headers: dict[str, str] | None = None) -> list[int]:
    """Try every address, with what would change something; nothing may have."""
    return [
        http.request(
            method, path, headers=headers, json={"do": "nothing"} if path == "/desk/do" else None
        ).status_code
        for method, path in ADDRESSES
    ]


OPEN = [200, 200, 200, 200, 400, 422]
"""What who may gets: the pages and lists, and that what was sent is neither a file nor anything that can be done."""


def test_who_sits_at_the_machine_adds_withdraws_and_restores(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        before = titles(tmp_path)
        draft = send(http).json()["draft"]
        shown = settled(http)
        assert 'value="临江市图书馆新馆开放"' in shown
        assert "1 篇报道" in shown
        assert do(http, do="accept", drafts={draft: {"publisher": "临江日报"}}).json()["job"]
        shown = settled(http)
        assert titles(tmp_path) == {*before, "临江市图书馆新馆开放"}
        files = [path.name for path in (tmp_path / "added").glob("*/*.txt")]
        assert files == ["新馆.txt"]
        month = next((tmp_path / "added").iterdir()).name
        assert do(http, do="withdraw", files=[f"{month}/新馆.txt"]).status_code == 200
        settled(http)
        assert titles(tmp_path) == before
        entry = next((tmp_path / "state" / "desk" / "withdrawn").iterdir()).name
        assert do(http, do="restore", entries=[entry]).status_code == 200
        settled(http)
        assert titles(tmp_path) == {*before, "临江市图书馆新馆开放"}


@pytest.mark.parametrize(
    ("peer", "headers", "settings"),
    [
        ("192.0.2.9", {}, {}),
        ("192.0.2.9", {}, {"host": "0.0.0.0"}),
        ("127.0.0.1", {}, {"host": "0.0.0.0"}),  # a container's or a proxy's neighbour
        ("127.0.0.1", {"x-forwarded-for": "192.0.2.9"}, {}),
        ("127.0.0.1", {"x-real-ip": "192.0.2.9"}, {}),
        ("127.0.0.1", {"forwarded": "for=192.0.2.9"}, {}),
        ("127.0.0.1", {"via": "1.1 cache"}, {}),
        ("127.0.0.1", {}, {"trusted_proxies": ("127.0.0.1",)}),
        ("127.0.0.1", {}, {"root_path": "/news"}),
        ("127.0.0.1", {"host": "news.test"}, {"allowed_hosts": ("news.test",)}),
        ("127.0.0.1", {}, {"edit": False}),
        ("testclient", {}, {}),
    ],
)
def test_without_access_nobody_else_edits(
    tmp_path: Path, peer: str, headers: dict[str, str], settings: dict[str, Any]
) -> None:
    with client(tmp_path, peer, **settings) as http:
        assert statuses(http, headers) == [403] * 6
        assert "编辑台只对编辑开放" in http.get("/desk", headers={**headers, **HTML}).text
        assert http.get("/library", headers=headers).status_code == 200
        assert not (tmp_path / "state").exists()


def test_http_1_0_is_how_a_proxy_asks_that_nobody_named(tmp_path: Path) -> None:
    access = Access(read_settings({}, state=tmp_path))
    for version, may in (("1.1", True), ("1.0", False)):
        scope = {"type": "http", "client": ("127.0.0.1", 1), "http_version": version}
        visitor, _ = access.visitor(scope, Headers({}), "/desk")
        assert visitor is not None
        assert ("edit" in visitor.scopes) == may


def test_nobody_is_at_the_machine_who_comes_through_an_nginx_that_says_nothing(tmp_path: Path) -> None:
    build([write_news(tmp_path / "news" / "old.jsonl", news(3)).parent], tmp_path / "index", FakeEmbedder())
    folders = {name: tmp_path / name for name in ("index", "state", "added")}
    settings = read_settings({}, **folders)
    with serving(create_app(FakeBot(), settings), settings) as port:
        direct = httpx.get(f"http://127.0.0.1:{port}/desk/state")
        assert direct.status_code == 200
        (tmp_path / "bare").mkdir()
        with nginx(tmp_path / "bare", port) as proxy, httpx.Client(headers={"host": "bare.test"}) as http:
            site = f"http://127.0.0.1:{proxy}"
            assert http.get(f"{site}/library").status_code == 200
            assert [
                http.request(*one).status_code for one in ((m, site + path) for m, path in ADDRESSES)
            ] == [403] * 6


@pytest.mark.parametrize("peer", ["127.0.0.1", "192.0.2.9"])
def test_with_access_only_a_key_for_editing_edits_wherever_it_comes_from(tmp_path: Path, peer: str) -> None:
    editor, reader, asker = (
        key(tmp_path, "edit"),
        key(tmp_path, "page"),
        key(tmp_path, "ask", "read", "metrics"),
    )
    with client(tmp_path, peer, access="key login") as http:
        assert statuses(http) == [401] * 6
        assert statuses(http, {"authorization": "Bearer yj_0_wrong"}) == [401] * 6
        assert statuses(http, reader) == [403] * 6
        assert statuses(http, asker) == [403] * 6
        assert statuses(http, editor) == OPEN
        assert http.get("/library", headers=editor).status_code == 200  # an editor reads and asks
    with client(tmp_path, peer, access="key", edit=False) as http:
        assert statuses(http, editor) == [403] * 6


def test_an_editor_signs_in_with_a_key_and_a_reader_is_told(tmp_path: Path) -> None:
    scopes: tuple[Scope, ...] = ("edit", "page")
    keys = {name: key(tmp_path, name)["authorization"][7:] for name in scopes}
    with client(tmp_path, access="login") as http:
        assert http.get("/desk", headers=HTML).headers["location"] == "/login?next=%2Fdesk"
        http.post("/login", data={"key": keys["page"], "next": "/desk"})
        assert http.get("/desk", headers=HTML).status_code == 403
        http.cookies.clear()
        assert http.post("/login", data={"key": keys["edit"], "next": "/desk"}).headers["location"] == "/desk"
        assert "编辑台" in http.get("/desk", headers=HTML).text
        assert statuses(http) == OPEN


def test_of_the_people_a_proxy_names_the_listed_edit(tmp_path: Path) -> None:
    named = {"access": "proxy", "trusted_proxies": "127.0.0.1", "editors": "li, wang"}
    with client(tmp_path, **named) as http:
        assert statuses(http, {"x-forwarded-user": "wang"}) == OPEN
        assert statuses(http, {"x-forwarded-user": "zhao"}) == [403] * 6
        assert statuses(http) == [401] * 6
    with client(tmp_path, "192.0.2.9", **named) as http:
        assert statuses(http, {"x-forwarded-user": "wang"}) == [401] * 6


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.test"},
        {"origin": LISTED},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"host": "evil.test"},
    ],
)
def test_no_page_of_another_site_adds_or_withdraws_anything(tmp_path: Path, headers: dict[str, str]) -> None:
    with client(tmp_path, allowed_origins=LISTED) as http:
        before = titles(tmp_path)
        assert send(http, "x.txt", STORY, **headers).status_code in (400, 403)
        for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded"):
            body = json.dumps({"do": "withdraw", "files": ["x"]})
            reply = http.post("/desk/do", content=body, headers={**headers, "content-type": content_type})
            assert reply.status_code in (400, 403)
            assert "access-control-allow-origin" not in reply.headers
        preflight = http.options("/desk/do", headers={**headers, "access-control-request-method": "POST"})
        assert "access-control-allow-origin" not in preflight.headers
        assert (titles(tmp_path), settled(http).count("<li")) == (before, 0)


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain", ""],
)
def test_what_a_form_can_send_is_no_file_and_no_wish(tmp_path: Path, content_type: str) -> None:
    headers = {"content-type": content_type}
    with client(tmp_path) as http:
        assert http.post("/desk/files?name=a.txt", content=STORY, headers=headers).status_code == 400
        assert http.post("/desk/do", content=b'{"do":"drop"}', headers=headers).status_code == 400
        assert "<li" not in settled(http)


@pytest.mark.parametrize(
    "name",
    ["../../etc/cron.d/x.txt", "..\\..\\x.txt", "/etc/passwd.txt", "a\x00b.txt", ".hidden.txt", "CON.txt", "长" * 300 + ".txt", "\u202egpj.txt", "a/../../b.txt"],
)  # fmt: skip
def test_a_name_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    with client(tmp_path) as http:
        there = {path for path in tmp_path.rglob("*") if "state" not in path.parts}
        draft = send(http, name).json()["draft"]
        settled(http)
        do(http, do="accept", drafts={draft: {}})
        settled(http)
        new = {path for path in tmp_path.rglob("*") if "state" not in path.parts} - there
        files = [path for path in new if path.is_file() and (tmp_path / "index") not in path.parents]
        assert len(files) == 1
        assert files[0].parent.parent == tmp_path / "added"
        assert files[0].name.endswith(".txt")
        assert len(titles(tmp_path)) == 4


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("程序.exe", "不能读入"),
        ("没有后缀", "不能读入"),
        ("", "不能读入"),
        ("..", "不能读入"),
        ("新馆.txt.meta.json", "只是另一个文件的说明"),
    ],
)
def test_a_kind_of_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, said: str) -> None:
    with client(tmp_path) as http:
        reply = send(http, name)
        assert (reply.status_code, said in reply.json()["error"]["message"]) == (422, True)
        assert "<li" not in settled(http)


def test_what_is_too_large_is_refused_by_its_length_and_by_what_arrives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with client(tmp_path) as http:
        reply = http.post(
            "/desk/files?name=a.txt", headers={**BYTES, "content-length": "99999999"}, content=b"x"
        )
        assert reply.status_code == 413
        monkeypatch.setattr("rag.editing.drafts.MAX_FILE", 1000)
        reply = http.post("/desk/files?name=a.txt", headers=BYTES, content=(b"x" * 100 for _ in range(50)))
        assert (reply.status_code, "超过" in reply.json()["error"]["message"]) == (413, True)
        assert send(http, content=b"").status_code == 422
        assert "<li" not in settled(http)
        assert not list((tmp_path / "state" / "desk" / "drafts").iterdir())


def test_a_body_is_not_read_of_whoever_may_not_send_it(tmp_path: Path) -> None:
    read = 0

    def parts() -> Iterator[bytes]:
        nonlocal read
        for _ in range(10):
            read += 1
            yield b"x" * 100_000

    with client(tmp_path, access="key") as http:
        assert http.post("/desk/files?name=a.txt", headers=BYTES, content=parts()).status_code == 401
        assert not (tmp_path / "state" / "desk").exists()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"do": "rm"},
        {"do": "accept"},
        {"do": "accept", "drafts": ["x"]},
        {"do": "accept", "drafts": {"x": 1}},
        {"do": "accept", "drafts": {}},
        {"do": "accept", "drafts": {"../../index": {}}},
        {"do": "drop", "draft": "../.."},
        {"do": "drop", "draft": 7},
        {"do": "withdraw"},
        {"do": "withdraw", "files": []},
        {"do": "withdraw", "files": ["../news/old.jsonl"]},
        {"do": "withdraw", "article": "ffffffffffff"},
        {"do": "restore", "entries": ["../drafts"]},
    ],
)
def test_a_wish_that_cannot_be_done_is_one_sentence_and_changes_nothing(
    tmp_path: Path, fields: dict[str, object]
) -> None:
    with client(tmp_path) as http:
        before = sorted(path for path in tmp_path.rglob("*") if path.parent.name != "index")
        reply = do(http, **fields)
        assert reply.status_code == 422
        assert reply.json()["error"]["message"].endswith(("。", "）"))
        assert sorted(path for path in tmp_path.rglob("*") if path.parent.name != "index") == before


def test_an_article_of_the_library_is_found_by_its_title_and_withdrawn(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        page = http.get("/desk?q=口袋公园").text
        assert f"{PARKS.id}" in page  # the fake bot's shelf, as the library lists it
        with Store.open(tmp_path / "index", "fake", 64) as store:
            row = store.catalogue.articles()[0]
        assert do(http, do="withdraw", article=row.article_id).status_code == 200
        assert row.title in settled(http)
        assert row.title not in titles(tmp_path)


def test_words_of_files_and_names_are_shown_as_text(tmp_path: Path) -> None:
    tags = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    with client(tmp_path) as http:
        draft = send(http, "a'><b>.txt", f"{tags}公园\n正文{tags}有公园十二座。\n".encode()).json()["draft"]
        shown = settled(http)
        do(http, do="accept", drafts={draft: {"publisher": tags}})
        shown += settled(http) + http.get(f"/desk?q={quote(tags)}").text
        assert "<script>alert" not in shown
        assert "<img" not in shown
        assert "<b>" not in shown


def test_a_folder_that_cannot_be_written_is_said_on_the_page(tmp_path: Path) -> None:
    (tmp_path / "added").write_text("a file")
    with client(tmp_path) as http:
        assert "RAG_ADDED）不能写入" in http.get("/desk").text


def test_the_desk_speaks_english_to_those_who_ask_for_it(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        send(http)
        settled(http)
        page = http.get("/desk", headers={"accept-language": "en"}).text
        assert "Editor&#x27;s desk" in page
        assert "1 article of" in page


def feedback(http: TestClient, ident: str, **said: str) -> None:
    """Ask and judge the answer as the page does."""
    question = "滨江新区有多少座口袋公园？"
    answer = http.post("/api/ask", json={"question": question}).json()
    body = {"id": ident, "question": question, "generation": 1, "answer": answer, **said}
    assert http.post("/api/feedback", json=body).status_code == 200


def rows(http: TestClient) -> list[dict[str, Any]]:
    return [json.loads(line) for line in http.get("/desk/questions.jsonl").text.splitlines()]


def test_what_readers_said_becomes_a_row_with_one_click_or_with_the_right_answer(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        feedback(http, "good", verdict="accurate")
        feedback(http, "bad", verdict="inaccurate", comment="应该更多<b>")
        page = http.get("/desk/inbox").text
        assert "应该更多&lt;b&gt;" in page
        assert 'value="31座"' in page
        assert do(http, do="row", item="feedback-good").status_code == 200
        incomplete = do(http, do="row", item="feedback-bad")
        assert (incomplete.status_code, "请填写应有的答案" in incomplete.text) == (422, True)
        assert do(http, do="row", item="feedback-bad", answer=" 33座 ").status_code == 200
        found = {row["id"]: (row["answers"], row["answerable"]) for row in rows(http)}
        assert found == {"feedback-good": (["31座"], True), "feedback-bad": (["33座"], True)}
        assert "没有待处理的评价" in http.get("/desk/inbox").text
        assert do(http, do="take_back", item="feedback-bad").status_code == 200
        assert [row["id"] for row in rows(http)] == ["feedback-good"]
        assert "应该更多" in http.get("/desk/inbox").text
        assert do(http, do="dismiss", item="feedback-bad").status_code == 200
        assert "没有待处理的评价" in http.get("/desk/inbox").text
        assert do(http, do="dismiss", item="feedback-none").status_code == 422


def test_the_inbox_says_when_it_lists_the_first_of_many() -> None:
    many = [
        InboxItem(f"refused-{n}", f"第{n}个问题", "", "2024-05-06T00:00", refused=True) for n in range(101)
    ]
    page = inbox_page([], many, [], kept=True, base="")
    assert "没有答上来的问题（101）" in page
    assert "只列出前 100 条" in page
    assert page.count('<li id="item-') == 100
    assert "只列出前" not in inbox_page([], many[:100], [], kept=True, base="")


def test_rows_are_a_question_file(tmp_path: Path) -> None:
    with client(tmp_path, keep_questions=True) as http:
        http.post("/api/ask", json={"question": "滨江新区有多少座体育馆？"})
        feedback(http, "good", verdict="accurate")
        ident = re.findall("item-(refused-[0-9a-f]+)", http.get("/desk/inbox").text)[0]
        do(http, do="row", item=ident, unanswerable=True)
        do(http, do="row", item="feedback-good")
        file = tmp_path / "questions.jsonl"
        file.write_bytes(http.get("/desk/questions.jsonl").content)
    found = read_questions([file])
    assert not found.bad
    assert {(one.question, one.answers, one.answerable) for one in found.questions} == {
        ("滨江新区有多少座体育馆？", (), False),
        ("滨江新区有多少座口袋公园？", ("31座",), True),
    }


def test_refused_questions_are_kept_only_where_that_is_set_and_then_said(tmp_path: Path) -> None:
    question = {"question": "滨江新区有多少座体育馆？"}
    with client(tmp_path) as http:
        http.post("/api/ask", json=question)
        assert "RAG_KEEP_QUESTIONS=1" in http.get("/desk/inbox").text
        assert "留给编辑查看" not in http.get("/page/start").text + http.get("/embed").text
        assert not (tmp_path / "state" / "desk.db").exists()
    with client(tmp_path, keep_questions=True) as http:
        for _ in range(3):
            http.post("/api/ask", json=question)
        http.post("/api/ask", json={"question": "滨江新区有多少座口袋公园？"})
        assert "留给编辑查看" in http.get("/page/start").text
        assert "留给编辑查看" in http.get("/embed").text
        page = http.get("/desk/inbox").text
        assert "问过 3 次" in page
        assert page.count("<li id=") == 1  # what was answered is not kept
        assert b"127.0.0.1" not in (tmp_path / "state" / "desk.db").read_bytes()


def test_a_state_folder_that_cannot_be_written_costs_no_answer(tmp_path: Path) -> None:
    with client(tmp_path, keep_questions=True) as http:
        (tmp_path / "state").write_text("a file")
        assert http.post("/api/ask", json={"question": "滨江新区有多少座体育馆？"}).json()["refused"]


def test_the_chat_leads_editors_to_the_desk_and_nobody_else(tmp_path: Path) -> None:
    for peer, shown in (("127.0.0.1", True), ("192.0.2.9", False)):
        with client(tmp_path, peer) as http:
            assert http.get("/page/start").json()["desk"] == shown
            for page in ("/library", "/search"):
                assert ("编辑台" in http.get(page).text) == shown


def test_each_kind_of_visitor_searches_adds_withdraws_and_looks_through_what_it_may(tmp_path: Path) -> None:
    """A revoked key opens no more than none, also to whoever has signed in with it."""
    editor, reader, revoked = key(tmp_path, "edit"), key(tmp_path, "page"), key(tmp_path, "edit", "ask")
    looks = ("/search?q=口袋公园", "/library", "/page/start")
    edits = ("/desk", "/desk/state", "/desk/inbox", "/desk/questions.jsonl")
    with client(tmp_path, access="key login") as http:
        http.post("/login", data={"key": revoked["authorization"][7:], "next": "/desk"})
        assert http.get("/desk/inbox").status_code == 200
        KeyStore(tmp_path / "state").revoke("edit-ask")
        for headers, look, edit in (
            (None, 401, 401),
            (reader, 200, 403),
            (editor, 200, 200),
            (revoked, 401, 401),
        ):
            assert [http.get(path, headers=headers).status_code for path in looks] == [look] * 3
            assert [http.get(path, headers=headers).status_code for path in edits] == [edit] * 4
            added = http.post(
                "/desk/files?name=a.txt",
                content=b"x",
                headers={**(headers or {}), "content-type": "application/octet-stream"},
            )
            assert added.status_code == edit
            withdrawn = http.post("/desk/do", json={"do": "withdraw", "article": "0"}, headers=headers)
            assert withdrawn.status_code == (422 if edit == 200 else edit)


def test_what_was_undone_is_not_offered_again(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        draft = send(http).json()["draft"]
        settled(http)
        do(http, do="accept", drafts={draft: {}})
        assert settled(http).count("撤销：") == 1
        month = next((tmp_path / "added").iterdir()).name
        do(http, do="withdraw", files=[f"{month}/新馆.txt"])
        assert settled(http).count("撤销：") == 1
