"""Keys: made once, shown once, kept as digests in `state/keys.json`, taken back at any time."""

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, Protocol

from rag.errors import AccessError, DatabaseAway
from rag.index.private_files import create_private, tighten
from rag.index.state import State, tables_of

__all__ = ["SCOPES", "Key", "KeyStore", "Scope"]

Scope = Literal["ask", "read", "page", "metrics", "edit", "push"]
SCOPES: tuple[Scope, ...] = ("ask", "read", "page", "metrics", "edit", "push")
"""ask questions · read articles · sign in to the page (which asks and reads) · read the counters · add and withdraw
articles (which signs in, asks and reads, too) · push articles by program, and nothing else"""

FRESH = 1.0
"""Seconds for which a server takes the keys that it read from a database as they were."""
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


class _Kept(Protocol):
    """Where keys are kept, and the secret with which an installation signs."""

    def all(self, *, newest: bool = False) -> list[Key]: ...

    def put(self, key: Key) -> None: ...

    def drop(self, key: Key) -> None: ...

    def secret(self) -> bytes: ...

    def set_secret(self, secret: bytes) -> None: ...


class KeyStore:
    """The keys in `state`, a file or a table of all servers; a running server follows its changes."""

    def __init__(self, state: Path | State) -> None:
        at = State.of(state)
        self._kept: _Kept = _Table(at) if at.database else _File(at.folder)

    def add(self, name: str, scopes: Sequence[Scope], days: int = 0) -> tuple[Key, str]:
        """Make a key and return it with its text, which is kept nowhere; `days` 0 is forever."""
        if not name.strip() or any(key.name == name for key in self._kept.all(newest=True)):
            raise AccessError(f"A key needs a name of its own: {name!r} is {'taken' if name else 'empty'}.")
        now, ident = datetime.now(UTC), secrets.token_hex(4)
        text = f"{MARK}_{ident}_{secrets.token_urlsafe(32)}"
        expires = (now + timedelta(days=days)).isoformat(timespec="seconds") if days else ""
        key = Key(ident, name, _digest(text), tuple(scopes), now.isoformat(timespec="seconds"), expires)
        self._kept.put(key)
        return key, text

    def revoke(self, which: str) -> Key:
        """Take back the key of this name or id; it opens nothing from now on, on other servers within FRESH seconds."""
        found = next((key for key in self._kept.all(newest=True) if which in (key.name, key.ident)), None)
        if found is None:
            raise AccessError(f"No key is called {which!r}: `youju key list` shows them.")
        self._kept.drop(found)
        return found

    def all(self) -> list[Key]:
        """Return the keys, oldest first; raises AccessError where the file is damaged."""
        return self._kept.all()

    def find(self, text: str) -> Key | None:
        """Return the valid key whose text this is."""
        mark, _, rest = text.partition("_")
        key = self.with_ident(rest.partition("_")[0]) if mark == MARK else None
        return key if key and hmac.compare_digest(key.digest, _digest(text)) else None

    def with_ident(self, ident: str) -> Key | None:
        """Return the valid key with this id."""
        key = next((key for key in self.all() if key.ident == ident), None)
        return key if key and key.valid else None

    def copy_to(self, other: "KeyStore") -> int:
        """Give `other`, which has no keys, these and the secret, so that links and feedback stay; return how many.

        Raises AccessError where it has some.
        """
        if other._kept.all(newest=True):
            raise AccessError("There are keys already where these would be copied to.")
        keys = self._kept.all(newest=True)
        other._kept.set_secret(self._kept.secret())
        for key in keys:
            other._kept.put(key)
        return len(keys)

    def sign(self, *parts: str) -> str:
        """Return a signature of `parts` that only this installation can make."""
        told = json.dumps(parts).encode()
        return hmac.new(self._kept.secret(), told, hashlib.sha256).hexdigest()[:32]


class _File:
    """`keys.json` and `secret` in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "keys.json"
        self._secret = folder / "secret"
        tighten(folder, self.path, self._secret)
        self._read: tuple[tuple[int, int, int] | None, list[Key]] = (None, [])

    def all(self, *, newest: bool = False) -> list[Key]:
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

    def put(self, key: Key) -> None:
        self._write([*self.all(), key])

    def drop(self, key: Key) -> None:
        self._write([one for one in self.all() if one != key])

    def secret(self) -> bytes:
        try:
            return self._secret.read_bytes()
        except FileNotFoundError:
            create_private(self._secret, secrets.token_bytes(32))
        return self._secret.read_bytes()

    def set_secret(self, secret: bytes) -> None:
        self._secret.unlink(missing_ok=True)
        create_private(self._secret, secret)

    def _write(self, keys: Sequence[Key]) -> None:
        text = json.dumps([asdict(key) for key in keys], ensure_ascii=False, indent=1)
        fresh = self.path.with_suffix(f".{secrets.token_hex(4)}")
        try:
            create_private(fresh, text.encode())
            fresh.replace(self.path)
        except OSError as error:
            raise AccessError(f"{self.path} cannot be written: {error}.") from None


class _Table:
    """The tables `keys` and `secrets` of a database; while it is away the keys of before open what they opened."""

    def __init__(self, state: State) -> None:
        self._tables = tables_of(state, "", "", "keys")
        self._asked: float | None = None
        self._keys: list[Key] = []
        self._signing = b""

    def all(self, *, newest: bool = False) -> list[Key]:
        if newest or self._asked is None or time.monotonic() - self._asked > FRESH:
            try:
                self._read()
            except DatabaseAway:
                if newest or self._asked is None:
                    raise
        return self._keys

    def put(self, key: Key) -> None:
        values = (*asdict(key).values(),)
        with self._tables.transaction() as connection:
            connection.execute(
                "INSERT INTO keys (ident, name, digest, scopes, made, expires) VALUES (?, ?, ?, ?, ?, ?)",
                [json.dumps(value) if isinstance(value, tuple) else value for value in values],
            )
        self._read()

    def drop(self, key: Key) -> None:
        with self._tables.transaction() as connection:
            connection.execute("DELETE FROM keys WHERE ident = ?", (key.ident,))
        self._read()

    def secret(self) -> bytes:
        if not self._signing:
            with self._tables.transaction() as connection:
                connection.execute(
                    "INSERT INTO secrets VALUES ('signing', ?) ON CONFLICT DO NOTHING",
                    (secrets.token_bytes(32),),
                )
                row = connection.execute("SELECT value FROM secrets WHERE name = 'signing'").fetchone()
            self._signing = bytes(row[0])
        return self._signing

    def set_secret(self, secret: bytes) -> None:
        with self._tables.transaction() as connection:
            connection.execute(
                "INSERT INTO secrets VALUES ('signing', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (secret,),
            )
        self._signing = secret

    def _read(self) -> None:
        began = time.monotonic()
        with self._tables.transaction() as connection:
            rows = connection.execute(
                "SELECT ident, name, digest, scopes, made, expires FROM keys ORDER BY number"
            )
            names = ("ident", "name", "digest", "scopes", "made", "expires")
            found = [dict(zip(names, row, strict=True)) for row in rows]
        self._keys = [_key({**one, "scopes": json.loads(one["scopes"])}) for one in found]
        self._asked = began


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _key(fields: dict[str, Any]) -> Key:
    known = tuple(scope for scope in SCOPES if scope in fields["scopes"])
    return Key(**{**fields, "scopes": known})
