"""Names that other sites sign: believed only with their signature, kept in logs and feedback, opening nothing."""

import json
import logging
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from starlette.datastructures import Headers

from rag.config import read_settings
from rag.errors import SettingError
from rag.server.app import create_app
from rag.server.feedback import FeedbackStore, evaluation_rows
from rag.server.security.identity import sign_user, signed_user
from rag.server.security.keys import KeyStore
from tests.support.paths import ROOT
from tests.support.sample import FakeBot

SECRET = "MDEyMzQ1Njc4OWFiY2RlZmdoaWprbG1u"
PAGES = (ROOT / "docs" / "embedding.md", ROOT / "docs" / "embedding.zh.md")
HERE = "http://127.0.0.1:7860"
ASKED = {"question": "滨江新区有多少座口袋公园？"}


def named(user: str, signature: str | None = None) -> dict[str, str]:
    return {"x-youju-user": quote(user), "x-youju-signature": signature or sign_user(SECRET, user)}


def client(folder: Path, **changed: Any) -> TestClient:
    settings = read_settings({}, state=folder / "state", identity_secret=SECRET, **changed)
    return TestClient(create_app(FakeBot(), settings), HERE, client=("192.0.2.7", 1))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("user", ["staff-1024", "张三", "a b%c"])
def test_what_the_snippet_of_the_docs_signs_is_believed(page: Path, user: str) -> None:
    code = re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    [snippet] = [block for block in code if "def signature" in block]
    known: dict[str, Any] = {}
    exec(snippet, known)
    headers = named(user, known["signature"](SECRET, user))
    assert signed_user(Headers(headers), SECRET) == user


@pytest.mark.parametrize(
    "headers",
    [
        named("李四", sign_user(SECRET, "张三")),
        named("张三", sign_user("another secret of some length", "张三")),
        named("张三", "0" * 64),
        named("张三", "x"),
        named("张\n三"),
        named("长" * 201),
        named(""),
        {"x-youju-user": "a"},
        {"x-youju-signature": sign_user(SECRET, "a")},
    ],
)
def test_a_name_with_another_signature_is_refused_and_not_taken_for_nobody(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    assert signed_user(Headers(headers), SECRET) is None
    with client(tmp_path) as http:
        reply = http.post("/api/ask", json=ASKED, headers=headers)
    assert (reply.status_code, reply.json()["error"]["code"]) == (403, "bad_user")


def test_without_a_secret_no_name_is_believed(tmp_path: Path) -> None:
    assert signed_user(Headers({}), "") == ""
    assert signed_user(Headers(named("张三", sign_user("", "张三"))), "") is None


def test_a_name_opens_nothing(tmp_path: Path) -> None:
    _, key = KeyStore(tmp_path / "state").add("页面", ["ask"])
    with client(tmp_path, access="key") as http:
        assert http.post("/api/ask", json=ASKED, headers=named("张三")).status_code == 401
        keyed = named("张三") | {"authorization": f"Bearer {key}"}
        assert http.post("/api/ask", json=ASKED, headers=keyed).status_code == 200
        assert http.get("/api/articles", headers=keyed).status_code == 403


def test_each_name_is_counted_by_itself(tmp_path: Path) -> None:
    with client(tmp_path, rate="2/hour") as http:
        told = [
            http.post("/api/ask", json=ASKED, headers=named(user)).status_code
            for user in ("张三", "张三", "张三", "李四")
        ]
    assert told == [200, 200, 429, 200]


def test_the_log_has_the_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="youju.requests"), client(tmp_path) as http:
        http.post("/api/ask", json=ASKED, headers=named("张三"))
        http.post("/api/ask", json=ASKED)
    lines = [record.__dict__["fields"] for record in caplog.records if record.name == "youju.requests"]
    assert [line.get("user") for line in lines] == ["张三", None]


def test_feedback_has_the_name_and_only_that_reader_changes_it(tmp_path: Path) -> None:
    said = {"id": "abc123", "verdict": "accurate", "question": "问？", "answer": {}, "generation": 1}
    with client(tmp_path) as http:
        first = http.post("/api/feedback", json=said, headers=named("张三"))
        other = http.post("/api/feedback", json=said | {"verdict": "inaccurate"}, headers=named("李四"))
        again = http.post("/api/feedback", json=said | {"comment": "对"}, headers=named("张三"))
    assert [reply.status_code for reply in (first, other, again)] == [200, 409, 200]
    [entry] = FeedbackStore(tmp_path / "state").entries()
    assert (entry.user, entry.comment, entry.verdict) == ("张三", "对", "accurate")
    [row] = evaluation_rows([entry], everything=True)
    assert row["user"] == "张三"
    json.dumps(row)


def test_a_listed_page_may_send_a_name(tmp_path: Path) -> None:
    portal = "http://portal.test"
    asks = {
        "origin": portal,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,x-youju-signature,x-youju-user",
    }
    with client(tmp_path, allowed_origins=portal) as http:
        allowed = http.options("/api/ask", headers=asks).headers["access-control-allow-headers"]
    assert {"x-youju-user", "x-youju-signature"} <= set(allowed.split(", "))


def test_a_secret_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(SettingError, match="RAG_IDENTITY_SECRET"):
        read_settings({"RAG_IDENTITY_SECRET": "kurz"})
