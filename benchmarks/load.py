"""Load a server with distinct questions over HTTP: `python -m benchmarks.load [--index DIR] [--minutes 10]`.

Three runs against one server, after the reader's own speed was measured on the same questions in a process of its own:

1. *half*: questions arrive evenly at half of the reader's limit; what counts is the 95th percentile (≤ 1 s).
2. *crowd*: 50 clients ask again and again; what is turned away must be so within 100 ms, goodput must reach 75 % of
   the reader's limit, and nothing may hang.
3. *soak*: the crowd for `--minutes`; the memory of the server at the end against that after the first tenth (≤ 5 %).

Clients run in this process with one thread each and share the cores with the server, so goodput is what remains.
Questions come from `$RAG_DATA` (default ../shared/data), the index is that of crud_rag's 7,200 articles.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from statistics import mean, quantiles

from rag.bot import Bot
from rag.config import read_settings

QUESTIONS = Path(os.environ.get("RAG_DATA", "../shared/data")) / "crud_rag" / "qa.jsonl"
CLIENTS = 50
SAMPLE = 60
"""Questions on which the reader alone is measured."""
BACK_OFF = 0.2
"""Seconds a client that was turned away waits; less than Retry-After says, so the line stays full."""


@dataclass
class Tally:
    """What the clients of one run saw, in seconds."""

    answered: list[float] = field(default_factory=list)
    busy: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def line(self, seconds: float) -> str:
        """Return the run in one line."""
        busy = f", turned away {len(self.busy)} (p95 {_p95(self.busy) * 1000:.0f} ms)" if self.busy else ""
        return (
            f"{len(self.answered) / seconds:.2f} answers/s, p50 {_p50(self.answered):.2f} s, "
            f"p95 {_p95(self.answered):.2f} s{busy}, failed {len(self.failed)}"
        )


def _p50(values: Sequence[float]) -> float:
    return sorted(values)[len(values) // 2] if values else float("nan")


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20)[-1] if len(values) > 1 else float("nan")


class Asked:
    """Distinct questions without end: those of the file, then the same of other years."""

    def __init__(self, path: Path) -> None:
        lines = path.read_bytes().splitlines()
        self.texts = [json.loads(line)["question"] for line in lines]
        self._numbers = count()

    def next(self) -> str:
        """Return a question that was not asked before."""
        round_, place = divmod(next(self._numbers), len(self.texts))
        return f"{self.texts[place]}（{round_}）" if round_ else str(self.texts[place])


def reader_limit(index: Path, questions: Sequence[str]) -> tuple[float, float]:
    """Return questions a second of the reading stage alone, and of the whole bot in one process."""
    with Bot.open(read_settings(index=index)) as bot:
        bot.ask(questions[0])
        timings = [bot.ask(question).timings_ms for question in questions]
    return 1000 / mean(one["read"] for one in timings), 1000 / mean(one["total"] for one in timings)


@contextmanager
def server(index: Path) -> Iterator[tuple[int, int]]:
    """Run the program on a free port; yield the port and its process id."""
    command = [sys.executable, "app.py", "--port", "0", "--index", str(index)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, env=os.environ | {"PYTHONUNBUFFERED": "1"}
    ) as process:
        assert process.stdout is not None
        found = re.search(r":(\d+)", process.stdout.readline().decode())
        if found is None:
            raise SystemExit("the server did not start")
        try:
            yield int(found[1]), process.pid
        finally:
            process.terminate()


def ask(port: int, question: str, tally: Tally) -> bool:
    """Ask once on a connection of its own; tell whether it was answered."""
    began = time.perf_counter()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        body = json.dumps({"question": question}).encode()
        connection.request("POST", "/api/ask", body, {"content-type": "application/json"})
        reply = connection.getresponse()
        reply.read()
        connection.close()
    except OSError as error:
        tally.failed.append(repr(error))
        return False
    seconds = time.perf_counter() - began
    if reply.status not in (200, 429):
        tally.failed.append(str(reply.status))
    else:
        (tally.answered if reply.status == 200 else tally.busy).append(seconds)
    return reply.status == 200


def evenly(port: int, rate: float, seconds: float, asked: Asked) -> Tally:
    """Ask `rate` questions a second for so long."""
    tally, threads, begin = Tally(), [], time.perf_counter()
    for number in range(round(rate * seconds)):
        time.sleep(max(0.0, begin + number / rate - time.perf_counter()))
        threads.append(threading.Thread(target=ask, args=(port, asked.next(), tally)))
        threads[-1].start()
    for thread in threads:
        thread.join()
    return tally


def crowd(port: int, seconds: float, asked: Asked) -> Tally:
    """Let 50 clients ask as fast as they are answered."""
    tally, end = Tally(), time.perf_counter() + seconds

    def client() -> None:
        while time.perf_counter() < end:
            if not ask(port, asked.next(), tally):
                time.sleep(BACK_OFF)

    threads = [threading.Thread(target=client) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return tally


def resident(process: int) -> float:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) / 1000


def soak(port: int, process: int, seconds: float, asked: Asked) -> tuple[Tally, float, float]:
    """Keep the crowd asking; return what it saw and the memory after a tenth and at the end."""
    crowd(port, seconds / 10, asked)
    early = resident(process)
    tally = crowd(port, seconds * 9 / 10, asked)
    return tally, early, resident(process)


def run(index: Path, seconds: float, minutes: float) -> bool:
    """Print every run and tell whether all floors hold."""
    asked = Asked(QUESTIONS)
    reading, whole = reader_limit(index, asked.texts[:SAMPLE])
    print(f"reader alone {reading:.2f} questions/s, whole bot {whole:.2f}", flush=True)
    with server(index) as (port, process):
        ask(port, asked.next(), Tally())
        even = evenly(port, reading / 2, seconds, asked)
        print(f"half   {even.line(seconds)}", flush=True)
        many = crowd(port, seconds, asked)
        print(
            f"crowd  {many.line(seconds)}, {len(many.answered) / seconds / reading:.0%} of the reader",
            flush=True,
        )
        long, early, late = soak(port, process, minutes * 60, asked)
        print(f"soak   {long.line(minutes * 54)}, {early:.0f} MB then {late:.0f} MB", flush=True)
    floors = {
        "p95 at half ≤ 1 s": _p95(even.answered) <= 1,
        "goodput ≥ 75 % of the reader": len(many.answered) / seconds >= 0.75 * reading,
        "turned away within 100 ms": not many.busy or _p95(many.busy) <= 0.1,
        "nothing failed": not (even.failed or many.failed or long.failed),
        "memory flat": late <= 1.05 * early,
    }
    for name, held in floors.items():
        print(f"{'held  ' if held else 'MISSED'} {name}")
    return all(floors.values())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--seconds", type=float, default=30, help="length of the first two runs")
    parser.add_argument("--minutes", type=float, default=10, help="length of the soak")
    options = parser.parse_args()
    sys.exit(0 if run(options.index, options.seconds, options.minutes) else 3)
