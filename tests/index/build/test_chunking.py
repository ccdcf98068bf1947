from tests.support.paths import SEEDS as SEED_FOLDER
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.build.chunking import chunk
from rag.ingest.extract import Extract
from rag.ingest.articles import make_article, read_articles
from rag.records import Article, BlockKind
from rag.text.characters import squeeze

SEEDS = sorted(SEED_FOLDER.glob("*.txt"))


def article(text: str, title: str = "") -> Article:
    return make_article(Extract(text, title=title))


def test_a_passage_holds_whole_sentences() -> None:
    made = article("市图书馆上周开放。读者可以免费借书。周末有讲座。")
    assert [p.text for p in chunk(made, 20)] == ["市图书馆上周开放。读者可以免费借书。", "周末有讲座。"]


def test_a_long_sentence_is_cut_at_its_last_comma() -> None:
    made = article("市图书馆上周开放，读者可以免费借书，周末还有讲座和展览。")
    assert [p.text for p in chunk(made, 20)] == [
        "市图书馆上周开放，读者可以免费借书，",
        "周末还有讲座和展览。",
    ]


def test_two_paragraphs_never_share_a_passage() -> None:
    made = article("市图书馆上周开放。\n读者可以免费借书。")
    assert [p.text for p in chunk(made)] == ["市图书馆上周开放。", "读者可以免费借书。"]


def test_a_passage_knows_its_heading() -> None:
    made = article(
        "市图书馆上周开放，市民争相参观。\n\n借书更加方便\n\n读者可以免费借书，一次十本。",
        title="新图书馆开放",
    )
    assert [p.heading_text for p in chunk(made) if p.kind is BlockKind.BODY] == ["", "借书更加方便"]


def test_a_headline_alone_can_be_quoted() -> None:
    made = article("全市去年新建图书馆十二座")
    assert [(p.text, p.kind) for p in chunk(made)] == [("全市去年新建图书馆十二座", made.blocks[0].kind)]


def test_text_below_a_moved_headline_is_under_no_older_heading() -> None:
    (_, made), *_ = [row for row in read_articles(SEEDS[0]) if isinstance(row, tuple)]
    lead = next(p for p in chunk(made) if "11月12日，工信部发布的2024年" in p.text)
    assert lead.heading is None


@pytest.mark.parametrize("path", SEEDS, ids=lambda path: path.name)
@pytest.mark.parametrize("limit", [30, 80, 240])
def test_every_character_of_the_body_is_in_one_passage(path: Path, limit: int) -> None:
    for row in read_articles(path):
        assert isinstance(row, tuple)
        whole = "".join(row[1].text[b.start : b.end] for b in row[1].blocks if b.kind is BlockKind.BODY)
        passages = list(chunk(row[1], limit))
        assert squeeze("".join(p.text for p in passages if p.kind is BlockKind.BODY)) == squeeze(whole)
        assert all(one.end <= other.start for one, other in pairwise(passages))
        assert all(len(p.text) <= limit for p in passages)


@given(st.text(alphabet="成都建成5G基站，。“”（）；！ \n", max_size=300), st.integers(5, 60))
def test_any_text_is_covered_within_the_limit(text: str, limit: int) -> None:
    made = article("全市新建十座。\n" + text)
    whole = "".join(made.text[b.start : b.end] for b in made.blocks if b.kind is BlockKind.BODY)
    passages = list(chunk(made, limit))
    assert squeeze("".join(p.text for p in passages if p.kind is BlockKind.BODY)) == squeeze(whole)
    assert all(0 < len(p.text) <= limit for p in passages)
