"""The socket a server listens on, taken before anything slow is loaded, and how requests are read from it."""

import os
import socket

import uvicorn
from starlette.types import ASGIApp

from rag.config import Settings
from rag.errors import SettingError
from rag.server.security.slow_headers import Impatient

__all__ = ["bind", "configuration"]

GRACE = 3
"""Seconds that requests and open event streams get when the server stops."""


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
        taken.listen()  # so that a second server fails now and not after it has loaded its models
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
