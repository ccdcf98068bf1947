"""A copy of a database that was put back from an older dump and gives the same numbers to other rows."""

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from rag.errors import ArticleUnknown, StoreError
from rag.index.backup import back_up
from rag.index.build.builder import build
from rag.index.changed import position_of
from rag.index.place import Place
from rag.index.shared import migrate
from rag.index.shared.postgres import connect
from rag.index.shared.replica import follow
from rag.index.shared.tables import READ
from rag.index.store import Store
from rag.records import FloatArray
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places
from tests.support.postgres import PostgresServer


@pytest.fixture
def place(tmp_path: Path, shared_places: Places) -> Place:
    """Return a place whose database holds generation 1: ten articles."""
    place = Place.of(shared_places(tmp_path / "甲" / "索引"))
    build([write_news(tmp_path / "新闻" / "a.jsonl", news(10))], place, FakeEmbedder())
    return place


def beside(place: Place, name: str) -> Place:
    """Return the place of another machine with the same database."""
    return Place(place.folder.parent.parent / name / "索引", place.database)


def name_of(place: Place) -> str:
    return place.database.partition("?")[0].rpartition("/")[2]


@contextmanager
def put_back_later(place: Place, server: PostgresServer) -> Iterator[None]:
    """Dump the database now, and put the dump in its place after the block."""
    login = ("-h", str(server.folder), "-U", "youju")
    dump = str(server.folder / name_of(place))
    server.run("pg_dump", *login, "-Fc", "-f", dump, name_of(place))
    yield
    server.run("pg_restore", *login, "--clean", "--if-exists", "-d", name_of(place), dump)


def add(place: Place, tmp_path: Path, start: int, count: int = 3) -> int:
    """Publish a generation with other articles and return its number."""
    write_news(tmp_path / "新闻" / "b.jsonl", news(count, start=start))
    return build([tmp_path / "新闻"], place, FakeEmbedder()).generation


def rows(folder: Path) -> list[list[tuple[Any, ...]]]:
    """Return what readers need of a copy, as it lies there."""
    with closing(sqlite3.connect(folder / "news.db")) as copy:
        return [
            copy.execute(
                f"SELECT {', '.join(table.local(column) for column in table.columns)} FROM {table.name} "
                f"{'WHERE name != ?1' if table.name == 'meta' else 'WHERE ?1 != 0'} ORDER BY 1, 2",
                ("lineage",),
            ).fetchall()
            for table in READ
            if len(table.columns) > 1
        ]


def found(store: Store) -> tuple[Any, ...]:
    """Return what a question would be answered from."""
    listed = [row.article_id for row in store.catalogue.articles()]
    ids = [number for one in listed for number in store.passage_ids_of(one)]
    vector = FakeEmbedder().embed(["成都第31期基站"], kind="query")[0]
    return (
        store.generation,
        sorted(listed),
        store.passage_texts(ids),
        [passage.text for passage in store.passages(ids)],
        store.search_dense(vector, 99),
        sorted(store.search_lexical(["成都"], ["成都"], 999)),
    )


@pytest.mark.parametrize("later", [(), (30,), (30, 50)])
def test_a_copy_becomes_what_the_database_is(
    place: Place, tmp_path: Path, postgres_server: PostgresServer, later: Sequence[int]
) -> None:
    with put_back_later(place, postgres_server):
        assert add(place, tmp_path, 20) == 2
        follow(place)
        before = position_of(place.folder)
        store = Store.open(place.folder, "fake", 64)
        assert found(store)[0] == 2  # and remembered
    for number, start in enumerate(later, 2):
        assert add(place, tmp_path, start) == number  # the number that was given before
    fresh = beside(place, "乙")
    follow(fresh)
    assert follow(place)
    assert not follow(place)
    assert rows(place.folder) == rows(fresh.folder)
    assert position_of(place.folder).lineage != before.lineage
    with closing(store), Store.open(fresh.folder, "fake", 64) as other:
        listed = [row.article_id for row in other.catalogue.articles()]
        for one in listed:  # before it follows: no row is taken for that which had its number
            with suppress(ArticleUnknown):
                assert store.article(one).id == one
        assert store.refresh()
        assert found(store) == found(other)
        assert not store.refresh()
    assert add(place, tmp_path, 70) == 2 + len(later)  # and goes on as any does
    inner = position_of(place.folder).lineage
    assert follow(place)
    follow(fresh)
    assert rows(place.folder) == rows(fresh.folder)
    assert position_of(place.folder).lineage == inner


def test_rows_that_were_not_yet_published_are_not_taken_for_others(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    class Broken(FakeEmbedder):
        def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
            raise RuntimeError("out of memory")

    with put_back_later(place, postgres_server):
        write_news(tmp_path / "新闻" / "b.jsonl", news(9, start=20))
        with pytest.raises(RuntimeError):
            build([tmp_path / "新闻"], place, Broken())
        follow(place)  # with rows of what was never published
    add(place, tmp_path, 30, count=2)
    fresh = beside(place, "乙")
    follow(fresh)
    assert follow(place)
    assert rows(place.folder) == rows(fresh.folder)


def test_two_databases_of_one_dump_are_told_apart(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    follow(place)
    second = Place(place.folder, postgres_server.make(f"{name_of(place)}_zwei", name_of(place)))
    add(place, tmp_path, 20)
    add(second, tmp_path, 30)
    for one in (place, second, place):  # by one name, and so one folder
        assert follow(one)
        fresh = Place(tmp_path / "丙" / str(len(list(tmp_path.glob("丙/*")))), one.database)
        follow(fresh)
        assert rows(place.folder) == rows(fresh.folder)


def test_a_copy_is_caught_up_where_the_past_is_the_same(
    place: Place, tmp_path: Path, postgres_server: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    with put_back_later(place, postgres_server):
        follow(place)  # of the moment of the dump
        before = position_of(place.folder)
        add(place, tmp_path, 20)
    add(place, tmp_path, 30)
    follow(place)
    assert not caplog.records
    assert position_of(place.folder).lineage == before.lineage
    fresh = beside(place, "乙")
    follow(fresh)
    assert rows(place.folder) == rows(fresh.folder)


def test_moments_are_forgotten_but_for_the_last(place: Place, tmp_path: Path) -> None:
    follow(place)
    before = position_of(place.folder)
    with connect(place) as shared:
        shared.execute("UPDATE moments SET at = now() - interval '31 days'")
    add(place, tmp_path, 20)
    follow(place)
    assert position_of(place.folder).lineage == before.lineage
    with connect(place) as shared:
        old = "SELECT count(*) FROM moments WHERE at < now() - interval '30 days'"
        assert shared.execute(old).fetchone() == (1,)


def test_a_question_during_which_all_rows_are_replaced_is_not_answered(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    with put_back_later(place, postgres_server):
        add(place, tmp_path, 20)
        store = Store.open(place, "fake", 64)
    add(place, tmp_path, 30)
    with closing(store):
        with pytest.raises(StoreError, match="ask again"), store.asked():
            follow(place)
        with store.asked():
            assert [row for row in store.catalogue.find("n30")]


def test_the_database_is_not_searched_for_a_copy_that_is_not_of_its_past(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    bare = Place(tmp_path / "丁", place.database, local_vectors=False)
    with put_back_later(place, postgres_server):
        add(place, tmp_path, 20)
        store = Store.open(bare, "fake", 64)
        ids = [number for number, _ in store.search_dense(np.ones(64, np.float32), 5)]
    add(place, tmp_path, 30)
    vector = FakeEmbedder().embed(["成都"], kind="query")[0]
    with closing(store):
        with pytest.raises(StoreError, match="ask again"):
            store.search_dense(vector, 5)
        with pytest.raises(StoreError, match="ask again"):
            store.search_dense(vector, 5, np.asarray(ids, np.int64))
        with pytest.raises(StoreError, match="ask again"):
            store.vectors(ids)
        follow(bare)
        assert store.refresh()
        assert len(store.search_dense(vector, 5)) == 5


def test_tables_of_the_first_version_become_those_of_this_one(
    place: Place, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    older = Place(tmp_path / "戊", postgres_server.make(f"{name_of(place)}_alt", "template1"))
    with pytest.MonkeyPatch.context() as patch, connect(older) as shared:
        patch.setattr(migrate, "HEAD", "0001")
        migrate.prepare(shared, older.database, "alt")
        assert migrate.version_of(shared) == "0001"
        shared.execute("INSERT INTO meta VALUES ('published', '7')")
    with connect(older) as shared:
        migrate.prepare(shared, older.database, "alt")
        assert migrate.version_of(shared) == migrate.HEAD
        row = shared.execute("SELECT value FROM meta WHERE name = 'published'").fetchone()
        assert row is not None
        assert re.fullmatch(r"[0-9a-f-]{36}", row[0])
    assert add(older, tmp_path, 20) == 1
    follow(older)


def test_the_copy_of_a_shared_index_is_not_backed_up_as_one_of_its_own(place: Place, tmp_path: Path) -> None:
    follow(place)
    with pytest.raises(StoreError, match="youju copy"):
        back_up(tmp_path / "a.zip", place.folder, tmp_path / "state")
    assert not (tmp_path / "a.zip").exists()
