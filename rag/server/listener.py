"""The socket a server listens on, taken before anything slow is loaded, how requests are read from it, and its end."""

import os
import socket
import sys
from contextlib import suppress

import uvicorn
from fastapi import FastAPI
from starlette.types import ASGIApp

from rag.config import Settings
from rag.errors import SettingError
from rag.server.security.slow_headers import Impatient

__all__ = ["bind", "configuration", "serve"]

GRACE = 3
"""Seconds that requests and open event streams get when the server stops."""
SWITCH = 0.001
"""Seconds a thread may keep the interpreter's lock from those that want it, five times less than Python's: a question in
hand works in Python without a pause, and a small reply needs the lock several times."""


def bind(settings: Settings) -> socket.socket:
    """Take the port; raises SettingError where that cannot be.

    The protocol is named: asyncio sends small replies at once (TCP_NODELAY) only on sockets that say they are TCP,
    on others each waits some 40 ms for the client to acknowledge the one before.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if os.name == "posix":  # elsewhere this option lets two servers share a port
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        if not settings.database:
            taken.listen()  # so that a second server fails now and not after it has loaded its models
        # One of several is asked by the proxy as soon as it listens: it does so when it can answer.
    except OSError as error:
        taken.close()
        why = error.strerror or str(error)
        raise SettingError(
            f"Cannot listen on {settings.host}:{settings.port} ({why}); choose another with --port."
        ) from None
    return taken


def configuration(app: ASGIApp, settings: Settings) -> uvicorn.Config:
    """Return how the application is served."""
    return uvicorn.Config(
        app,
        log_config=None if settings.log else uvicorn.config.LOGGING_CONFIG,
        log_level="warning",
        access_log=False,
        server_header=False,
        http=Impatient,
        ws="none",
        proxy_headers=False,  # uvicorn would believe any process of this machine; rag.server.security.access believes the listed
        timeout_graceful_shutdown=GRACE,
    )


class _Announced(uvicorn.Server):
    """A server that says where it is once it answers."""

    def __init__(self, config: uvicorn.Config, address: str) -> None:
        super().__init__(config)
        self._address = address

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start, then say so: on stdout, because it is what a script waits for."""
        await super().startup(sockets)
        if self.started:
            sys.stdout.write(f"Youju answers at {self._address} (Ctrl+C stops it)\n")
            sys.stdout.flush()


def serve(app: FastAPI, settings: Settings, taken: socket.socket) -> None:
    """Answer on the socket `taken` until stopped; then the process ends, whatever is still in hand."""
    sys.setswitchinterval(SWITCH)
    with suppress(KeyboardInterrupt):
        _Announced(configuration(app, settings), _address(settings, taken)).run([taken])
    server = app.state.server
    if server.worker.held or server.desk.busy:  # the interpreter would wait for what nobody waits for
        sys.stdout.flush()
        os._exit(0)


def _address(settings: Settings, taken: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{taken.getsockname()[1]}{settings.root_path}"
