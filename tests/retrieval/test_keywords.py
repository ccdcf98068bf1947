from collections.abc import Iterator

import pytest

from rag.index.build.builder import build
from rag.index.catalogue import Shown
from rag.index.store import Store
from rag.request import Filters
from rag.retrieval.keywords import is_keywords, keyword_search, marked, stands_alone
from tests.support.fakes import FakeEmbedder, write_news

ALL = Filters()
ROWS = [
    {
        "title": "渔港开港",
        "text": "青螺渔港今日开港。渔港设有冷库。",
        "publisher": "湾区晚报",
        "date": "2024-01-08",
    },
    {
        "title": "渔业年报",
        "text": "青螺渔港冷库扩建，可存鱼900吨。",
        "publisher": "渔业日报",
        "date": "2024-02-11",
    },
    {
        "title": "5G进渔村",
        "text": "北湾建成５Ｇ基站，用于渔船定位。",
        "publisher": "渔业日报",
        "date": "2024-03-02",
    },
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder, embedder = tmp_path_factory.mktemp("kept"), FakeEmbedder()
    (folder / "来稿" / "二月").mkdir(parents=True)
    write_news(folder / "来稿" / "一月.jsonl", ROWS[:1])
    write_news(folder / "来稿" / "二月" / "稿.jsonl", ROWS[1:])
    build([folder / "来稿"], folder / "index", embedder)
    with Store.open(folder / "index", embedder.name, embedder.dim) as opened:
        yield opened


def titles(store: Store, text: str, filters: Filters = ALL) -> list[str]:
    return sorted(row.title for row in keyword_search(store, text, filters).rows)


def test_a_passage_has_all_the_words_as_they_are_written_whatever_their_width_and_case(store: Store) -> None:
    assert titles(store, "渔港 冷库") == ["渔业年报", "渔港开港"]
    assert titles(store, "渔港冷库") == ["渔业年报"]
    assert titles(store, "5g基站") == ["5G进渔村"]
    assert titles(store, "年报 冷库") == ["渔业年报"]  # the title counts, too


def test_where_no_passage_has_all_words_those_with_some_are_found_and_that_is_said(store: Store) -> None:
    found = keyword_search(store, "冷库 火星", ALL)
    assert (len(found.rows), found.whole) == (2, False)
    nothing = keyword_search(store, "火星", ALL)
    assert (nothing.rows, nothing.whole) == ((), True)
    assert keyword_search(store, " ？ ", ALL).rows == ()


def test_filters_restrict_the_search_and_the_latest_may_come_first(store: Store) -> None:
    assert titles(store, "冷库", Filters(publisher="渔业日报")) == ["渔业年报"]
    assert titles(store, "冷库", Filters(until="2024-01-31")) == ["渔港开港"]
    days = [row.published for row in keyword_search(store, "渔港", ALL, "date").rows]
    assert days == sorted(days, reverse=True)


def test_of_more_than_are_listed_the_latest_are_there(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.retrieval.keywords.MOST", 1)
    found = keyword_search(store, "渔港", ALL, "date")
    assert ([row.published for row in found.rows], found.capped) == (["2024-02-11"], True)


def test_one_character_is_found_wherever_it_stands(store: Store) -> None:
    assert titles(store, "螺") == ["渔业年报", "渔港开港"]
    assert titles(store, "库扩") == ["渔业年报"]
    assert titles(store, "鱼900") == ["渔业年报"]  # of 存鱼900吨: the pair is 存鱼
    assert titles(store, "火") == []


def test_what_is_typed_beyond_the_limits_is_said_to_be_left_out(store: Store) -> None:
    assert not keyword_search(store, "渔港 渔港 冷库", ALL).cut
    assert keyword_search(store, " ".join(map(chr, range(0x4E00, 0x4E00 + 13))), ALL).cut
    assert keyword_search(store, "渔" * 1000, ALL).cut


def test_a_passage_says_where_it_stands_in_its_article(store: Store) -> None:
    row = keyword_search(store, "扩建", ALL).rows[0]
    assert store.article(row.article_id).text[row.start : row.end] == row.text


def test_words_are_marked_where_they_stand() -> None:
    assert list(marked("北湾建成５Ｇ基站", ("5g", "北湾"))) == [
        ("", False),
        ("北湾", True),
        ("建成", False),
        ("５Ｇ", True),
        ("基站", False),
    ]
    assert list(marked("基站", ())) == [("基站", False)]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("成都 5G基站", True),
        ("青螺渔港冷库", True),
        ("成都有多少5G基站", False),
        ("开港了吗？", False),
        ("冷库" * 20, False),
    ],
)
def test_words_that_ask_nothing_are_keywords(text: str, names: bool) -> None:
    assert is_keywords(text) == names


def test_articles_are_listed_by_day_publisher_and_folder(store: Store) -> None:
    lists = store.catalogue

    def listed(shown: Shown) -> list[str]:
        rows = lists.listed(shown)
        assert lists.count_listed(shown) == len(rows)
        return [row.title for row in rows]

    assert listed(Shown()) == ["5G进渔村", "渔业年报", "渔港开港"]
    assert listed(Shown(text="渔业")) == ["渔业年报"]
    assert listed(Shown(since="2024-02-01", until="2024-02-29")) == ["渔业年报"]
    assert listed(Shown(publisher="湾区晚报")) == ["渔港开港"]
    assert listed(Shown(folder="二月")) == ["5G进渔村", "渔业年报"]
    assert listed(Shown(folder="三月")) == []
    assert lists.folders() == ["二月"]
    assert lists.span() == ("2024-01-08", "2024-03-02")


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("青螺渔港 冷库", True),
        ("成都 5G", True),
        ("青螺渔港", False),
        ("那 上海 呢", False),
        ("成都 有多少基站", False),
    ],
)
def test_words_set_apart_by_blanks_go_on_with_no_conversation(text: str, alone: bool) -> None:
    assert stands_alone(text) == alone
