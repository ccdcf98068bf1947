import json
import os
from pathlib import Path

import pytest

from rag.errors import AskError
from rag.index.build.builder import build, remove
from rag.index.store import Store
from rag.text.annotation import annotate
from rag.verify import Check, Sources, verify_all, verify_answers, verify_quote
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.layouts import three_columns_spanning
from tests.support.papers import save


@pytest.fixture
def news_file(tmp_path: Path) -> Path:
    return write_news(tmp_path / "新闻.jsonl", news(3))


@pytest.fixture
def store(tmp_path: Path, news_file: Path) -> Store:
    embedder = FakeEmbedder()
    build([news_file], tmp_path / "index", embedder)
    return Store.open(tmp_path / "index", embedder.name, embedder.dim)


def first(store: Store) -> str:
    return min(row.article_id for row in store.catalogue.articles())


def test_every_article_verifies(store: Store) -> None:
    checks = list(verify_all(store))
    assert len(checks) == 3
    assert all(check.ok and not check.reason for check in checks)


def test_a_quote_is_checked_by_its_offsets(store: Store) -> None:
    text = store.article(first(store)).text
    assert verify_quote(store, first(store), 2, 9, text[2:9]).ok
    moved = verify_quote(store, first(store), 3, 10, text[2:9])
    assert (moved.ok, moved.reason) == (False, "the quote is not the article's text at its offsets")


def test_an_unknown_article_is_a_failed_check(store: Store) -> None:
    check = verify_quote(store, "0" * 12, 0, 1, "字")
    assert not check.ok
    assert check.reason


def test_a_line_that_reads_differently_now_fails(store: Store, news_file: Path) -> None:
    rows = news(3)
    rows[1]["text"] = rows[1]["text"].replace("建成", "拆除")
    write_news(news_file, rows)
    os.utime(news_file, ns=(1, 1))
    assert sorted(check.ok for check in verify_all(store)) == [False, True, True]


def test_a_line_that_is_gone_fails(store: Store, news_file: Path) -> None:
    write_news(news_file, news(2))
    os.utime(news_file, ns=(2, 2))
    (failed,) = [check for check in verify_all(store) if not check.ok]
    assert failed.reason == "the source no longer has this line"
    assert failed.source.endswith("#3")


def test_the_original_of_an_article_is_a_file_as_it_was_read_from_which_nobody_took_a_story(
    tmp_path: Path,
) -> None:
    (tmp_path / "news").mkdir()
    pdf, embedder = save(tmp_path / "news" / "a.pdf", three_columns_spanning(11).pages), FakeEmbedder()
    write_news(pdf.with_suffix(".jsonl"), news(1))
    build([pdf.parent], tmp_path / "index", embedder)
    store = Store.open(tmp_path / "index", embedder.name, embedder.dim)
    sources, catalogue = Sources(store), store.catalogue
    by_file = {catalogue.sources(row.article_id)[0].shown: row.article_id for row in catalogue.articles()}
    assert sources.original(by_file["a.jsonl"]) is None
    assert sources.original(by_file["a.pdf"]) == pdf
    os.utime(pdf, (5, 5))
    assert sources.original(by_file["a.pdf"]) == pdf
    stories = [
        row.article_id
        for row in catalogue.articles()
        if catalogue.sources(row.article_id)[0].shown == "a.pdf"
    ]
    assert len(stories) > 1
    remove([stories[0]], tmp_path / "index")
    store.refresh()
    assert sources.original(stories[1]) is None
    build([pdf.parent], tmp_path / "index", embedder, restore=True)
    store.refresh()
    assert sources.original(stories[1]) == pdf
    pdf.write_bytes(pdf.read_bytes() + b" ")
    assert Sources(store).original(stories[1]) is None
    pdf.unlink()
    assert Sources(store).original(stories[1]) is None


def test_a_source_is_verified_changed_or_missing(store: Store, news_file: Path) -> None:
    sources = Sources(store)
    assert sources.source_of(first(store))[1] == "verified"
    os.utime(news_file, (5, 5))
    assert sources.source_of(first(store))[1] == "verified"
    write_news(news_file, news(4))
    assert sources.source_of(first(store))[1] == "source_changed"
    news_file.unlink()
    assert sources.source_of(first(store))[1] == "source_missing"


def test_what_an_answer_does_not_quote_is_a_failed_check(store: Store, tmp_path: Path) -> None:
    ident = first(store)
    text = store.article(ident).text
    citation = {"article_id": ident, "start": 0, "end": len(text), "quote": text, "context": []}
    told = {
        "refused": False,
        "text": "共有987654座 [1]",
        "answer": "",
        "answers": [],
        "as_of": "",
        "value": None,
    }
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(told | {"citations": [citation]}), encoding="utf-8")
    good, bad = verify_answers(store, path)
    assert isinstance(good, Check)
    assert isinstance(bad, Check)
    assert good.ok
    assert (bad.ok, bad.source) == (False, f"{path}#1")
    assert bad.reason == "the answer says what it does not quote: 987654座"


def test_an_answer_that_cuts_a_number_is_a_failed_check(store: Store, tmp_path: Path) -> None:
    text = store.article(first(store)).text
    number = next(one for one in annotate(text).quantities if one.end - one.start > 2)
    at = {"start": 0, "end": len(text), "quote": text, "context": []}
    told = {"refused": False, "text": "", "answer": "", "answers": [], "as_of": "", "value": None}
    path = tmp_path / "answers.jsonl"
    for cut, oks in ((0, [True]), (1, [True, False])):
        marked = {"answer_start": number.start, "answer_end": number.end - cut}
        path.write_text(
            json.dumps(told | {"citations": [{"article_id": first(store)} | at | marked]}), encoding="utf-8"
        )
        assert [check.ok for check in verify_answers(store, path) if isinstance(check, Check)] == oks


@pytest.mark.parametrize("line", ["no json", "[]", '{"citations": [{}]}', "3"])
def test_lines_that_are_no_answers_are_named(store: Store, tmp_path: Path, line: str) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text(f"\n{line}\n", encoding="utf-8")
    with pytest.raises(AskError, match=r"answers.jsonl#2 is no answer"):
        list(verify_answers(store, path))


def test_the_quotes_of_the_parts_of_an_answer_are_checked(store: Store, tmp_path: Path) -> None:
    ident = first(store)
    quote = {
        "article_id": ident,
        "start": 2,
        "end": 9,
        "quote": store.article(ident).text[2:9],
        "context": [],
    }
    part = {
        "refused": False,
        "question": "？",
        "text": "",
        "answer": "",
        "answers": [],
        "as_of": "",
        "value": None,
    }
    told = part | {"citations": [quote], "parts": [part | {"citations": [quote | {"start": 3, "end": 10}]}]}
    path = tmp_path / "answers.jsonl"
    path.write_text(json.dumps(told), encoding="utf-8")
    good, bad = verify_answers(store, path)
    assert isinstance(good, Check)
    assert isinstance(bad, Check)
    assert (good.ok, bad.ok) == (True, False)


def test_an_answer_that_passes_a_correction_over_fails(tmp_path: Path) -> None:
    rows = [
        {"id": "文", "title": "云栖大桥合龙", "text": "大桥全长3218米，主跨560米。", "date": "2025-06-12"},
        {
            "id": "正",
            "title": "更正",
            "text": "本报《云栖大桥合龙》一文中，“主跨560米”应为“主跨650米”。",
            "date": "2025-06-14",
        },
    ]
    embedder = FakeEmbedder()
    build([write_news(tmp_path / "news.jsonl", rows)], tmp_path / "index", embedder)
    store = Store.open(tmp_path / "index", embedder.name, embedder.dim)
    ident, notice = (store.catalogue.find(name)[0] for name in ("文", "正"))
    (amendment,) = store.catalogue.corrections(ident)
    told = [{"article_id": notice, "was_start": amendment.was.start}]

    def reasons(words: str, corrections: list[dict[str, object]]) -> list[str]:
        return failed(store, tmp_path, told_of(store, ident, words) | {"corrections": corrections})

    assert reasons("3218米", told) == []
    assert reasons("3218米", []) == ["a correction is passed over: 主跨560米"]
    assert reasons("560米", told) == ["a correction is passed over: 主跨560米"]


def told_of(store: Store, ident: str, words: str) -> dict[str, object]:
    """Return the citation of the last paragraph of an article with `words` marked as the answer."""
    article = store.article(ident)
    start, at = article.blocks[-1].start, article.text.index(words)
    return {
        "article_id": ident,
        "published": article.published,
        "start": start,
        "end": len(article.text),
        "quote": article.text[start:],
        "context": [],
        "answer_start": at,
        "answer_end": at + len(words),
    }


def failed(store: Store, folder: Path, citation: dict[str, object], as_of: str = "") -> list[str]:
    """Return why an answer with this citation fails."""
    answer = {"refused": False, "text": "", "answer": "", "answers": [], "as_of": as_of, "value": None}
    path = folder / "answers.jsonl"
    path.write_text(json.dumps(answer | {"citations": [citation]}, ensure_ascii=False), encoding="utf-8")
    return [one.reason for one in verify_answers(store, path) if isinstance(one, Check) and not one.ok]


@pytest.mark.parametrize(
    ("as_of", "words", "holds"),
    [
        ("截至2022年底", "1.1万个", True),
        ("截至2022年底", "6000个", False),  # 2023年 stands between
        ("2023年", "6000个", True),
        ("2023年", "1.1万个", True),  # behind its value, in its sentence
        ("2024年", "1.1万个", False),  # in another sentence
    ],
)
def test_the_time_of_an_answer_governs_its_clause(
    tmp_path: Path, as_of: str, words: str, holds: bool
) -> None:
    text = "截至2022年底，临江市建成充电桩1.1万个，2023年新增6000个。2024年另有规划。"
    embedder = FakeEmbedder()
    row = {"id": "文", "title": "临江市充电桩", "text": text, "date": "2024-01-15"}
    build([write_news(tmp_path / "news.jsonl", [row])], tmp_path / "index", embedder)
    store = Store.open(tmp_path / "index", embedder.name, embedder.dim)
    citation = told_of(store, store.catalogue.find("文")[0], words)
    reasons = failed(store, tmp_path, citation, as_of)
    assert reasons == ([] if holds else [f"the time does not hold for the answer: {as_of}"])
