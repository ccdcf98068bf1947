"""The path under which a proxy shows the server, whether the proxy strips it from requests or keeps it."""

from starlette.types import ASGIApp, Receive, Scope, Send

__all__ = ["Prefix"]


class Prefix:
    """The application below `prefix` ("" for none); a request that does not carry the prefix had it stripped."""

    def __init__(self, app: ASGIApp, prefix: str) -> None:
        self.app = app
        self.prefix = prefix

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with the whole path and `root_path`, as ASGI has it."""
        if self.prefix and scope["type"] in ("http", "websocket"):
            path, raw = str(scope["path"]), scope.get("raw_path", b"")
            scope = {**scope, "root_path": self.prefix}
            if not path.startswith(f"{self.prefix}/"):
                scope |= {"path": self.prefix + path, "raw_path": self.prefix.encode() + raw}
        await self.app(scope, receive, send)
