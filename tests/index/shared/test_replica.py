"""The copy that a machine has of a shared index."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from rag.errors import DatabaseAway, IndexEmpty, StoreError
from rag.index.build.builder import build, remove
from rag.index.place import Place
from rag.index.shared import replica
from rag.index.shared.postgres import connect
from rag.index.shared.replica import follow, vector_bytes
from rag.index.shared.tables import Table
from rag.index.store import Store
from rag.records import FloatArray
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places, said_place
from tests.support.postgres import PostgresServer


@pytest.fixture
def place(tmp_path: Path, shared_places: Places) -> Place:
    return Place.of(shared_places(tmp_path / "甲" / "索引"))


def other(place: Place) -> Place:
    """Return the place of another machine with the same database."""
    return Place(place.folder.parent.parent / "乙" / "索引", place.database)


def told(place: Place) -> tuple[Any, ...]:
    """Return what readers find in the folder of a place as it is."""
    with Store.open(place.folder, "fake", 64) as store:
        rows = store.catalogue.articles()
        ids = [number for row in rows for number in store.passage_ids_of(row.article_id)]
        vector = FakeEmbedder().embed(["成都建成基站"], kind="query")[0]
        return (
            store.generation,
            rows,
            store.passage_texts(ids),
            store.vectors(ids).tobytes(),
            # Not with their scores: what was deleted counts in those until its files are merged.
            sorted(number for number, _ in store.search_lexical(["成都", "建成"], ["成都", "基站"], 9999)),
            sorted(store.search_dense(vector, 9999)),
            store.catalogue.story_ids([row.article_id for row in rows]),
            store.catalogue.files(),
        )


def test_vectors_come_as_they_went(place: Place, tmp_path: Path) -> None:
    build([write_news(tmp_path / "a.jsonl", news(3))], place, FakeEmbedder())
    follow(place)
    with connect(place) as shared, sqlite3.connect(place.folder / "news.db") as copy:
        sent = shared.execute("SELECT vector, halfvec_send(value) FROM vectors ORDER BY 1").fetchall()
        held = copy.execute("SELECT vector, value FROM vectors ORDER BY 1").fetchall()
    copy.close()
    assert [(number, vector_bytes(value)) for number, value in sent] == held
    embedder = FakeEmbedder()
    build([tmp_path / "a.jsonl"], tmp_path / "einzeln", embedder)
    with sqlite3.connect(tmp_path / "einzeln" / "news.db") as alone:
        assert alone.execute("SELECT vector, value FROM vectors ORDER BY 1").fetchall() == held
    alone.close()
    assert np.frombuffer(held[0][1], np.float16).any()


def test_a_copy_that_slept_through_generations_is_like_one_that_did_not(place: Place, tmp_path: Path) -> None:
    folder, late = tmp_path / "新闻", other(place)
    write_news(folder / "a.jsonl", news(20))
    build([folder], place, FakeEmbedder())
    assert follow(place)
    assert follow(late)
    assert not follow(late)
    for number in range(4):
        write_news(folder / "a.jsonl", news(20 - number, start=number))
        write_news(folder / f"b{number}.jsonl", news(3, start=40 + 3 * number))
        build([folder], place, FakeEmbedder())
        assert follow(place)
    remove(["n41"], place)
    build([folder], place, FakeEmbedder(), prune=True)
    follow(place)
    follow(late)
    assert told(place) == told(late)
    fresh = Place(tmp_path / "丙" / "索引", place.database)
    follow(fresh)
    assert told(fresh) == told(place)


def test_only_what_changed_is_fetched(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, fetched = tmp_path / "新闻", dict[str, int]()
    write_news(folder / "a.jsonl", news(50))
    build([folder], place, FakeEmbedder())
    follow(place)
    inner = replica._changed

    def counted(upstream: Any, table: Table, since: int) -> Iterator[list[tuple[Any, ...]]]:
        for rows in inner(upstream, table, since):
            fetched[table.name] = fetched.get(table.name, 0) + len(rows)
            yield rows

    monkeypatch.setattr(replica, "_changed", counted)
    write_news(folder / "b.jsonl", news(2, start=60))
    report = build([folder], place, FakeEmbedder())
    follow(place)
    assert report.articles_added == 2
    assert {name: fetched[name] for name in ("articles", "passages", "terms", "vectors", "files")} == {
        "articles": 2,
        "passages": 8,
        "terms": 8,
        "vectors": 8,
        "files": 1,
    }


def test_a_question_in_hand_still_finds_what_two_builds_took_away(place: Place, tmp_path: Path) -> None:
    path = write_news(tmp_path / "a.jsonl", news(5))
    build([path], place, FakeEmbedder())
    with Store.open(place, "fake", 64) as store:
        for start in (5, 10, 15):
            build([write_news(path, news(5, start=start))], place, FakeEmbedder())
            follow(place)
        hits = store.search_dense(FakeEmbedder().embed(["成都"], kind="query")[0], 99)
        assert len(store.passage_texts([number for number, _ in hits])) == store.counts().passages == 20


def test_what_was_deleted_goes_from_a_copy_in_the_end(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "GRACE", 0)
    path = tmp_path / "a.jsonl"
    for start in range(0, 25, 5):
        build([write_news(path, news(5, start=start))], place, FakeEmbedder())
        follow(place)
    with sqlite3.connect(place.folder / "news.db") as copy, connect(place) as shared:
        for table in ("passages", "terms", "vectors"):
            (held,) = copy.execute(f"SELECT count(*) FROM {table}").fetchone()
            row = shared.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert row is not None
            assert held <= row[0] + 20  # those of the last time
    copy.close()


def test_a_copy_of_another_database_is_made_anew(place: Place, tmp_path: Path, shared_places: Places) -> None:
    build([write_news(tmp_path / "a.jsonl", news(9))], place, FakeEmbedder())
    follow(place)
    second = Place(place.folder, shared_places.database())
    build([write_news(tmp_path / "b.jsonl", news(4, start=20))], second, FakeEmbedder())
    assert follow(second)
    fresh = other(second)
    follow(fresh)
    assert told(second) == told(fresh)


def test_what_the_database_has_forgotten_is_fetched_anew(place: Place, tmp_path: Path) -> None:
    path, late = tmp_path / "a.jsonl", other(place)
    build([write_news(path, news(9))], place, FakeEmbedder())
    follow(place)
    follow(late)
    for start in (3, 6):
        build([write_news(path, news(9, start=start))], place, FakeEmbedder())
        follow(place)
    with connect(place) as shared:
        shared.execute("UPDATE tombstones SET at = now() - interval '99 days'")
    build([write_news(path, news(9, start=9))], place, FakeEmbedder())
    follow(place)
    with connect(place) as shared:
        assert shared.execute("SELECT min(at) > now() - interval '1 day' FROM tombstones").fetchone() == (
            True,
        )
    follow(late)
    assert told(late) == told(place)


def test_derived_files_that_are_damaged_are_made_again(place: Place, tmp_path: Path) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(9))
    build([folder], place, FakeEmbedder())
    follow(place)
    shutil.rmtree(place.folder / "1" / "lexical")
    write_news(folder / "b.jsonl", news(2, start=20))
    build([folder], place, FakeEmbedder())
    follow(place)
    fresh = other(place)
    follow(fresh)
    assert told(place) == told(fresh)


def test_neither_kind_of_folder_is_taken_for_the_other(place: Place, tmp_path: Path) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    build([path], place, FakeEmbedder())
    follow(place)
    with pytest.raises(StoreError, match="RAG_DATABASE"):
        build([path], place.folder, FakeEmbedder())
    build([path], tmp_path / "einzeln", FakeEmbedder())
    with pytest.raises(StoreError, match="RAG_INDEX"):
        follow(Place(tmp_path / "einzeln", place.database))


def test_nothing_built_is_an_empty_index(place: Place) -> None:
    with pytest.raises(IndexEmpty):
        follow(place)
    assert not place.folder.exists()


def test_a_database_that_is_away_leaves_the_copy(tmp_path: Path, place: Place) -> None:
    build([write_news(tmp_path / "a.jsonl", news(2))], place, FakeEmbedder())
    gone = Place(place.folder, "postgresql://youju:geheim@127.0.0.1:9/news")
    with pytest.raises(DatabaseAway) as raised:
        Store.open(gone, "fake", 64)
    assert "geheim" not in str(raised.value)
    follow(place)
    with Store.open(gone, "fake", 64) as store:
        assert store.counts().articles == 2
    with pytest.raises(DatabaseAway):
        build([tmp_path / "a.jsonl"], gone, FakeEmbedder())


FOLLOW = """
import sys
from rag.index.shared.replica import follow
from tests.support.places import read_place
place = read_place(sys.argv[1])
print("started", flush=True)
follow(place)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.slow
def test_a_copy_that_was_killed_at_any_moment_is_brought_up_to_date(place: Place, tmp_path: Path) -> None:
    folder, moments = tmp_path / "新闻", random.Random(11)
    for number in range(12):
        write_news(folder / f"{number}.jsonl", news(40, start=40 * number))
        build([folder], place, FakeEmbedder())
        process = subprocess.Popen([sys.executable, "-c", FOLLOW, said_place(place)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(moments.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.communicate()
    follow(place)
    fresh = other(place)
    follow(fresh)
    assert told(place) == told(fresh)


def test_a_dump_taken_while_a_build_runs_holds_one_generation(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(20))
    build([folder], place, FakeEmbedder())
    server, before = postgres_server, other(place)
    follow(before)
    login = ("-h", str(server.folder), "-U", "youju")
    dump = str(server.folder / "sicherung")

    class Dumping(FakeEmbedder):
        def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
            name = place.database.partition("?")[0].rpartition("/")[2]
            server.run("pg_dump", *login, "-Fc", "-f", dump, name)
            return super().embed(texts, kind=kind)

    write_news(folder / "b.jsonl", news(20, start=30))
    build([folder], place, Dumping())
    restored = Place(tmp_path / "丙" / "索引", server.make("aus_der_sicherung"))
    server.run("pg_restore", *login, "-d", "aus_der_sicherung", dump)
    follow(restored)
    assert told(restored) == told(before)
    build([folder], restored, FakeEmbedder())
    follow(restored)
    follow(place)
    assert [row.article_id for row in told(restored)[1]] == [row.article_id for row in told(place)[1]]
