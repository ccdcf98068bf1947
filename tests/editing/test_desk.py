"""Adding and withdrawing without HTTP: what becomes of files, sidecars and the index, also where something fails."""

import io
import json
import time
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rag.editing.desk import Desk
from rag.editing.drafts import MAX_FILE, Draft, Drafts
from rag.editing.jobs import Job
from rag.errors import EditError, RagError, TooLarge
from rag.index.build.builder import build
from rag.index.lock import writing
from rag.index.store import Store
from tests.support.fakes import FakeEmbedder, news, write_news

STORY = """临江市图书馆新馆开放
2024年5月6日，临江市图书馆新馆向公众开放。
新馆有阅览座位1200个，藏书60万册，建筑面积3.2万平方米。
馆长介绍，新馆每周开放七天，读者凭身份证即可入馆。
"""
MONTH = datetime.now(UTC).strftime("%Y-%m")


class Place:
    """A desk over an index of three articles of another folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index, self.added, self.state = folder / "index", folder / "added", folder / "state"
        self.embedder = FakeEmbedder()
        write_news(folder / "news" / "old.jsonl", news(3))
        build([folder / "news"], self.index, self.embedder)
        self.desk = Desk(self.index, self.added, self.state, lambda: self.embedder)

    def upload(self, name: str, content: bytes) -> Draft:
        """Bring a file and wait until it was looked at."""
        upload = self.desk.drafts.begin(name, "李编辑")
        upload.write(content)
        ident = upload.done()
        until(lambda: next(one for one in self.desk.waiting() if one.ident == ident).inspection is not None)
        return self.desk.drafts.find(ident)

    def add(self, name: str, content: str, **said: str) -> Job:
        """Bring a file, take it in and wait for that."""
        draft = self.upload(name, content.encode())
        return ended(self.desk.accept({draft.ident: said}))

    def titles(self) -> set[str]:
        """Return the titles that readers see."""
        with Store.open(self.index, self.embedder.name, self.embedder.dim) as store:
            return {row.title for row in store.catalogue.articles()}


def until(what: object) -> None:
    late = time.monotonic() + 60
    while not what():  # type: ignore[operator]
        assert time.monotonic() < late
        time.sleep(0.01)


def ended(job: Job) -> Job:
    until(lambda: job.ended)
    return job


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = Place(tmp_path)
    yield found
    found.desk.close()


def test_a_file_is_looked_at_before_anything_is_taken_in(place: Place) -> None:
    draft = place.upload("新馆.txt", STORY.encode("gb18030"))
    assert draft.inspection is not None
    (seen,) = draft.inspection.seen
    assert seen.fields["title"] == "临江市图书馆新馆开放"
    assert draft.inspection.encoding == "gb18030"
    assert (draft.inspection.articles, seen.known, seen.characters > 50) == (1, "", True)
    assert not place.added.exists()
    assert len(place.titles()) == 3


def test_what_the_editor_says_stands_in_a_sidecar_and_in_the_article(place: Place) -> None:
    job = place.add(
        "新馆.txt", STORY, title="图书馆开新馆", published="2024-05-07", publisher="临江日报", author=""
    )
    assert (job.state, [one.title for one in job.articles]) == ("done", ["图书馆开新馆"])
    path = place.added / MONTH / "新馆.txt"
    assert path.read_text(encoding="utf-8") == STORY
    said = json.loads(path.with_name("新馆.txt.meta.json").read_text(encoding="utf-8"))
    assert said == {"title": "图书馆开新馆", "published": "2024-05-07", "publisher": "临江日报"}
    assert job.articles[0].published == "2024-05-07"
    assert not list(place.desk.drafts.all())
    assert place.desk.files(9) == [(f"{MONTH}/新馆.txt", [*job.articles])]


def test_what_the_editor_leaves_as_it_was_found_needs_no_sidecar(place: Place) -> None:
    job = place.add("新馆.txt", STORY, title="临江市图书馆新馆开放")
    assert job.state == "done"
    assert [path.name for path in (place.added / MONTH).iterdir()] == ["新馆.txt"]


def test_adding_is_undone_and_the_undoing_undone(place: Place) -> None:
    job = place.add("新馆.txt", STORY, publisher="临江日报")
    before = place.titles()
    undone = ended(place.desk.withdraw_files(job.undo, "李编辑"))
    assert undone.state == "done"
    assert place.titles() == before - {"临江市图书馆新馆开放"}
    assert not list((place.added / MONTH).iterdir())
    (entry,) = place.desk.withdrawn.all()
    assert (entry.by, entry.articles) == ("李编辑", job.articles)
    assert (place.desk.withdrawn.place(entry) / "新馆.txt").read_text(encoding="utf-8") == STORY
    assert ended(place.desk.restore(undone.undo)).state == "done"
    assert place.titles() == before
    assert place.desk.files(9)[0][1] == [*job.articles]  # with what its sidecar says
    assert not list(place.desk.withdrawn.all())


def test_an_added_article_that_was_withdrawn_can_be_added_anew(place: Place) -> None:
    job = place.add("新馆.txt", STORY)
    ended(place.desk.withdraw(job.articles[0].ident, "李编辑"))
    assert place.add("新馆.txt", STORY).state == "done"
    assert "临江市图书馆新馆开放" in place.titles()


def test_an_article_of_another_folder_is_withdrawn_without_touching_its_file(place: Place) -> None:
    before, content = place.titles(), (place.folder / "news" / "old.jsonl").read_bytes()
    with Store.open(place.index, "fake", 64) as store:
        row = store.catalogue.articles()[0]
    job = ended(place.desk.withdraw(row.article_id, "李编辑"))
    assert (job.state, place.titles()) == ("done", before - {row.title})
    assert (place.folder / "news" / "old.jsonl").read_bytes() == content
    build([place.folder / "news"], place.index, place.embedder)  # a build keeps it out
    assert place.titles() == before - {row.title}
    assert place.desk.known(row.article_id) == "removed"
    assert ended(place.desk.restore(job.undo)).state == "done"
    assert place.titles() == before
    assert place.desk.known(row.article_id) == "held"


def test_adding_an_article_that_somebody_took_out_takes_it_in_again(place: Place) -> None:
    row = news(1)[0]
    with Store.open(place.index, "fake", 64) as store:
        (ident,) = store.catalogue.find(row["id"])
    ended(place.desk.withdraw(ident, "李编辑"))
    draft = place.upload("again.jsonl", (json.dumps(row) + "\n").encode())
    assert draft.inspection is not None
    assert draft.inspection.seen[0].known == "removed"
    assert ended(place.desk.accept({draft.ident: {}})).state == "done"
    assert row["title"] in place.titles()


def test_one_article_of_an_added_file_of_several_goes_alone(place: Place) -> None:
    rows = "".join(json.dumps(row) + "\n" for row in news(3, 10))
    job = place.add("several.jsonl", rows, title="一个标题不能给三篇报道")
    assert len(job.articles) == 3
    assert "一个标题不能给三篇报道" not in place.titles()
    before = place.titles()
    gone = ended(place.desk.withdraw(job.articles[1].ident, "李编辑"))
    assert place.titles() == before - {job.articles[1].title}
    assert (place.added / MONTH / "several.jsonl").is_file()
    ended(place.desk.restore(gone.undo))
    assert place.titles() == before


def test_two_files_of_a_name_both_stay(place: Place) -> None:
    place.add("稿件.txt", STORY)
    place.add("稿件.txt", STORY.replace("临江", "临海"))
    assert sorted(path.name for path in (place.added / MONTH).iterdir()) == ["稿件 (2).txt", "稿件.txt"]


def test_a_job_waits_for_another_writer_and_gives_up_with_everything_as_it_was(place: Place) -> None:
    draft = place.upload("新馆.txt", STORY.encode())
    with writing(place.index):
        job = place.desk.accept({draft.ident: {}})
        until(lambda: job.state == "locked")
    assert ended(job).state == "done"
    place.desk.patience = 0
    with writing(place.index):
        failed = ended(place.desk.withdraw_files(job.undo, "李编辑"))
        assert (failed.state, "另一个进程" in failed.message) == ("failed", True)
        late = place.upload("另一篇.txt", STORY.replace("临江", "临海").encode())
        refused = ended(place.desk.accept({late.ident: {"publisher": "临海日报"}}))
        assert refused.state == "failed"
    assert [path.name for path in (place.added / MONTH).iterdir()] == ["新馆.txt"]
    assert [one.name for one in place.desk.drafts.all()] == ["另一篇.txt"]
    assert not list(place.desk.withdrawn.all())
    assert ended(place.desk.accept({late.ident: {}})).state == "done"  # tried again


def test_a_folder_that_cannot_be_written_is_named_and_nothing_is_lost(place: Place) -> None:
    place.added.write_text("a file where the folder should be")
    draft = place.upload("新馆.txt", STORY.encode())
    job = ended(place.desk.accept({draft.ident: {}}))
    assert (job.state, "RAG_ADDED" in job.error, "RAG_ADDED" in job.message) == ("failed", True, True)
    assert place.desk.drafts.find(draft.ident).path.read_text(encoding="utf-8") == STORY


def test_a_state_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "desk").write_text("a file where the folder should be")
    with pytest.raises(EditError, match="RAG_STATE"):
        Drafts(tmp_path / "desk" / "drafts").begin("新馆.txt", "")


def test_a_process_that_ended_before_the_index_forgot_a_file_is_made_good_by_the_next(place: Place) -> None:
    job = place.add("新馆.txt", STORY)
    path = place.added / job.undo[0]
    entry = place.desk.withdrawn.begin(job.articles, job.undo[0], "")
    place.desk.added.move_out(path.resolve(), place.desk.withdrawn.place(entry))  # and here it ends
    assert "临江市图书馆新馆开放" in place.titles()
    place.add("另一篇.txt", STORY.replace("临江", "临海"))
    assert "临江市图书馆新馆开放" not in place.titles()


def test_uploads_that_broke_off_are_swept_away(place: Place) -> None:
    upload = place.desk.drafts.begin("新馆.txt", "")
    upload.write(b"half")
    upload._file.close()
    again = Desk(place.index, place.added, place.state, lambda: place.embedder)
    assert not list(place.desk.drafts.folder.iterdir())
    again.close()


def packed(name: str, part: bytes, times: int) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, part * times)
    return content.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("空.txt", b" \n ", "is empty"),
        ("炸弹.zip", ("a.txt", b"0", 300_000_000), "no article does"),
        ("炸弹.docx", ("word/document.xml", b"0", 70_000_000), "no article is so large"),
        ("出走.zip", ("../../etc/passwd.txt", STORY.encode(), 1), "leads out of its archive"),
        ("不是.docx", b"MZ\x90\x00" * 100, "not a Word file"),
        ("实体.txt", b"\x00\x01\x02\xff" * 500, ""),
    ],
)
def test_what_holds_no_article_says_why_and_is_not_taken_in(
    place: Place, name: str, content: bytes | tuple[str, bytes, int], reason: str
) -> None:
    draft = place.upload(name, content if isinstance(content, bytes) else packed(*content))
    assert draft.inspection is not None
    assert draft.inspection.articles == 0
    assert any(reason in one for one in draft.inspection.refused)
    assert not [one for one in draft.inspection.refused if str(place.folder) in one]
    with pytest.raises(EditError, match="no article"):
        place.desk.accept({draft.ident: {}})
    place.desk.drafts.drop(draft.ident)
    assert not list(place.desk.drafts.all())


def test_a_file_over_the_limit_leaves_nothing(place: Place) -> None:
    upload = place.desk.drafts.begin("大.pdf", "")
    upload.write(b"0" * MAX_FILE)
    with pytest.raises(TooLarge):
        upload.write(b"0")
    upload.close()
    assert not list(place.desk.drafts.folder.iterdir())


def test_no_more_files_wait_than_the_limit(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.editing.drafts.MAX_FILES", 1)
    place.upload("新馆.txt", STORY.encode())
    with pytest.raises(EditError, match="wait already"):
        place.desk.drafts.begin("另一篇.txt", "")


@pytest.mark.parametrize(
    "name", ["../../x", "..", "", "a/b", "0" * 16, "x" * 400, f"{MONTH}/../../index/news.db"]
)
def test_names_of_nothing_of_ours_reach_nothing(place: Place, name: str) -> None:
    place.add("新馆.txt", STORY)
    for call in (
        lambda: place.desk.drafts.find(name),
        lambda: place.desk.drafts.drop(name),
        lambda: place.desk.accept({name: {}}),
        lambda: place.desk.withdraw(name, ""),
        lambda: place.desk.withdraw_files([name], ""),
        lambda: place.desk.restore([name]),
        lambda: place.desk.jobs.find(name),
    ):
        with pytest.raises(RagError):
            call()


def test_a_link_in_the_folder_is_no_added_file(place: Place) -> None:
    place.add("新馆.txt", STORY)
    (place.folder / "secret.txt").write_text("秘密", encoding="utf-8")
    (place.added / MONTH / "link.txt").symlink_to(place.folder / "secret.txt")
    (place.added / "linked").symlink_to(place.folder / "news")
    assert [name for name, _ in place.desk.files(9)] == [f"{MONTH}/新馆.txt"]
    with pytest.raises(EditError):
        place.desk.withdraw_files([f"{MONTH}/link.txt"], "")


@pytest.mark.parametrize(
    "said", [{"published": "昨天"}, {"title": "长" * 301}, {"publisher": 7}, {"author": "\ud800"}]
)
def test_a_field_that_is_none_is_refused(place: Place, said: Mapping[str, object]) -> None:
    draft = place.upload("新馆.txt", STORY.encode())
    with pytest.raises(EditError):
        place.desk.accept({draft.ident: said})
    assert [one.ident for one in place.desk.drafts.all()] == [draft.ident]
