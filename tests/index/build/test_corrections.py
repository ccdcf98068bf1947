from pathlib import Path

import pytest

from rag.index.build.builder import build, remove
from rag.index.store import Store
from tests.support.fakes import FakeEmbedder, write_news
from tests.support.places import Places

BRIDGE = "6月12日，云栖大桥主桥合龙。大桥全长3218米，主跨560米，双向六车道，由省路桥公司承建。"
NOTICE = "本报6月12日刊发的《云栖大桥主桥合龙》一文中，“主跨560米”应为“主跨650米”，特此更正。"


def row(ident: str, title: str, text: str, day: str, publisher: str = "江州日报") -> dict[str, str]:
    return {"id": ident, "title": title, "text": text, "date": day, "publisher": publisher}


def mended(
    folder: Path, places: Places, *rows: dict[str, str]) -> dict[str, list[tuple[str, str, str]]]:
    """Return for each article what is mended in it, by what, in which article."""
    embedder = FakeEmbedder()
    index = places(folder / "index")
    build([write_news(folder / "news.jsonl", rows)], index, embedder)
    with Store.open(index, embedder.name, embedder.dim) as store:
        return linked(store, [one["id"] for one in rows])


def linked(store: Store, names: list[str]) -> dict[str, list[tuple[str, str, str]]]:
    found = {}
    for name in names:
        ident = store.catalogue.find(name)[0]
        text = store.article(ident).text
        found[name] = [
            (
                text[one.was.start : one.was.end],
                store.article(one.notice_id).text[one.now.start : one.now.end],
                store.article(one.notice_id).external_id,
            )
            for one in store.catalogue.corrections(ident)
        ]
    return found


@pytest.mark.parametrize("order", [1, -1])
def test_a_notice_mends_the_article_it_names_and_its_copies(tmp_path: Path, places: Places, order: int) -> None:
    rows = [
        row("文", "云栖大桥主桥合龙", BRIDGE, "2025-06-12"),
        row("转", "大桥合龙了", BRIDGE, "2025-06-13", "中州网"),
        row("他", "东山大桥开工", "东山大桥主跨560米，计划三年建成。", "2025-06-12"),
        row("正", "更正", NOTICE, "2025-06-14"),
    ]
    found = mended(tmp_path, places, *rows[::order])
    right = [("主跨560米", "主跨650米", "正")]
    assert found == {"文": right, "转": right, "他": [], "正": right}


def test_a_notice_without_a_headline_mends_the_sentence_that_shares_its_words(tmp_path: Path, places: Places) -> None:
    port = "前三季度，海湾港完成货物吞吐量1.36亿吨；集装箱吞吐量212万标箱，同比增长11.2%。"
    notice = "本网10月11日关于海湾港生产情况的报道有误：集装箱吞吐量212万标箱应更正为221万标箱。"
    found = mended(
        tmp_path,
        places,
        row("文", "海湾港吞吐量增长", port, "2025-10-11"),
        row("远", "海湾港去年吞吐量", port.replace("1.36", "1.29"), "2024-10-11"),
        row("旁", "仓库存货", "东库存有212万标箱的存货。", "2025-10-11"),
        row("正", "更正说明", notice, "2025-10-13"),
    )
    assert [bool(found[name]) for name in ("文", "远", "旁")] == [True, False, False]


def test_a_number_is_known_in_another_form_and_never_cut(tmp_path: Path, places: Places) -> None:
    found = mended(
        tmp_path,
        places,
        row("文", "冷空气明起到访", "若尔盖最低气温-29℃，马尔康-8℃。", "2025-12-02"),
        row("正", "更正", "本报《冷空气明起到访》中“若尔盖最低气温零下29℃”应为“零下19℃”。", "2025-12-03"),
        row("长", "票房", "影片票房1560米。", "2025-12-02"),
    )
    assert found["文"] == [("-29℃", "零下19℃", "正")]


def test_a_note_mends_the_article_it_stands_in_with_its_headline(tmp_path: Path, places: Places) -> None:
    text = "双桥镇遭冰雹，农作物受灾3200亩。\n【更正】本文初稿中“受灾3200亩”应为“受灾2300亩”。"
    found = mended(tmp_path, places, row("文", "双桥镇农作物受灾3200亩", text, "2025-05-17"))["文"]
    assert len(found) == 3  # headline, text and the note's own words
    assert {now for _, now, _ in found} == {"受灾2300亩"}


def test_a_removed_notice_mends_nothing(tmp_path: Path, places: Places) -> None:
    rows = [row("文", "云栖大桥主桥合龙", BRIDGE, "2025-06-12"), row("正", "更正", NOTICE, "2025-06-14")]
    index, embedder = places(tmp_path / "index"), FakeEmbedder()
    build([write_news(tmp_path / "news.jsonl", rows)], index, embedder)
    with Store.open(index, embedder.name, embedder.dim) as store:
        assert linked(store, ["文"])["文"]
    remove(["正"], index)
    with Store.open(index, embedder.name, embedder.dim) as store:
        assert linked(store, ["文"]) == {"文": []}
