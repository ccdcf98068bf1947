"""Follow folders that grow: build when something changed, and when it has been left alone for a while.

Folders are looked at again and again: on network shares nothing else tells of a change.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from rag.index.build.builder import BuildReport, build
from rag.index.place import Place
from rag.errors import IndexLocked, RagError
from rag.ingest.files import FileState, Pick, find_files
from rag.records import Embedder

__all__ = ["Watch"]


class Watch:
    """Builds an index whenever the files below `paths` changed; `look` is one round.

    A file is read only when its size and time were the same in two rounds: half a copy is no article.
    """

    def __init__(
        self, paths: Sequence[Path], index: Path | Place, embedder: Embedder, pick: Pick | None = None
    ) -> None:
        self._paths = paths
        self._index = Place.of(index)
        self._embedder = embedder
        self._pick = pick or Pick()
        self._seen: dict[Path, FileState] = {}
        self._built: dict[Path, FileState] | None = None

    def look(self) -> BuildReport | None:
        """Look once; return the report of a build if one was needed.

        Raises RagError when a build fails; the next round tries again.
        """
        now = {
            state.path: state for root in self._paths for state in find_files(root, self._index.folder, self._pick)
        }
        waiting = frozenset(path for path, state in now.items() if self._seen.get(path) != state)
        self._seen = now
        complete = {path: state for path, state in now.items() if path not in waiting}
        if complete == self._built or (waiting and not self._news(complete)):
            return None
        report = build(self._paths, self._index, self._embedder, pick=replace(self._pick, waiting=waiting))
        self._built = complete
        return report

    def follow(
        self,
        interval: float,
        heard: Callable[[BuildReport | RagError], None],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Look every `interval` seconds until interrupted; `heard` is told of builds and of what went wrong."""
        while True:
            try:
                report = self.look()
            except IndexLocked:
                report = None  # another process builds: the next round sees what is left to do
            except RagError as error:
                heard(error)
                report = None
            if report is not None:
                heard(report)
            sleep(interval)

    def _news(self, complete: dict[Path, FileState]) -> bool:
        """Say whether a file that is complete was not built yet, or one that was is gone."""
        built = self._built or {}
        gone = built.keys() - self._seen.keys()
        return bool(gone) or any(built.get(path) != state for path, state in complete.items())
