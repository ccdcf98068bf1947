"""Applications on real sockets in this process, the way `rag.server.run` serves them, and Debian's nginx before them."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI

from rag.config import Settings
from rag.server.listener import bind, configuration
from tests.support.paths import DATA

__all__ = ["free_port", "nginx", "serving"]

HOSTS = DATA / "hosts"
START = 60
"""Seconds until a server must listen, on a busy machine."""


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def serving(app: FastAPI, settings: Settings) -> Iterator[int]:
    """Serve `app` on a free loopback port and yield the port."""
    server = uvicorn.Server(configuration(app, settings))
    with bind(settings.model_copy(update={"host": "127.0.0.1", "port": 0})) as taken:
        thread = threading.Thread(target=server.run, args=([taken],), daemon=True)
        thread.start()
        _wait_for(lambda: server.started)
        try:
            yield taken.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(START)


@contextmanager
def nginx(folder: Path, app: int) -> Iterator[int]:
    """Run nginx as `tests/data/hosts/nginx.conf` says before the port `app` and yield its port; skips where there is none."""
    path = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    if path is None:
        pytest.skip("no nginx on this system: install the package nginx-light")
    port = free_port()
    text = (HOSTS / "nginx.conf").read_text(encoding="utf-8")
    for name, value in (("folder", folder), ("port", port), ("app", app)):
        text = text.replace(f"{{{name}}}", str(value))
    (folder / "nginx.conf").write_text(text, encoding="utf-8")
    command = [path, "-p", str(folder), "-e", str(folder / "error.log"), "-c", str(folder / "nginx.conf")]
    with subprocess.Popen(command) as process:
        try:
            _wait_for(lambda: _listens(port))
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_for(what: Callable[[], bool]) -> None:
    late = time.monotonic() + START
    while not what():
        assert time.monotonic() < late, "it does not start"
        time.sleep(0.02)
