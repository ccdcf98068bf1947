"""Kill builds, fill the disk and lock the index, and look at what is left: `python -m benchmarks.faults [--kills N]`.

An index of several files is built, updated and has articles removed, each in a process of its own that is killed with
SIGKILL at a random moment. Then what readers see must be the old or the new index, whole; every quote must stand in the
files it was read from; and running the same again must reach the same end as if nothing had happened. A full disk and an
index that may not be written must be said in one sentence, with the old index intact. Vectors are hashes: the encoder has
no part in this.
"""

import argparse
import multiprocessing
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

from rag.errors import IndexEmpty, RagError
from rag.index.build.builder import build, remove
from rag.index.store import Store
from rag.verify import verify_all
from tests.support.fakes import FakeEmbedder, news, write_news

JOBS = ("build", "update", "remove")
NOBODY = 65_534
Contents = tuple[list[Any], list[Any]]


class Slow(FakeEmbedder):
    """Takes a while for each chunk, so that kills fall into all stages."""

    def embed(self, texts: Any, *, kind: Any) -> Any:
        """Return vectors, later."""
        time.sleep(0.05 * (kind == "passage"))
        return super().embed(texts, kind=kind)


@dataclass(frozen=True)
class World:
    """A folder with news and an index beside it."""

    base: Path

    @property
    def news(self) -> Path:
        """The folder of the files."""
        return self.base / "news"

    @property
    def index(self) -> Path:
        """The index."""
        return self.base / "index"


def write_first(world: World) -> None:
    """Write the files that are built first."""
    for number in range(4):
        write_news(world.news / f"{number}.jsonl", news(6, start=100 * number))
    for number in range(8):
        row = news(1, start=900 + number)[0]
        (world.news / f"第{number}篇.txt").write_text(
            f"{row['title']}\n\n{row['text']}\n", encoding="gb18030"
        )


def write_second(world: World) -> None:
    """Change, add, move and delete files."""
    write_news(world.news / "0.jsonl", news(4, start=2) + news(5, start=500))
    write_news(world.news / "新.jsonl", news(8, start=600))
    (world.news / "1.jsonl").rename(world.news / "一.jsonl")
    (world.news / "第3篇.txt").unlink()


def work(job: str, world: World) -> None:
    """Do one job to its end."""
    if job == "remove":
        remove(["n103", "n104", str(world.news / "2.jsonl")], world.index)
    else:
        build([world.news], world.index, Slow(), prune=job == "update")


def _child(job: str, base: str, hindered: Callable[[], None] | None, said: Any) -> None:
    if hindered is not None:
        hindered()
    said.send("started")
    try:
        work(job, World(Path(base)))
        said.send("")
    except RagError as error:
        said.send(str(error))


class Runner:
    """Starts jobs in processes that have everything loaded."""

    def __init__(self) -> None:
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["tests.support.preloaded"])

    def start(self, job: str, world: World, hindered: Callable[[], None] | None = None) -> tuple[Any, Any]:
        """Start a job; return when it begins, with its process and the pipe through which it speaks."""
        heard, said = self.context.Pipe(duplex=False)
        process = self.context.Process(target=_child, args=(job, str(world.base), hindered, said))
        process.start()
        said.close()
        assert heard.recv() == "started"
        return process, heard

    def timed(self, job: str, world: World) -> float:
        """Do a job undisturbed; return the seconds."""
        process, heard = self.start(job, world)
        began = time.perf_counter()
        assert heard.recv() == "", job
        process.join()
        return time.perf_counter() - began

    def killed(self, job: str, world: World, after: float) -> bool:
        """Kill a job after so many seconds; tell whether it had not ended before."""
        process, _ = self.start(job, world)
        process.join(after)
        alive: bool = process.is_alive()
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        process.join()
        return alive


def contents(world: World) -> Contents:
    """Return what readers see: passages with their vectors, and the names that are taken out."""
    if not (world.index / "news.db").is_file():
        return [], []
    with closing(sqlite3.connect(world.index / "news.db")) as connection:
        tables = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE name = 'generations'"
        ).fetchone()
        if not tables[0]:
            return [], []
        passages = connection.execute(
            "SELECT id, start, end, kind, value FROM passages JOIN articles USING (article) "
            "JOIN vectors USING (vector) WHERE born IS NOT NULL AND gone IS NULL ORDER BY id, start"
        ).fetchall()
        removed = connection.execute("SELECT kind, value FROM removed ORDER BY kind, value").fetchall()
    return passages, removed


def looks_whole(world: World, expected: int) -> str:
    """Return what is wrong with the index as a reader opens it, "" if nothing is; `expected` passages are visible."""
    try:
        with Store.open(world.index, "fake", 64) as store:
            if store.counts().passages != expected:
                return f"the store counts {store.counts().passages} passages, the database {expected}"
            if len(store.search_lexical(["建成"], [], 10_000)) > expected or not store.search_lexical(
                ["建成"], [], 9
            ):
                return "words find other passages than there are"
            vector = FakeEmbedder().embed(["成都市建成基站"], kind="query")[0]
            if len(store.search_dense(vector, 10_000)) != expected:
                return "vectors find other passages than there are"
            wrong = [check for check in verify_all(store) if not check.ok]
            return f"{wrong[0].source}: {wrong[0].reason}" if wrong else ""
    except IndexEmpty:
        return "" if not expected else "the index says that it is empty"


class Campaign:
    """The undisturbed states of every job, and trials against them."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.runner = Runner()
        self.first = World(base / "first")
        write_first(self.first)
        self.lasts = {"build": self.runner.timed("build", self.first)}
        self.old = {"build": ([], []), "update": contents(self.first), "remove": contents(self.first)}
        self.new = {"build": contents(self.first)}
        for job in ("update", "remove"):
            world = self.fresh(job, f"whole-{job}")
            self.lasts[job] = self.runner.timed(job, world)
            self.new[job] = contents(world)

    def fresh(self, job: str, name: str) -> World:
        """Return a copy of the files, and the index that a job begins with."""
        world = World(self.base / name)
        shutil.rmtree(world.base, ignore_errors=True)
        shutil.copytree(
            self.first.base, world.base, ignore=shutil.ignore_patterns("index" if job == "build" else "-")
        )
        if job == "update":
            write_second(world)
        return world

    def trial(self, job: str, after: float) -> tuple[str, str]:
        """Kill a job once; return what readers saw then, and what was wrong."""
        world = self.fresh(job, "killed")
        if not self.runner.killed(job, world, after):
            return "ended before", self.rest(job, world)
        return self.after_fault(job, world)

    def after_fault(self, job: str, world: World) -> tuple[str, str]:
        """Look at an index after a fault, then do the job again and look at its end."""
        seen = contents(world)
        # What is taken out is remembered first and published in the same step.
        state = "new" if seen[0] == self.new[job][0] else "old" if seen[0] == self.old[job][0] else "neither"
        if state == "neither":
            return state, f"{len(seen[0])} passages are neither the old nor the new index"
        read = self.first.news if state == "old" else world.news
        wrong = looks_whole(self.beside(world, read), len(seen[0]))
        return state, wrong or self.rest(job, world)

    def beside(self, world: World, files: Path) -> World:
        """Return a copy of an index beside the files it was read from."""
        copy = World(self.base / "looked at")
        shutil.rmtree(copy.base, ignore_errors=True)
        shutil.copytree(files, copy.news)
        if world.index.is_dir():
            shutil.copytree(world.index, copy.index)
        return copy

    def rest(self, job: str, world: World) -> str:
        """Do a job again to its end; return what differs from one that was left alone."""
        process, heard = self.runner.start(job, world)
        sentence = heard.recv()
        process.join()
        # What is already taken out cannot be taken out again.
        if sentence and not (job == "remove" and "holds no article" in sentence):
            return f"the same again says: {sentence}"
        if contents(world) != self.new[job]:
            return "the same again reaches another end"
        return looks_whole(world, len(self.new[job][0]))

    def hindered(
        self, job: str, world: World, how: Callable[[], None] | None, mend: Callable[[], None]
    ) -> str:
        """Do a job that cannot write; return what was wrong about it."""
        process, heard = self.runner.start(job, world, how)
        try:
            sentence = heard.recv()
        except EOFError:
            sentence = "it died with a traceback"
        process.join()
        mend()
        if not sentence:
            return "" if contents(world) == self.new[job] else "it claims to have succeeded"
        if not sentence.endswith(".") or "as it was" not in sentence:
            return f"it says: {sentence}"
        return self.after_fault(job, world)[1]


def kills(campaign: Campaign, count: int, seed: int = 9) -> Counter[str]:
    """Kill jobs in turn at random moments; return how often readers saw what, and what was wrong."""
    rng = Random(seed)
    seen: Counter[str] = Counter()
    for number in range(count):
        job = JOBS[number % len(JOBS)]
        state, wrong = campaign.trial(job, rng.uniform(0, 1.05 * campaign.lasts[job]))
        seen[f"{job}: {wrong or state}"] += 1
        seen["wrong"] += bool(wrong)
    return seen


def unwritable(campaign: Campaign) -> Counter[str]:
    """Do every job as somebody who may not write the index (needs root)."""
    seen: Counter[str] = Counter()
    for job in ("update", "remove"):
        world = campaign.fresh(job, "closed")
        for folder in (campaign.base, world.base, world.news):
            folder.chmod(0o755)
        wrong = campaign.hindered(job, world, _become_nobody, lambda: None)
        seen[f"read-only index, {job}: {wrong or 'one sentence, intact'}"] += 1
        seen["wrong"] += bool(wrong)
    return seen


def _become_nobody() -> None:
    os.setuid(NOBODY)


def full_disk(campaign: Campaign, sizes: tuple[int, ...]) -> Counter[str]:
    """Do every job on a disk that fills up after so many kB (needs the right to mount one)."""
    seen: Counter[str] = Counter()
    for job in ("build", "update"):
        for size in sizes:
            with _small_disk(campaign.base / "disk") as disk:
                world = campaign.fresh(job, "small")
                shutil.copytree(world.base, disk / "small", dirs_exist_ok=True)
                used = shutil.disk_usage(disk)
                filler = disk / "filler"
                filler.write_bytes(bytes(max(0, used.free - size * 1024)))
                wrong = campaign.hindered(job, World(disk / "small"), None, filler.unlink)
            seen[f"full disk, {job}: {wrong or 'one sentence, intact'}"] += 1
            seen["wrong"] += bool(wrong)
    return seen


@contextmanager
def _small_disk(place: Path) -> Any:
    place.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def main(count: int) -> int:
    """Run everything that this machine allows, print what was seen, return the exit code."""
    with TemporaryDirectory() as folder:
        campaign = Campaign(Path(folder))
        seen = kills(campaign, count)
        if os.geteuid() == 0:
            Path(folder).chmod(0o755)
            seen += unwritable(campaign)
            try:
                seen += full_disk(campaign, tuple(range(0, 1400, 140)))
            except subprocess.CalledProcessError:
                print("full disk: not tried, this machine does not let us mount one")
    wrong = seen.pop("wrong", 0)
    for line, number in sorted(seen.items()):
        print(f"{number:4}  {line}")
    print(f"wrong: {wrong}")
    return 3 if wrong else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    sys.exit(main(parser.parse_args().kills))
