"""Start the whole: open the bot and answer on a port that was taken."""

import socket
import sys

from rag.bot import Bot
from rag.config import Settings, is_loopback
from rag.server.app import create_app
from rag.server.listener import serve
from rag.server.page.gradio_page import mount_page
from rag.server.request_log import use_json_lines

__all__ = ["run", "warnings"]


def run(settings: Settings, taken: socket.socket) -> None:
    """Serve on the socket `taken` (see `rag.server.listener.bind`) until stopped; builds an empty index first.

    Raises what `Bot.open` raises.
    """
    if settings.log:
        use_json_lines()
    for warning in warnings(settings):
        sys.stderr.write(f"youju: {warning}\n")
    with taken:
        bot = Bot.open(settings, build_if_empty=True)
        serve(mount_page(create_app(bot, settings)), settings, taken)


def warnings(settings: Settings) -> list[str]:
    """Return in a sentence each what is open to more people than its operator may think."""
    said = []
    inside = is_loopback(settings.host)
    if not settings.access and (settings.trusted_proxies or not inside):
        who = "Everyone whom the proxy lets through" if inside else f"Everyone who reaches {settings.host}"
        said.append(
            f"{who} can ask and read every article: set RAG_ACCESS to key, login or proxy"
            + ("." if inside else ", or listen on 127.0.0.1.")
        )
    if settings.behind_proxy and not settings.trusted_proxies:
        said.append(
            "RAG_ROOT_PATH or RAG_ALLOWED_HOSTS tells of a proxy, RAG_TRUSTED_PROXIES names none, so that its readers "
            "cannot be told apart and none is limited: give its address, for example RAG_TRUSTED_PROXIES=127.0.0.1."
        )
    return said
