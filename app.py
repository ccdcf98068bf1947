"""Serve the page: `python app.py` is `python -m rag serve`."""

import argparse
import sys
from pathlib import Path

from rag.config import read_settings
from rag.errors import RagError
from rag.server.listener import bind

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, build the index if it is empty, serve; return the exit status."""
    parser = argparse.ArgumentParser(description="Answer questions about the indexed news in a browser.")
    parser.add_argument("--host", help="address to listen on (default: RAG_HOST or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: RAG_PORT or 7860)")
    parser.add_argument("--index", type=Path, help="folder of the index (default: RAG_INDEX or index)")
    chosen = parser.parse_args(arguments)
    try:
        settings = read_settings(host=chosen.host, port=chosen.port, index=chosen.index)
        taken = bind(settings)
        from rag.server.run import (
            run,
        )  # gradio takes seconds: only once the settings are good and the port is ours

        run(settings, taken)
    except RagError as error:
        sys.stderr.write(f"youju: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
