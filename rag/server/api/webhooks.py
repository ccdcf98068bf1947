"""Telling other systems that the articles have changed, whoever changed them; signed as standardwebhooks.com has it.

For each address one thread looks which generation it was told of last. What could not be delivered is told again, later and
together with what has changed since: at least once, in order, and never more than one message behind.
"""

import base64
import binascii
import hashlib
import hmac
import json
import logging
import threading
import time
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from urllib.error import HTTPError

from rag.config import Settings
from rag.errors import RagError
from rag.index.changed import Changes, Position, changes_since, position_of
from rag.index.place import place_of
from rag.index.private_files import create_private

__all__ = ["Webhooks", "signature"]

PREFIX = "whsec_"
STATE = "webhooks.json"
EACH = 2.0
"""Seconds between two looks; an index is written every few minutes at most."""
LONGEST = 300.0
"""Seconds between two tries, each twice as long after the last."""
TIMEOUT = 10.0
LISTED = 1_000
"""Articles that a message lists."""

_log = logging.getLogger("youju.webhooks")


def signature(secret: str, ident: str, at: str, body: bytes) -> str:
    """Return the signature of a message sent `at` (seconds since 1970): v1, and HMAC-SHA256 in base64.

    The key is the secret behind whsec_ in base64, or the bytes of any other secret.
    """
    key = secret.encode()
    if secret.startswith(PREFIX):
        with suppress(binascii.Error):
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    signed = hmac.new(key, f"{ident}.{at}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


class _Straight(urllib.request.HTTPRedirectHandler):
    """Follow no redirect: the message is for the address that was set."""

    def redirect_request(self, *_: Any) -> None:
        """Return nothing, so that the reply itself is the error."""
        return None


class Webhooks:
    """The addresses of the settings; nothing happens before `start`."""

    def __init__(self, settings: Settings, each: float = EACH) -> None:
        self.place = place_of(settings)
        self.path = settings.state / STATE
        self._addresses = settings.webhooks
        self._secret = settings.webhook_secret
        self._each = each
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Straight()).open

    def start(self) -> None:
        """Begin to look, a thread for each address; what had changed before the very first start is told to nobody."""
        for address in self._addresses:
            threading.Thread(target=self._follow, args=(address,), name="webhook", daemon=True).start()

    def close(self) -> None:
        """Stop; what was not delivered is told after the next start."""
        self._stop.set()

    def _follow(self, address: str) -> None:
        wait = self._each
        while not self._stop.wait(wait):
            try:
                self._look(address)
                wait = self._each
            except (RagError, OSError, ValueError) as error:
                wait = min(wait * 2, LONGEST)
                _log.warning("%s was not told of changes, again in %.0f s: %s", address, wait, error)

    def _look(self, address: str) -> None:
        told, now = self._told().get(address), position_of(self.place)
        if told is None:
            self._remember(address, now)
        elif told.lineage != now.lineage or told.generation > now.generation:
            self._send(address, told, {"type": "library.replaced", "data": {"generation": now.generation}})
            self._remember(address, now)
        elif told != now:
            changes = changes_since(self.place, told, LISTED)
            if changes.total:
                self._send(address, told, _message(told, changes))
            self._remember(address, changes.now)

    def _send(self, address: str, told: Position, message: Mapping[str, Any]) -> None:
        """Post a message; raises OSError where it is not received."""
        at = str(int(time.time()))
        said = {**message, "timestamp": datetime.now(UTC).isoformat(timespec="seconds")}
        body = json.dumps(said, ensure_ascii=False).encode()
        data = message["data"]
        name = f"{address} {told.lineage} {told.generation} {data['generation']}"
        ident = f"msg_{hashlib.sha256(name.encode()).hexdigest()[:24]}"
        headers = {
            "content-type": "application/json",
            "user-agent": "youju",
            "webhook-id": ident,
            "webhook-timestamp": at,
            "webhook-signature": signature(self._secret, ident, at, body),
        }
        request = urllib.request.Request(address, body, headers, method="POST")
        try:
            self._open(request, timeout=TIMEOUT).close()
        except HTTPError as error:
            error.close()
            raise

    def _told(self) -> dict[str, Position]:
        try:
            said = json.loads(self.path.read_bytes())
            return {address: Position(**position) for address, position in said.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            _log.warning("%s is damaged: addresses are told of what changes from now on.", self.path)
            return {}

    def _remember(self, address: str, position: Position) -> None:
        with self._lock:
            said = {name: asdict(one) for name, one in self._told().items() if name in self._addresses}
            said[address] = asdict(position)
            fresh = self.path.with_suffix(".part")
            fresh.unlink(missing_ok=True)
            create_private(fresh, json.dumps(said).encode())
            fresh.replace(self.path)


def _message(told: Position, changes: Changes) -> Mapping[str, Any]:
    return {
        "type": "articles.changed",
        "data": {
            "since": told.generation,
            "generation": changes.now.generation,
            "total": changes.total,
            "articles": [asdict(one) for one in changes.articles],
        },
    }
