from pathlib import Path

import numpy as np

from rag.index.build.builder import build
from rag.index.store import Store
from tests.support.fakes import FakeEmbedder, write_news

DAYS = ("", "2024-01-08", "2024-02-11", "2024-02-11")
PAPERS = ("湾区晚报", "湾区晚报", "渔业日报", "")


def test_days_and_publishers_let_through_what_the_database_says(tmp_path: Path) -> None:
    rows = [
        {"title": f"第{n}篇", "text": f"第{n}座渔港开港。", "publisher": paper, "date": day}
        for n, (day, paper) in enumerate(zip(DAYS, PAPERS, strict=True))
    ]
    embedder = FakeEmbedder()
    build([write_news(tmp_path / "a.jsonl", rows)], tmp_path / "index", embedder)
    with Store.open(tmp_path / "index", embedder.name, embedder.dim) as store:

        def titles(*limits: str) -> set[str]:
            ids = store.allowed_ids(*limits)
            assert ids is not None
            assert list(ids) == sorted(ids)
            return {row.title for row in store.passage_texts(ids.tolist())}

        assert store.allowed_ids() is None
        assert titles("2024-01-08") == {"第1篇", "第2篇", "第3篇"}
        assert titles("", "2024-02-01") == {"第1篇"}
        assert titles("2024-02-12") == titles("", "", "没有这家") == set()
        assert titles("", "", "湾区晚报") == {"第0篇", "第1篇"}
        assert titles("2024-02-11", "2024-02-11", "渔业日报") == {"第2篇"}
        everything = store._printed()
        latest = everything.latest_first(everything.ids[::-1])
        assert [row.published for row in store.passage_texts(latest.tolist())] == sorted(
            (row.published for row in store.passage_texts(everything.ids.tolist())), reverse=True
        )
        gone = np.array([10**6], np.int64)
        assert len(everything.latest_first(gone)) == 0


def test_an_empty_day_is_no_day_of_the_filters(tmp_path: Path) -> None:
    embedder = FakeEmbedder()
    rows = [{"title": "无日期", "text": "渔港开港。"}]
    build([write_news(tmp_path / "a.jsonl", rows)], tmp_path / "index", embedder)
    with Store.open(tmp_path / "index", embedder.name, embedder.dim) as store:
        found = store.allowed_ids("", "2024-02-01")
        assert found is not None
        assert len(found) == 0
