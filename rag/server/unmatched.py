"""Addresses of ours, asked in a way that nothing answers to: said as every error is, before the page on top can say it its own way."""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Receive, Scope, Send

from rag.server.addresses import address_of
from rag.server.security.guard import path_of

__all__ = ["Unmatched"]


class Unmatched(BaseRoute):
    """The last of `routes`: takes what is ours and fits none of them."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self.routes = routes

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Take what is ours."""
        address = address_of(path_of(scope)) if scope["type"] == "http" else None
        ours = address is not None and address.ours
        return (Match.FULL if ours else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raise 405 with the methods that the address takes, 404 where it takes none."""
        allowed = {
            method
            for route in self.routes
            if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE
            for method in route.methods or ()
        }
        if not allowed:
            raise HTTPException(404)
        raise HTTPException(405, headers={"allow": ", ".join(sorted(allowed))})
