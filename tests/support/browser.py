"""The real application in a process of its own, pages of other origins, and the system's Chromium."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, sync_playwright

from tests.support.paths import ROOT

WHOLE = ("chromium", "chromium-browser", "google-chrome")
# The same engine without the windows around it: a page costs a tenth of a second of work instead of a whole one.
NAMES = ("chromium-headless-shell", *WHOLE)
# Chromium's own calls home would drown ours.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
START = 300
"""Seconds until the application must answer: it imports, loads two models and builds its index, on a busy machine."""


def chromium_path(names: Sequence[str]) -> str:
    """Return where the first browser of these names is; skips where there is none."""
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"no Chromium on this system: install {' or '.join(names[:2])} to run the browser tests")
    return path


@contextmanager
def chromium(*flags: str) -> Iterator[Browser]:
    """Open the system's Chromium with more `flags`; skips where there is none."""
    path = chromium_path(NAMES)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, *flags])
        yield browser
        browser.close()


def typed_into(frame: FrameLocator) -> Locator:
    """Return the field for a question in the small page once its script is there: before, Enter would send a form."""
    box = frame.locator("#question")
    box.evaluate(
        "() => document.readyState === 'complete' || new Promise(done => addEventListener('load', done, { once: true }))"
    )
    return box


@dataclass(frozen=True, slots=True)
class Running:
    """An application that answers at `address` and writes what it tries to reach into `log`."""

    address: str
    log: Path


@contextmanager
def application(folder: Path, origins: str) -> Iterator[Running]:
    """Run app.py on a free port over the index in `folder`; it builds one from seeds/ where there is none."""
    log = folder / "reached.txt"
    command = [
        sys.executable,
        "-m",
        "tests.support.guarded",
        str(log),
        "app.py",
        "--port",
        "0",
        "--index",
        str(folder / "index"),
    ]
    state = str(folder / "state")
    environment = os.environ | {
        "RAG_ALLOWED_ORIGINS": origins,
        "RAG_STATE": state,
        "RAG_ADDED": str(folder / "added"),
        "RAG_KEEP_QUESTIONS": "1",
        "PYTHONUNBUFFERED": "1",
    }
    with (
        (folder / "stderr.txt").open("wb") as noise,
        subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=noise) as process,
    ):
        try:
            yield Running(_address(process, folder), log)
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], folder: Path) -> str:
    """Wait for the one line that says where it answers."""
    assert process.stdout is not None
    late = threading.Timer(START, process.kill)
    late.start()
    line = process.stdout.readline().decode()
    late.cancel()
    found = re.search(r"http://\S+", line)
    assert found, f"{line!r}: {(folder / 'stderr.txt').read_text(encoding='utf-8')}"
    return found[0]


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def host_pages(folder: Path) -> Iterator[str]:
    """Serve `folder` as a web site of another origin and yield that origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
