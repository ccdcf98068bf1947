"""Pushing articles by program: what becomes of each, what waits outlives the process, many are built together."""

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.editing import push as pushing
from rag.editing.push import Pushes
from rag.editing.push_jobs import Incoming, PushJob
from rag.editing.pushed import Pushed, checked_id
from rag.errors import Busy, EditError
from rag.index.build.builder import build, remove
from rag.index.lock import writing
from rag.index.place import Place as SharedPlace
from rag.index.store import Store
from rag.render.ingest_reasons import reason_zh
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places


class Place:
    """An index of three articles that programs push to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.embedder = folder, FakeEmbedder()
        self.index = folder / "index"
        build([write_news(folder / "news" / "old.jsonl", news(3))], self.index, self.embedder)
        self.pushes = self.open()

    def open(self) -> Pushes:
        where = (self.index, self.folder / "added", self.folder / "state")
        self.pushes = Pushes(*where, lambda: self.embedder, 5)
        return self.pushes

    def push(self, *incoming: Incoming) -> PushJob:
        return self.pushes.push(self.pushes.spool.begin(), incoming, "cms")

    def done(self, *incoming: Incoming) -> list[str]:
        job = self.push(*incoming)
        self.wait(job)
        assert job.state == "done", job.error
        return [item.became for item in job.items]

    def wait(self, job: PushJob) -> None:
        late = time.monotonic() + 120
        while not job.ended:
            assert time.monotonic() < late
            time.sleep(0.01)

    def titles(self) -> set[str]:
        with Store.open(self.index, "fake", 64) as store:
            return {row.title for row in store.catalogue.articles()}

    def generation(self) -> int:
        with Store.open(self.index, "fake", 64) as store:
            return store.generation


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.pushes.close()


def test_an_id_pushed_through_another_server_is_refused_there(tmp_path: Path, shared_places: Places) -> None:
    """Two servers over one database, each with its own folder of pushed files: the second cannot delete what the first has."""
    first = SharedPlace.of(shared_places(tmp_path / "甲" / "索引"))
    second = SharedPlace(tmp_path / "乙" / "索引", first.database)
    embedder = FakeEmbedder()
    build([write_news(tmp_path / "news" / "old.jsonl", news(3))], first, embedder)
    servers = [
        Pushes(at, at.folder.parent / "added", at.folder.parent / "state", lambda: embedder, 5)
        for at in (first, second)
    ]

    def became(pushes: Pushes, *incoming: Incoming) -> list[tuple[str, str]]:
        job = pushes.push(pushes.spool.begin(), incoming, "cms")
        late = time.monotonic() + 120
        while not job.ended:
            assert time.monotonic() < late
            time.sleep(0.01)
        assert job.state == "done", job.error
        return [(item.became, reason_zh(item.reason) if item.reason else "") for item in job.items]

    told = ("refused", "这个编号是经另一台服务器推送的，请发给那一台。")
    try:
        assert became(servers[0], story("cms-1")) == [("added", "")]
        assert became(servers[1], Incoming("cms-1")) == [told]
        assert became(servers[1], story("cms-1", seats=900)) == [told]
        assert became(servers[1], Incoming("cms-2")) == [("unknown", "")]
        assert became(servers[0], Incoming("cms-1")) == [("deleted", "")]
        assert became(servers[1], story("cms-1", seats=900)) == [("added", "")]
    finally:
        for one in servers:
            one.close()


def story(ident: str, title: str = "新馆开放", seats: int = 1200) -> Incoming:
    text = f"临江市图书馆新馆向公众开放。新馆有阅览座位{seats}个，藏书60万册。"
    row = {"id": ident, "title": title, "text": text, "published": "2024-05-06", "publisher": "临江日报"}
    return Incoming(ident, json.dumps(row, ensure_ascii=False).encode(), ".json")


def test_an_article_is_added_replaced_left_and_deleted_under_its_id(place: Place) -> None:
    old = place.titles()
    assert place.done(story("a")) == ["added"]
    assert place.titles() == {*old, "新馆开放"}
    at = place.generation()
    assert place.done(story("a")) == ["unchanged"]
    assert place.generation() == at
    assert place.done(story("a", "新馆开放一周")) == ["updated"]
    assert place.titles() == {*old, "新馆开放一周"}
    assert place.done(Incoming("a"), Incoming("b")) == ["deleted", "unknown"]
    assert place.titles() == old
    assert place.done(Incoming("a")) == ["unknown"]


def test_an_article_is_found_by_the_id_that_it_was_pushed_with(place: Place) -> None:
    place.done(
        story("cms/1"), Incoming("txt-1", "新桥通车\n新桥于5月6日通车。".encode(), ".txt", {"id": "txt-1"})
    )
    with Store.open(place.index, "fake", 64) as store:
        for ident in ("cms/1", "txt-1"):
            assert len(store.catalogue.with_external_id(ident)) == 1


def test_what_holds_no_article_replaces_nothing_and_says_why(place: Place) -> None:
    place.done(story("a"))
    job = place.push(Incoming("a", b"no pdf", ".pdf"), story("b", "新桥通车"))
    place.wait(job)
    assert [item.became for item in job.items] == ["refused", "added"]
    assert job.items[0].reason
    assert {"新馆开放", "新桥通车"} <= place.titles()


def test_another_kind_of_file_takes_the_place_of_the_one_before(place: Place) -> None:
    place.done(story("a"))
    text = Incoming("a", "新馆开放一周\n新馆开放一周，接待读者3万人次。".encode(), ".txt", {"title": "一周"})
    assert place.done(text) == ["updated"]
    assert "新馆开放" not in place.titles()
    assert "一周" in place.titles()
    assert len([path for path in place.pushes.pushed.folder.glob("*/*") if path.suffix != ".json"]) == 1


def test_what_a_person_took_out_stays_out_until_it_is_restored(place: Place) -> None:
    place.done(story("a"))
    with Store.open(place.index, "fake", 64) as store:
        [ident] = store.catalogue.with_external_id("a")
    remove([ident], place.index)
    assert place.done(story("a")) == ["withdrawn"]
    assert "新馆开放" not in place.titles()


def test_of_one_id_the_last_push_counts(place: Place) -> None:
    assert place.done(story("a", "一"), story("a", "二"), story("a", "三")) == [
        *("superseded", "superseded", "added")
    ]
    assert place.titles() & {"一", "二", "三"} == {"三"}


def test_what_comes_during_a_build_is_taken_in_by_the_next_together(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, builds, gate = build, [], threading.Event()

    def slow(*told: Any, **more: Any) -> Any:
        builds.append(1)
        gate.wait(30)
        return real(*told, **more)

    monkeypatch.setattr(pushing, "build", slow)
    jobs = [place.push(story(f"a{number}", f"第{number}号馆开放")) for number in range(20)]
    gate.set()
    for job in jobs:
        place.wait(job)
    assert [job.items[0].became for job in jobs] == ["added"] * 20
    assert len(builds) <= 3


def test_what_waits_is_taken_up_by_the_next_process(place: Place) -> None:
    with writing(place.index):
        job = place.push(story("a"))
        late = time.monotonic() + 30
        while job.state != "locked":
            assert time.monotonic() < late
            time.sleep(0.01)
        place.pushes.patience = 0
    place.wait(job)  # it went on, or gave up: either is written down
    again = place.open()
    found = again.find(job.ident)
    assert found is not None
    assert (found.state, found.items[0].became) == (job.state, job.items[0].became)


def test_a_push_that_broke_off_after_its_file_was_moved_is_done_again(place: Place) -> None:
    place.pushes.close()
    folder = place.pushes.spool.begin()
    job = place.pushes.spool.add(folder, [story("a"), Incoming("b")], "cms")
    place.pushes.pushed.take(place.pushes.spool.file(job, job.items[0]), "a", {})
    found = place.open().find(job.ident)
    assert found is not None
    place.wait(found)
    assert [item.became for item in found.items] == ["added", "unknown"]
    assert "新馆开放" in place.titles()


def test_what_arrives_half_leaves_nothing(place: Place) -> None:
    place.pushes.spool.begin()
    place.open()
    assert list(place.pushes.spool.folder.iterdir()) == []


def test_too_much_is_told_to_come_again(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "MAX_WAITING", 1)
    with pytest.raises(Busy):
        place.push(story("a"), story("b"))


def test_a_fault_of_the_index_fails_the_job_with_its_sentence(place: Place) -> None:
    place.pushes.patience = 0
    with writing(place.index):
        job = place.push(story("a"))
        place.wait(job)
    assert (job.state, bool(job.error), bool(job.message)) == ("failed", True, True)
    assert place.done(story("a")) == ["added"]


@pytest.mark.parametrize(
    "ident", ["../../etc/passwd", "a/b", "..", "con", "库/1*?", "a" * 200, ".hidden", "x.meta.json"]
)
def test_no_id_leads_out_of_the_folder(tmp_path: Path, ident: str) -> None:
    pushed = Pushed(tmp_path / "pushed")
    source = tmp_path / "in.txt"
    source.write_text("文", encoding="utf-8")
    path, _ = pushed.take(source, ident, {"id": ident})
    assert path.parent.parent == pushed.folder
    assert (path.read_text(encoding="utf-8"), pushed.find(ident)) == ("文", path)
    assert pushed.drop(ident) == path
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize("value", [None, 5, "", " ", "a" * 201, "a\nb", "\ud800"])
def test_what_is_no_id_is_refused(value: object) -> None:
    with pytest.raises(EditError):
        checked_id(value)
