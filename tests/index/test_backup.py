import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from rag.errors import IndexEmpty, IndexLocked, StoreError
from rag.index.backup import back_up, put_back
from rag.index.build.builder import build
from rag.index.lock import writing
from rag.index.store import Store
from rag.server.feedback import Feedback, FeedbackStore
from rag.text.words import bigrams, words
from tests.support.fakes import FakeEmbedder, news, write_news

EMBEDDER = FakeEmbedder()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    build([write_news(tmp_path / "a.jsonl", news(12))], tmp_path / "index", EMBEDDER)
    (tmp_path / "index" / "aliases.txt").write_text("蓉城 成都\n", encoding="utf-8")
    FeedbackStore(tmp_path / "state").save(Feedback("f1", "accurate", "问？", 1, {}))
    return tmp_path


def opened(index: Path) -> Store:
    return Store.open(index, EMBEDDER.name, EMBEDDER.dim)


def found(store: Store, question: str) -> list[tuple[str, float]]:
    """Return what both legs find, as text and score."""
    vector = EMBEDDER.embed([question], kind="query")[0]
    hits = store.search_dense(vector, 5) + store.search_lexical(words(question), bigrams(question), 5)
    texts = store.passages([number for number, _ in hits])
    return [(passage.text, round(score, 4)) for passage, (_, score) in zip(texts, hits, strict=True)]


def test_what_is_put_back_elsewhere_answers_the_same(folder: Path) -> None:
    kept = back_up(folder / "kept.zip", folder / "index", folder / "state")
    assert (kept.articles, kept.files) == (12, 2)
    put_back(folder / "kept.zip", folder / "other" / "index", folder / "other" / "state")
    with opened(folder / "index") as before, opened(folder / "other" / "index") as after:
        assert found(after, "绵阳第1期") == found(before, "绵阳第1期")
        assert after.counts() == before.counts()
    assert (folder / "other" / "index" / "aliases.txt").read_text(encoding="utf-8") == "蓉城 成都\n"
    assert [entry.id for entry in FeedbackStore(folder / "other" / "state").entries()] == ["f1"]


def test_an_open_store_follows_to_what_was_put_back(folder: Path) -> None:
    index = folder / "index"
    with opened(index) as store:
        before = found(store, "绵阳第1期")
        back_up(folder / "kept.zip", index, folder / "state")
        # Other articles under the same row numbers, which the store has in memory.
        write_news(folder / "a.jsonl", news(12, start=40))
        build([folder / "a.jsonl"], index, EMBEDDER, rebuild=True)
        assert store.refresh()
        assert found(store, "绵阳第1期") != before
        FeedbackStore(folder / "state").save(Feedback("f2", "accurate", "问？", 1, {}))
        kept = put_back(folder / "kept.zip", index, folder / "state")
        assert store.refresh()
        assert store.generation == kept.generation
        assert found(store, "绵阳第1期") == before
    assert [entry.id for entry in FeedbackStore(folder / "state").entries()] == ["f1"]


def test_an_open_store_forgets_rows_that_mean_others_now(folder: Path) -> None:
    other = folder / "other"
    build([write_news(other / "a.jsonl", news(12, start=40))], other / "index", EMBEDDER)
    back_up(folder / "kept.zip", other / "index", other / "state")
    with opened(folder / "index") as store, opened(other / "index") as expected:
        assert found(store, "绵阳第41期") != found(expected, "绵阳第41期")
        put_back(folder / "kept.zip", folder / "index", folder / "state")
        assert store.refresh()
        assert found(store, "绵阳第41期") == found(expected, "绵阳第41期")


def test_the_index_goes_on_growing_after_it_was_put_back(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    put_back(folder / "kept.zip", folder / "index", folder / "state")
    report = build([write_news(folder / "b.jsonl", news(3, start=50))], folder / "index", EMBEDDER)
    assert (report.articles, report.articles_added) == (15, 3)


@pytest.fixture
def building(folder: Path) -> Iterator[None]:
    """Build again and again while the test runs."""
    stop = threading.Event()

    def work() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            write_news(folder / "b.jsonl", news(2 + number % 3, start=100))
            build([folder / "b.jsonl"], folder / "index", FakeEmbedder())

    thread = threading.Thread(target=work)
    thread.start()
    yield
    stop.set()
    thread.join()


@pytest.mark.usefixtures("building")
def test_a_backup_during_builds_is_one_whole_generation(folder: Path) -> None:
    for number in range(5):
        kept = back_up(folder / f"{number}.zip", folder / "index", folder / "state")
        put_back(folder / f"{number}.zip", folder / f"at{number}" / "index", folder / f"at{number}" / "state")
        with opened(folder / f"at{number}" / "index") as store:
            assert len(list(store.catalogue.articles())) == store.counts().articles == kept.articles
            assert found(store, "绵阳第1期")


def test_nothing_is_put_back_while_a_build_writes(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    with writing(folder / "index"), pytest.raises(IndexLocked):
        put_back(folder / "kept.zip", folder / "index", folder / "state")


def test_a_backup_that_leads_out_of_its_folders_does_not_get_there(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    with zipfile.ZipFile(folder / "kept.zip", "a") as packed:
        packed.writestr("state/../../out.txt", "x")
        packed.writestr("/etc/youju", "x")
    put_back(folder / "kept.zip", folder / "far" / "deep" / "index", folder / "far" / "deep" / "state")
    assert not list(folder.rglob("out.txt"))
    assert not Path("/etc/youju").exists()


@pytest.mark.parametrize("content", [b"", b"PK no zip", b"x" * 5000])
def test_what_is_no_backup_is_told_and_changes_nothing(folder: Path, content: bytes) -> None:
    (folder / "bad.zip").write_bytes(content)
    with pytest.raises(StoreError, match="no backup"):
        put_back(folder / "bad.zip", folder / "index", folder / "state")
    with opened(folder / "index") as store:
        assert store.generation == 1


def test_a_backup_needs_an_index_and_a_folder_to_write_to(folder: Path) -> None:
    with pytest.raises(IndexEmpty):
        back_up(folder / "kept.zip", folder / "none", folder / "state")
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(folder / "a.jsonl" / "kept.zip", folder / "index", folder / "state")


def test_new_vectors_are_built_beside_the_old_ones_which_answer_meanwhile(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.derived.FEW", 1)  # as a large index is read
    index = folder / "index"
    with opened(index) as store:
        before = found(store, "绵阳第1期")

        class Wider(FakeEmbedder):
            """Another embedder; while it works the old index is asked, by a running server and by a new one."""

            def embed(self, texts, *, kind):  # type: ignore[no-untyped-def]
                if kind == "passage":
                    store.refresh()
                    assert found(store, "绵阳第1期") == before
                    with opened(index) as fresh:
                        assert found(fresh, "绵阳第1期") == before
                return super().embed(texts, kind=kind)

        other = Wider("wider", 96)
        build([], index, other, rebuild=True)
        assert other.batches
        assert not store.refresh()
        assert store.outdated
        assert found(store, "绵阳第1期") == before
    with Store.open(index, "wider", 96) as store:
        assert store.counts().articles == 12
        assert not store.outdated


@contextmanager
def full_after(size: int) -> Iterator[None]:
    """Let no file grow beyond so many bytes, as on a disk that is full."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 8192, 60_000])
def test_a_backup_on_a_full_disk_is_one_sentence_and_leaves_nothing(folder: Path, size: int) -> None:
    with full_after(size), pytest.raises(StoreError, match="cannot be written"):
        back_up(folder / "to" / "kept.zip", folder / "index", folder / "state")
    assert list((folder / "to").iterdir()) == []


def test_a_failed_backup_keeps_the_earlier_one(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    before = (folder / "kept.zip").read_bytes()
    with full_after(8192), pytest.raises(StoreError):
        back_up(folder / "kept.zip", folder / "index", folder / "state")
    assert (folder / "kept.zip").read_bytes() == before


def test_a_restore_on_a_full_disk_is_one_sentence_and_changes_nothing(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    with opened(folder / "index") as store:
        before = found(store, "绵阳第1期")
    with full_after(8192), pytest.raises(StoreError, match="cannot be put back"):
        put_back(folder / "kept.zip", folder / "index", folder / "state")
    with opened(folder / "index") as store:
        assert found(store, "绵阳第1期") == before


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
def test_a_backup_that_was_cut_off_is_named_as_damaged(folder: Path, share: float) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    whole = (folder / "kept.zip").read_bytes()
    (folder / "kept.zip").write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(StoreError, match="no backup of an index, or it is damaged"):
        put_back(folder / "kept.zip", folder / "other", folder / "state")


def test_a_backup_whose_bytes_changed_is_named_as_damaged(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    whole = bytearray((folder / "kept.zip").read_bytes())
    whole[200:400] = bytes(200)
    (folder / "kept.zip").write_bytes(whole)
    with pytest.raises(StoreError, match="no backup of an index, or it is damaged"):
        put_back(folder / "kept.zip", folder / "other", folder / "state")


def test_a_backup_of_a_newer_program_says_so(folder: Path) -> None:
    with closing(sqlite3.connect(folder / "index" / "news.db")) as database:
        database.execute("PRAGMA user_version = 9999")
    with zipfile.ZipFile(folder / "kept.zip", "w") as packed:
        packed.write(folder / "index" / "news.db", "news.db")
    with pytest.raises(StoreError, match=r"kept\.zip has tables of version 9999"):
        put_back(folder / "kept.zip", folder / "other", folder / "state")


def test_a_target_that_is_no_folder_is_one_sentence(folder: Path) -> None:
    back_up(folder / "kept.zip", folder / "index", folder / "state")
    (folder / "file").write_text("x", encoding="utf-8")
    with pytest.raises(StoreError, match="cannot be put back"):
        put_back(folder / "kept.zip", folder / "file" / "index", folder / "state")
    with pytest.raises(StoreError, match="cannot be written"):
        back_up(folder / "file" / "kept.zip", folder / "index", folder / "state")
