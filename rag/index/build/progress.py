"""A progress bar on stderr for a build, with the time it will take."""

from collections.abc import Mapping
from typing import Self

from tqdm import tqdm

from rag.index.build.builder import Progress

__all__ = ["ProgressBar"]

STAGES = {
    "reading": "Reading files",
    "embedding": "Embedding passages",
    "indexing": "Writing the index",
    "files": "files",
}
# The bar moves with the bytes, for files differ in size a thousandfold; what it counts is files.
READING = "{desc}: {percentage:3.0f}%|{bar}| {postfix} [{elapsed}<{remaining}]"


class ProgressBar:
    """One bar a stage; silent where stderr is no terminal, apart from the finished stages.

    `said` has the words for each stage, and for the files that are counted.
    """

    def __init__(self, said: Mapping[str, str] = STAGES) -> None:
        self._said = said
        self._bar: tqdm[None] | None = None
        self._stage = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Show how far a build has come."""
        if self._bar is None or progress.stage != self._stage:
            if self._bar is not None:
                self._bar.close()
            self._stage = progress.stage
            look = READING if progress.files else None
            self._bar = tqdm(
                total=progress.total, desc=self._said[progress.stage], mininterval=0.5, bar_format=look
            )
        if progress.files:
            counted = f"{progress.file}/{progress.files} {self._said['files']}"
            self._bar.set_postfix_str(counted, refresh=False)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
