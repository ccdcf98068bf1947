"""What stands before every route: which host, which origin, which path, how much, and the headers of the reply.

Pure ASGI around the whole application, so that it has the last word over Gradio, which by itself answers any
origin with credentials, takes uploads and serves files.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.config import Settings, is_loopback
from rag.errors import TooLarge, TooSlow
from rag.server.addresses import Address, address_of
from rag.server.responses import dumps, error_fields
from rag.server.security.body_limit import BODY_SECONDS, read_body
from rag.server.security.identity import SIGNATURE_HEADER, USER_HEADER

__all__ = ["Guard", "error_body", "hosts_of", "path_of"]

# Gradio's page stays blank without 'unsafe-eval' and its own inline scripts; ours needs neither.
GRADIO_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'self'; form-action 'self'; object-src 'none'; frame-ancestors 'self'"
)
STRICT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors "
)
# What browsers show PDFs and pictures with is an object with styles of its own.
PRINTED_POLICY = (
    "default-src 'none'; object-src 'self'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
)
ASKED_METHOD, ASKED_HEADERS = "access-control-request-method", "access-control-request-headers"
SENT_HEADERS = ("authorization", "content-type")
ALSO_SENT = ("accept", "idempotency-key", "user-agent", "x-request-id", USER_HEADER, SIGNATURE_HEADER)
SENT_BY_CLIENTS = ("openai-", "x-stainless-")
"""What a script of a listed page may send; OpenAI's clients add a dozen of their own, which mean nothing here."""
SHOWN_HEADERS = "x-request-id, retry-after"
"""What a script of a listed page may read of a reply."""
MOST_HEADERS = 64
_name = re.compile("[a-z0-9-]{1,64}")
SHUT = Address("", "page")
"""As what a refusal is dressed where there is no such address."""
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def error_body(code: str, message: str, field: str = "") -> bytes:
    """Return the body of every error reply."""
    return dumps(error_fields(code, message, field)).encode()


def hosts_of(settings: Settings) -> frozenset[str]:
    """Return the host names a request may carry.

    A page elsewhere can point its own name at this machine (DNS rebinding) and then read every reply as same-origin;
    its requests carry that name.
    """
    names = {name.lower() for name in settings.allowed_hosts}
    if not is_loopback(settings.host):
        names |= {settings.host.lower(), socket.gethostname().lower()}
    return LOOPBACK | names


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True


@dataclass(frozen=True)
class Guard:
    """The application, guarded."""

    app: ASGIApp
    origins: frozenset[str]
    hosts: frozenset[str]
    any_address: bool
    """Bound beyond loopback: a literal address is as good as a name, for rebinding needs a name."""
    framers: str = field(default="'self'")

    @classmethod
    def from_settings(cls, app: ASGIApp, settings: Settings) -> "Guard":
        """Guard `app` as the settings say."""
        framers = " ".join(["'self'", *settings.allowed_origins])
        reached = not is_loopback(settings.host)
        return cls(app, frozenset(settings.allowed_origins), hosts_of(settings), reached, framers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on; either way the reply gets our headers."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        path = path_of(scope)
        origin = headers.get("origin", "")
        method = headers.get(ASKED_METHOD, "") if scope["method"] == "OPTIONS" else scope["method"]
        address = address_of(path, method) or SHUT
        allowed = origin if origin in self.origins and not address.inside else ""
        dressed = _dressed(send, self._headers(address, allowed, headers.get(ASKED_HEADERS, "")))
        if reply := self._refusal(scope["method"], path, headers, allowed):
            await _reply(dressed, *reply)
            return
        if address.streamed:
            await self.app(scope, receive, dressed)
            return
        try:
            whole = await read_body(receive, address.most_body, BODY_SECONDS)
        except (TooLarge, TooSlow) as error:
            status = 413 if isinstance(error, TooLarge) else 408
            await _reply(dressed, status, error_body(error.code, error.message), last=True)
            return
        await self.app(scope, whole, dressed)

    def _refusal(self, method: str, path: str, headers: Headers, origin: str) -> tuple[int, bytes] | None:
        address = address_of(path, method)
        if not (address and address.any_host) and not self._knows_all(headers):
            return 400, error_body("bad_host", "不接受以此主机名访问，请在 RAG_ALLOWED_HOSTS 中列出它。")
        if address is None:
            return 404, error_body("not_found", "没有这个页面。")
        if method == "OPTIONS":
            return (204, b"") if origin else (404, error_body("not_found", "没有这个页面。"))
        if method not in ("GET", "HEAD") and not origin and not _is_own(headers):
            return 403, error_body(
                "bad_origin", "不接受来自其他网站的请求；请在 RAG_ALLOWED_ORIGINS 中列出它的来源。"
            )
        if not address.ours and method not in (
            "GET",
            "HEAD",
        ):  # of what Gradio says, readers of JSON make nothing
            return 405, error_body("method_not_allowed", "这个地址不接受此方法。")
        if int(_digits(headers.get("content-length", "0"))) > address.most_body:
            return 413, error_body("too_large", f"请求内容超过 {address.most_body // 1024} KB。")
        return None

    def _knows_all(self, headers: Headers) -> bool:
        """Tell whether every host that is named is ours: Gradio makes addresses of the forwarded one."""
        named = [part.strip() for part in headers.get("x-forwarded-host", "").split(",") if part.strip()]
        return all(map(self.knows, [headers.get("host", ""), *named]))

    def knows(self, header: str) -> bool:
        """Tell whether a Host header names this server."""
        host = _host(header)
        return host in self.hosts or (self.any_address and _is_address(host))

    def _headers(self, address: Address, origin: str, asked: str) -> Mapping[str, str]:
        policy = STRICT_POLICY + (self.framers if address.framed else "'self'")
        if not address.ours:
            policy = GRADIO_POLICY
        if address.printed:
            policy = PRINTED_POLICY
        if address.form:
            policy = policy.replace("form-action 'none'", "form-action 'self'")
        headers = {
            "content-security-policy": policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            "cross-origin-resource-policy": "cross-origin" if address.shared else "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=()",
        }
        if address.caching:
            headers["cache-control"] = address.caching
        if not address.framed:  # no header says "these origins"; for /embed the policy above decides
            headers["x-frame-options"] = "SAMEORIGIN"
        if address.shared:  # as a module, or checked by its digest, a script is read with CORS
            headers["access-control-allow-origin"] = "*"
        if origin:
            headers |= {
                "access-control-allow-origin": origin,
                "access-control-allow-methods": "GET, POST",
                "access-control-allow-headers": _sendable(asked),
                "access-control-expose-headers": SHOWN_HEADERS,
                "access-control-max-age": "600",
            }
        return headers


def _sendable(asked: str) -> str:
    names = [name.strip().lower() for name in asked.split(",")][:MOST_HEADERS]
    fits = [name for name in names if _name.fullmatch(name)]
    known = [name for name in fits if name in ALSO_SENT or name.startswith(SENT_BY_CLIENTS)]
    return ", ".join(dict.fromkeys([*SENT_HEADERS, *known]))


def path_of(scope: Scope) -> str:
    """Return the path below the mount; a proxy's prefix is in `root_path`."""
    path, root = str(scope["path"]), str(scope.get("root_path", ""))
    return path[len(root) :] if root and path.startswith(root + "/") else path


def _host(header: str) -> str:
    """Return the host of a Host header, without its port."""
    name = header.lower()
    return (name[: name.find("]") + 1] if name.startswith("[") else name.partition(":")[0]).rstrip(".")


def _is_own(headers: Headers) -> bool:
    """Tell whether a request that changes something comes from a page of ours, or from no page at all.

    Browsers name the origin with every POST, scripts do not. A proxy may drop the port from the host it passes on.
    """
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    netloc = origin.partition("://")[2].lower()
    hosts = {headers.get("host", "").lower(), *headers.get("x-forwarded-host", "").lower().split(",")} - {""}
    return netloc in hosts or (_host(netloc) in hosts and bool(netloc))


def _digits(value: str) -> str:
    return value if value.isascii() and value.isdigit() else "0"


def _dressed(send: Send, headers: Mapping[str, str]) -> Send:
    """Send with our headers in the place of any the application set."""

    async def dress(message: Message) -> None:
        if message["type"] == "http.response.start":
            found = MutableHeaders(raw=message.setdefault("headers", []))
            for name in _foreign(found):
                del found[name]
            found.update(headers)
            found.add_vary_header("Origin")
        await send(message)

    return dress


def _foreign(headers: MutableHeaders) -> Iterable[str]:
    return {name for name in headers if name.startswith("access-control-")}


async def _reply(send: Send, status: int, body: bytes, *, last: bool = False) -> None:
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())] * bool(
        body
    )
    if last:  # what is left of the body would be read as the next request
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
