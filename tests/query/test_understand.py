import sqlite3
from datetime import date
from pathlib import Path

import pytest

from rag.index.build.builder import build, remove
from rag.index.store import Store
from rag.query.analysis import Query
from rag.query.understand import OWN_ALIASES, consult
from rag.text.words import bigrams, words
from tests.support.fakes import FakeEmbedder, write_news

TODAY = date(2024, 12, 1)
ROWS = [
    {
        "id": "a",
        "title": "云峦签约",
        "text": "云峦生态集团有限公司（以下简称“云峦生态”）与滨江大学签约，投资五万元。",
    },
    {"id": "b", "title": "云峦获批", "text": "云峦生态研发的净水剂获批，共有研究人员50000名。"},
    {"id": "c", "title": "世卫报告", "text": "据世界卫生组织（WHO）统计，全球病例减少。"},
    {"id": "d", "title": "又一报告", "text": "WHO发布了年度报告。"},
]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    build([write_news(tmp_path / "a.jsonl", ROWS)], tmp_path / "index", FakeEmbedder())
    return tmp_path / "index"


def ask(index: Path, question: str) -> Query:
    with Store.open(index, "fake", 64) as store:
        return consult(question, question, TODAY, store)


def said(index: Path, question: str) -> set[tuple[str, str]]:
    return {(form.asked, form.said) for form in ask(index, question).forms}


def stored(index: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(index / "news.db") as database:
        return database.execute("SELECT short, long FROM abbreviations ORDER BY 1").fetchall()


def test_either_form_of_a_name_finds_the_articles_of_the_other(index: Path) -> None:
    with Store.open(index, "fake", 64) as store:
        query = consult("世界卫生组织发布了什么", "世界卫生组织发布了什么", TODAY, store)
        found = store.search_lexical(
            [*query.words, *query.other_words], [*query.bigrams, *query.other_bigrams], 4
        )
        texts = [passage.text for passage in store.passages([number for number, _ in found])]
    assert any("WHO发布" in text for text in texts)
    assert ("who", "世界卫生组织") in said(index, "WHO发布了什么")


def test_abbreviations_go_with_their_article(index: Path) -> None:
    assert ("云峦生态集团有限公司", "云峦生态") in said(index, "云峦生态集团有限公司研发了什么")
    remove(["a"], index)
    assert "云峦生态集团有限公司" not in dict(said(index, "云峦生态集团有限公司研发了什么"))


def test_abbreviations_of_a_changed_file_are_those_of_its_new_text(tmp_path: Path, index: Path) -> None:
    rows = [{**ROWS[2], "text": "据世界气象组织（WMO）统计，气温上升。"}]
    build([write_news(tmp_path / "a.jsonl", rows)], index, FakeEmbedder())
    assert ("wmo", "世界气象组织") in said(index, "WMO统计了什么")
    assert ("who", "世界卫生组织") not in said(index, "WHO统计了什么")


def test_an_index_made_before_is_asked_without_them_and_gets_them_by_the_next_build(index: Path) -> None:
    before = stored(index)
    with sqlite3.connect(index / "news.db") as database:
        database.execute("DROP TABLE abbreviations")
        database.execute("DELETE FROM meta WHERE name = 'abbreviations'")
    assert ("who", "世界卫生组织") not in said(index, "WHO统计了什么")
    embedder = FakeEmbedder()
    build((), index, embedder)
    assert stored(index) == before != []
    assert embedder.texts == []


def test_the_user_adds_aliases_to_a_file_in_the_index(index: Path) -> None:
    assert said(index, "江大与谁签约") == set()
    (index / OWN_ALIASES).write_text("# 自己的别名\n江大 滨江大学\n", encoding="utf-8")
    assert ("江大", "滨江大学") in said(index, "江大与谁签约")
    (index / OWN_ALIASES).write_text("滨大 滨江大学\n", encoding="utf-8")
    assert said(index, "江大与谁签约") == set()


def test_a_misspelt_name_is_understood_as_the_articles_spell_it(index: Path) -> None:
    query = ask(index, "云岗生态研发了什么")  # 岗 has another sound
    assert (query.text, query.question) == ("云岗生态研发了什么", "云岗生态研发了什么")
    assert ask(index, "云栾生态研发了什么").text == "云峦生态研发了什么"
    assert ask(index, "云峦生泰集团投资了多少").text == "云峦生态集团投资了多少"
    assert ask(index, "世界卫生组织发布了什么").text == "世界卫生组织发布了什么"


def test_an_amount_is_searched_in_figures_and_in_words(index: Path) -> None:
    assert {"50000", "5"} <= set(ask(index, "谁投资五万元").other_bigrams)
    assert set(bigrams("五万名")) <= set(ask(index, "谁有研究人员50000名").other_bigrams)
    assert set(words("五万名")) <= set(ask(index, "谁有研究人员50000名").other_words)
