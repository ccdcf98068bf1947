"""The command `serve`: the page, the API and the page for frames."""

from typing import Annotated

import typer

from rag.cli.options import Index
from rag.config import read_settings

__all__ = ["serve"]


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: $RAG_HOST, else 127.0.0.1].")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="Port to listen on [default: $RAG_PORT, else 7860].")
    ] = None,
    index: Index = None,
) -> None:
    """Serve the page, the API and the embeddable page: the same as `python app.py`."""
    from rag.server.listener import bind  # brings a web framework, which no other command needs

    settings = read_settings(host=host, port=port, index=index)
    taken = bind(settings)  # gradio takes seconds, the models too: a taken port is told before
    from rag.server.run import run

    run(settings, taken)
