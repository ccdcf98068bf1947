import json
from pathlib import Path

import pytest

from benchmarks import sweep
from benchmarks.sweep import Scores, pool, scores_of, table, varied
from rag.evaluation.questions import Question
from tests.support.fakes import FakeEmbedder

LONG = "".join(f"第{n}号大桥长{n}百米，由{n}局修建。" for n in range(1, 30))


def line(ident: str, text: str, title: str = "大桥通车") -> bytes:
    return json.dumps({"id": ident, "title": title, "text": text}, ensure_ascii=False).encode()


def test_a_pool_holds_the_gold_articles_and_the_same_others_every_time(tmp_path: Path) -> None:
    news = tmp_path / "articles.jsonl"
    news.write_bytes(b"\n".join(line(f"a{n}", f"第{n}条。") for n in range(50)))
    asked = [Question("q", "？", ("第7条",), article_ids=("a7", "a9"))]
    kept = [json.loads(row)["id"] for row in pool(news, asked, 10, seed=1)]
    assert len(kept) == 10
    assert {"a7", "a9"} <= set(kept)
    assert kept == sorted(kept, key=lambda name: int(name[1:]))
    assert pool(news, asked, 10, seed=1) == pool(news, asked, 10, seed=1) != pool(news, asked, 10, seed=2)
    assert len(pool(news, asked, 1, seed=1)) == 2


def test_another_length_cuts_other_passages_and_is_undone() -> None:
    question = [Question("q", "第3号大桥由谁修建？", ("3局",), article_ids=("a",))]
    embedders = [FakeEmbedder(), FakeEmbedder(), FakeEmbedder()]
    counts = []
    for embedder, value in zip(embedders, ("60", "480"), strict=False):
        with varied("max_chars", value):
            counts.append(scores_of([line("a", LONG)], question, embedder).passages)
    assert counts[0] > 3 * counts[1]
    assert max(len(text) for text in embedders[0].texts) <= 60 + len("大桥通车。")
    plain = scores_of([line("a", LONG)], question, embedders[2])
    assert counts[1] < plain.passages < counts[0]


@pytest.mark.parametrize(("value", "title"), [("标题。小标题。正文", True), ("正文", False)])
def test_the_title_is_embedded_or_not(value: str, title: bool) -> None:
    embedder = FakeEmbedder()
    with varied("title", value):
        scores_of([line("a", LONG)], [Question("q", "多长？", ("3百米",), article_ids=("a",))], embedder)
    told = [text for text in embedder.texts if "号大桥" in text]  # retrieval also embeds texts of its own
    assert told
    assert {text.startswith("大桥通车。") for text in told} == {title}


def test_a_hit_is_a_passage_of_a_gold_article_with_the_answer() -> None:
    news = [line("a", "甲桥全长三百米。"), line("b", "乙桥比丙桥晚两年，长三百米。", "乙桥")]
    asked = Question("q", "甲桥全长多少？", ("三百米",), article_ids=("a",))
    other = Question("p", "甲桥全长多少？", ("五百米",), article_ids=("a",))
    found = scores_of(news, [asked, other], FakeEmbedder())
    assert found.hits == {1: 0.5, 5: 0.5}
    assert found.chars == len("甲桥全长三百米。") + len("乙桥比丙桥晚两年，长三百米。")
    assert found.passages == 2


def test_the_value_in_use_is_bold() -> None:
    one = Scores(7, 1.6, {1: 0.5, 5: 1.0}, {1: (0.25, 0.75), 5: None}, 99.5, 4)
    rows = table({"120": {"甲": one}, "240": {"甲": one}}, "240").split("\n")[2:]
    assert rows[0] == "| 120 | 甲 | 50.0 [25.0, 75.0] | 100.0 <sub>4</sub> | 100 | 7 | 2 |"
    assert rows[1].startswith("| **240** | 甲 |")


def test_every_set_of_a_sweep_is_known() -> None:
    assert [chosen.name for chosen in sweep._sets(sweep.ASKED)] == list(sweep.ASKED)
