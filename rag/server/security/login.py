"""Signing in to the page with a key, and out again."""

import re
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request as HttpRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from rag.render.pages import login_page
from rag.render.strings import Lang, lang_of
from rag.server.security.access import COOKIE, SESSION_SECONDS, VISITOR, Access

__all__ = ["Login", "local_path"]

# A path of this server and nothing a browser could read as another one: no //host, no backslash, no control.
_local = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")


def local_path(told: str) -> str:
    """Return `told` if it is a path of this server, else /."""
    return told if len(told) <= 2000 and _local.fullmatch(told) else "/"


class Login:
    """The handlers; where the settings open no login there is nothing to find."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self.base = access.settings.root_path.rstrip("/")

    async def enter_or_ask(self, http: HttpRequest) -> Response:
        """Take the key that is sent; ask for one where none is."""
        self._open()
        if http.method == "POST":
            return await self._enter(http)
        return self._ask(http, local_path(http.query_params.get("next", "/")), wrong=False)

    async def _enter(self, http: HttpRequest) -> Response:
        """Take a key, give the browser a cookie and lead it on."""
        fields = parse_qs((await http.body()).decode("utf-8", "replace"))
        back = local_path(fields.get("next", ["/"])[0])
        session = self.access.session(fields.get("key", [""])[0])
        if session is None:
            wait = self.access.guessed(self.access.address(http.scope, http.headers))
            return self._ask(http, back, wrong=True, wait=wait)
        reply = RedirectResponse(self.base + back, 303, {"cache-control": "no-store"})
        reply.set_cookie(
            COOKIE,
            session,
            max_age=SESSION_SECONDS,
            path=self.base or "/",
            secure=http.url.scheme == "https",
            httponly=True,
            samesite="lax",
        )
        return reply

    async def leave(self, http: HttpRequest) -> Response:
        """End the session and let the browser forget its cookie."""
        self._open()
        self.access.end_session(http.headers)
        reply = RedirectResponse(f"{self.base}/login", 303, {"cache-control": "no-store"})
        reply.delete_cookie(COOKIE, path=self.base or "/", httponly=True, samesite="lax")
        return reply

    def _ask(self, http: HttpRequest, back: str, *, wrong: bool, wait: int = 0) -> Response:
        headers = {"cache-control": "no-store"} | ({"retry-after": str(wait)} if wait else {})
        signed_in = http.scope[VISITOR] is not None
        page = login_page(back, self.base, wrong=wrong, signed_in=signed_in, lang=_lang(http))
        return HTMLResponse(page, 429 if wait else 403 if wrong else 200, headers)

    def _open(self) -> None:
        if "login" not in self.access.ways:
            raise HTTPException(404)


def _lang(http: HttpRequest) -> Lang:
    return lang_of(http.headers.get("accept-language", ""))
