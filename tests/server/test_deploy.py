"""The examples of docs/deploy: nginx before the real page, both ways of a prefix; the unit read by systemd."""

import asyncio
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from rag.config import Settings, read_settings
from rag.server.app import create_app
from rag.server.page.gradio_page import mount_page
from rag.server.security.keys import KeyStore
from tests.server.test_app import QUESTION, events
from tests.support.paths import ROOT
from tests.support.sample import PARKS, FakeBot
from tests.support.served import served

DEPLOY = ROOT / "docs" / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
HOST = {"host": "news.intranet"}
MAIN = """
{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


@contextmanager
def nginx(folder: Path, example: str, address: str) -> Iterator[str]:
    """Run Debian's nginx with an example of ours, other ports and folders apart."""
    port = free_port()
    site = (DEPLOY / example).read_text(encoding="utf-8")
    site = site.replace("listen 80;", f"listen 127.0.0.1:{port};").replace("http://127.0.0.1:7860", address)
    (folder / "site.conf").write_text(site.replace("/etc/nginx/youju.conf", str(DEPLOY / "youju.conf")))
    assert NGINX
    # Its workers write bodies to a folder of the tests, which is their owner's alone.
    user = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
    with subprocess.Popen([NGINX, "-p", folder, "-c", folder / "nginx.conf"]) as process:
        try:
            _wait(port)
            yield f"http://127.0.0.1:{port}/news"
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int) -> None:
    for _ in range(200):
        with socket.socket() as probe:
            probe.settimeout(0.05)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nginx does not answer")


async def mounted(settings: Settings) -> FastAPI:
    """Return the whole application, made inside an event loop: outside of one Gradio leaves one open."""
    return mount_page(create_app(FakeBot(), settings))


@pytest.fixture(scope="module", params=["nginx-strip.conf", "nginx-keep.conf"])
def site(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    if NGINX is None:
        pytest.skip("no nginx on this system: install the package nginx")
    settings = read_settings({}, root_path="/news", allowed_hosts=("news.intranet",))
    app = asyncio.run(mounted(settings))
    folder = tmp_path_factory.mktemp("nginx")
    with (
        served(app) as address,
        nginx(folder, request.param, address) as base,
        httpx.Client(base_url=base, headers=HOST) as asked,
    ):
        yield asked


def test_answers_come_through(site: httpx.Client) -> None:
    reply = site.post("/api/ask", json=QUESTION)
    assert reply.json()["answer"] == "31座"
    assert len(reply.headers["x-request-id"]) == 32  # nginx's own


def test_events_are_not_held_back(site: httpx.Client) -> None:
    reply = site.post("/api/ask/stream", json=QUESTION)
    assert [name for name, _ in events(reply.text)] == ["stage", "stage", "stage", "answer"]


def test_the_page_and_all_it_names_lie_below_the_prefix(site: httpx.Client) -> None:
    page = site.get("/")
    assert page.status_code == 200
    assert "/news/web/page.css" in page.text
    config = json.loads(site.get("/config").text)
    assert config["root"] == "http://news.intranet/news"
    for path in ("/web/page.js", "/theme.css", "/embed", "/docs", "/library", f"/articles/{PARKS.id}"):
        assert site.get(path).status_code == 200, path


def test_links_lead_back_through_the_proxy(site: httpx.Client) -> None:
    messages = [{"role": "user", "content": QUESTION["question"]}]
    message = site.post("/v1/chat/completions", json={"messages": messages}).json()["choices"][0]["message"]
    address = message["annotations"][0]["url_citation"]["url"]
    assert address.startswith(f"http://news.intranet/news/articles/{PARKS.id}?")
    assert site.get(address.removeprefix("http://news.intranet/news")).status_code == 200


def test_what_is_refused_stays_refused_behind_the_proxy(site: httpx.Client) -> None:
    assert site.get("/gradio_api/file=/etc/passwd").status_code == 404
    assert site.get("/healthz", headers={"host": "evil.example"}).status_code == 400


FORGED = {"x-forwarded-user": "root", "X-Forwarded-For": "198.51.100.7", "Forwarded": "for=198.51.100.7"}


@pytest.fixture(params=["nginx-strip.conf", "nginx-keep.conf"])
def guarded(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[httpx.Client]:
    """The server as the examples have it, with names that a proxy vouches for; without Gradio's page."""
    if NGINX is None:
        pytest.skip("no nginx on this system: install the package nginx")
    settings = read_settings(
        _settings_told(request.param), state=tmp_path, access="proxy,key", rate="3/minute"
    )
    ask = KeyStore(tmp_path).add("脚本", ["ask"])[1]
    with (
        served(create_app(FakeBot(), settings)) as address,
        nginx(tmp_path, request.param, address) as base,
        httpx.Client(base_url=base, headers={**HOST, "authorization": f"Bearer {ask}"}) as asked,
    ):
        yield asked


def _settings_told(example: str) -> dict[str, str]:
    """Return the settings that the head of an example names."""
    head = (DEPLOY / example).read_text(encoding="utf-8").partition("server {")[0]
    told = dict(re.findall(r"(RAG_\w+)=([^\s]+?)\.?(?=\s)", head))
    assert set(told) == {"RAG_ROOT_PATH", "RAG_ALLOWED_HOSTS", "RAG_TRUSTED_PROXIES"}
    return told


def test_nobody_is_who_they_say_they_are(guarded: httpx.Client) -> None:
    del guarded.headers["authorization"]
    for headers in (FORGED, {"X-Forwarded-User": "root"}, {"X_Forwarded_User": "root"}):
        reply = guarded.post("/api/ask", json=QUESTION, headers=headers)
        assert (reply.status_code, reply.json()["error"]["code"]) == (401, "unauthorized")
    assert guarded.get("/library", headers=FORGED).status_code == 401


def test_a_forged_address_is_not_another_visitor(tmp_path: Path) -> None:
    """Without keys questions are counted by address: that of the connection, whatever the client says."""
    if NGINX is None:
        pytest.skip("no nginx on this system: install the package nginx")
    told = _settings_told("nginx-strip.conf")
    app = create_app(FakeBot(), read_settings(told, state=tmp_path / "state", rate="3/minute"))
    with served(app) as address, nginx(tmp_path, "nginx-strip.conf", address) as base:
        found = []
        for last in range(5):
            said = {**HOST, "X-Forwarded-For": f"198.51.100.{last}", "X-Real-IP": f"198.51.100.{last}"}
            found.append(httpx.post(f"{base}/api/ask", json=QUESTION, headers=said).status_code)
    assert found == [200, 200, 200, 429, 429]


def test_a_batch_of_its_whole_size_passes_and_a_longer_one_is_told_in_our_words(
    guarded: httpx.Client,
) -> None:
    history = [{"question": "问" * 900, "answer": "答" * 800}]
    questions = [{**QUESTION, "history": history} for _ in range(99)]
    body = json.dumps({"questions": questions}, ensure_ascii=False).encode()
    whole = body + b" " * (512 * 1024 - len(body))
    assert len(whole) == 512 * 1024
    said = {"content-type": "application/json"}
    reply = guarded.post("/api/ask/batch", content=whole, headers=said)
    assert [one["answer"] for one in reply.json()["answers"]] == ["31座"] * 99
    for size in (512 * 1024 + 1, 1_000_000, 1_100_000, 5_000_000):
        reply = guarded.post("/api/ask/batch", content=b" " * size, headers=said)
        assert (reply.status_code, reply.json()["error"]["code"]) == (413, "too_large"), size


def test_a_server_that_does_not_run_is_told_in_our_words(tmp_path: Path) -> None:
    if NGINX is None:
        pytest.skip("no nginx on this system: install the package nginx")
    with nginx(tmp_path, "nginx-keep.conf", f"http://127.0.0.1:{free_port()}") as base:
        reply = httpx.get(f"{base}/healthz", headers=HOST)
    assert (reply.status_code, reply.json()["error"]["code"]) == (503, "not_ready")


def test_the_unit_is_one_that_systemd_reads() -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd on this system")
    said = subprocess.run(
        [analyze, "verify", str(DEPLOY / "youju.service")], capture_output=True, text=True, check=False
    ).stderr
    ours = [line for line in said.splitlines() if "youju.service" in line]
    # The program is not installed where the example has it; nothing else may be wrong.
    assert [line for line in ours if "is not executable" not in line] == []
