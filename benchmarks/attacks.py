"""Ask what costs most and read what costs most: `python -m benchmarks.attacks [--index DIR] [--files]`.

A table of seconds by kind. Questions of 1,000 characters (`tests.support.costly`) with k = 20 are asked, explained and
retraced, and asked after twenty turns that say the same: wall time with the bundled models, on an index of the seeds or
the one that is named. Files of up to a MB are built, all but their vectors: processor time.
None may take longer than its limit; a question or a file that is refused has its sentence's kind beside the time.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.bot import Bot
from rag.config import read_settings
from rag.errors import RagError
from rag.index.build.builder import build
from rag.records import Turn
from rag.request import Request
from tests.support.costly import FILES, LARGE_FILES, QUESTIONS
from tests.support.fakes import FakeEmbedder

MOST_QUESTION = 2.0
MOST_FILE = 10.0


def main() -> None:
    """Print the tables; ends in 1 if something takes longer than it may."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--index", type=Path)
    options.add_argument("--files", action="store_true", help="only the files")
    given = options.parse_args()
    with TemporaryDirectory() as folder:
        late = list(_files(Path(folder)))
        if not given.files:
            late += _questions(given.index or Path(folder) / "index")
    print(f"late: {', '.join(late) or 'none'}")
    raise SystemExit(bool(late))


def _questions(index: Path) -> Iterator[str]:
    """Print the seconds of each kind of question; yield those that take too long."""
    with Bot.open(read_settings({"RAG_INDEX": str(index)}), build_if_empty=True) as bot:
        bot.ask("成都有多少5G基站？")
        print("\n| question | ask | explain | why | after 20 turns |\n|---|---|---|---|---|")
        for name, text in QUESTIONS.items():
            seconds, cells = zip(*(_timed(work) for work in _works(bot, text[:1000])), strict=True)
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
            if max(seconds) > MOST_QUESTION:
                yield name


def _works(bot: Bot, said: str) -> Iterator[Callable[[], object]]:
    yield lambda: bot.ask(said, k=20)
    yield lambda: bot.ask(said, k=20, explain=True)
    yield lambda: bot.trace(Request(said, k=20), "成都")
    yield lambda: bot.ask("那重庆呢？", history=[Turn(said, said)] * 20, k=20)


def _timed(work: Callable[[], object]) -> tuple[float, str]:
    begun, note = time.perf_counter(), ""
    try:
        work()
    except RagError as error:
        note = f" {error.code}"
    seconds = time.perf_counter() - begun
    return seconds, f"{seconds:.2f}{note}"


def _files(folder: Path) -> Iterator[str]:
    """Print the seconds of each kind of file and what became of it; yield those that take too long."""
    print("| file | MB | build | articles | refused |\n|---|---|---|---|---|")
    for name, text in (FILES | LARGE_FILES).items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        begun = time.thread_time()
        report = build([path], folder / f"{name} index", FakeEmbedder())
        seconds = time.thread_time() - begun
        why = report.refused[0][-1][-60:] if report.refused else ""
        size = path.stat().st_size / 1e6
        print(f"| {name} | {size:.2f} | {seconds:.2f} | {report.articles} | {why} |", flush=True)
        if seconds > MOST_FILE:
            yield name


if __name__ == "__main__":
    main()
