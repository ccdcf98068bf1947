import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from rag.errors import ArticleUnknown, IndexEmpty, StoreError
from rag.index import dense
from rag.index.build.builder import build, remove
from rag.index.lexical import Weights
from rag.index.store import PassageText, Store
from rag.records import BlockKind
from rag.text.words import bigrams, words
from tests.support.fakes import FakeEmbedder, news, write_news
from tests.support.paths import open_to_all
from tests.support.places import KINDS, Places, folder_of

COUNT = 24


@pytest.fixture(scope="module", params=KINDS)
def built(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Return the folder of an index, its own or the copy of a shared one."""
    server = request.getfixturevalue("postgres_server") if request.param == "shared" else None
    places = Places(server)
    folder = tmp_path_factory.mktemp("库" if server is None else "copy", numbered=server is None)
    rows = news(COUNT)
    rows.append({"title": "没有日期的一篇", "text": "泸州市老窖博物馆重新开放，首日接待游客三千人。"})
    rows.append({"title": "转载", "text": rows[0]["text"], "publisher": "转载网"})
    index = places(folder / "索引")
    build([write_news(folder / "新闻" / "a.jsonl", rows)], index, FakeEmbedder())
    yield folder_of(index)
    places.close()


@pytest.fixture
def store(built: Path) -> Iterator[Store]:
    with Store.open(built, "fake", 64) as store:
        yield store


def lexical(store: Store, question: str, k: int = 5) -> list[int]:
    return [number for number, _ in store.search_lexical(words(question), bigrams(question), k)]


def test_an_index_that_was_never_built_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(IndexEmpty, match=r"python -m rag build"):
        Store.open(tmp_path / "没有", "fake", 64)


def test_both_legs_find_the_passage_with_the_words(store: Store) -> None:
    question = "绵阳第9期产线建成多少个"
    vector = FakeEmbedder().embed([question], kind="query")[0]
    assert "第9期" in store.passages(lexical(store, question))[0].text
    assert any("第9期" in store.passages([number])[0].text for number, _ in store.search_dense(vector, 10))


def test_scores_come_best_first(store: Store) -> None:
    scores = [score for _, score in store.search_lexical(words("成都基站"), bigrams("成都基站"), 20)]
    assert scores == sorted(scores, reverse=True)
    assert len(scores) == 20


def test_dense_scores_are_products_with_the_stored_vectors(store: Store) -> None:
    vector = FakeEmbedder().embed(["成都建成基站"], kind="query")[0]
    hits = store.search_dense(vector, 20)
    products = store.vectors([number for number, _ in hits]) @ vector
    np.testing.assert_allclose([score for _, score in hits], products, atol=1e-6)


def test_vectors_keep_the_order_asked_for(store: Store) -> None:
    one = store.vectors([3, 1, 2])
    assert one.dtype == np.float32
    np.testing.assert_array_equal(one, np.stack([store.vectors([number])[0] for number in (3, 1, 2)]))
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1, atol=1e-3)
    assert store.vectors([]).shape == (0, 64)


def test_vectors_are_those_of_the_embedded_text(store: Store) -> None:
    (row,) = store.passage_texts([2])
    text = "。".join(part for part in (row.title, row.heading, row.text) if part)
    np.testing.assert_allclose(
        store.vectors([2])[0], FakeEmbedder().embed([text], kind="query")[0], atol=1e-3
    )


def test_an_unknown_passage_is_one_sentence(store: Store) -> None:
    for ask in (store.vectors, store.passages, store.passage_texts):
        with pytest.raises(StoreError, match="no passage 999999"):
            ask([1, 999999])


def test_passages_keep_the_order_and_share_their_article(store: Store) -> None:
    first, second = store.passages([2, 1])
    assert first.article is second.article
    assert first.start > second.start
    assert first.text == first.article.text[first.start : first.end]


def test_light_rows_say_what_passages_say(store: Store) -> None:
    numbers = [5, 3, 40]
    for row, passage in zip(store.passage_texts(numbers), store.passages(numbers), strict=True):
        assert (row.text, row.heading, row.title) == (
            passage.text,
            passage.heading_text,
            passage.article.title,
        )
        assert (row.article_id, row.publisher) == (passage.article.id, passage.article.publisher)


def test_an_article_comes_back_as_it_was_read(store: Store) -> None:
    (article_id,) = store.catalogue.find("n3")
    article = store.article(article_id)
    assert (article.external_id, article.published, article.url) == (
        "n3",
        "2024-04-04",
        "https://news.example/3",
    )
    assert "".join(article.text[block.start : block.end] for block in article.blocks) == article.text.replace(
        "\n", ""
    )
    assert any(block.kind is BlockKind.TITLE for block in article.blocks)


def test_an_article_is_found_by_id_external_id_path_and_line(store: Store) -> None:
    (article_id,) = store.catalogue.find("n3")
    assert store.catalogue.find(article_id) == [article_id]
    assert store.catalogue.find("a.jsonl#4") == [article_id]
    assert store.catalogue.find("新闻/a.jsonl#4") == [article_id]
    assert len(store.catalogue.find("a.jsonl")) == COUNT + 2
    assert store.catalogue.find(".jsonl") == store.catalogue.find("%") == store.catalogue.find("") == []


def test_an_unknown_article_is_one_sentence(store: Store) -> None:
    with pytest.raises(ArticleUnknown, match="ffffffffffff"):
        store.article("ffffffffffff")


def test_reprints_are_other_articles_with_the_same_text(store: Store) -> None:
    (article_id,) = store.catalogue.find("n0")
    reprints = store.catalogue.reprints(article_id)
    assert [store.article(other).publisher for other in reprints] == ["转载网"]
    assert store.catalogue.reprints(store.catalogue.find("n1")[0]) == []


def let_through(store: Store, **filters: str) -> list[PassageText]:
    allowed = store.allowed_ids(**filters)
    assert allowed is not None
    return store.passage_texts(allowed.tolist())


def test_filters_take_both_dates_in_and_leave_undated_articles_out(store: Store) -> None:
    dates = {row.published for row in let_through(store, since="2024-04-04", until="2024-06-06")}
    assert min(dates) == "2024-04-04"
    assert max(dates) == "2024-06-06"
    assert store.allowed_ids() is None
    assert "" not in {row.published for row in let_through(store, until="2999-01-01")}
    assert {row.publisher for row in let_through(store, publisher="四川晚报")} == {"四川晚报"}


def test_a_filtered_search_still_finds_k(store: Store) -> None:
    allowed = store.allowed_ids(publisher="四川晚报")
    assert allowed is not None
    found = store.search_lexical(words("成都市建成基站"), bigrams("成都市建成基站"), 12, Weights(), allowed)
    assert len(found) == 12
    assert {number for number, _ in found} <= set(allowed.tolist())
    vector = FakeEmbedder().embed(["成都基站"], kind="query")[0]
    assert {number for number, _ in store.search_dense(vector, 12, allowed)} <= set(allowed.tolist())
    assert store.allowed_ids() is None


def test_statistics_are_those_of_the_passages(store: Store) -> None:
    every = [number for row in store.catalogue.articles() for number in store.passage_ids_of(row.article_id)]
    texts = [passage.text for passage in store.passages(every)]
    assert store.counts().passages == len(every)
    assert store.document_frequency("words", ["图书馆"])["图书馆"] == sum(
        "图书馆" in words(text) for text in texts
    )
    assert store.mean_length("words") == pytest.approx(np.mean([len(words(text)) for text in texts]))
    assert store.mean_length("bigrams") == pytest.approx(np.mean([len(bigrams(text)) for text in texts]))


def test_articles_are_listed_latest_first(store: Store) -> None:
    rows = list(store.catalogue.articles())
    assert [row.published for row in rows] == sorted((row.published for row in rows), reverse=True)
    assert sum(row.passages for row in rows) == store.counts().passages


def test_many_threads_ask_at_once(store: Store) -> None:
    def ask(number: int) -> list[int]:
        return lexical(store, f"第{number % COUNT}期总投资")

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(200)))
    assert found == [ask(number) for number in range(200)]


def test_a_reader_follows_a_newer_generation_when_it_asks_for_it(tmp_path: Path, places: Places) -> None:
    path, index, embedder = tmp_path / "a.jsonl", places(tmp_path / "index"), FakeEmbedder()
    build([write_news(path, news(10))], index, embedder)
    with Store.open(index, "fake", 64) as store:
        assert not store.refresh()
        (first,) = store.catalogue.find("n0")
        held = store.passage_ids_of(first)
        build([write_news(path, news(9, start=1) + news(3, start=20))], index, embedder)
        assert (store.counts().articles, store.catalogue.find("n0")) == (10, [first])
        assert store.passages(held)
        folder_of(index)
        assert store.refresh()
        assert (store.counts().articles, store.catalogue.find("n0")) == (12, [])
        assert not set(held) & set(lexical(store, "成都第0期基站", 99))
        vector = embedder.embed(["成都第21期"], kind="query")[0]
        fresh = Store.open(index, "fake", 64)
        assert store.search_dense(vector, 99) == fresh.search_dense(vector, 99)
        assert store.search_lexical(["成都"], [], 9) == fresh.search_lexical(["成都"], [], 9)
        fresh.close()


def test_a_question_in_hand_keeps_its_generation_and_the_next_gets_the_newest(
    tmp_path: Path, places: Places
) -> None:
    path, index, embedder = tmp_path / "a.jsonl", places(tmp_path / "index"), FakeEmbedder()
    build([write_news(path, news(5))], index, embedder)
    seen = []

    def ask(store: Store) -> None:
        with store.asked():
            seen.append((store.generation, store.counts().articles))

    with Store.open(index, "fake", 64) as store, ThreadPoolExecutor(4) as hands:
        with store.asked():
            build([write_news(path, news(9))], index, embedder)
            folder_of(index)
            assert not store.refresh()
            with store.asked():  # a question within a question
                assert store.generation == 1
            others = [hands.submit(ask, store) for _ in range(4)]
            time.sleep(0.2)
            assert (store.generation, seen) == (1, [])
        for other in others:
            other.result(10)
        assert seen == [(2, 9)] * 4


def test_a_generation_that_is_not_refreshed_survives_one_build(tmp_path: Path, places: Places) -> None:
    path, index, embedder = tmp_path / "a.jsonl", places(tmp_path / "index"), FakeEmbedder()
    build([write_news(path, news(5))], index, embedder)
    with Store.open(index, "fake", 64) as store:
        build([write_news(path, news(5, start=5))], index, embedder)
        folder_of(index)
        hits = store.search_dense(embedder.embed(["成都"], kind="query")[0], 99)
        assert len(store.passage_texts([number for number, _ in hits])) == store.counts().passages


@pytest.mark.parametrize("damage", ["flip", "cut", "missing", "manifest"])
def test_damaged_derived_files_are_not_used(tmp_path: Path, built: Path, store: Store, damage: str) -> None:
    index = tmp_path / "index"
    shutil.copytree(built, index)
    folder = index / "1"
    victim = max((folder / "lexical").iterdir(), key=lambda path: path.stat().st_size)
    content = victim.read_bytes()
    if damage == "flip":
        victim.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    if damage == "cut":
        victim.write_bytes(content[:-9])
    if damage == "missing":
        shutil.rmtree(folder)
    if damage == "manifest":
        (folder / "manifest.json").write_bytes(b"{")
    with Store.open(index, "fake", 64) as other:
        assert lexical(other, "绵阳第9期产线") == lexical(store, "绵阳第9期产线")
    if built.parent.name.endswith("copy"):
        return  # it is not built in; `test_replica` brings a damaged one up to date
    build([write_news(tmp_path / "b.jsonl", news(1, start=90))], index, FakeEmbedder())
    with Store.open(index, "fake", 64) as other:
        assert len(lexical(other, "绵阳第9期产线", 99)) >= len(lexical(store, "绵阳第9期产线", 99))


def test_a_large_index_keeps_its_vectors_in_a_file(
    tmp_path: Path, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (dense, sys.modules["rag.index.derived"]):
        monkeypatch.setattr(module, "FLAT_LIMIT", 20)
    path, index, embedder = tmp_path / "a.jsonl", places(tmp_path / "index"), FakeEmbedder()
    build([write_news(path, news(30))], index, embedder)
    first = (folder_of(index) / "1" / "dense" / "vectors.faiss").read_bytes()
    build([write_news(path, news(29, start=1) + news(2, start=40))], index, embedder)
    assert (folder_of(index) / "2" / "dense" / "vectors.faiss").read_bytes() == first
    vector = embedder.embed(["成都第40期基站"], kind="query")[0]
    with Store.open(index, "fake", 64) as store:
        hits = store.search_dense(vector, 200)
        assert len(hits) == store.counts().passages
        exact = store.vectors([number for number, _ in hits]) @ vector
        np.testing.assert_allclose([score for _, score in hits], exact, atol=1e-6)
        assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


READ = """
import os, sys
from pathlib import Path
from rag.index.store import Store
from rag.text.words import bigrams, words
words("先载入词典")
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
with Store.open(Path(sys.argv[1]), "fake", 64) as store:
    assert store.search_lexical(words("成都基站"), bigrams("成都基站"), 3)
    assert not store.refresh()
    print(store.counts().articles)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="a folder has no read-only mode there")
@pytest.mark.parametrize("closed", [True, False])
def test_a_folder_that_may_not_be_written_is_read(tmp_path: Path, built: Path, closed: bool) -> None:
    index = tmp_path / "只读"
    shutil.copytree(built, index)
    for name in ("news.db-shm", "news.db-wal") if closed else ():
        (index / name).unlink(missing_ok=True)
    for path in [index, *index.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    open_to_all(tmp_path)
    try:
        before = sorted(path.name for path in index.iterdir())
        found = subprocess.run([sys.executable, "-c", READ, str(index)], capture_output=True, check=False)
        assert (found.stdout.strip(), found.stderr) == (str(COUNT + 2).encode(), b"")
        assert sorted(path.name for path in index.iterdir()) == before
    finally:
        for path in [index, *index.rglob("*")]:
            path.chmod(0o755)


def test_reading_never_changes_the_database(built: Path) -> None:
    content = (built / "news.db").read_bytes()
    with Store.open(built, "fake", 64) as store:
        store.refresh()
        lexical(store, "成都")
        list(store.catalogue.articles())
    assert (built / "news.db").read_bytes() == content
    assert os.access(built, os.W_OK)


def test_removals_are_followed(tmp_path: Path, places: Places) -> None:
    index, embedder = places(tmp_path / "index"), FakeEmbedder()
    build([write_news(tmp_path / "a.jsonl", news(4))], index, embedder)
    with Store.open(index, "fake", 64) as store:
        remove(["n2"], index)
        folder_of(index)
        store.refresh()
        assert store.counts().articles == 3
        assert store.catalogue.find("n2") == []


def test_a_medium_printed_in_two_ways_is_one_publisher_in_filters(tmp_path: Path) -> None:
    names = ("华西都市报-封面新闻", "华西都市报·封面新闻", "华西都市报·封面新闻", "四川晚报")
    rows = [dict(row, publisher=name) for row, name in zip(news(len(names)), names, strict=True)]
    build([write_news(tmp_path / "a.jsonl", rows)], tmp_path / "索引", FakeEmbedder())
    with Store.open(tmp_path / "索引", "fake", 64) as store:
        assert store.catalogue.publishers() == ["华西都市报·封面新闻", "四川晚报"]
        for asked in set(names[:3]):
            assert {row.publisher for row in let_through(store, publisher=asked)} == set(names[:3])
        assert not let_through(store, publisher="封面新闻")
