"""What keeps a page of another site from showing `/embed` and `/widget.js`, and the line that mends it.

A browser decides by headers of both sides. Ours are known here; those of the other page are told: pasted from
`curl -sI`, from a `<meta>` tag, or by the widget itself, which hears of a policy that stopped its frame.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

from rag.budget import spend
from rag.config import Settings
from rag.render.strings import Lang

__all__ = ["Finding", "HostPage", "examine", "read_headers"]

State = Literal["ok", "blocked", "hint"]
DEFAULT_PORTS = {"http": "80", "https": "443"}
# Which directive decides: the first that the policy has.
DECIDES = {
    "frame-src": ("frame-src", "child-src", "default-src"),
    "script-src": ("script-src-elem", "script-src", "default-src"),
}
_meta = re.compile("<meta", re.IGNORECASE)
_name = re.compile(r"[^>]*?http-equiv=[\"']?([\w-]++)", re.IGNORECASE)
_content = re.compile(r"[^>]*?content=(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)
_header = re.compile(r"^(?:<|[^\S\n])*+([A-Za-z][A-Za-z0-9-]*+):[ \t](.+)$", re.MULTILINE)

# Chinese, English; `mend` is the line that mends it.
SAID: Mapping[str, tuple[str, str]] = {
    "host_ok": ("服务认得主机名 {host}。", "The server knows itself as {host}."),
    "host_blocked": ("服务不认得主机名 {host}，会拒绝以它访问。", "The server refuses the host name {host}."),
    "origin_hint": ("请填写嵌入页面的来源，例如 http://portal.intranet。", "Say the origin of the page, such as http://portal.intranet."),
    "origin_ok": ("来源 {origin} 已列出，可以嵌入和读取回答。", "{origin} is listed: it may frame and read."),
    "origin_blocked": ("来源 {origin} 没有列出，浏览器会拒绝显示（frame-ancestors）。", "{origin} is not listed: browsers refuse the frame (frame-ancestors)."),
    "scheme_blocked": ("网页用 https，问答服务用 http，浏览器会当作混合内容拦下。", "The page is https and the server http: browsers block mixed content."),
    "frame-src_ok": ("网页的 CSP 允许嵌入（frame-src）。", "The page's CSP allows the frame (frame-src)."),
    "frame-src_blocked": ("网页的 CSP 用 {directive} 拦住了嵌入（frame-src）。", "The page's CSP blocks the frame by {directive} (frame-src)."),
    "script-src_ok": ("网页的 CSP 允许 widget.js（script-src）。", "The page's CSP allows widget.js (script-src)."),
    "script-src_blocked": ("网页的 CSP 用 {directive} 拦住了 widget.js（script-src）；只用 iframe 时不需要它。", "The page's CSP blocks widget.js by {directive} (script-src); a plain iframe does not need it."),
    "coep_blocked": ("网页的 Cross-Origin-Embedder-Policy 拦住了没有声明的框架。", "The page's Cross-Origin-Embedder-Policy blocks frames."),
    "access_hint": ("服务要求密钥：嵌入页里的登录 cookie 不会送达，须在页面写明只能提问的密钥（任何人都能看到它）。", "The server asks for a key, and a frame of another site gets no cookie: the page must carry one that only asks (everyone can read it)."),
    "access_proxy": ("服务只认代理的登录：框架里的请求也须经过该代理，且代理的 cookie 须能在跨站框架中使用。", "The server takes the proxy's word alone: requests of the frame must pass it, and its cookie must work in frames of other sites."),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HostPage:
    """The page that embeds: its origin, "" if not told, and its headers by lower-case name."""

    origin: str = ""
    headers: Mapping[str, Sequence[str]] | None = None

    def values(self, name: str) -> Sequence[str]:
        """Return the values of a header."""
        return (self.headers or {}).get(name, ())


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `mend` is the line to write, "" where nothing is wrong."""

    check: str
    state: State
    said: str
    mend: str = ""


def read_headers(text: str) -> Mapping[str, Sequence[str]]:
    """Read headers from lines of `curl -sI`, from <meta> tags, or a bare policy."""
    found: dict[str, list[str]] = {}
    for name, value in list(_metas(text)) or _header.findall(text):
        found.setdefault(name.lower(), []).append(value.strip())
    if not found and text.strip():
        found["content-security-policy"] = [" ".join(text.split())]
    return found


def _metas(text: str) -> Iterator[tuple[str, str]]:
    """Yield name and content of each <meta http-equiv=… content=…>."""
    for tag in _meta.split(text)[1:]:
        spend()
        if (name := _name.match(tag)) and (content := _content.match(tag[name.end() :])):
            yield name[1], content[1] or content[2] or ""


def examine(
    page: HostPage, address: str, known: bool, settings: Settings, lang: Lang = "zh"
) -> Sequence[Finding]:
    """Return what was looked at, in the order in which a browser would fail.

    `address` is where the server is seen (scheme://host/prefix), `known` whether it takes requests by that host name.
    """
    return [
        Finding(check, state, SAID[said][lang == "en"].format_map(words), mend)
        for check, state, said, mend, words in _look(page, urlsplit(address), known, settings)
    ]


Look = tuple[str, State, str, str, Mapping[str, str]]


def _look(page: HostPage, server: SplitResult, known: bool, settings: Settings) -> Iterator[Look]:
    host = {"host": server.netloc, "origin": page.origin}
    name = server.hostname or ""
    yield _verdict("host", known, f"RAG_ALLOWED_HOSTS={_with(settings.allowed_hosts, name)}", host)
    own = f"{server.scheme}://{server.netloc}"
    if not page.origin:
        yield "origin", "hint", "origin_hint", "", host
    else:
        listed = page.origin in (*settings.allowed_origins, own)
        mend = f"RAG_ALLOWED_ORIGINS={_with(settings.allowed_origins, page.origin)}"
        yield _verdict("origin", listed, mend, host)
    if page.origin.startswith("https:") and server.scheme == "http":
        yield "scheme", "blocked", "scheme_blocked", f"https://{server.netloc}{server.path}/widget.js", host
    yield from _policies(page, server)
    if any(
        "require-corp" in value or "credentialless" in value
        for value in page.values("cross-origin-embedder-policy")
    ):
        yield "coep", "blocked", "coep_blocked", "Cross-Origin-Embedder-Policy: unsafe-none", host
    yield from _access(server, settings)


def _verdict(check: str, good: bool, mend: str, words: Mapping[str, str]) -> Look:
    return (
        (check, "ok", f"{check}_ok", "", words)
        if good
        else (check, "blocked", f"{check}_blocked", mend, words)
    )


def _with(listed: Sequence[str], one: str) -> str:
    return f'"{" ".join((*listed, one))}"'


def _access(server: SplitResult, settings: Settings) -> Iterator[Look]:
    if {"key", "login"} & set(settings.access):
        script = f'<script src="{server.geturl()}/widget.js" data-key="yj_…" defer></script>'
        yield "access", "hint", "access_hint", f"youju key add … --scope ask; {script}", {}
    elif settings.access:
        yield "access", "hint", "access_proxy", "RAG_ACCESS=proxy,key", {}


def _policies(page: HostPage, server: SplitResult) -> Iterator[Look]:
    """Yield a verdict for each directive: a browser obeys every policy, so one that forbids is enough."""
    policies = [
        _parsed(part) for value in page.values("content-security-policy") for part in value.split(",")
    ]
    for check, target in (("frame-src", "/embed"), ("script-src", "/widget.js")):
        spend(len(policies))
        url = server._replace(path=server.path + target)
        bad = [policy for policy in policies if not _allows(policy, check, url, page.origin)]
        for policy in bad:
            directive = next(name for name in DECIDES[check] if name in policy)
            yield (
                check,
                "blocked",
                f"{check}_blocked",
                _mended(policy, check, directive, url),
                {"directive": directive},
            )
        if policies and not bad:
            yield check, "ok", f"{check}_ok", "", {}


Policy = Mapping[str, Sequence[str]]


def _parsed(policy: str) -> Policy:
    """Read a policy; the first of two directives of one name counts."""
    found: dict[str, Sequence[str]] = {}
    for part in policy.split(";"):
        name, *sources = part.split() or [""]
        found.setdefault(name.lower(), sources)
    return found


def _allows(policy: Policy, check: str, url: SplitResult, page: str) -> bool:
    directive = next((name for name in DECIDES[check] if name in policy), None)
    if directive is None:
        return True
    if check == "script-src" and "'strict-dynamic'" in policy[directive]:
        return False  # then addresses count for nothing, only the nonce of the tag
    return any(_fits(source.lower(), url, urlsplit(page)) for source in policy[directive])


def _fits(source: str, url: SplitResult, page: SplitResult) -> bool:
    """Tell whether a source expression of a policy covers an address (CSP 3, 6.7.2.8)."""
    if source == "*":
        return True
    if source == "'self'":
        return (url.scheme, url.netloc) == (page.scheme, page.netloc)
    if source.startswith("'"):
        return False
    if source.endswith(":"):
        return url.scheme == source[:-1] or (source, url.scheme) == ("http:", "https")
    scheme, found, rest = source.rpartition("://")
    wanted = scheme if found else page.scheme or url.scheme
    host, slash, path = rest.partition("/")
    return (
        (url.scheme == wanted or (wanted, url.scheme) == ("http", "https"))
        and _fits_host(host, url)
        and (
            not slash
            or not path
            or (url.path.startswith(f"/{path}") if path.endswith("/") else url.path == f"/{path}")
        )
    )


def _fits_host(source: str, url: SplitResult) -> bool:
    name, _, port = source.partition(":")
    host = url.hostname or ""
    usual = DEFAULT_PORTS.get(url.scheme, "")
    own = str(url.port or usual)
    by_name = host.endswith(name[1:]) and host != name[2:] if name.startswith("*.") else host == name
    return by_name and (port in ("*", own) if port else own == usual)


def _mended(policy: Policy, check: str, directive: str, url: SplitResult) -> str:
    """Return the directive with our address added, or the tag where only a nonce opens."""
    sources = [source for source in policy[directive] if source.lower() != "'none'"]
    nonce = any(source.lower().startswith("'nonce-") for source in sources)
    if check == "script-src" and (nonce or "'strict-dynamic'" in sources):
        return f'<script nonce="…" src="{url.geturl()}" defer></script>'
    name = directive if directive != "default-src" else check
    return f"{name} {' '.join([*sources, f'{url.scheme}://{url.netloc}'])};"
