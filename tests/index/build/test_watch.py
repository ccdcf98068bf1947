import time
from pathlib import Path

import pytest

from rag.index.build.builder import BuildReport
from rag.errors import RagError
from rag.index.opened import opened_to_write
from rag.index.place import Place
from rag.index.store import Store
from rag.index.build.watch import Watch
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places, folder_of


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_news(tmp_path / "新闻" / "a.jsonl", news(2))
    return tmp_path / "新闻"


def test_a_file_is_read_when_it_was_the_same_in_two_rounds(tmp_path: Path, folder: Path) -> None:
    watch = Watch([folder], tmp_path / "index", FakeEmbedder())
    assert watch.look() is None
    report = watch.look()
    assert report is not None
    assert report.articles == 2
    assert watch.look() is None


def test_a_half_copied_file_is_waited_for(tmp_path: Path, folder: Path) -> None:
    watch = Watch([folder], tmp_path / "index", FakeEmbedder())
    watch.look()
    watch.look()
    whole = write_news(tmp_path / "b.jsonl", news(6, start=2)).read_bytes()
    for share in (3, 2, 1):
        (folder / "b.jsonl").write_bytes(whole[: len(whole) // share])
        assert watch.look() is None
    report = watch.look()
    assert report is not None
    assert (report.articles, report.refused) == (8, ())


def test_complete_files_do_not_wait_for_others(tmp_path: Path, folder: Path) -> None:
    watch = Watch([folder], tmp_path / "index", FakeEmbedder())
    watch.look()
    (folder / "b.jsonl").write_bytes(b'{"text": "ha')
    report = watch.look()
    assert report is not None
    assert (report.articles, report.refused) == (2, ())


def test_a_vanished_file_is_reported(tmp_path: Path, folder: Path) -> None:
    write_news(folder / "b.jsonl", news(2, start=2))
    watch = Watch([folder], tmp_path / "index", FakeEmbedder())
    watch.look()
    watch.look()
    (folder / "b.jsonl").unlink()
    report = watch.look()
    assert report is not None
    assert [Path(path).name for path in report.vanished] == ["b.jsonl"]
    assert watch.look() is None


def test_following_goes_on_after_an_error_and_waits_for_another_writer(
    tmp_path: Path, places: Places, folder: Path
) -> None:
    index = places(tmp_path / "index")
    heard: list[BuildReport | RagError] = []
    lock = opened_to_write(Place.of(index))
    lock.__enter__()
    rounds = iter(range(6))

    def sleep(_: float) -> None:
        if (number := next(rounds)) == 3:
            lock.__exit__(None, None, None)
        if number == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Watch([folder], index, FakeEmbedder()).follow(0, heard.append, sleep=sleep)
    assert [report.articles for report in heard if isinstance(report, BuildReport)] == [2]


def test_an_open_store_sees_added_articles_soon(tmp_path: Path, places: Places, folder: Path) -> None:
    index, embedder = places(tmp_path / "index"), FakeEmbedder()
    watch = Watch([folder], index, embedder)
    watch.look()
    watch.look()
    with Store.open(index, embedder.name, embedder.dim) as store:
        write_news(folder / "b.jsonl", news(100, start=10))
        watch.look()
        watch.look()
        began = time.process_time()
        folder_of(index)
        assert store.refresh()
        assert time.process_time() - began < 2
        assert store.counts().articles == 102
        assert store.catalogue.find("n50")
