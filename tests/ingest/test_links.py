"""Links, pipes and devices below a folder that is built: nothing outside of it is read, nothing is waited for."""

import json
import os
import sys
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.index.build.builder import build
from rag.index.build.changes import look
from rag.index.build.watch import Watch
from rag.index.store import Store
from rag.ingest.articles import read_articles
from rag.ingest.files import Pick
from rag.ingest.regular_file import open_file
from rag.render.ingest_reasons import reason_zh
from rag.verify import Sources, verify_all
from tests.support.fakes import FakeEmbedder, news, write_news

EMBEDDER = FakeEmbedder()
SECRET = "成都市秘密图书馆有藏书七十三万册，今日不对外开放。"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_news(tmp_path / "新闻" / "a.jsonl", news(2))
    (tmp_path / "外").mkdir()
    (tmp_path / "外" / "密.txt").write_text(SECRET, encoding="utf-8")
    return tmp_path / "新闻"


def texts(index: Path) -> str:
    with Store.open(index, EMBEDDER.name, EMBEDDER.dim) as store:
        return "".join(store.article(row.article_id).text for row in store.catalogue.articles())


def lead_out(kind: str, folder: Path) -> None:
    """Make one way out of the folder."""
    outside = folder.parent / "外"
    if kind == "file":
        (folder / "链.txt").symlink_to(outside / "密.txt")
    elif kind == "relative":
        (folder / "链.txt").symlink_to("../外/密.txt")
    elif kind == "folder":
        (folder / "链").symlink_to(outside, target_is_directory=True)
    elif kind == "chain":
        (folder / "一.txt").symlink_to("二.txt")
        (folder / "二.txt").symlink_to(outside / "密.txt")
    elif kind == "chain of folders":
        (folder / "甲").symlink_to("乙", target_is_directory=True)
        (folder / "乙").symlink_to(outside, target_is_directory=True)
    elif kind == "below":
        (folder / "深").mkdir()
        (folder / "深" / "链.txt").symlink_to("../../外/密.txt")
    elif kind == "parent":
        (folder / "上").symlink_to("..", target_is_directory=True)


@pytest.mark.parametrize(
    "kind", ["file", "relative", "folder", "chain", "chain of folders", "below", "parent"]
)
def test_a_link_that_leads_out_is_refused_and_named(tmp_path: Path, folder: Path, kind: str) -> None:
    lead_out(kind, folder)
    seen = look([folder], tmp_path / "index", EMBEDDER)
    report = build([folder], tmp_path / "index", EMBEDDER)
    assert report.articles == 2
    assert SECRET[:10] not in texts(tmp_path / "index")
    assert report.refused
    assert {reason_zh(reason) for _, reason in report.refused} == {"这是指向文件夹以外的链接，不读入。"}
    assert all(name.startswith("新闻/") for name, _ in report.refused)
    assert tuple(seen.refused.items()) == report.refused


def test_links_inside_are_read_once(tmp_path: Path, folder: Path) -> None:
    (folder / ".库").mkdir()
    (folder / ".库" / "真.txt").write_text(SECRET, encoding="utf-8")
    (folder / "链.txt").symlink_to(".库/真.txt")
    (folder / "又.jsonl").symlink_to("a.jsonl")
    (folder / "圈").symlink_to(".", target_is_directory=True)
    report = build([folder], tmp_path / "index", EMBEDDER)
    assert (report.articles, report.refused) == (3, ())
    with Store.open(tmp_path / "index", EMBEDDER.name, EMBEDDER.dim) as store:
        assert all(check.ok for check in verify_all(store))


@pytest.mark.parametrize("target", ["外", "外/密.txt"])
def test_what_is_named_itself_may_be_a_link(tmp_path: Path, folder: Path, target: str) -> None:
    (tmp_path / "名").symlink_to(tmp_path / target)
    assert build([tmp_path / "名"], tmp_path / "index", EMBEDDER).articles == 1
    del folder


@pytest.mark.parametrize("place", ["file", "folder"])
def test_a_link_that_takes_a_place_after_the_folder_was_listed_is_not_followed(
    tmp_path: Path, folder: Path, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "下").mkdir()
    (folder / "下" / "密.txt").write_text("今日成都开通地铁新线，全长十二公里。", encoding="utf-8")

    def swap(*_: object) -> bool:
        if place == "file":
            (folder / "下" / "密.txt").unlink()
            (folder / "下" / "密.txt").symlink_to(tmp_path / "外" / "密.txt")
        else:
            (folder / "下").rename(folder / ".旧")
            (folder / "下").symlink_to(tmp_path / "外", target_is_directory=True)
        monkeypatch.undo()
        return False

    monkeypatch.setattr("rag.index.build.intake.Intake._is_known", swap)
    report = build([folder], tmp_path / "index", EMBEDDER)
    assert SECRET[:10] not in texts(tmp_path / "index")
    assert [reason_zh(reason) for _, reason in report.refused] == [
        "这是链接，不读入；请直接指定它所指的文件。"
    ]


def test_articles_that_came_through_a_link_have_vanished(tmp_path: Path, folder: Path) -> None:
    (folder / "b.txt").write_text(SECRET, encoding="utf-8")
    build([folder], tmp_path / "index", EMBEDDER)
    (folder / "b.txt").unlink()
    (folder / "b.txt").symlink_to(tmp_path / "外" / "密.txt")
    report = build([folder], tmp_path / "index", EMBEDDER)
    assert report.vanished == ("新闻/b.txt",)
    with Store.open(tmp_path / "index", EMBEDDER.name, EMBEDDER.dim) as store:
        ident = next(
            row.article_id
            for row in store.catalogue.articles()
            if "秘密" in store.article(row.article_id).text
        )
        assert Sources(store).source_of(ident) == ("b.txt", "source_missing")
        assert not all(check.ok for check in verify_all(store))


def test_a_folder_that_moved_behind_a_link_still_verifies(tmp_path: Path, folder: Path) -> None:
    build([folder], tmp_path / "index", EMBEDDER)
    folder.rename(tmp_path / "别处")
    folder.symlink_to(tmp_path / "别处", target_is_directory=True)
    with Store.open(tmp_path / "index", EMBEDDER.name, EMBEDDER.dim) as store:
        assert all(check.ok for check in verify_all(store))
        assert Sources(store).source_of(store.catalogue.articles()[0].article_id)[1] == "verified"


@pytest.mark.parametrize("inside", [True, False])
def test_a_sidecar_follows_the_same_rule(tmp_path: Path, folder: Path, inside: bool) -> None:
    (folder / "b.txt").write_text(SECRET, encoding="utf-8")
    target = folder / ".题" if inside else tmp_path / "外" / "题.json"
    target.write_text(json.dumps({"title": "借来的题目"}), encoding="utf-8")
    (folder / "b.meta.json").symlink_to(target)
    report = build([folder], tmp_path / "index", EMBEDDER)
    said = [reason_zh(reason) for _, reason in report.refused]
    assert said == ([] if inside else ["旁边的说明文件是指向文件夹以外的链接，不读入。"])
    assert ("借来的题目" in texts(tmp_path / "index")) == inside


def test_pipes_and_sockets_are_named_and_not_waited_for(tmp_path: Path, folder: Path) -> None:
    os.mkfifo(folder / "管.txt")
    os.mkfifo(folder / "b.meta.json")
    (folder / "b.txt").write_text(SECRET, encoding="utf-8")
    (folder / "设备.txt").symlink_to("/dev/zero")
    report = build([folder], tmp_path / "index", EMBEDDER)
    assert report.articles == 3
    assert sorted(name for name, _ in report.refused) == ["新闻/管.txt", "新闻/设备.txt"]
    assert build([folder / "管.txt"], tmp_path / "index", EMBEDDER).read == 0
    with pytest.raises(IngestError, match="is no regular file"):
        list(read_articles(folder / "管.txt"))
    with pytest.raises(IngestError, match="is no regular file"):
        open_file(Path("/dev/null"))


def test_a_pipe_that_takes_the_place_of_a_file_is_not_waited_for(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = (folder / "a.jsonl").stat()
    os.mkfifo(tmp_path / "管.txt")
    monkeypatch.setattr(os, "stat", lambda *_, **__: real)
    with pytest.raises(IngestError, match="is no regular file"):
        open_file(tmp_path / "管.txt")


def test_watching_follows_no_link_either(tmp_path: Path, folder: Path) -> None:
    lead_out("folder", folder)
    watch = Watch([folder], tmp_path / "index", EMBEDDER)
    assert watch.look() is None
    report = watch.look()
    assert report is not None
    assert (report.articles, len(report.refused)) == (2, 1)


def test_an_excluded_pipe_is_not_named(tmp_path: Path, folder: Path) -> None:
    os.mkfifo(folder / "管.txt")
    assert build([folder], tmp_path / "index", EMBEDDER, pick=Pick(exclude=["管*"])).refused == ()
