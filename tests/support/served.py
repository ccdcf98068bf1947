"""An application behind a real socket, in a thread of this process."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from rag.config import read_settings
from rag.server.listener import bind

__all__ = ["served"]


@contextmanager
def served(app: ASGIApp, grace: int = 3) -> Iterator[str]:
    """Serve `app` on a free port of loopback and yield its address; stopping, it waits `grace` seconds."""
    with bind(read_settings({}, port=0)) as taken:
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=grace
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([taken])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{taken.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(grace + 10)
