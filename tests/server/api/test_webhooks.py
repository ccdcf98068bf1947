"""Webhooks: what changed is told to every address once it can be found, signed, again until it is received."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from rag.config import read_settings
from rag.errors import SettingError
from rag.index.build.builder import build, remove
from rag.server.api.webhooks import Webhooks, signature
from tests.support.fakes import FakeEmbedder, news, write_news

SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef01234567").decode()


class Receiver:
    """A server that keeps what it is sent, and answers with `status` while there is one."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(outer.status)
                if outer.status == 302:
                    self.send_header("location", "/elsewhere")
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def wait(self, count: int) -> None:
        late = time.monotonic() + 60
        while len(self.got) < count:
            assert time.monotonic() < late
            time.sleep(0.01)

    def said(self, number: int = -1) -> Any:
        return json.loads(self.got[number][1])


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()


def written(folder: Path, count: int) -> None:
    build([write_news(folder / "news" / "a.jsonl", news(count)).parent], folder / "index", FakeEmbedder())


@contextmanager
def told(folder: Path, *addresses: str) -> Iterator[Path]:
    """Tell these addresses of the index in `folder`; begin once each is known."""
    settings = read_settings(
        {},
        index=folder / "index",
        state=folder / "state",
        webhooks=" ".join(addresses),
        webhook_secret=SECRET,
    )
    hooks = Webhooks(settings, each=0.02)
    hooks.start()
    late = time.monotonic() + 60
    while not (hooks.path.exists() and len(json.loads(hooks.path.read_bytes())) == len(addresses)):
        assert time.monotonic() < late
        time.sleep(0.01)
    yield hooks.path
    hooks.close()


def test_what_changes_is_told_and_signed(tmp_path: Path, receiver: Receiver) -> None:
    written(tmp_path, 3)
    with told(tmp_path, receiver.address):
        written(tmp_path, 5)
        receiver.wait(1)
        remove(["n0"], tmp_path / "index")
        receiver.wait(2)
    headers, body = receiver.got[0]
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new(b"0123456789abcdef01234567", signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    first, second = receiver.said(0), receiver.said(1)
    assert (first["type"], first["data"]["since"], first["data"]["generation"]) == ("articles.changed", 1, 2)
    assert [(one["change"], one["external_id"]) for one in first["data"]["articles"]] == [
        *(("added", "n3"), ("added", "n4"))
    ] or {one["external_id"] for one in first["data"]["articles"]} == {"n3", "n4"}
    assert [(one["change"], one["external_id"]) for one in second["data"]["articles"]] == [("removed", "n0")]


def test_what_is_not_received_is_told_again_together_with_what_came_since(
    tmp_path: Path, receiver: Receiver
) -> None:
    written(tmp_path, 2)
    receiver.status = 500
    with told(tmp_path, receiver.address):
        written(tmp_path, 3)
        receiver.wait(1)
        written(tmp_path, 4)
        receiver.status = 204
        late = time.monotonic() + 60
        while receiver.said()["data"]["generation"] != 3:
            assert time.monotonic() < late
            time.sleep(0.01)
    same = [
        headers["webhook-id"] for headers, body in receiver.got if json.loads(body)["data"]["generation"] == 2
    ]
    assert len(set(same)) <= 1
    assert {one["external_id"] for one in receiver.said()["data"]["articles"]} >= {"n3"}


def test_what_changed_while_nobody_looked_is_told_after_the_next_start(
    tmp_path: Path, receiver: Receiver
) -> None:
    written(tmp_path, 2)
    with told(tmp_path, receiver.address):
        pass
    written(tmp_path, 3)
    with told(tmp_path, receiver.address):
        receiver.wait(1)
    time.sleep(0.2)
    assert len(receiver.got) == 1


def test_no_redirect_is_followed(tmp_path: Path, receiver: Receiver) -> None:
    written(tmp_path, 2)
    receiver.status = 302
    with told(tmp_path, receiver.address) as path:
        written(tmp_path, 3)
        receiver.wait(2)
        assert json.loads(path.read_bytes())[receiver.address]["generation"] == 1


def test_one_address_that_is_gone_keeps_no_other_waiting(tmp_path: Path, receiver: Receiver) -> None:
    written(tmp_path, 2)
    with told(tmp_path, "http://127.0.0.1:9/", receiver.address):
        written(tmp_path, 3)
        receiver.wait(1)


def test_a_library_that_was_put_back_is_told_as_such(tmp_path: Path, receiver: Receiver) -> None:
    written(tmp_path, 3)
    with told(tmp_path, receiver.address) as path:
        pass
    said = json.loads(path.read_bytes())
    said[receiver.address]["generation"] = 9
    path.write_text(json.dumps(said), encoding="utf-8")
    with told(tmp_path, receiver.address):
        receiver.wait(1)
    assert receiver.said()["type"] == "library.replaced"


def test_the_signature_is_that_of_the_standard() -> None:
    # The example of the specification, computed there.
    secret = "whsec_plJ3nmyCDGBKInavdOK15jsl"
    body = b'{"event_type":"ping","data":{"success":true}}'
    assert (
        signature(secret, "msg_loFOjxBNrRLzqYUf", "1731705121", body)
        == "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0="
    )


@pytest.mark.parametrize(
    ("webhooks", "secret", "named"),
    [
        ("http://a.test/", "", "RAG_WEBHOOK_SECRET"),
        ("http://a.test/", "short", "RAG_WEBHOOK_SECRET"),
        ("a.test/hook", "x" * 32, "RAG_WEBHOOKS"),
        ("file:///etc/passwd", "x" * 32, "RAG_WEBHOOKS"),
    ],
)
def test_an_address_without_a_secret_or_that_is_none_is_refused(
    webhooks: str, secret: str, named: str
) -> None:
    with pytest.raises(SettingError, match=named):
        read_settings({"RAG_WEBHOOKS": webhooks, "RAG_WEBHOOK_SECRET": secret})
