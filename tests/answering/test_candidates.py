import re
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.answering.candidates import candidates, read, suits, whole_list, worth_reading
from rag.records import Article, Candidate, Hit, Reading
from tests.support.hand import MarkingReader, hit, make, passages, query
from tests.support.paths import ARTICLES

PARKS = "截至2023年底，滨江新区已建成公园86座，其中口袋公园31座，占地120公顷，覆盖率达92.5%。"
OPENED = "5月4日，江北图书馆正式开馆，2019年动工，馆长林晓岚和周远出席。"
FIRMS = "新区吸引百度、科大讯飞、华为等企业落地合作。"


def hits(*texts: str, title: str = "") -> list[Hit]:
    article = make(*texts, title=title)
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
    found = [hit(near, 2.0, 1), hit(far, 1.0, 2)]
    assert [one.passage_id for one in worth_reading(found)] == [1]
    reads = read(query("有多少座公园？"), found[:1], MarkingReader({"86座": 5.0}))
    assert [(one.hit.passage_id, len(one.readings)) for one in reads] == [(1, 1)]
    assert read(query("有多少座公园？"), worth_reading([]), MarkingReader({})) == []


# Expressions of number and time as a newspaper prints them: whatever the reader marks, no answer cuts one.
EXPRESSIONS = [
    "-23.6℃",
    "零下十二度",
    "-2℃至3℃",
    "2小时28分37秒",
    "3分43秒",
    "9秒83",
    "十年六个月",
    "1米78",
    "3万5000尾",
    "2万8千立方米",
    "2萬8千名",
    "1億3千萬元",
    "数万人",
    "几十家",
    "上千家",
    "数十亿元",
    "十余名",
    "近百头",
    "三十几户",
    "第12天",
    "第三届",
    "Ⅱ级",
    "IV级",
    "1.2万余亩",
    "200至300元",
    "15—20公斤",
    "约4.8万公里",
    "超过1,024.5吨",
    "98:102",
    "7月1—31日",
    "3月5日至8日",
    "10月1日8时至10月7日20时",
    "2024年2月3日22时48分",
    "2021-2022财年",
    "截至23年底",
    "2017年以来",
    "2019年至今",
    "2024年1—9月",
    "今年前三季度",
    "6:00至22:00",
    "下午3点半",
    "昨天上午",
    "35%左右",
    "百分之六十五",
    "三分之二",
    "2.5倍",
    "12万亿元",
]
FILLERS = [
    "其中，",
    "记者获悉，",
    "有关部门介绍",
    "，合计",
    "；当地",
    "、沿线",
    "。据了解，",
    "（含",
    "）与",
    "还有",
]
ANY_QUESTION = (
    "有多少？",
    "什么时候？",
    "几点开门？",
    "占多少？",
    "是谁？",
    "有哪些？",
    "为什么？",
    "比例是多少？",
    "达到几级？",
)


class SpanReader:
    """Marks one span of whatever text."""

    name = "span"

    def __init__(self, start: int, end: int) -> None:
        self.span = start, end

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        """Return the span, as far as each text has it."""
        return [
            [Reading(min(self.span[0], len(text) - 1), min(self.span[1], len(text)), 1.0)] for text in texts
        ]


def _cuts(candidate: Candidate, spans: Sequence[tuple[int, int]]) -> list[str]:
    start, end = candidate.span.start, candidate.span.end
    text = candidate.hit.passage.article.text
    return [text[s:e] for s, e in spans if s < start < e or s < end < e]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_no_answer_cuts_a_number_date_or_range(data: st.DataObject) -> None:
    text, spans = "", []
    for _ in range(data.draw(st.integers(1, 4))):
        text += data.draw(st.sampled_from(FILLERS))
        said = data.draw(st.sampled_from(EXPRESSIONS))
        spans.append((len(text), len(text) + len(said)))
        text += said
    text += "。"
    start = data.draw(st.integers(0, len(text) - 2))
    end = data.draw(st.integers(start + 1, len(text) - 1))
    question = data.draw(st.sampled_from(ANY_QUESTION))
    [one] = hits(text)
    asked = query(question)
    for found in candidates(asked, read(asked, [one], SpanReader(start, end))):
        assert _cuts(found, spans) == [], (question, text, found.text)


@pytest.mark.parametrize("question", ANY_QUESTION)
def test_no_answer_cuts_a_printed_number_of_a_real_sentence(question: str) -> None:
    printed = re.compile(r"\d+(?:[.,:]\d+)*(?:[十百千]?[万亿]|[%℃])?")
    asked = query(question)
    for path in sorted(ARTICLES.glob("*.txt")):
        [one] = hits(path.read_text(encoding="utf-8").replace("\n", ""))
        spans = [match.span() for match in printed.finditer(one.passage.text)]
        for start in range(0, len(one.passage.text) - 8, 7):
            for found in candidates(asked, read(asked, [one], SpanReader(start, start + 5))):
                assert _cuts(found, spans) == [], found.text


@pytest.mark.parametrize(
    ("question", "text", "answer"),
    [
        ("安保费大约多少？", "一年的养护费，几百万元跑不掉。", "几百万元"),
        ("湿地占了全县多少土地？", "湿地只占全县土地的4%左右。", "4%左右"),
        ("有多少果农愿意入股？", "6%的果农愿意入股，其余观望。", "6%"),
        ("影院可以接待多少座位的观众？", "影院允许接待座位的七成。", "七成"),
        ("防汛应急响应启动了几级？", "当地启动防汛三级响应。", "三级"),
        ("容积率是多少？", "地块容积率为2.5，绿地率35%。", "2.5"),
        ("水泵的功率是多少？", "水泵功率为75千瓦，效率提高3%。", "75千瓦"),
        ("展馆几点开门？", "展馆5月1日起开放，9时开门。", "9时"),
        ("航班什么时候起飞？", "航班将于16:30起飞。", "16:30"),
        ("航道什么时候封闭？", "航道10月1日8时至10月7日20时封闭。", "10月1日8时至10月7日20时"),
    ],
)
def test_what_answers_in_its_own_form_is_found(question: str, text: str, answer: str) -> None:
    found = found_in(question, hits(text), MarkingReader({answer[-2:]: 5.0}))
    assert (found[0].text, found[0].fits) == (answer, True)


def test_a_per_cent_of_something_else_answers_no_count() -> None:
    text = "果农240户，产量增长6%。"
    found = found_in("有多少果农？", hits(text), MarkingReader({"240户": 5.0, "6%": 4.0}))
    assert [one.text for one in found if one.fits] == ["240户"]


class TitledReader:
    """Marks other words where a text is read under its headline; `read_as` keeps what was read."""

    name = "titled"

    def __init__(self, plain: Mapping[str, float], titled: Mapping[str, float]) -> None:
        self.plain, self.titled = MarkingReader(plain), MarkingReader(titled)
        self.read_as: list[tuple[str, str]] = []

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        """Return the marks of each text, those of `titled` where it has a title."""
        self.read_as += zip(titles, texts, strict=True)
        both = (self.titled if title else self.plain for title in titles)
        return [reader.read(question, [text], best=best)[0] for reader, text in zip(both, texts, strict=True)]


def test_a_passage_is_read_without_and_with_its_headline() -> None:
    first, second = hits("甲公园86座。", title="甲公园")[0], hits("乙公园31座。")[0]
    reader = TitledReader({}, {})
    read(query("有多少座公园？"), [first, second], reader)
    assert reader.read_as == [("", "甲公园86座。"), ("", "乙公园31座。"), ("甲公园", "甲公园86座。")]


def margins(plain: Mapping[str, float], titled: Mapping[str, float], title: str = "公园") -> object:
    asked = query("有哪些公园？")
    (one,) = read(asked, hits("东湖和西山。", title=title), TitledReader(plain, titled))
    text = one.hit.passage.text
    return [(text[r.start : r.end], r.margin, r.titled) for r in one.readings]


def test_a_span_has_the_margins_of_both_readings() -> None:
    assert margins({"东湖": 3.0}, {"东湖": 5.0}) == [("东湖", 3.0, 5.0)]
    assert margins({"东湖": 3.0}, {"东湖和": 5.0}) == [("东湖", 3.0, 5.0)]  # nearly the same span


def test_what_one_reading_left_out_is_worse_there_than_its_worst() -> None:
    assert margins({"东湖": 3.0}, {"东湖": 5.0, "西山": 4.0}) == [("东湖", 3.0, 5.0), ("西山", 2.0, 4.0)]
    assert margins({"东湖": 3.0, "西山": 2.5}, {"东湖": 5.0}) == [("东湖", 3.0, 5.0), ("西山", 2.5, 4.0)]


def test_the_best_of_both_readings_together_comes_first() -> None:
    found = margins({"东湖": 3.0, "西山": 2.0}, {"东湖": 1.0, "西山": 6.0})
    assert found == [("西山", 2.0, 6.0), ("东湖", 3.0, 1.0)]


def test_an_article_without_a_headline_is_read_once() -> None:
    assert margins({"东湖": 3.0}, {"西山": 9.0}, title="") == [("东湖", 3.0, 3.0)]


def test_a_candidate_keeps_both_margins() -> None:
    asked = query("滨江新区有多少座公园？")
    reads = read(asked, hits(PARKS, title="公园"), TitledReader({"86座": 3.0}, {"31座": 5.0}))
    found = {one.text: (one.margin, one.titled) for one in candidates(asked, reads) if one.fits}
    assert (found["86座"], found["31座"]) == ((3.0, 4.0), (2.0, 5.0))
