import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from rag.index.build import builder, reprints
from rag.index.build.builder import build
from rag.index.build.reprints import are_versions, shingles, signature
from rag.index.connection import Connection
from rag.index.store import Store
from rag.text.characters import fold
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.places import Places
from tests.support.papers import Teller


def text(seed: int, sentences: int = 12) -> str:
    teller = Teller(seed)
    return "".join(teller.sentence() for _ in range(sentences))


ORIGINAL = text(1)
EDITED = ORIGINAL.replace("近日", "日前", 2).replace("市第", "市的第", 1)
SHORTENED = "。".join(ORIGINAL.split("。")[:7]) + "。"


@pytest.mark.parametrize(
    "other", [ORIGINAL, EDITED, SHORTENED, ORIGINAL.replace("，", "、"), "本报讯 " + ORIGINAL]
)
def test_reprints_edited_and_shortened_versions_are_one_story(other: str) -> None:
    assert are_versions(fold(ORIGINAL), fold(other))
    assert are_versions(fold(other), fold(ORIGINAL))


def test_reports_from_one_mould_with_other_numbers_are_not() -> None:
    rows = news(9)
    assert not are_versions(fold(rows[0]["text"]), fold(rows[8]["text"]))
    assert not are_versions(fold(ORIGINAL), fold(text(2)))


def test_weeks_apart_all_numbers_must_be_the_same(tmp_path: Path, places: Places) -> None:
    embedder, changed = FakeEmbedder(), ORIGINAL.replace("人。", "人，共7场。", 1)
    shown = {}
    for name, day in (("近", "2024-03-05"), ("远", "2024-03-20")):
        rows = [
            {"id": "甲", "title": "开幕", "text": changed, "date": "2024-03-04"},
            {"id": "乙", "title": "闭幕", "text": ORIGINAL.replace("第3处", "第9999处"), "date": day},
        ]
        index = places(tmp_path / name)
        build([write_news(tmp_path / f"{name}.jsonl", rows)], index, embedder)
        with Store.open(index, embedder.name, embedder.dim) as store:
            ids = [store.catalogue.find(row["id"])[0] for row in rows]
            shown[name] = len(set(store.catalogue.story_ids(ids).values()))
    assert shown == {"近": 1, "远": 2}


def test_a_signature_estimates_the_share_of_common_runs() -> None:
    one, other = shingles(ORIGINAL), shingles(EDITED)
    share = len(set(one.tolist()) & set(other.tolist())) / len(set(one.tolist()) | set(other.tolist()))
    estimate = (signature(one) == signature(other)).mean()
    assert abs(share - estimate) < 0.2


@pytest.mark.parametrize("order", [1, -1])
def test_a_group_does_not_depend_on_the_order_in_which_its_articles_come(
    tmp_path: Path, places: Places, order: int
) -> None:
    rows = [
        {"id": name, "title": f"标题{name}", "text": words}
        for name, words in (("甲", ORIGINAL), ("乙", EDITED), ("丙", SHORTENED), ("丁", text(5)))
    ]
    index, embedder = places(tmp_path / "index"), FakeEmbedder()
    for number, row in enumerate(rows[::order]):
        build([write_news(tmp_path / f"{number}.jsonl", [row])], index, embedder)
    with Store.open(index, embedder.name, embedder.dim) as store:
        ids = {row["id"]: store.catalogue.find(row["id"])[0] for row in rows}
        stories = store.catalogue.story_ids(list(ids.values()))
        assert {name for name, identity in ids.items() if stories[identity] == stories[ids["甲"]]} == {
            "甲",
            "乙",
            "丙",
        }
        assert stories[ids["甲"]] == min(ids[name] for name in "甲乙丙")
        assert store.catalogue.versions(ids["乙"]) == sorted([ids["甲"], ids["丙"]])
        assert store.catalogue.versions(ids["丁"]) == []


def test_what_a_build_that_was_broken_off_has_grouped_may_be_gone_at_the_next(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    index, embedder, file = places(tmp_path / "index"), FakeEmbedder(), tmp_path / "a.jsonl"

    def broken(_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(builder, "link_corrections", broken)
        build([write_news(file, [{"id": "甲", "title": "开幕", "text": ORIGINAL}])], index, embedder)
    build([write_news(file, [{"id": "乙", "title": "闭幕", "text": EDITED}])], index, embedder)
    with Store.open(index, embedder.name, embedder.dim) as store:
        assert [row.title for row in store.catalogue.articles()] == ["闭幕"]


def test_articles_that_differ_are_stories_of_their_own(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    build([write_news(tmp_path / "a.jsonl", news(60))], tmp_path / "index", embedder)
    with Store.open(tmp_path / "index", embedder.name, embedder.dim) as store:
        ids = [row.article_id for row in store.catalogue.articles()]
        assert len(set(store.catalogue.story_ids(ids).values())) == 60


def test_what_shares_bands_is_looked_up_and_no_table_is_read_whole(tmp_path: Path) -> None:
    build([write_news(tmp_path / "news.jsonl", news(3))], tmp_path / "index", FakeEmbedder())
    said: list[str] = []
    with closing(sqlite3.connect(tmp_path / "index" / "news.db")) as connection:
        connection.set_trace_callback(said.append)
        list(reprints._candidates(cast(Connection, connection), [1, 2]))
        connection.set_trace_callback(None)
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {said[0]}")]
    assert any("reprint_bands" in step for step in plan)
    assert not any(step.startswith("SCAN") for step in plan), plan
