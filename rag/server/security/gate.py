"""Who comes in and how often: what stands between the guard and the routes."""

import logging
from collections.abc import Callable
from functools import partial
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.config import Settings
from rag.errors import AccessError, DatabaseAway
from rag.render.pages import notice_page
from rag.render.strings import lang_of, words
from rag.server.addresses import address_of
from rag.server.security.access import VISITOR, WRITING, Access, is_trusted, needed_scope
from rag.server.security.guard import error_body, path_of
from rag.server.security.identity import PERSON, signed_user
from rag.server.security.rate_limit import rates_of
from rag.server.work_queue import BUSY

__all__ = ["CHARGE", "RETRY_AFTER", "WHO", "Door"]

CHARGE = "youju.charge"
"""Where a request carries what counts more questions of its visitor."""
WHO = "youju.who"
"""Where a request carries under what name its visitor is counted."""
RETRY_AFTER = 2
"""Seconds: about a full line."""

_log = logging.getLogger("youju.access")


class Door:
    """The application, behind the access that the settings ask for and the limit of questions.

    What `turns_away` is turned away here: a question asked in vain should cost those in line as little as it can. What
    writes is refused where `demand` raises DatabaseAway.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        access: Access,
        turns_away: Callable[[], bool],
        demand: Callable[[], None] = lambda: None,
    ) -> None:
        self.app = app
        self.settings = settings
        self.access = access
        self.base = settings.root_path.rstrip("/")
        self.turns_away = turns_away
        self.demand = demand
        self.rates = rates_of(settings)
        self._warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on; what passes knows its visitor."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        self._believe(scope, headers)
        try:
            refusal = self._refusal(scope, headers, path_of(scope))
        except AccessError as error:  # a damaged file of keys opens nothing
            _log.error("%s", error)
            refusal = _error(503, "not_ready", error.message)
        except DatabaseAway as error:
            refusal = _away(error)
        await (refusal or self.app)(scope, receive, send)

    def _believe(self, scope: Scope, headers: Headers) -> None:
        """Take the scheme from a trusted proxy: a cookie of a page read over https is sent over https alone."""
        client = scope.get("client")
        if "x-forwarded-for" in headers and not (self.settings.trusted_proxies or self._warned):
            self._warned = True
            _log.warning(
                "A request from %s was forwarded by a proxy, but RAG_TRUSTED_PROXIES names none: its readers cannot "
                "be told apart and its word for who they are and for https is not taken.",
                client[0] if client else "somewhere",
            )
        said = headers.get("x-forwarded-proto", "").partition(",")[0].strip()
        if said in ("http", "https") and client and is_trusted(str(client[0]), self.settings.trusted_proxies):
            scope["scheme"] = said

    def _refusal(self, scope: Scope, headers: Headers, path: str) -> Response | None:
        address = self.access.address(scope, headers)
        visitor, guessed = self.access.visitor(scope, headers, path)
        if guessed and (wait := self.access.guessed(address)):
            return _wait("too_often", "密钥错误次数过多，请稍后再试。", wait)
        needed = needed_scope(path, scope["method"])
        if needed and visitor is None:
            return self._unknown(scope, headers, path)
        if needed and visitor and needed not in visitor.scopes:
            return self._forbidden(scope, headers, needed)
        scope[VISITOR] = visitor
        person = signed_user(headers, self.settings.identity_secret)
        if person is None:
            return _error(403, "bad_user", "用户签名不符，请告诉网页的管理员。")
        scope[PERSON] = person
        if needed in WRITING and scope["method"] != "GET":
            self.demand()
        if _is_in_line(scope, path) and self.turns_away():
            return _wait("busy", BUSY, RETRY_AFTER)
        who = (visitor.name if visitor else address) + (f" for {person}" if person else "")
        scope[WHO] = who
        scope[CHARGE] = partial(self.rates.charge, who)
        wait = self.rates.take(who) if _is_question(scope, path) else 0
        return _wait("too_often", f"提问过于频繁，请 {wait} 秒后再试。", wait) if wait else None

    def _unknown(self, scope: Scope, headers: Headers, path: str) -> Response:
        """Send people to the page that asks for a key, and tell scripts what they lack."""
        if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
            said = "需要密钥：请在请求头写 Authorization: Bearer 密钥。"
            return _error(401, "unauthorized", said, {"www-authenticate": "Bearer"})
        if "login" in self.access.ways:
            query = scope.get("query_string", b"").decode("latin-1")
            back = urlencode({"next": f"{quote(path)}{'?' * bool(query)}{query}"})
            return RedirectResponse(f"{self.base}/login?{back}", 303, {"cache-control": "no-store"})
        lang = lang_of(headers.get("accept-language", ""))
        return HTMLResponse(notice_page(words(lang)["closed"], self.base, lang), 401)

    def _forbidden(self, scope: Scope, headers: Headers, needed: str) -> Response:
        """Say what the visitor may not, on a page to people who came to one."""
        if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
            return _error(403, "forbidden", f"没有 {needed} 权限。")
        lang = lang_of(headers.get("accept-language", ""))
        said = words(lang)["no_edit" if needed == "edit" else "no_right"].format(needed=needed)
        return HTMLResponse(notice_page(said, self.base, lang), 403, {"cache-control": "no-store"})


def _is_in_line(scope: Scope, path: str) -> bool:
    """Tell whether a request is one question in line."""
    address = address_of(path, scope["method"])
    return scope["method"] == "POST" and address is not None and address.in_line


def _is_question(scope: Scope, path: str) -> bool:
    """Tell whether a request costs an inference, or work on what it brings; reading costs next to nothing."""
    address = address_of(path, scope["method"])
    costs = address.costs if address else "post"
    brings = costs == "query" and bool(scope.get("query_string"))
    return costs != "never" and (scope["method"] == "POST" or costs == "always" or brings)


def _away(error: DatabaseAway) -> Response:
    return _error(503, error.code, error.message, {"retry-after": str(RETRY_AFTER)})


def _wait(code: str, message: str, seconds: int) -> Response:
    return _error(429, code, message, {"retry-after": str(seconds)})


def _error(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> Response:
    return Response(error_body(code, message), status, headers, "application/json")
