"""The scripts and styles of the pages, served as they lie in the package."""

from pathlib import Path

from starlette.staticfiles import StaticFiles

__all__ = ["WEB", "static_files"]

WEB = Path(__file__).resolve().parent / "static"


def static_files() -> StaticFiles:
    """Return what serves them."""
    return StaticFiles(directory=WEB)
