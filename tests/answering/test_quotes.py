from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rag.answering.evidence import weigh
from rag.answering.quotes import MAX_ALL, citation, permalink, quote_evidence, quote_passage, stands_in
from rag.records import Article, BlockKind, Span
from rag.text.characters import squeeze
from tests.support.hand import KnownFiles, candidate, make, passages, query

STORY = make(
    "截至2023年底，新区已建成公园86座。其中，口袋公园31座，街心公园12座。",
    (BlockKind.CAPTION, "市民在公园散步。周远 摄"),
    title="滨江新区再添公园",
    publisher="滨江日报",
    published="2024-03-12",
)


def quote(question: str, words: str, article: Article = STORY):  # type: ignore[no-untyped-def]
    return quote_evidence(query(question), weigh(query(question), candidate(article, words)))


def test_a_sentence_is_quoted_with_the_one_it_depends_on() -> None:
    found = quote("滨江新区有多少座口袋公园？", "31座")
    assert found.text == "其中，口袋公园31座，街心公园12座。"
    assert "截至2023年底，新区已建成公园86座。" in found.pieces
    assert found.as_of == "截至2023年底"


def test_a_word_of_the_question_that_only_the_title_has_is_quoted_too() -> None:
    assert "滨江新区再添公园" in quote("滨江新区有多少座公园？", "86座").pieces


def test_a_long_sentence_is_cut_to_the_clauses_around_the_answer() -> None:
    filler = "；".join(f"第{n}个街道按计划推进绿化工作并开展评比活动" for n in range(12))
    article = make(f"2023年，{filler}；新区建成公园86座；{filler}。")
    found = quote("新区建成公园多少座？", "86座", article)
    assert "新区建成公园86座" in found.text
    assert sum(map(len, found.pieces)) <= MAX_ALL


def test_a_citation_carries_the_article_and_its_source() -> None:
    made = citation(2, quote("滨江新区有多少座公园？", "86座"), KnownFiles(["转载.txt"]))
    assert (made.number, made.article_id, made.publisher) == (2, STORY.id, "滨江日报")
    assert (made.source, made.verified, made.reprints) == (f"news/{STORY.id}.txt", "verified", ("转载.txt",))
    assert STORY.text[made.answer_start : made.answer_end] == "86座"
    assert made.permalink == permalink(STORY.id, Span(made.start, made.end))


def test_a_citation_has_the_page_of_its_answer_and_says_that_it_is_a_scan() -> None:
    found = quote("滨江新区有多少座公园？", "86座")
    blocks = tuple(replace(block, page=number) for number, block in enumerate(found.article.blocks, 3))
    paged = replace(found.article, blocks=blocks, found_by={"recognised": "OCR"})
    made = citation(1, replace(found, article=paged), KnownFiles())
    assert found.answer is not None
    assert made.page == next(b.page for b in blocks if b.start <= found.answer.start < b.end)
    assert made.scanned
    plain = citation(1, found, KnownFiles())
    assert (plain.page, plain.scanned) == (None, False)


def test_a_changed_source_is_told() -> None:
    made = citation(1, quote("新区有多少座公园？", "86座"), KnownFiles(verified="source_changed"))
    assert made.verified == "source_changed"


def test_a_passage_is_quoted_by_its_nearest_sentence_without_an_answer() -> None:
    found = quote_passage(query("街心公园有多少？"), passages(STORY)[0])
    assert "街心公园" in found.text
    made = citation(1, found, KnownFiles())
    assert (made.answer_start, made.answer_end, made.context) == (None, None, ())


def test_a_caption_is_cited_as_one() -> None:
    assert citation(1, quote("谁拍摄的？", "周远"), KnownFiles()).kind is BlockKind.CAPTION


def test_words_stand_in_the_source_piece_by_piece() -> None:
    article = Article("a" * 12, "", "推动产品转型升级", (), seams=(4,))
    whole = Span(0, 8)
    assert stands_in(article, whole, squeeze("推动产品 （图片说明） 转型\n升级"))
    assert not stands_in(article, whole, squeeze("推动产品转型"))
    assert not stands_in(Article("a" * 12, "", "推动产品转型升级", ()), whole, "推动产品（图）转型升级")


PARTS = ["公园86座", "，", "。", "其中", "截至2023年底", "；", "该园", "很长的一段说明文字没有标点" * 3, "、"]


@given(
    st.lists(st.sampled_from(PARTS), max_size=30),
    st.lists(st.sampled_from(PARTS), max_size=30),
    st.sampled_from(["新区有多少座公园？", "为什么？", "新区公园在哪里？"]),
)
def test_every_quote_is_verbatim_short_and_apart_from_its_context(
    before: list[str], after: list[str], question: str
) -> None:
    article = make(f"甲{''.join(before)}答31座案{''.join(after)}", title="新区公园")
    made = citation(1, quote(question, "31座", article), KnownFiles())
    assert made.quote == article.text[made.start : made.end]
    assert made.start <= int(made.answer_start or 0) < int(made.answer_end or 0) <= made.end
    assert len(made.quote) + sum(len(context.text) for context in made.context) <= MAX_ALL
    for context in made.context:
        assert context.text == article.text[context.start : context.end]
        assert context.end <= made.start or context.start >= made.end
    starts = [context.start for context in made.context]
    assert starts == sorted(set(starts))
