"""An index copied from a folder to a PostgreSQL and back."""

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from rag.cli.app import app
from rag.errors import IndexEmpty, StoreError
from rag.index.build.builder import build, remove
from rag.index.place import Place
from rag.index.shared import copying
from rag.index.shared.copying import copy_out, copy_over
from rag.index.shared.postgres import connect
from rag.index.shared.replica import follow
from rag.index.state import State
from rag.index.store import Store
from rag.server.feedback import Feedback, FeedbackStore
from rag.server.security.keys import KeyStore
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places


@pytest.fixture
def place(tmp_path: Path, shared_places: Places) -> Place:
    return Place.of(shared_places(tmp_path / "copy"))


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Return an index of its own with a history: changed, removed, not finished."""
    folder, index = tmp_path / "新闻", tmp_path / "索引"
    write_news(folder / "a.jsonl", news(12))
    build([folder], index, FakeEmbedder())
    write_news(folder / "a.jsonl", news(10, start=3))
    (folder / "坏.txt").write_bytes(bytes(range(256)) * 9)
    build([folder], index, FakeEmbedder())
    remove(["n5"], index)

    class Broken(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> Any:
            raise RuntimeError("out of memory")

    write_news(folder / "b.jsonl", news(2, start=30))
    with pytest.raises(RuntimeError):
        build([folder], index, Broken())
    return index


def told(folder: Path) -> tuple[Any, ...]:
    with Store.open(folder, "fake", 64) as store:
        rows = store.catalogue.articles()
        ids = [number for row in rows for number in store.passage_ids_of(row.article_id)]
        lists = store.catalogue
        return (
            store.generation,
            rows,
            ids,
            store.passage_texts(ids),
            store.vectors(ids).tobytes(),
            [store.mean_length(field) for field in ("words", "bigrams", "title", "heading")],
            lists.files(),
            [lists.sources(row.article_id) for row in rows],
            lists.story_ids([row.article_id for row in rows]),
            store.last_report(),
        )


def test_there_and_back_it_is_the_same_index(tmp_path: Path, index: Path, place: Place) -> None:
    there = copy_over(index, place)
    assert there.rows["articles"] == 15
    follow(place)
    assert told(place.folder) == told(index)
    back = copy_out(place, tmp_path / "zurück")
    assert back.rows == there.rows
    assert told(tmp_path / "zurück") == told(index)
    folder = tmp_path / "新闻"
    reports = [build([folder], one, FakeEmbedder()) for one in (index, place, tmp_path / "zurück")]
    assert len({(one.articles, one.articles_added, one.passages) for one in reports}) == 1
    follow(place)
    assert told(place.folder)[1:5] == told(index)[1:5] == told(tmp_path / "zurück")[1:5]


def test_nothing_is_copied_over_an_index(tmp_path: Path, index: Path, place: Place) -> None:
    copy_over(index, place)
    with pytest.raises(StoreError, match="holds an index already"):
        copy_over(index, place)
    with pytest.raises(StoreError, match="holds an index already"):
        copy_out(place, index)
    follow(place)
    with pytest.raises(StoreError, match="copy of a shared index"):
        copy_over(place.folder, place)
    with pytest.raises(IndexEmpty):
        copy_over(tmp_path / "nichts", place)


def test_an_empty_database_leaves_no_folder_that_looks_like_an_index(tmp_path: Path, place: Place) -> None:
    with connect(place):
        pass
    with pytest.raises(IndexEmpty):
        copy_out(place, tmp_path / "zurück")
    assert not list((tmp_path / "zurück").glob("news.db*"))


def test_what_arrived_otherwise_is_not_kept(
    index: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(copying.__dict__, "_sent", lambda table, column, value: _spoilt(table, column, value))
    with pytest.raises(StoreError, match="table articles is not what was sent"):
        copy_over(index, place)
    with connect(place) as shared:
        assert shared.execute("SELECT count(*) FROM articles").fetchone() == (0,)
        assert shared.execute("SELECT count(*) FROM meta WHERE name = 'generation'").fetchone() == (0,)


def _spoilt(table: Any, column: str, value: Any) -> Any:
    if (table.name, column) in copying.BOOLS:
        return bool(value)
    return f"{value}。" if (table.name, column) == ("articles", "text") else value


def test_the_command_copies_keys_and_feedback_too(
    tmp_path: Path, index: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = tmp_path / "state"
    _, text = KeyStore(state).add("门户", ["ask"])
    FeedbackStore(state).save(Feedback("f", "accurate", "问？", 1, {}, given=True), "192.0.2.1")
    run = CliRunner().invoke
    done = run(app, ["copy", str(index), place.database, "--state", str(state)])
    assert done.exit_code == 0, done.output
    assert "1 keys, 1 entries of feedback" in done.output
    shared = State(state, place.database)
    assert KeyStore(shared).find(text)
    assert KeyStore(shared).sign("x") == KeyStore(state).sign("x")
    done = run(app, ["copy", place.database, str(tmp_path / "zurück"), "--state", str(tmp_path / "state2")])
    assert done.exit_code == 0, done.output
    assert KeyStore(tmp_path / "state2").find(text)
    assert list(FeedbackStore(tmp_path / "state2").entries()) == list(FeedbackStore(state).entries())
    FeedbackStore(tmp_path / "state2").save(Feedback("f", "inaccurate", "问？", 1, {}), "192.0.2.1")
    assert run(app, ["copy", str(index), str(tmp_path / "x")]).exit_code == 2
