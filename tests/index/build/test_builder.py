import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from rag.index.build.builder import BuildReport, Progress, build, remove
from rag.index.build.changes import look
from rag.errors import (
    ArticleGone,
    ArticleUnknown,
    IndexEmpty,
    IndexLocked,
    IndexMismatch,
    IngestError,
    StoreError,
)
from rag.ingest.files import Pick
from rag.index.opened import opened_to_write
from rag.index.place import Place
from rag.index.store import Store
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places, ask, folder_of, said_place


@pytest.fixture
def index(tmp_path: Path, places: Places) -> Path | Place:
    return places(tmp_path / "库" / "索引")


@pytest.fixture
def embedder() -> FakeEmbedder:
    return FakeEmbedder()


def opened(index: Path | Place, embedder: FakeEmbedder) -> Store:
    return Store.open(index, embedder.name, embedder.dim)


def ids(index: Path | Place) -> set[str]:
    with Store.open(index, "fake", 64) as store:
        return {row.article_id for row in store.catalogue.articles()}


def contents(index: Path | Place) -> list[tuple[str, int, int, str, bytes]]:
    """Return article id, span, kind and vector of every passage that can be found."""
    with sqlite3.connect(folder_of(index) / "news.db") as connection:
        rows: list[tuple[str, int, int, str, bytes]] = connection.execute(
            "SELECT id, start, end, kind, value FROM passages JOIN articles USING (article) "
            "JOIN vectors USING (vector) WHERE born IS NOT NULL AND gone IS NULL ORDER BY id, start"
        ).fetchall()
    connection.close()
    return rows


def test_a_build_makes_every_article_of_a_file_findable(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "新闻.jsonl", news(5))
    report = build([path], index, embedder)
    assert (report.articles, report.articles_added, report.refused) == (5, 5, ())
    with opened(index, embedder) as store:
        assert store.counts().articles == 5
        assert store.counts().passages == report.passages == len(embedder.texts)


def test_passages_are_embedded_with_title_and_heading(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    build([write_news(tmp_path / "a.jsonl", news(1))], index, embedder)
    assert any(text.startswith("成都第0期基站建成投用。记者从成都市获悉") for text in embedder.texts)


def test_the_longest_passages_are_embedded_first(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    build([write_news(tmp_path / "a.jsonl", news(30))], index, embedder)
    lengths = [len(text) for text in embedder.texts]
    assert lengths[0] == max(lengths)
    assert lengths[-1] == min(lengths)


def test_building_again_embeds_nothing_and_keeps_the_generation(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "a.jsonl", news(5))
    first = build([path], index, embedder)
    again = build([path], index, FakeEmbedder())
    assert (again.passages, again.articles_unchanged, again.generation) == (0, 5, first.generation)


def test_without_paths_the_recorded_ones_are_read_again(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(2))
    build([folder], index, embedder)
    write_news(folder / "b.jsonl", news(2, start=2))
    assert build([], index, embedder).articles == 4


def test_the_very_first_build_without_paths_reads_seeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: FakeEmbedder
) -> None:
    write_news(tmp_path / "seeds" / "a.jsonl", news(3))
    monkeypatch.chdir(tmp_path)
    assert build([], Path("index"), embedder).articles == 3


def test_a_changed_line_is_the_only_one_embedded_again(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    rows = news(20)
    path = write_news(tmp_path / "a.jsonl", rows)
    build([path], index, embedder)
    rows[7] = rows[7] | {"text": "绵阳市当日宣布，图书馆改为全年开放，不再收费。"}
    embedder.batches.clear()
    report = build([write_news(path, rows)], index, embedder)
    assert (report.articles_updated, report.articles_unchanged, report.articles_added) == (1, 19, 0)
    assert all("第7期" in text or "全年开放" in text for text in embedder.texts)


def test_lines_that_move_are_not_embedded_again(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    rows = news(10)
    path = write_news(tmp_path / "a.jsonl", rows)
    build([path], index, embedder)
    report = build([write_news(path, rows[::-1])], index, embedder)
    assert (report.passages, report.articles_unchanged) == (0, 10)
    with opened(index, embedder) as store:
        (article_id,) = store.catalogue.find("n0")
        assert [record.line for record in store.catalogue.sources(article_id)] == [10]


def test_a_superseded_id_still_resolves(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    rows = news(2)
    path = write_news(tmp_path / "a.jsonl", rows)
    build([path], index, embedder)
    before = ids(index)
    rows[0] = rows[0] | {"text": "成都市当日更正：此前公布的数字有误，以统计局为准。"}
    for _ in range(4):  # later builds must not forget it
        write_news(path, rows)
        build([path], index, embedder)
        rows.append(news(1, start=len(rows) + 5)[0])
    (old,) = before - ids(index)
    with opened(index, embedder) as store:
        assert "记者从成都市获悉" in store.article(old).text
        assert [(record.status, record.line) for record in store.catalogue.sources(old)] == [("changed", 1)]
        assert store.passage_ids_of(old) == []


def two_files(folder: Path) -> tuple[Path, Path]:
    return write_news(folder / "a.jsonl", news(2)), write_news(folder / "b.jsonl", news(3, start=2))


def test_a_file_that_vanished_is_reported_and_pruned_on_demand(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    one, _ = two_files(tmp_path / "新闻")
    build([one.parent], index, embedder)
    with opened(index, embedder) as store:
        gone = [store.catalogue.find(row["id"])[0] for row in news(2)]
    one.unlink()
    report = build([], index, embedder)
    assert (report.articles_removed, report.articles) == (0, 5)
    assert [Path(path).name for path in report.vanished] == ["a.jsonl"]
    with pytest.raises(IngestError, match=r"1 of 2 files are gone.*--force"):
        build([], index, embedder, prune=True)
    report = build([], index, embedder, prune=True, force=True)
    assert (report.articles_removed, report.articles, report.vanished) == (2, 3, ())
    with opened(index, embedder) as store, pytest.raises(ArticleGone):
        store.article(gone[0])


def test_a_few_vanished_files_of_many_are_pruned_without_force(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "新闻"
    paths = [write_news(folder / f"{n}.jsonl", news(1, start=n)) for n in range(10)]
    build([folder], index, embedder)
    paths[3].unlink()
    assert build([], index, embedder, prune=True).articles == 9


def test_a_folder_that_cannot_be_read_is_named_and_nothing_of_it_is_pruned(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "报库"
    write_news(folder / "开放" / "a.jsonl", news(2))
    write_news(folder / "关闭" / "a.jsonl", news(3, start=2))
    odd = folder / os.fsdecode(b"\xb1\xa8")
    odd.mkdir()
    articles = build([folder], index, embedder).articles
    scan = os.scandir

    def denied(path: Path) -> object:
        if Path(path) == odd or Path(path).name == "关闭":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("rag.ingest.files.os.scandir", denied)
    report = build([], index, embedder, prune=True, force=True)
    assert (report.articles, report.articles_removed, report.vanished) == (articles, 0, ())
    reason = "this folder cannot be read: Permission denied"
    assert {(Path(name).name, why) for name, why in report.refused} == {
        ("关闭", reason),
        ("\\udcb1\\udca8", reason),
    }


def test_nothing_is_pruned_when_the_root_is_missing(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "移动硬盘"
    two_files(folder)
    build([folder], index, embedder)
    folder.rename(tmp_path / "拔出")
    with pytest.raises(IngestError, match=r"移动硬盘 is not there.*--prune --force"):
        build([folder], index, embedder, prune=True)
    assert build([], index, embedder).articles == 5


def test_a_moved_file_keeps_its_articles_and_leaves_no_trace(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    one, _ = two_files(tmp_path / "新闻")
    build([one.parent], index, embedder)
    before = ids(index)
    one.rename(one.with_name("改名.jsonl"))
    report = build([], index, embedder)
    assert (report.articles, report.passages, report.vanished) == (5, 0, ())
    assert [Path(path).name for path in report.moved] == ["a.jsonl"]
    assert ids(index) == before
    with opened(index, embedder) as store:
        assert sorted(Path(record.path).name for record in store.catalogue.files()) == ["b.jsonl", "改名.jsonl"]


def test_a_look_tells_what_a_build_would_do_and_writes_nothing(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    one, two = two_files(tmp_path / "新闻")
    assert len(look([one.parent], index, embedder).new) == 2
    assert not (Place.of(index).folder / "news.db").exists()
    build([one.parent], index, embedder)
    write_news(two, news(4, start=2))
    write_news(one.with_name("c.jsonl"), news(1, start=9))
    one.rename(one.with_name("d.jsonl"))
    before = (folder_of(index) / "news.db").read_bytes()
    seen = look([], index, embedder)
    names = [[Path(name).name for name in part] for part in (seen.new, seen.changed, seen.vanished)]
    assert names == [["c.jsonl"], ["b.jsonl"], []]
    assert [tuple(Path(name).name for name in pair) for pair in seen.moved] == [("a.jsonl", "d.jsonl")]
    assert (folder_of(index) / "news.db").read_bytes() == before


def test_only_the_files_that_are_picked_are_read(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(1))
    write_news(folder / "旧" / "b.jsonl", news(1, start=1))
    (folder / "c.txt").write_text("临江市新建图书馆12座。", encoding="utf-8")
    assert build([folder], index, embedder, pick=Pick(include=["*.jsonl"], exclude=["旧/*"])).articles == 1
    assert build([folder], index, embedder).articles == 3


def test_a_sidecar_says_what_an_article_does_not_and_a_change_of_it_is_seen(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "新闻"
    folder.mkdir()
    (folder / "稿件.txt").write_text("临江市新建图书馆12座。", encoding="utf-8")
    beside = folder / "稿件.meta.json"
    beside.write_text('{"title": "图书馆", "date": "2024-05-06", "来源": "临江日报"}', encoding="utf-8")
    assert build([folder], index, embedder).refused == ()
    with opened(index, embedder) as store:
        (row,) = store.catalogue.articles()
        assert (row.title, row.published, row.publisher) == ("图书馆", "2024-05-06", "临江日报")
        assert store.article(row.article_id).found_by["published"] == "sidecar"
    beside.write_text('{"title": "新图书馆"}', encoding="utf-8")
    build([], index, embedder)
    with opened(index, embedder) as store:
        assert [row.title for row in store.catalogue.articles()] == ["新图书馆"]
    beside.write_text('{"date": "某日"}', encoding="utf-8")
    assert "某日" in build([], index, embedder).refused[0][1]


def test_links_that_lead_back_end(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "下" / "a.jsonl", news(2))
    (folder / "下" / "回").symlink_to(folder, target_is_directory=True)
    assert build([folder], index, embedder).articles == 2


def test_a_full_disk_is_one_sentence_and_the_old_index_stays(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    build([path], index, embedder)
    before = contents(index)

    class Full(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> np.ndarray:
            raise sqlite3.OperationalError("database or disk is full")

    with pytest.raises(StoreError, match="is full; the index is as it was"):
        build([write_news(path, news(4))], index, Full())
    assert contents(index) == before


def test_a_folder_that_is_missing_keeps_its_articles(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "移动硬盘"
    write_news(folder / "a.jsonl", news(2))
    build([folder], index, embedder)
    folder.rename(tmp_path / "拔出")
    report = build([], index, embedder)
    assert report.articles == 2
    assert [reason for _, reason in report.refused] == ["there is no such file or folder"]


def test_an_article_in_two_files_is_one_with_two_sources(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    paths = [write_news(tmp_path / name, news(1)) for name in ("a.jsonl", "b.jsonl")]
    assert build(paths, index, embedder).articles == 1
    with opened(index, embedder) as store:
        (row,) = store.catalogue.articles()
        assert row.sources == 2
        assert [Path(record.path).name for record in store.catalogue.sources(row.article_id)] == ["a.jsonl", "b.jsonl"]
    paths[0].unlink()
    assert build(paths, index, embedder).articles == 1


def test_a_file_that_cannot_be_read_is_listed_and_the_others_are_built(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(2))
    (folder / "坏.txt").write_bytes(bytes(range(256)) * 9)
    (folder / "空.txt").write_bytes(b"")
    report = build([folder], index, embedder)
    assert report.articles == 2
    assert {Path(name).name for name, _ in report.refused} == {"坏.txt", "空.txt"}
    again = build([folder], index, embedder)
    assert again.refused == report.refused
    with opened(index, embedder) as store:
        assert [len(record.refused) for record in store.catalogue.files()] == [0, 1, 1]
        assert store.last_report()["refused"] == [list(pair) for pair in report.refused]


def test_a_refused_line_is_named(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    path.write_bytes(path.read_bytes() + '{"title": "没有正文"}\n不是JSON\n'.encode())
    report = build([path], index, embedder)
    assert report.articles == 2
    assert [Path(name).name for name, _ in report.refused] == ["a.jsonl#3", "a.jsonl#4"]


def test_hidden_files_and_the_index_itself_are_not_read(tmp_path: Path, embedder: FakeEmbedder) -> None:
    write_news(tmp_path / "a.jsonl", news(2))
    write_news(tmp_path / ".git" / "b.jsonl", news(2, start=2))
    for _ in range(2):
        report = build([tmp_path], tmp_path / "index", embedder)
        assert (report.articles, report.refused) == (2, ())


def test_a_touched_file_is_not_read_again(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    first = build([path], index, embedder)
    os.utime(path, ns=(1, 1))
    assert build([path], index, embedder).generation == first.generation
    with opened(index, embedder) as store:
        assert store.catalogue.files()[0].mtime_ns == 1


def test_what_a_row_says_beside_its_text_is_kept_up_to_date(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    rows = news(2)
    path = write_news(tmp_path / "a.jsonl", rows)
    build([path], index, embedder)
    rows[0] = rows[0] | {"id": "另一个编号", "url": "https://news.example/moved"}
    report = build([write_news(path, rows)], index, embedder)
    assert (report.passages, report.articles_unchanged) == (0, 2)
    with opened(index, embedder) as store:
        (article_id,) = store.catalogue.find("另一个编号")
        assert store.article(article_id).url == "https://news.example/moved"
        assert store.catalogue.find("n0") == []


@pytest.mark.parametrize("by", ["id", "external_id", "path", "line"])
def test_what_was_removed_stays_out_until_it_is_restored(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder, by: str
) -> None:
    one, two = write_news(tmp_path / "a.jsonl", news(1)), write_news(tmp_path / "b.jsonl", news(2, start=1))
    build([one, two], index, embedder)
    with opened(index, embedder) as store:
        (article_id,) = store.catalogue.find("n0")
    target = {"id": article_id, "external_id": "n0", "path": str(one), "line": f"{one}#1"}[by]
    change = remove([target], index)
    assert (change.removed, change.unchanged) == (1, 2)
    assert build([], index, embedder).articles == 2
    report = build([one], index, embedder)
    assert report.articles == 2
    assert [reason for _, reason in report.refused] == (
        ["it was removed; --restore takes it in again"] if by == "path" else []
    )
    with opened(index, embedder) as store, pytest.raises(ArticleGone):
        store.article(article_id)
    assert build([two], index, embedder, restore=True).articles == 2
    assert build([one], index, embedder, restore=True).articles == 3
    with opened(index, embedder) as store:
        assert store.article(article_id).external_id == "n0"
        assert store.passage_ids_of(article_id)


def test_an_external_id_stays_out_when_its_text_changes(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    rows = news(3)
    path = write_news(tmp_path / "a.jsonl", rows)
    build([path], index, embedder)
    remove(["n1"], index)
    rows[1] = rows[1] | {"text": "绵阳市当日宣布，这篇报道改写后重新发布。"}
    assert build([write_news(path, rows)], index, embedder).articles == 2


def test_removing_what_is_not_there_removes_nothing(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    build([write_news(tmp_path / "a.jsonl", news(2))], index, embedder)
    with pytest.raises(ArticleUnknown, match="没有的编号"):
        remove(["n0", "没有的编号"], index)
    assert len(ids(index)) == 2


def test_an_index_from_which_everything_was_removed_is_empty(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    build([path], index, embedder)
    remove([str(path)], index)
    with pytest.raises(IndexEmpty, match="python -m rag build"):
        opened(index, embedder)


def test_another_embedder_needs_a_rebuild(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    build([write_news(tmp_path / "a.jsonl", news(2))], index, embedder)
    other = FakeEmbedder("other", dim=32)
    with pytest.raises(IndexMismatch, match="--rebuild"):
        build([], index, other)
    with pytest.raises(IndexMismatch, match="--rebuild"):
        opened(index, other)
    report = build([], index, other, rebuild=True)
    assert (report.articles, report.articles_unchanged, report.passages) == (2, 2, len(other.texts))
    with opened(index, other) as store:
        assert store.vectors(store.passage_ids_of(store.catalogue.articles()[0].article_id)).shape[1] == 32
    assert build([], index, other).passages == 0


def test_a_rebuild_embeds_everything_again(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    path = write_news(tmp_path / "a.jsonl", news(3))
    first = build([path], index, embedder)
    before = contents(index)
    assert build([], index, embedder, rebuild=True).passages == first.passages
    assert contents(index) == before


def test_older_rules_are_ingested_again(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    build([write_news(tmp_path / "a.jsonl", news(3))], index, embedder)
    embedder.batches.clear()
    monkeypatch.setattr("rag.index.build.changes.RULES", 999)
    report = build([], index, embedder)
    assert (report.articles, report.generation, report.passages) == (3, 2, 0)  # same passages, same vectors
    assert build([], index, embedder).generation == 2


def test_a_second_writer_is_told_at_once(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    path = write_news(tmp_path / "a.jsonl", news(1))
    with opened_to_write(Place.of(index)), pytest.raises(IndexLocked, match="Another"):
        build([path], index, embedder)
    assert build([path], index, embedder).articles == 1


def test_a_failing_embedder_leaves_the_old_index(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    path = write_news(tmp_path / "a.jsonl", news(2))
    build([path], index, embedder)
    before = contents(index)

    class Broken(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> np.ndarray:
            raise RuntimeError("out of memory")

    write_news(path, news(4))
    with pytest.raises(RuntimeError):
        build([path], index, Broken())
    assert contents(index) == before
    assert build([path], index, embedder).articles == 4


def test_a_rebuild_that_died_leaves_nothing_to_a_plain_build(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    class Broken(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> np.ndarray:
            raise RuntimeError("out of memory")

    path = write_news(tmp_path / "a.jsonl", news(3))
    build([path], index, embedder)
    before = contents(index)
    with pytest.raises(RuntimeError):
        build([path], index, Broken(), rebuild=True)
    embedder.batches.clear()
    report = build([path], index, embedder)
    assert (report.generation, report.passages, embedder.batches) == (1, 0, [])
    assert contents(index) == before


def test_a_build_of_other_files_does_not_publish_half_of_one_that_died(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    class Broken(FakeEmbedder):
        def embed(self, *_: object, **__: object) -> np.ndarray:
            raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError):
        build([write_news(tmp_path / "a.jsonl", news(4))], index, Broken())
    report = build([write_news(tmp_path / "b.jsonl", news(2, start=4))], index, embedder)
    assert (report.articles, report.passages) == (2, len(contents(index)))
    assert ask(index, "SELECT count(*) FROM articles") == [(2,)]


def test_progress_is_told_to_the_end(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    seen: list[Progress] = []
    path = write_news(tmp_path / "a.jsonl", news(500))
    report = build([path], index, embedder, progress=seen.append)
    for stage in ("reading", "embedding", "indexing"):
        done = [step.done for step in seen if step.stage == stage]
        assert done == sorted(done)
        assert len(done) >= 2
        assert all(step.done <= step.total for step in seen)
    embedding = [step for step in seen if step.stage == "embedding"]
    assert (embedding[-1].done, embedding[-1].total) == (report.passages, report.passages)
    reading = [step for step in seen if step.stage == "reading"]
    assert reading[-1].total == path.stat().st_size // 1000
    assert reading[-1].done > 0.7 * reading[-1].total


def test_paths_are_recorded_from_the_folder_of_the_index(tmp_path: Path, embedder: FakeEmbedder) -> None:
    write_news(tmp_path / "库" / "seeds" / "a.jsonl", news(1))
    build([tmp_path / "库" / "seeds"], tmp_path / "库" / "index", embedder)
    (tmp_path / "库").rename(tmp_path / "搬走")
    index = tmp_path / "搬走" / "index"
    with opened(index, embedder) as store:
        (record,) = store.catalogue.sources(store.catalogue.articles()[0].article_id)
        assert (record.path, str(record)) == ("seeds/a.jsonl", "a.jsonl#1")
        assert store.file_path(record.path).is_file()
    assert build([], index, embedder).articles_unchanged == 1


def test_a_damaged_database_is_one_sentence(tmp_path: Path, embedder: FakeEmbedder) -> None:
    index = tmp_path / "索引"
    build([write_news(tmp_path / "a.jsonl", news(1))], index, embedder)
    (index / "news.db").write_bytes("这不是数据库".encode() * 999)
    for name in ("news.db-wal", "news.db-shm"):
        (index / name).unlink(missing_ok=True)
    with pytest.raises(StoreError, match="damaged"):
        build([], index, embedder)
    with pytest.raises(StoreError, match="damaged"):
        opened(index, embedder)
    assert build([tmp_path / "a.jsonl"], index, embedder, rebuild=True).articles == 1
    with opened(index, embedder) as store:
        assert store.counts().articles == 1


def test_nothing_can_be_removed_where_nothing_was_built(index: Path | Place) -> None:
    with pytest.raises((IndexEmpty, ArticleUnknown)):
        remove(["n0"], index)
    assert not Place.of(index).folder.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere file names are text")
def test_a_file_name_that_is_no_text_is_refused(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    folder = tmp_path / "新闻"
    write_news(folder / "a.jsonl", news(1))
    Path(os.fsdecode(os.fsencode(folder) + b"/\xd6\xd0.txt")).write_text(
        "成都市今日开通地铁新线。", encoding="utf-8"
    )
    report = build([folder], index, embedder)
    assert report.articles == 1
    assert [reason for _, reason in report.refused] == ["its name is not UTF-8"]
    assert json.dumps(report.refused, ensure_ascii=False).encode()


def test_a_file_that_cannot_be_opened_is_tried_again(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> str:
        raise PermissionError(13, "Permission denied", str(path))

    path = write_news(tmp_path / "a.jsonl", news(2))
    with monkeypatch.context() as patch:
        patch.setattr("rag.index.build.intake.file_digest", refuse)
        assert [reason for _, reason in build([path], index, embedder).refused] == [
            "it cannot be opened: Permission denied"
        ]
    assert build([path], index, embedder).articles == 2


def test_a_name_with_an_apostrophe_is_a_name(tmp_path: Path) -> None:
    embedder = FakeEmbedder("o'model; --")
    index = tmp_path / "it's" / "index"
    build([write_news(tmp_path / "it's" / "a'b.jsonl", news(2))], index, embedder)
    with opened(index, embedder) as store:
        assert len(store.catalogue.find("a'b.jsonl")) == 2


KILLED = """
import sys, time
from pathlib import Path
from rag.index.build.builder import build
from tests.support.fakes import FakeEmbedder
from tests.support.places import read_place

class Slow(FakeEmbedder):
    def embed(self, texts, *, kind):
        time.sleep(0.02)
        return super().embed(texts, kind=kind)

print("started", flush=True)
print(build([Path(sys.argv[1])], read_place(sys.argv[2]), Slow()), flush=True)
"""


def start(path: Path, index: Path | Place) -> subprocess.Popen[bytes]:
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(path), said_place(index)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def reap(process: subprocess.Popen[bytes]) -> bytes:
    output, _ = process.communicate()
    return output


DIES = """
import importlib, os, signal, sys
from pathlib import Path
from rag.index.build.builder import build
from tests.support.fakes import FakeEmbedder
from tests.support.places import read_place

module, name = sys.argv[3].rsplit(".", 1)
inner = getattr(importlib.import_module(module), name)

def last(*arguments, **named):
    result = inner(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
    return result

setattr(importlib.import_module(module), name, last)
build([Path(sys.argv[1])], read_place(sys.argv[2]), FakeEmbedder())
"""


EMBEDDED = ("rag.index.derived.grow", "rag.index.build.publish.derive", "rag.index.database.check_schema")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    "after",
    [
        "rag.index.build.builder._blobs",
        "rag.index.derived.grow",
        "rag.index.build.publish.derive",
        *(
            pytest.param(name, marks=pytest.mark.slow)
            for name in (
                "rag.index.database.check_schema",
                "rag.index.build.intake.article_values",
                "rag.index.build.builder.prune_unpublished",
                "rag.index.build.publish._move_articles",
                "rag.index.build.publish._prune",
                "rag.index.build.builder._report",
            )
        ),
    ],
)
def test_killed_at_a_known_point_readers_see_the_old_or_the_new_index(
    tmp_path: Path, places: Places, embedder: FakeEmbedder, after: str
) -> None:
    if places.server and after in EMBEDDED:
        pytest.skip("a build of a shared index makes no files")
    path, whole, index = tmp_path / "a.jsonl", places(tmp_path / "整" / "index"), places(tmp_path / "断" / "index")
    write_news(path, news(6))
    for folder in (whole, index):
        build([path], folder, embedder)
    old = contents(index)
    write_news(path, news(5, start=1) + news(20, start=30))
    build([path], whole, embedder)
    killed = subprocess.run([sys.executable, "-c", DIES, str(path), said_place(index), after], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert contents(index) in (old, contents(whole))
    with opened(index, embedder) as store:
        assert store.counts().passages == len(contents(index))
        assert len(store.search_lexical(["市"], ["记者"], 99)) >= 5
    build([path], index, embedder)
    assert contents(index) == contents(whole)
    with opened(index, embedder) as one, opened(whole, embedder) as other:
        assert one.counts() == other.counts()
        assert len(one.search_lexical(["建成"], [], 99)) == len(other.search_lexical(["建成"], [], 99))


@pytest.mark.slow
def test_killed_at_any_moment_a_build_continues_to_the_same_index(
    tmp_path: Path, places: Places, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "a.jsonl", news(200))
    whole = places(tmp_path / "整" / "index")
    process = start(path, whole)
    began = time.monotonic()
    assert b"articles=200" in reap(process)
    lasted = time.monotonic() - began
    expected = contents(whole)
    index = places(tmp_path / "断" / "index")
    moments = random.Random(7)
    for _ in range(6):
        process = start(path, index)
        time.sleep(moments.uniform(0, lasted))
        process.send_signal(signal.SIGKILL)
        reap(process)
    build([path], index, embedder)
    assert contents(index) == expected


@pytest.mark.slow
def test_killed_while_it_adds_a_build_leaves_the_old_index_readable(
    tmp_path: Path, index: Path | Place, embedder: FakeEmbedder
) -> None:
    path = write_news(tmp_path / "a.jsonl", news(50))
    build([path], index, embedder)
    with opened(index, embedder) as before:
        write_news(path, news(200))
        process = start(path, index)
        time.sleep(0.3)
        process.send_signal(signal.SIGKILL)
        published = b"articles=200" in reap(process)
        assert before.counts().articles == 50
        assert before.search_lexical(["成都"], [], 5)
    if not published:
        assert len(ids(index)) == 50
    assert build([path], index, embedder).articles == 200


def test_a_report_is_plain_json(tmp_path: Path, index: Path | Place, embedder: FakeEmbedder) -> None:
    report = build([write_news(tmp_path / "a.jsonl", news(1))], index, embedder)
    assert isinstance(report, BuildReport)
    with opened(index, embedder) as store:
        assert json.dumps(store.last_report(), ensure_ascii=False)
