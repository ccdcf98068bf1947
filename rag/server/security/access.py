"""Who a request comes from and what they may do: a key, a signed-in browser, a name a proxy vouches for, a ticket."""

import hmac
import ipaddress
import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Scope as HttpScope

from rag.config import Settings, is_loopback
from rag.index.state import state_of
from rag.server.addresses import address_of
from rag.server.security.keys import SCOPES, Key, KeyStore, Scope
from rag.server.security.rate_limit import shared_or_own
from rag.server.security.sessions import SessionStore

__all__ = [
    "COOKIE",
    "SESSION_SECONDS",
    "VISITOR",
    "WRITING",
    "Access",
    "Visitor",
    "client_address",
    "is_trusted",
    "needed_scope",
]

COOKIE = "youju"
MOST_COOKIES = 3
VISITOR = "youju.visitor"
"""Where the visitor stands in the scope of a request."""
SESSION_SECONDS = 12 * 3600
"""A working day: a browser signed in in the morning asks until the evening."""
TICKET_SECONDS = 12 * 3600
GUESSES = (10, 60.0)
"""Wrong keys of one address that are answered and logged in so many seconds. More get 429: a key is 256 random bits,
so nobody guesses one; a right key passes whoever else sits behind the same address."""

_log = logging.getLogger("youju.access")

READER: tuple[Scope, ...] = ("page", "ask", "read")
EDITOR: tuple[Scope, ...] = (*READER, "edit")
WRITING: frozenset[Scope] = frozenset(["edit", "push"])
"""What changes the articles."""
OPEN: frozenset[Scope] = frozenset(SCOPES) - WRITING
"""What everyone may where no way in is set; whoever sits at the machine itself may change articles, too."""
FORWARDED = ("forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
"""Any of these says that a request comes from somewhere else, whatever its last hop is."""
GRANTED: Mapping[Scope, tuple[Scope, ...]] = {"page": READER, "edit": EDITOR}
"""What a scope brings besides itself: the page asks and reads."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Someone who may do what `scopes` say; `name` is what questions are counted under."""

    name: str
    scopes: frozenset[Scope]
    by_key: bool = False
    """Came with a key in a header: links for this visitor need a ticket, for a browser's link sends no header."""


def needed_scope(path: str, method: str = "GET") -> Scope | None:
    """Return what a path asks of its visitor; None is nothing. What is not listed is the page's."""
    address = address_of(path, method)
    return address.needs if address else "page"


def client_address(scope: HttpScope, headers: Headers, trusted: Iterable[str]) -> str:
    """Return the address that asks: the last one before the proxies we trust; IPv6 as its network of 64 bits.

    Only proxies append to the header in order, so what stands left of the first untrusted address is hearsay.
    """
    client = scope.get("client")
    hops = [part.strip() for part in ",".join(headers.getlist("x-forwarded-for")).split(",")]
    address = str(client[0]) if client else ""
    for hop in reversed(hops):
        if not is_trusted(address, trusted) or not _parsed(hop):
            break
        address = hop
    parsed = _parsed(address)
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return address


def is_trusted(address: str, trusted: Iterable[str]) -> bool:
    """Tell whether an address is one of the trusted addresses and networks."""
    parsed = _parsed(address)
    return parsed is not None and any(parsed in ipaddress.ip_network(one, strict=False) for one in trusted)


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None


class Access:
    """The ways in that the settings open, and the keys."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.keys = KeyStore(state_of(settings))
        self.sessions = SessionStore(state_of(settings))
        self.ways = settings.access
        self._guesses = shared_or_own(settings, *GUESSES, "guess")

    def address(self, scope: HttpScope, headers: Headers) -> str:
        """Return the address that asks."""
        return client_address(scope, headers, self.settings.trusted_proxies)

    def guessed(self, address: str) -> int:
        """Count a wrong key; return the seconds to wait."""
        wait = self._guesses.take(address)
        if not wait:
            _log.warning("A wrong key was shown from %s.", address)
        return wait

    def visitor(self, scope: HttpScope, headers: Headers, path: str) -> tuple[Visitor | None, bool]:
        """Return the visitor, None if unknown, and whether a wrong key, cookie or ticket was shown."""
        if not self.ways:
            scopes = frozenset(SCOPES) if self._is_here(scope, headers) else OPEN
            return self._allowed(Visitor(self.address(scope, headers), scopes)), False
        shown = (self._by_key(headers), self._by_cookie(headers), self._by_ticket(scope, path))
        found = next((one for one in shown if isinstance(one, Visitor)), None) or self._by_proxy(
            scope, headers
        )
        return found and self._allowed(found), found is None and "wrong" in shown

    def session(self, text: str) -> str | None:
        """Return the cookie's value for a key that may sign in, None for any other text."""
        key = self.keys.find(text.strip())
        if "login" not in self.ways or key is None or "page" not in _scopes(key):
            return None
        return f"{key.ident}.{self.sessions.begin(key.digest, int(time.time()) + SESSION_SECONDS)}"

    def end_session(self, headers: Headers) -> None:
        """End the session of the browser's cookie: a copy of the cookie opens nothing any more."""
        for value in _cookies(headers):
            self.sessions.end(value.partition(".")[2])

    def ticket(self, article_id: str) -> str:
        """Return what opens one article and its original without a key until it runs out: t=TIME.SIGNATURE."""
        until = str(int(time.time()) + TICKET_SECONDS)
        return f"t={until}.{self.keys.sign('ticket', article_id, until)}"

    def _by_key(self, headers: Headers) -> "Visitor | str":
        kind, _, text = headers.get("authorization", "").partition(" ")
        if not text or kind.lower() != "bearer" or not {"key", "login"} & set(self.ways):
            return ""
        key = self.keys.find(text.strip())
        return _visitor(key, by_key=True) if key else "wrong"

    def _by_cookie(self, headers: Headers) -> "Visitor | str":
        if "login" not in self.ways:
            return ""
        for value in _cookies(headers):
            ident, _, session = value.partition(".")
            key = self.keys.with_ident(ident)
            if key and "page" in _scopes(key) and self.sessions.find(session) == key.digest:
                return _visitor(key, by_key=False)
        return ""  # none, ended, run out or its key taken back: nobody guesses

    def _by_ticket(self, scope: HttpScope, path: str) -> "Visitor | str":
        article = path.removeprefix("/articles/").removesuffix("/original")
        shown = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("t", [""])[0]
        if not shown or article == path or "/" in article:
            return ""
        until, _, signature = shown.partition(".")
        expected = self.keys.sign("ticket", article, until)
        if not hmac.compare_digest(expected.encode(), signature.encode("utf-8", "replace")):
            return "wrong"
        return Visitor("ticket", frozenset({"read"})) if _ahead(until) else ""

    def _by_proxy(self, scope: HttpScope, headers: Headers) -> Visitor | None:
        client = scope.get("client")
        names = headers.getlist(self.settings.user_header)
        name = (
            names[0].strip() if len(names) == 1 else ""
        )  # of two one is the proxy's, and nobody knows which
        told = "proxy" in self.ways and client and is_trusted(str(client[0]), self.settings.trusted_proxies)
        scopes = EDITOR if name in self.settings.editors else READER
        return Visitor(f"user {name}", frozenset(scopes)) if told and name else None

    def _is_here(self, scope: HttpScope, headers: Headers) -> bool:
        """Tell whether a request comes from a browser or a script of this machine and through no proxy.

        A proxy that is not named in the settings shows itself by a header, by the name it was asked under, or by HTTP/1.0,
        which nginx speaks to what stands behind it unless it is told otherwise.
        """
        client = scope.get("client")
        peer = _parsed(str(client[0])) if client else None
        inside = is_loopback(self.settings.host) and not self.settings.behind_proxy
        passed = any(name in headers for name in FORWARDED) or scope.get("http_version") == "1.0"
        return inside and peer is not None and peer.is_loopback and not passed

    def _allowed(self, visitor: Visitor) -> Visitor:
        """Return the visitor without what the settings have turned off."""
        return visitor if self.settings.edit else replace(visitor, scopes=visitor.scopes - WRITING)


def _scopes(key: Key) -> frozenset[Scope]:
    return frozenset(scope for own in key.scopes for scope in GRANTED.get(own, (own,)))


def _visitor(key: Key, *, by_key: bool) -> Visitor:
    return Visitor(f"key {key.ident}", _scopes(key), by_key)


def _ahead(until: str) -> bool:
    return until.isascii() and until.isdigit() and len(until) < 12 and int(until) > time.time()


def _cookies(headers: Headers) -> list[str]:
    """Return the values of our cookie: a page of a sibling domain can set another of the same name before ours."""
    pairs = (part.strip().partition("=") for line in headers.getlist("cookie") for part in line.split(";"))
    return [value.strip('"') for name, _, value in pairs if name == COOKIE and value][:MOST_COOKIES]
