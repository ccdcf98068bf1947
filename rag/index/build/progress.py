"""A progress bar on stderr for a build, with the time it will take."""

from typing import Self

from tqdm import tqdm

from rag.index.build.builder import Progress

__all__ = ["ProgressBar"]

STAGES = {"reading": "Reading files", "embedding": "Embedding passages", "indexing": "Writing the index"}


class ProgressBar:
    """One bar a stage; silent where stderr is no terminal, apart from the finished stages."""

    def __init__(self) -> None:
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
            self._bar = tqdm(total=progress.total, desc=STAGES[progress.stage], mininterval=0.5)
        self._bar.total = progress.total
        self._bar.update(progress.done - self._bar.n)
