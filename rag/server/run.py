"""Start the whole: open the bot, take the port, answer."""

import os
import socket
import sys

import uvicorn
from fastapi import FastAPI

from rag.bot import Bot
from rag.config import Settings, is_loopback
from rag.errors import SettingError
from rag.server.app import create_app
from rag.server.page.gradio_page import mount_page
from rag.server.request_log import use_json_lines
from rag.server.security.slow_headers import Impatient

__all__ = ["bind", "configuration", "open_door", "run"]

GRACE = 3
"""Seconds that open event streams of pages get when the server stops."""


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


def run(settings: Settings) -> None:
    """Serve until stopped; builds an empty index first.

    Raises SettingError when the port is taken, and what `Bot.open` raises.
    """
    if settings.log:
        use_json_lines()
    if warning := open_door(settings):
        sys.stderr.write(f"youju: {warning}\n")
    # Whoever is turned away would wait for those who are answered: 5 ms each time the interpreter's lock is wanted.
    sys.setswitchinterval(0.001)
    taken = bind(settings)  # before the models load: a taken port is told at once
    with taken:
        bot = Bot.open(settings, build_if_empty=True)
        app = mount_page(create_app(bot, settings))
        try:
            _Announced(configuration(app, settings), _address(settings, taken)).run([taken])
        except KeyboardInterrupt:
            return


def configuration(app: FastAPI, settings: Settings) -> uvicorn.Config:
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


def open_door(settings: Settings) -> str:
    """Return the one sentence of warning if everyone who reaches the server may ask and read, else ""."""
    if is_loopback(settings.host) or settings.access:
        return ""
    return (
        f"Everyone who reaches {settings.host}:{settings.port} can ask and read every article: "
        "set RAG_ACCESS to key, login or proxy, or listen on 127.0.0.1."
    )


def bind(settings: Settings) -> socket.socket:
    """Take the port; raises SettingError where that cannot be."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    taken = socket.socket(family)
    if os.name == "posix":  # elsewhere this option lets two servers share a port
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((settings.host, settings.port))
        taken.listen()  # so that a second server fails now and not after it has loaded its models
    except OSError as error:
        taken.close()
        why = error.strerror or str(error)
        raise SettingError(
            f"Cannot listen on {settings.host}:{settings.port} ({why}); choose another with --port."
        ) from None
    return taken


def _address(settings: Settings, taken: socket.socket) -> str:
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{taken.getsockname()[1]}{settings.root_path}"
