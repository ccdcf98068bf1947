import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from rag.config import Settings, read_settings
from rag.errors import Busy, NotReady
from rag.records import BlockKind
from rag.request import MAX_QUESTION, Request, Tell, read_request
from rag.server.app import create_app
from rag.server.static_files import WEB
from rag.server.work_queue import MAX_WAITING, Worker
from tests.support.sample import PARKS, Checked, FakeBot, Said, Shelf, answered, article

HERE = "http://127.0.0.1:7860"
LISTED = "http://portal.example:8080"
SETTINGS = read_settings({}, allowed_origins=(LISTED,))
QUESTION = {"question": "滨江新区有多少座口袋公园？"}


@contextmanager
def client(
    bot: FakeBot | None = None, settings: Settings = SETTINGS, base_url: str = HERE
) -> Iterator[TestClient]:
    with TestClient(create_app(bot or FakeBot(), settings), base_url=base_url) as opened:
        yield opened


def code(response: Any) -> str:
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "type", "param"}
    return str(body["error"]["code"])


def test_an_ask_returns_the_answer_of_the_contract() -> None:
    with client() as http:
        response = http.post("/api/ask", json=QUESTION)
    assert response.status_code == 200
    assert response.json() == json.loads(json.dumps(answered().to_json()))


def test_an_explanation_comes_only_when_it_is_asked_for() -> None:
    with client() as http:
        assert "explain" not in http.post("/api/ask", json=QUESTION).json()
        assert "explain" not in http.post("/api/ask", json=QUESTION | {"explain": False}).json()
        assert http.post("/api/ask", json=QUESTION | {"explain": True}).json()["explain"] == {"hits": []}
        assert code(http.post("/api/ask", json=QUESTION | {"explain": "yes"})) == "bad_field"


def test_chinese_travels_as_utf_8_and_not_as_escapes() -> None:
    with client() as http:
        assert "口袋公园".encode() in http.post("/api/ask", json=QUESTION).content


def test_history_and_filters_reach_the_bot() -> None:
    bot = FakeBot()
    with client(bot) as http:
        body = QUESTION | {"history": [{"question": "甲？", "answer": "乙", "extra": 1}]}
        reply = http.post("/api/ask", json=body).json()
    assert reply["understood_as"] == QUESTION["question"]
    ((question, history),) = bot.asked
    assert question == QUESTION["question"]
    assert [(turn.question, turn.answer) for turn in history] == [("甲？", "乙")]


def test_an_ask_body_is_cast_once() -> None:
    request = read_request(
        QUESTION | {"today": "2024-05-01", "since": "20240101", "publisher": " 日报 ", "k": 3}
    )
    assert request.today is not None
    assert (request.today.year, request.since, request.publisher, request.k) == (
        2024,
        "2024-01-01",
        "日报",
        3,
    )


def test_an_unknown_key_is_named() -> None:
    with client() as http:
        reply = http.post("/api/ask", json=QUESTION | {"colour": "red"})
    assert (reply.status_code, code(reply)) == (422, "bad_field")
    assert "colour" in reply.json()["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff\xfe", b"[" * 5000, b"null"])
def test_a_body_that_is_no_json_object_is_a_bad_request(body: bytes) -> None:
    with client() as http:
        response = http.post("/api/ask", content=body)
    assert (response.status_code, code(response)) == (400, "bad_json")


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"question": ""},
        {"question": " \n　"},
        {"question": 5},
        {"question": ["x"]},
        {"question": "问" * (MAX_QUESTION + 1)},
        {"question": "\ud83d"},
        QUESTION | {"today": "昨天"},
        QUESTION | {"since": "2024-13-01"},
        QUESTION | {"k": 0},
        QUESTION | {"k": True},
        QUESTION | {"k": "5"},
        QUESTION | {"history": "甲"},
        QUESTION | {"history": ["甲"]},
        QUESTION | {"history": [{"question": 1}]},
        QUESTION | {"publisher": {}},
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/api/ask/stream", "/embed/ask"])
def test_a_field_of_the_wrong_kind_is_named(path: str, fields: dict[str, Any]) -> None:
    with client() as http:
        response = http.post(path, content=json.dumps(fields))
    assert (response.status_code, code(response)) == (422, "bad_field")


def test_a_question_of_ten_thousand_characters_gets_one_clear_sentence() -> None:
    with client() as http:
        response = http.post("/api/ask", json={"question": "问" * 10_000})
    assert response.status_code == 422
    assert response.json()["error"]["message"] == "问题有10000个字，超过了1000个字的上限，请只问一件事。"


def test_a_body_over_the_limit_is_refused_by_its_length() -> None:
    with client() as http:
        response = http.post("/api/ask", content=b" " * 70_000)
    assert (response.status_code, code(response)) == (413, "too_large")


def test_a_body_over_the_limit_is_refused_without_a_length_too() -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(70):
            yield b" " * 1000

    with client() as http:
        response = http.post("/api/ask", content=chunks())
    assert (response.status_code, code(response)) == (413, "too_large")


def test_a_full_line_answers_at_once_with_429() -> None:
    gate = threading.Event()
    bot = FakeBot(gate=gate)
    app = create_app(bot, SETTINGS)
    worker = app.state.server.worker
    with TestClient(app, base_url=HERE) as http:
        held = [worker.submit(lambda: gate.wait(5)) for _ in range(MAX_WAITING + worker.hands)]
        response = http.post("/api/ask", json=QUESTION)
        assert (response.status_code, code(response)) == (429, "busy")
        assert int(response.headers["retry-after"]) > 0
        assert 'youju_questions_total{outcome="busy"} 1.0' in http.get("/metrics").text
        gate.set()
        for future in held:
            future.result(10)
        assert http.post("/api/ask", json=QUESTION).status_code == 200


@pytest.mark.parametrize(("threads", "hands"), [(1, 1), (2, 2), (8, 5)])
def test_so_many_questions_are_answered_at_a_time(threads: int, hands: int) -> None:
    worker = Worker(waiting=4, threads=threads)
    gate, begun, last = threading.Event(), threading.Barrier(hands + 1), threading.Event()

    def hold() -> bool:
        begun.wait(5)
        return gate.wait(5)

    first = [worker.submit(hold) for _ in range(hands)]
    later = worker.submit(last.set)
    begun.wait(5)
    assert not last.wait(0.05)
    gate.set()
    assert all(future.result(5) for future in first)
    later.result(5)
    worker.close()


def test_a_stopped_server_is_not_ready() -> None:
    app = create_app(FakeBot(), SETTINGS)
    with TestClient(app, base_url=HERE) as http:
        assert http.get("/readyz").status_code == 200
        app.state.server.worker.close()
        assert http.get("/healthz").status_code == 200
        for response in (http.get("/readyz"), http.post("/api/ask", json=QUESTION)):
            assert (response.status_code, code(response)) == (503, "not_ready")
    with pytest.raises(NotReady):
        app.state.server.worker.submit(int)


def events(text: str) -> list[tuple[str, Any]]:
    found = []
    for block in text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_stream_gives_stages_then_the_answer() -> None:
    with client() as http:
        response = http.post("/api/ask/stream", json=QUESTION)
    assert response.headers["content-type"].startswith("text/event-stream")
    names = [name for name, _ in events(response.text)]
    assert names == ["stage", "stage", "stage", "answer"]
    assert events(response.text)[-1][1]["answer"] == "31座"


class Failing(FakeBot):
    def run(self, request: Request, tell: Tell | None = None) -> Said:
        raise Busy("Busy inside.", "里面忙。") if "忙" in request.question else RuntimeError("secret path")


def test_a_stream_tells_an_error_as_an_event() -> None:
    with client(Failing()) as http:
        response = http.post("/api/ask/stream", json={"question": "忙吗"})
    said = {"code": "busy", "message": "里面忙。", "type": "rate_limit_error", "param": None}
    assert events(response.text)[-1] == ("error", {"error": said})


def test_a_fault_of_ours_shows_no_trace() -> None:
    with TestClient(create_app(Failing(), SETTINGS), base_url=HERE, raise_server_exceptions=False) as http:
        response = http.post("/api/ask", json=QUESTION)
    assert (response.status_code, code(response)) == (500, "internal")
    assert "secret" not in response.text


def test_an_article_comes_with_its_blocks_and_sources() -> None:
    with client() as http:
        body = http.get(f"/api/articles/{PARKS.id}").json()
    assert body["article_id"] == PARKS.id
    assert body["sources"] == ["seeds/parks.txt"]
    first = body["blocks"][0]
    assert first["kind"] == "title"
    assert body["text"][first["start"] : first["end"]] == PARKS.title


@pytest.mark.parametrize(
    ("ident", "status", "name"),
    [("ffffffffffff", 404, "not_found"), ("000000000000", 410, "gone"), ("..", 404, "not_found")],
)
def test_an_article_that_is_not_there_says_so(ident: str, status: int, name: str) -> None:
    with client() as http:
        response = http.get(f"/api/articles/{ident}")
    assert (response.status_code, code(response)) == (status, name)


def test_the_reading_page_opens_at_the_quote() -> None:
    one = answered().citations[0]
    with client() as http:
        response = http.get(f"/articles/{PARKS.id}", params={"s": one.start, "e": one.end})
    assert f'<mark id="quote" tabindex="-1">{one.quote}</mark>' in response.text
    assert "<title>滨江新区今年再添十二座口袋公园 · 有据</title>" in response.text


@pytest.mark.parametrize(
    "query", ["", "s=9", "s=9&e=3", "s=x&e=y", "s=-1&e=5", "s=0&e=99999999999999999999", "s=²&e=３"]
)
def test_a_wrong_place_opens_the_page_without_a_mark(query: str) -> None:
    with client() as http:
        response = http.get(f"/articles/{PARKS.id}?{query}")
    assert response.status_code == 200
    assert "<mark" not in response.text


def test_the_original_is_shown_by_the_browser_itself(tmp_path: Path) -> None:
    path = tmp_path / "滨江 日报.pdf"
    path.write_bytes(b"%PDF-1.7 " + b"x" * 600_000)
    paged = replace(PARKS, blocks=tuple(replace(block, page=3) for block in PARKS.blocks))
    with client(FakeBot(Shelf({PARKS.id: paged}), sources=Checked(path))) as http:
        page = http.get(f"/articles/{PARKS.id}?s=0&e=5").text
        assert f'href="/articles/{PARKS.id}/original#page=3"' in page
        response = http.get(f"/articles/{PARKS.id}/original")
    assert response.content == path.read_bytes()
    headers = response.headers
    assert headers["content-type"] == "application/pdf"
    assert headers["content-disposition"].startswith("inline; filename*=UTF-8''%E6%BB%A8")
    assert headers["x-content-type-options"] == "nosniff"
    assert "script-src" not in headers["content-security-policy"]
    assert headers["content-security-policy"].startswith("default-src 'none'")


def test_an_article_without_an_original_says_so_and_links_to_none() -> None:
    with client() as http:
        assert "/original" not in http.get(f"/articles/{PARKS.id}").text
        response = http.get(f"/articles/{PARKS.id}/original")
        assert response.status_code == 404
        assert "没有可以打开的原件" in response.text
        assert http.get("/articles/000000000000/original").status_code == 410
        assert http.get("/articles/ffffffffffff/original").status_code == 404


def test_an_original_that_became_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.pdf").write_bytes(b"secret")
    (tmp_path / "a.pdf").symlink_to(tmp_path / "secret.pdf")
    with client(FakeBot(sources=Checked(tmp_path / "a.pdf"))) as http:
        response = http.get(f"/articles/{PARKS.id}/original")
    assert response.status_code == 404
    assert "secret" not in response.text


@pytest.mark.parametrize(("ident", "status"), [("ffffffffffff", 404), ("000000000000", 410)])
def test_a_missing_article_has_a_page_too(ident: str, status: int) -> None:
    with client() as http:
        response = http.get(f"/articles/{ident}")
    assert response.status_code == status
    assert "库中" in response.text


def test_a_hostile_title_stays_text_in_the_head_and_in_the_body() -> None:
    story = article(((BlockKind.TITLE, "</title><script>alert(1)</script>"),))
    with client(FakeBot(Shelf({story.id: story}))) as http:
        text = http.get(f"/articles/{story.id}").text
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;") == 2


def test_the_frame_gets_the_answer_rendered_by_the_server() -> None:
    with client() as http:
        body = http.post("/embed/ask", json=QUESTION).json()
    assert body["answer"]["answer"] == "31座"
    assert "<mark>31座</mark>" in body["html"]


def test_the_frame_page_is_small_and_free_of_inline_code() -> None:
    with client() as http:
        page = http.get("/embed").text
        parts = [http.get(f"/web/{name}") for name in ("answer.css", "embed.css", "embed.js")]
    assert all(part.status_code == 200 for part in parts)
    assert len(page.encode()) + sum(len(part.content) for part in parts) < 30_000
    for forbidden in ("<style", "style=", "onclick", "localStorage", "document.cookie"):
        assert forbidden not in page
        assert forbidden not in parts[2].text


@pytest.mark.parametrize(
    ("asked", "theme"), [("dark", "dark"), ("light", "light"), ("", "auto"), ('"><script>', "auto")]
)
def test_the_frame_takes_a_theme_from_a_list(asked: str, theme: str) -> None:
    with client() as http:
        assert f'data-theme="{theme}"' in http.get("/embed", params={"theme": asked}).text


def test_pages_name_no_other_host() -> None:
    for path in WEB.iterdir():
        text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.search(r"https?:|['\"(]//", text), path.name


def directives(response: Any) -> dict[str, str]:
    policy = response.headers["content-security-policy"]
    return {name: rest for name, _, rest in (part.strip().partition(" ") for part in policy.split(";"))}


@pytest.mark.parametrize(
    "path", ["/embed", f"/articles/{PARKS.id}", f"/api/articles/{PARKS.id}", "/healthz", "/web/embed.js"]
)
def test_our_own_pages_allow_neither_eval_nor_inline_code(path: str) -> None:
    with client() as http:
        response = http.get(path)
    policy = directives(response)
    assert (policy["default-src"], policy["script-src"], policy["style-src"]) == (
        "'none'",
        "'self'",
        "'self'",
    )
    assert "unsafe" not in response.headers["content-security-policy"]
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"


def test_only_the_frame_page_may_be_framed_and_only_by_listed_origins() -> None:
    with client() as http:
        framed, page = http.get("/embed"), http.get(f"/articles/{PARKS.id}")
    assert directives(framed)["frame-ancestors"] == f"'self' {LISTED}"
    assert "x-frame-options" not in framed.headers
    assert directives(page)["frame-ancestors"] == "'self'"
    assert page.headers["x-frame-options"] == "SAMEORIGIN"


def test_without_a_list_nobody_else_may_frame() -> None:
    with client(settings=read_settings({})) as http:
        assert directives(http.get("/embed"))["frame-ancestors"] == "'self'"


def test_a_listed_origin_may_read_and_gets_no_credentials() -> None:
    with client() as http:
        response = http.post("/api/ask", json=QUESTION, headers={"origin": LISTED})
        flight = http.options("/api/ask", headers={"origin": LISTED, "access-control-request-method": "POST"})
    assert response.headers["access-control-allow-origin"] == LISTED
    assert "access-control-allow-credentials" not in response.headers
    assert "Origin" in response.headers["vary"]
    assert flight.status_code == 204
    assert flight.headers["access-control-allow-headers"] == "authorization, content-type"


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "http://evil.example",
        LISTED + ".evil.example",
        LISTED.upper() + "/",
        "https://portal.example:8080",
    ],
)
@pytest.mark.parametrize("path", ["/api/ask", "/embed/ask", "/nowhere"])
def test_an_unlisted_origin_is_never_reflected(path: str, origin: str) -> None:
    with client() as http:
        replies = [
            http.post(path, json=QUESTION, headers={"origin": origin}),
            http.options(path, headers={"origin": origin, "access-control-request-method": "POST"}),
        ]
    assert not [name for reply in replies for name in reply.headers if name.startswith("access-control")]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:7860", "[::1]:7860", "LOCALHOST:1", "localhost."])
def test_this_machine_is_known_by_its_own_names(host: str) -> None:
    with client() as http:
        assert http.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:7860", "", "192.0.2.7", "[::2]"],
)
def test_a_name_pointed_at_this_machine_from_outside_is_refused(host: str) -> None:
    with client() as http:
        response = http.get("/healthz", headers={"host": host})
    assert (response.status_code, code(response)) == (400, "bad_host")


def test_a_server_on_the_network_answers_to_addresses_and_listed_names() -> None:
    settings = read_settings({}, host="0.0.0.0", allowed_hosts=("news.intra",))
    with client(settings=settings) as http:
        status = {
            host: http.get("/healthz", headers={"host": host}).status_code
            for host in ("192.0.2.7:7860", "news.intra", "evil.example")
        }
    assert status == {"192.0.2.7:7860": 200, "news.intra": 200, "evil.example": 400}


@pytest.mark.parametrize(
    "path",
    [
        "/docs/oauth2-redirect",
        "/redoc",
        "/gradio_api/upload",
        "/gradio_api/file=/etc/passwd",
        "/web/../serve.py",
        "/nowhere",
    ],
)
def test_what_is_not_listed_is_not_found(path: str) -> None:
    with client() as http:
        response = http.get(path)
    assert (response.status_code, code(response)) == (404, "not_found")


def test_a_wrong_method_is_told() -> None:
    with client() as http:
        response = http.get("/api/ask")
    assert (response.status_code, code(response)) == (405, "method_not_allowed")


def test_links_carry_the_path_of_a_proxy() -> None:
    with client(settings=read_settings({}, root_path="/news")) as http:
        body = http.post("/embed/ask", json=QUESTION).json()
        page = http.get("/embed").text
    assert f'href="/news/articles/{PARKS.id}?' in body["html"]
    assert 'src="/news/web/embed.js"' in page
