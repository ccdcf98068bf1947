from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.candidates import candidates, read, suits, whole_list
from rag.records import Article, Candidate, Hit
from tests.support.hand import MarkingReader, hit, make, passages, query

PARKS = "截至2023年底，滨江新区已建成公园86座，其中口袋公园31座，占地120公顷，覆盖率达92.5%。"
OPENED = "5月4日，江北图书馆正式开馆，2019年动工，馆长林晓岚和周远出席。"
FIRMS = "新区吸引百度、科大讯飞、华为等企业落地合作。"


def hits(*texts: str) -> list[Hit]:
    article = make(*texts)
    return [hit(passage, number=n) for n, passage in enumerate(passages(article))]


def found_in(question: str, hits: Sequence[Hit], reader: MarkingReader) -> list[Candidate]:
    return candidates(query(question), read(query(question), hits, reader))


def marked(question: str, text: str, margins: dict[str, float]) -> list[str]:
    return [found.text for found in found_in(question, hits(text), MarkingReader(margins))]


def test_a_mark_inside_a_number_becomes_the_whole_number() -> None:
    assert marked("新区有多少座公园？", PARKS, {"86": 5.0})[0] == "86座"


def test_numbers_the_reader_did_not_mark_compete_behind() -> None:
    found = found_in("新区有多少座公园？", hits(PARKS), MarkingReader({"86座": 5.0}))
    assert [c.text for c in found] == ["86座", "31座"]
    assert found[0].margin > found[1].margin


def test_only_numbers_of_the_asked_kind_compete() -> None:
    assert marked("覆盖率是多少？", PARKS, {"86座": 5.0, "92.5%": 1.0}) == ["86座", "92.5%"]
    found = found_in("覆盖率是多少？", hits(PARKS), MarkingReader({"86座": 5.0, "92.5%": 1.0}))
    assert [(c.text, c.fits) for c in found] == [("86座", False), ("92.5%", True)]


def test_a_time_is_the_finest_of_its_sentence() -> None:
    found = marked("图书馆什么时候开馆？", OPENED, {"5月4日": 4.0})
    assert found == ["5月4日"]
    assert "2019年" in marked("哪年动工？", OPENED, {"2019年": 4.0})


def test_a_list_is_taken_whole() -> None:
    assert marked("哪些企业落地？", FIRMS, {"科大讯飞": 3.0})[0] == "百度、科大讯飞、华为"


def test_a_name_ends_at_its_comma() -> None:
    text = "项目负责人是林晓岚，她在新区工作。"
    assert marked("负责人是谁？", text, {"林晓岚，她在新区": 3.0}) == ["林晓岚"]


def test_a_bracket_keeps_its_partner() -> None:
    text = "会上发布了《智造名录》。"
    assert marked("发布了什么名录？", text, {"《智造名录": 3.0}) == ["《智造名录》"]


def test_a_span_is_named_once() -> None:
    found = marked("新区有多少座公园？", PARKS, {"86": 5.0, "86座": 4.0, "公园86座": 3.0})
    assert found.count("86座") == 1


def test_the_reader_is_asked_once_and_nothing_when_nothing_was_found() -> None:
    reader = MarkingReader({})
    assert found_in("有多少座公园？", [], reader) == []
    assert reader.asked == []
    found_in("有多少座公园？", hits(PARKS, OPENED), reader)
    assert len(reader.asked) == 1


def test_a_number_suits_a_question_that_leaves_the_unit_open() -> None:
    from rag.text.quantity import quantities

    (parks,) = quantities("86座")
    assert suits(query("公园有多少？"), parks)
    assert not suits(query("投资多少亿元？"), parks)


@pytest.mark.parametrize(
    ("text", "item", "whole"),
    [
        ("包括甲厂、乙厂和丙厂。", "乙厂", "甲厂、乙厂和丙厂"),
        ("只有乙厂。", "乙厂", "乙厂"),
        ("发布《甲》《乙》、《丙》三本。", "《丙》", "《甲》《乙》、《丙》"),
    ],
)
def test_items_that_a_mark_joins_belong_together(text: str, item: str, whole: str) -> None:
    at = text.index(item)
    start, end = whole_list(text, at, at + len(item))
    assert whole.endswith(text[start:end]) or text[start:end].endswith(whole)
    assert item in text[start:end]


@given(st.text(st.sampled_from("甲乙丙、和，。《》以及等厂 1"), min_size=1, max_size=40), st.data())
def test_a_list_meets_its_mark(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    wide = whole_list(text, start, end)
    assert 0 <= wide[0] < end <= wide[1] <= len(text)


@given(st.integers(0, 30), st.integers(1, 20), st.sampled_from(["有多少座公园？", "什么时候？", "是谁？"]))
def test_candidates_lie_in_their_passage(start: int, length: int, question: str) -> None:
    words = PARKS[start : start + length]
    article: Article = make("前文一段。", PARKS)
    found = found_in(question, [hit(passage) for passage in passages(article)], MarkingReader({words: 1.0}))
    for one in found:
        passage = one.hit.passage
        assert passage.start <= one.span.start < one.span.end <= passage.end


def test_hits_far_behind_the_best_are_not_read() -> None:
    near, far = passages(make(PARKS, OPENED))
    reads = read(query("有多少座公园？"), [hit(near, 2.0, 1), hit(far, 1.0, 2)], MarkingReader({"86座": 5.0}))
    assert [(one.hit.passage_id, len(one.readings)) for one in reads] == [(1, 1)]
