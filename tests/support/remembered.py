"""Graphs that are loaded once and run each text through once: a run says the same for the same token ids, every time.

Around a whole program: `python -m tests.support.remembered MODULE ARGS…`.

A question costs half a second of a core, nearly all of it in the graphs, and many tests ask the same few. What is
remembered is what the graph itself said of exactly these ids; everything around it runs anew.
"""

import hashlib
import runpy
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag.models import runtime
from rag.records import FloatArray

__all__ = ["forgetting", "remembering"]


class _Remembering:
    """A session that keeps its outputs; the real one is asked whatever it has not been asked, and all while `forgets`."""

    forgets = False

    def __init__(self, session: Any) -> None:
        self._session = session
        self._kept: dict[bytes, FloatArray] = {}

    def run(self, names: None, given: Mapping[str, Any]) -> list[FloatArray]:
        """Return the output of the graph, a copy for each who asks."""
        if _Remembering.forgets:
            found: list[FloatArray] = self._session.run(names, given)
            return found
        key = hashlib.blake2b(given["input_ids"].tobytes(), digest_size=16).digest()
        if key not in self._kept:
            self._kept[key] = self._session.run(names, given)[0]
        return [self._kept[key].copy()]


_opened: dict[tuple[Path, int], _Remembering] = {}
_load = runtime._open_session


def _load_once(folder: runtime.ModelFolder) -> Any:
    """Return the one session of a model; a file that has been changed is another."""
    key = (folder.path, (folder.path / "model.onnx").stat().st_mtime_ns)
    if key not in _opened:
        _opened[key] = _Remembering(_load(folder))
    return _opened[key]


@contextmanager
def remembering() -> Iterator[None]:
    """Let what is opened meanwhile remember, also afterwards."""
    before, runtime._open_session = runtime._open_session, _load_once
    try:
        yield
    finally:
        runtime._open_session = before


@contextmanager
def forgetting() -> Iterator[None]:
    """Let every graph run for every text meanwhile."""
    _Remembering.forgets = True
    try:
        yield
    finally:
        _Remembering.forgets = False


if __name__ == "__main__":
    sys.argv = sys.argv[1:]
    with remembering():
        runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
