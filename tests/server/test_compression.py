"""Replies with gzip: only whole ones, only for whoever accepts it."""

import pytest
from fastapi.testclient import TestClient

from rag.config import read_settings
from rag.server.app import create_app
from tests.support.sample import FakeBot

HERE = "http://127.0.0.1:7860"
QUESTION = {"question": "滨江新区有多少座口袋公园？"}


@pytest.mark.parametrize(
    ("accepted", "coded"),
    [("gzip, br", True), ("br;q=1, gzip;q=0.5", True), ("identity", False), ("gzip;q=0", False), ("", False)],
)
def test_a_long_reply_is_compressed_for_whoever_accepts_it(accepted: str, coded: bool) -> None:
    with TestClient(create_app(FakeBot(), read_settings({})), HERE) as http:
        for reply in (
            http.get("/openapi.json", headers={"accept-encoding": accepted}),
            http.post("/api/ask", json=QUESTION, headers={"accept-encoding": accepted}),
            http.get("/web/page.js", headers={"accept-encoding": accepted}),
        ):
            assert (reply.headers.get("content-encoding") == "gzip") == coded
            assert ("Accept-Encoding" in reply.headers.get("vary", "")) == coded
            assert reply.text[0] in '{/("(c'


def test_what_is_short_or_streamed_is_sent_as_it_is() -> None:
    with TestClient(create_app(FakeBot(), read_settings({})), HERE) as http:
        short = http.get("/healthz", headers={"accept-encoding": "gzip"})
        stream = http.post("/api/ask/stream", json=QUESTION, headers={"accept-encoding": "gzip"})
    assert "content-encoding" not in short.headers
    assert "content-encoding" not in stream.headers
    assert "event: answer" in stream.text
