"""Keys: made once, shown once, kept as digests in `state/keys.json`, taken back at any time."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from rag.errors import AccessError
from rag.index.private_files import create_private, tighten

__all__ = ["SCOPES", "Key", "KeyStore", "Scope"]

Scope = Literal["ask", "read", "page", "metrics", "edit", "push"]
SCOPES: tuple[Scope, ...] = ("ask", "read", "page", "metrics", "edit", "push")
"""ask questions · read articles · sign in to the page (which asks and reads) · read the counters · add and withdraw
articles (which signs in, asks and reads, too) · push articles by program, and nothing else"""

MARK = "yj"
"""How every key begins, so that scanners of repositories can find one."""


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key: `digest` is the SHA-256 of the whole; `made` and `expires` are times in UTC, "" is never.

    One round of SHA-256 is enough: the secret is 256 random bits, not a word that can be guessed.
    """

    ident: str
    name: str
    digest: str
    scopes: tuple[Scope, ...]
    made: str
    expires: str = ""

    @property
    def valid(self) -> bool:
        """Tell whether the key has not expired."""
        return not self.expires or datetime.now(UTC).isoformat() < self.expires


class KeyStore:
    """The file of keys in the folder `state`; a running server follows its changes."""

    def __init__(self, state: Path) -> None:
        self.path = state / "keys.json"
        self._secret = state / "secret"
        tighten(state, self.path, self._secret)
        self._read: tuple[tuple[int, int, int] | None, list[Key]] = (None, [])

    def add(self, name: str, scopes: Sequence[Scope], days: int = 0) -> tuple[Key, str]:
        """Make a key and return it with its text, which is kept nowhere; `days` 0 is forever."""
        if not name.strip() or any(key.name == name for key in self.all()):
            raise AccessError(f"A key needs a name of its own: {name!r} is {'taken' if name else 'empty'}.")
        now, ident = datetime.now(UTC), secrets.token_hex(4)
        text = f"{MARK}_{ident}_{secrets.token_urlsafe(32)}"
        expires = (now + timedelta(days=days)).isoformat(timespec="seconds") if days else ""
        key = Key(ident, name, _digest(text), tuple(scopes), now.isoformat(timespec="seconds"), expires)
        self._write([*self.all(), key])
        return key, text

    def revoke(self, which: str) -> Key:
        """Take back the key of this name or id; it opens nothing from now on."""
        found = next((key for key in self.all() if which in (key.name, key.ident)), None)
        if found is None:
            raise AccessError(f"No key is called {which!r}: `youju key list` shows them.")
        self._write([key for key in self.all() if key != found])
        return found

    def all(self) -> list[Key]:
        """Return the keys, oldest first; raises AccessError where the file is damaged."""
        try:
            state = self.path.stat()
            stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
            if stamp != self._read[0]:
                self._read = (stamp, list(map(_key, json.loads(self.path.read_bytes()))))
        except FileNotFoundError:
            self._read = (None, [])
        except (OSError, ValueError, TypeError, LookupError) as error:
            raise AccessError(
                f"{self.path} cannot be read: {error}.", "密钥文件无法读取，请告诉管理员。"
            ) from None
        return self._read[1]

    def find(self, text: str) -> Key | None:
        """Return the valid key whose text this is."""
        mark, _, rest = text.partition("_")
        key = self.with_ident(rest.partition("_")[0]) if mark == MARK else None
        return key if key and hmac.compare_digest(key.digest, _digest(text)) else None

    def with_ident(self, ident: str) -> Key | None:
        """Return the valid key with this id."""
        key = next((key for key in self.all() if key.ident == ident), None)
        return key if key and key.valid else None

    def sign(self, *parts: str) -> str:
        """Return a signature of `parts` that only this installation can make."""
        told = json.dumps(parts).encode()
        return hmac.new(self._signing_key(), told, hashlib.sha256).hexdigest()[:32]

    def _signing_key(self) -> bytes:
        try:
            return self._secret.read_bytes()
        except FileNotFoundError:
            create_private(self._secret, secrets.token_bytes(32))
        return self._secret.read_bytes()

    def _write(self, keys: Sequence[Key]) -> None:
        text = json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1)
        fresh = self.path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            create_private(fresh, text.encode())
            fresh.replace(self.path)
        except OSError as error:
            raise AccessError(f"{self.path} cannot be written: {error}.") from None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _key(fields: dict[str, str]) -> Key:
    known = tuple(scope for scope in SCOPES if scope in fields["scopes"])
    return Key(**{**fields, "scopes": known})  # type: ignore[arg-type]
