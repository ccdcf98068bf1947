"""Start the whole: open the bot, take the port, answer."""

import os
import socket
import sys

import uvicorn

from rag.bot import Bot
from rag.config import Settings
from rag.errors import SettingError
from rag.journal import use_json_lines
from rag.page.mount import mount_page
from rag.serve import create_app

__all__ = ["bind", "run"]

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
    taken = bind(settings)  # before the models load: a taken port is told at once
    with taken:
        bot = Bot.open(settings, build_if_empty=True)
        app = mount_page(create_app(bot, settings))
        config = uvicorn.Config(
            app,
            log_config=None if settings.log else uvicorn.config.LOGGING_CONFIG,
            log_level="warning",
            access_log=False,
            server_header=False,
            ws="none",
            timeout_graceful_shutdown=GRACE,
        )
        try:
            _Announced(config, _address(settings, taken)).run([taken])
        except KeyboardInterrupt:
            return


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
