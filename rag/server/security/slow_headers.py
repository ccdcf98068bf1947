"""Connections that must say what they want: one whose request line and headers trickle in is closed."""

import asyncio
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

__all__ = ["Impatient"]

HEADER_SECONDS = 10.0
"""Uvicorn limits the wait between requests, but not for a request that has begun and never ends."""


class Impatient(H11Protocol):
    """Uvicorn's protocol with a limit on how long a request may take to be said."""

    header_seconds = HEADER_SECONDS
    _closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on while a request is not whole; what has arrived of it wins no time."""
        super().data_received(data)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop waiting."""
        self._rest()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self.conn.their_state is not h11.IDLE:
            self._rest()
        elif self._closing is None:
            self._closing = self.loop.call_later(self.header_seconds, self.transport.close)

    def _rest(self) -> None:
        if self._closing is not None:
            self._closing.cancel()
            self._closing = None
