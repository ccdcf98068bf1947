"""Serve the page: `python app.py` is `python -m rag serve`."""

import argparse
import os
import sys
from pathlib import Path

__all__ = ["main"]


def main(arguments: list[str] | None = None) -> int:
    """Read the command line, build the index if it is empty, serve; return the exit status."""
    parser = argparse.ArgumentParser(description="Answer questions about the indexed news in a browser.")
    parser.add_argument("--host", help="address to listen on (default: RAG_HOST or 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on (default: RAG_PORT or 7860)")
    parser.add_argument("--index", type=Path, help="folder of the index (default: RAG_INDEX or index)")
    chosen = parser.parse_args(arguments)
    _stay_home()

    from rag.config import read_settings
    from rag.errors import RagError

    try:
        settings = read_settings(host=chosen.host, port=chosen.port, index=chosen.index)
        from rag.page import run  # gradio takes seconds: only once the settings are good

        run(settings)
    except RagError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _stay_home() -> None:
    """Forbid the libraries' calls to their makers; they read these when imported."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["DO_NOT_TRACK"] = "1"


if __name__ == "__main__":
    sys.exit(main())
