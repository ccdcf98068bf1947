import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from rag.config import read_settings
from rag.server.app import create_app
from rag.server.run import warnings
from rag.server.security.access import client_address, needed_scope
from rag.server.security.keys import KeyStore, Scope
from rag.server.security.login import local_path
from tests.support.sample import PARKS, FakeBot

HERE = "http://127.0.0.1:7860"
ASK = {"question": "滨江新区有多少座口袋公园？"}
HTML = {"accept": "text/html,*/*"}


@contextmanager
def client(state: Path, peer: str = "192.0.2.9", **changed: Any) -> Iterator[TestClient]:
    settings = read_settings({}, state=state, **changed)
    app = create_app(FakeBot(), settings)
    with TestClient(app, HERE, client=(peer, 1), follow_redirects=False) as http:
        yield http


def key(state: Path, *scopes: Scope) -> str:
    return KeyStore(state).add("-".join(scopes), scopes)[1]


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


def test_without_access_everyone_asks_and_reads(tmp_path: Path) -> None:
    with client(tmp_path) as http:
        assert http.post("/api/ask", json=ASK).status_code == 200
        assert http.get(f"/articles/{PARKS.id}").status_code == 200
        assert http.get("/login").status_code == 404
    assert not list(tmp_path.iterdir())  # nothing is kept where nothing is asked for


def test_a_key_does_what_its_scopes_say(tmp_path: Path) -> None:
    asker, reader = key(tmp_path, "ask"), key(tmp_path, "read")
    with client(tmp_path, access="key") as http:
        assert http.post("/api/ask", json=ASK).json()["error"]["code"] == "unauthorized"
        assert http.post("/api/ask", json=ASK, headers=bearer(asker)).json()["answer"] == "31座"
        assert http.post("/api/ask", json=ASK, headers=bearer(reader)).json()["error"]["code"] == "forbidden"
        assert http.get(f"/api/articles/{PARKS.id}", headers=bearer(reader)).status_code == 200
        assert http.get("/healthz").status_code == 200
        KeyStore(tmp_path).revoke("ask")
        assert http.post("/api/ask", json=ASK, headers=bearer(asker)).status_code == 401


def test_links_for_a_key_carry_a_ticket_for_that_article_alone(tmp_path: Path) -> None:
    text = key(tmp_path, "ask")
    with client(tmp_path, access="key") as http:
        shown = http.post("/embed/ask", json=ASK, headers=bearer(text)).json()["html"]
        link = html.unescape(re.findall(r'href="(/articles/[^"]+)"', shown)[0])
        assert "<mark" in http.get(link).text
        assert http.get(link.replace(PARKS.id, "ffffffffffff")).status_code == 401
        assert http.get(re.sub(r"t=\d+", "t=9999999999", link)).status_code == 401
        original = re.sub(r"\?.*(t=[^&#]+).*", r"/original?\1", link)
        assert "没有可以打开的原件" in http.get(original).text
        assert http.get(original.replace(PARKS.id, "ffffffffffff")).status_code == 401
        assert http.get(f"/articles/{PARKS.id}/original").status_code == 401
        assert http.get("/library?" + link.partition("?")[2]).status_code == 401


def test_a_ticket_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = KeyStore(tmp_path)
    with client(tmp_path, access="key") as http:
        for until, status in (("9999999999", 200), ("1700000000", 401)):
            ticket = f"{until}.{store.sign('ticket', PARKS.id, until)}"
            assert http.get(f"/articles/{PARKS.id}?t={ticket}").status_code == status


def test_a_person_signs_in_is_led_on_and_signs_out(tmp_path: Path) -> None:
    text = key(tmp_path, "page")
    with client(tmp_path, access="login") as http:
        sent = http.get("/library?q=公园", headers=HTML)
        assert (sent.status_code, sent.headers["location"]) == (
            303,
            "/login?next=%2Flibrary%3Fq%3D%25E5%2585%25AC%25E5%259B%25AD",
        )
        page = http.get(sent.headers["location"], headers=HTML).text
        assert 'name="next" value="/library?q=%E5%85%AC%E5%9B%AD"' in page
        wrong = http.post("/login", data={"key": text[:-1], "next": "/"})
        assert wrong.status_code == 403
        assert "密钥不对" in wrong.text
        right = http.post("/login", data={"key": f" {text}\n", "next": "/library"})
        assert (right.status_code, right.headers["location"]) == (303, "/library")
        cookie = right.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/", "Max-Age=43200"))
        assert "Secure" not in cookie  # plain http
        assert http.get("/library", headers=HTML).status_code == 200
        assert http.post("/api/ask", json=ASK).status_code == 200
        assert "退出登录" in http.get("/login").text
        http.post("/logout")
        assert http.get("/library").status_code == 401


def test_a_cookie_ends_with_its_key(tmp_path: Path) -> None:
    text = key(tmp_path, "page")
    with client(tmp_path, access="login") as http:
        http.post("/login", data={"key": text, "next": "/"})
        assert http.get("/library").status_code == 200
        KeyStore(tmp_path).revoke("page")
        assert http.get("/library").status_code == 401


def test_a_key_that_only_asks_signs_nobody_in(tmp_path: Path) -> None:
    text = key(tmp_path, "ask", "read")
    with client(tmp_path, access="login") as http:
        assert http.post("/login", data={"key": text}).status_code == 403


def test_a_trusted_proxy_vouches_for_a_name_and_nobody_else_does(tmp_path: Path) -> None:
    told = {"x-forwarded-user": "zhang", **HTML}
    proxied: dict[str, Any] = {"access": "proxy", "trusted_proxies": "10.0.0.0/8"}
    with client(tmp_path, peer="10.1.2.3", **proxied) as http:
        assert http.get("/library", headers=told).status_code == 200
        assert http.post("/api/ask", json=ASK, headers=told).status_code == 200
        refused = http.get("/library", headers=HTML)
        assert refused.status_code == 401
        assert "请从单位的门户进入" in refused.text
    with client(tmp_path, peer="192.0.2.1", **proxied) as http:
        assert http.get("/library", headers=told).status_code == 401
    with client(tmp_path, peer="10.1.2.3", **proxied, user_header="Remote-User") as http:
        assert http.get("/library", headers=told).status_code == 401
        assert http.get("/library", headers={"remote-user": "zhang"}).status_code == 200


def test_behind_https_the_cookie_is_secure(tmp_path: Path) -> None:
    text = key(tmp_path, "page")
    secure = {"x-forwarded-proto": "https"}
    with client(
        tmp_path, peer="10.0.0.1", access="login", trusted_proxies="10.0.0.1", root_path="/news"
    ) as http:
        cookie = http.post("/login", data={"key": text}, headers=secure).headers["set-cookie"]
    assert "Secure" in cookie
    assert "Path=/news" in cookie


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("192.0.2.9", "198.51.100.1", "192.0.2.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "junk", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8::1", "", "2001:db8::/64"),
        ("10.0.0.1", "2001:db8:0:0:5::9", "2001:db8::/64"),
    ],
)
def test_the_address_that_asks_is_the_last_before_our_proxies(
    peer: str, forwarded: str, address: str
) -> None:
    headers = Headers({"x-forwarded-for": forwarded})
    assert client_address({"client": (peer, 1)}, headers, ("10.0.0.0/8",)) == address


def test_a_damaged_file_of_keys_opens_nothing(tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("{", encoding="utf-8")
    with client(tmp_path, access="key") as http:
        reply = http.post("/api/ask", json=ASK, headers=bearer("yj_1_2"))
        assert reply.status_code == 503
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert http.post("/api/ask", json=ASK).status_code == 401


def test_what_is_not_listed_is_the_pages() -> None:
    assert needed_scope("/new-route-of-gradio") == "page"
    assert needed_scope("/webx") == "page"
    assert needed_scope("/api/anything") == "page"
    assert needed_scope("/api/ask") == "ask"
    assert needed_scope("/web/embed.js") is None


@pytest.mark.parametrize("path", ["/", "/library?q=%E5%85%AC", "/articles/a?s=1#x"])
def test_paths_of_this_server_lead_on(path: str) -> None:
    assert local_path(path) == path


@pytest.mark.parametrize("path", ["", "x", "//x", "/\\x", "/a\\b", "/\n", "http://x", "/" + "a" * 3000])
def test_other_addresses_lead_home(path: str) -> None:
    assert local_path(path) == "/"


def test_a_server_open_to_the_network_warns_in_one_sentence() -> None:
    (warning,) = warnings(read_settings({}, host="0.0.0.0"))
    assert "RAG_ACCESS" in warning
    assert "\n" not in warning
    assert warnings(read_settings({})) == []
    assert warnings(read_settings({}, host="0.0.0.0", access="key")) == []


@pytest.mark.parametrize("told", [{"root_path": "/news"}, {"allowed_hosts": "news.intranet"}])
def test_a_server_behind_a_proxy_that_it_does_not_know_warns(told: dict[str, str]) -> None:
    (warning,) = warnings(read_settings({}, **told))
    assert "RAG_TRUSTED_PROXIES" in warning
    (other,) = warnings(read_settings({}, **told, trusted_proxies="127.0.0.1"))
    assert "Everyone whom the proxy lets through" in other
    assert warnings(read_settings({}, **told, trusted_proxies="127.0.0.1", access="proxy")) == []


def test_a_forwarded_request_tells_once_that_its_proxy_is_not_known(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with client(tmp_path) as http:
        for _ in range(2):
            http.get("/healthz", headers={"x-forwarded-for": "198.51.100.1"})
    assert sum("RAG_TRUSTED_PROXIES" in one.getMessage() for one in caplog.records) == 1


def test_a_name_told_twice_is_no_name(tmp_path: Path) -> None:
    """A proxy that adds its header to the one it was sent leaves both."""
    with client(tmp_path, peer="10.1.2.3", access="proxy", trusted_proxies="10.0.0.0/8") as http:
        twice = [("x-forwarded-user", "root"), ("x-forwarded-user", "zhang")]
        assert http.get("/library", headers=twice).status_code == 401


@pytest.mark.parametrize("path", ["/search?q=口袋公园", "/library?publisher=滨江日报", "/page/start"])
def test_whoever_may_not_read_looks_around_nowhere(tmp_path: Path, path: str) -> None:
    reader, asker, page = key(tmp_path, "read"), key(tmp_path, "ask"), key(tmp_path, "page")
    with client(tmp_path, access="key") as http:
        assert http.get(path).status_code == 401
        assert "口袋公园" not in http.get(path).text
        assert http.get(path, headers=bearer("x" * 20)).status_code == 401
        assert (
            http.get(path, headers=bearer(asker)).status_code
            == http.get("/library", headers=bearer(asker)).status_code
        )
        assert http.get(path, headers=bearer(reader)).status_code == 200
        assert http.get(path, headers=bearer(page)).status_code == 200


def test_each_search_counts_as_a_question(tmp_path: Path) -> None:
    with client(tmp_path, rate="2/minute") as http:
        statuses = [http.get("/search?q=口袋公园").status_code for _ in range(4)]
        assert statuses[0] == 200
        assert statuses[-1] == 429
