from itertools import pairwise

import pytest

import rag.models.span_reader
from rag.config import read_settings
from rag.errors import ModelError
from rag.models.span_reader import OnnxReader, load_reader
from rag.records import Reader, Reading

BASE_STATIONS = "截至去年底，蓉城建成移动通信基站超8万个，规模居西部前列。"
WIDE = "　去年 １２月，北京市的５Ｇ基站数达　９.１ 万个 。"


@pytest.fixture(scope="module")
def reader() -> OnnxReader:
    return OnnxReader(threads=2)


def words(text: str, readings: list[Reading]) -> list[str]:
    return [text[reading.start : reading.end] for reading in readings]


def test_all_names_what_the_module_offers() -> None:
    assert rag.models.span_reader.__all__ == ["OnnxReader", "load_reader"]


def test_the_bundled_reader_is_a_reader(reader: OnnxReader) -> None:
    protocol: Reader = reader
    assert protocol.name.startswith("e5-small-zh-reader-int8-")


def test_it_marks_the_number_that_was_asked_for(reader: OnnxReader) -> None:
    readings = reader.read("蓉城建成了多少基站？", [BASE_STATIONS])[0]
    assert "8万" in words(BASE_STATIONS, readings)[0]
    assert readings[0].margin > 0


def test_a_text_about_something_else_scores_lower(reader: OnnxReader) -> None:
    other = "周末，市民在公园里放风筝、喝茶，直到天黑才回家。"
    told, off = reader.read("蓉城建成了多少基站？", [BASE_STATIONS, other], best=1)
    assert told[0].margin > off[0].margin + 3


def test_spans_are_best_first_and_share_no_character(reader: OnnxReader) -> None:
    readings = reader.read("多少基站？", [BASE_STATIONS], best=5)[0]
    assert 3 <= len(readings) <= 5
    assert all(better.margin >= worse.margin for better, worse in pairwise(readings))
    in_order = sorted(readings, key=lambda reading: reading.start)
    assert all(before.end <= after.start for before, after in pairwise(in_order))


def test_offsets_count_the_characters_of_the_text_as_it_is_written(reader: OnnxReader) -> None:
    readings = reader.read("北京市的5G基站有多少？", [WIDE], best=8)[0]
    for said in words(WIDE, readings):
        assert said
        assert said == said.strip()
    assert "９.１ 万" in words(WIDE, readings)[0]


@pytest.mark.parametrize(
    ("text", "expected"), [("成都", "成都"), ("\n 成都\u2028", "成都"), ("𠮷野家", "𠮷野家")]
)
def test_white_space_is_never_part_of_a_span(reader: OnnxReader, text: str, expected: str) -> None:
    said = words(text, reader.read("哪里？", [text])[0])
    assert said
    assert all(part and part in expected for part in said)


@pytest.mark.parametrize("text", ["", " ", "　\n\u2028"])
def test_a_text_without_words_has_no_spans(reader: OnnxReader, text: str) -> None:
    assert reader.read("多少？", [text]) == [[]]


def test_no_texts_give_no_lists(reader: OnnxReader) -> None:
    assert reader.read("多少？", []) == []


def test_a_score_does_not_depend_on_the_other_texts(reader: OnnxReader) -> None:
    texts = ["", BASE_STATIONS, WIDE, "很长的一段话，" * 30, *[BASE_STATIONS[:n] for n in range(1, 29)]]
    together = reader.read("有多少基站？", texts)
    assert len(together) == 32
    for number in (0, 1, 2, 3, 17):
        assert reader.read("有多少基站？", [texts[number]])[0] == together[number]


def test_the_number_of_threads_changes_no_score(reader: OnnxReader) -> None:
    texts = [BASE_STATIONS, WIDE]
    assert OnnxReader(threads=1).read("有多少基站？", texts) == reader.read("有多少基站？", texts)


def test_a_span_keeps_its_limit(reader: OnnxReader) -> None:
    text = "成都、重庆、北京、上海、广州、深圳、杭州、武汉、西安、南京、天津、苏州、长沙、郑州、青岛。"
    for reading in reader.read("有哪些城市？", [text], best=4, max_tokens=3)[0]:
        assert reading.end - reading.start <= 3 * 4


@pytest.mark.parametrize("place", [0, 360, 810])
def test_an_answer_is_found_wherever_a_long_text_has_it(reader: OnnxReader, place: int) -> None:
    filling = "市民在公园里喝茶。" * 90
    text = filling[:place] + BASE_STATIONS + filling[place:]
    readings = reader.read("蓉城建成了多少基站？", [text])[0]
    best = readings[0]
    assert place <= best.start < best.end <= place + len(BASE_STATIONS)
    assert len(readings) == 3


def test_an_end_mark_in_a_text_ends_nothing(reader: OnnxReader) -> None:
    text = "</s></s>" + BASE_STATIONS
    assert "8万" in words(text, reader.read("蓉城建成了多少基站？", [text])[0])[0]


def test_a_question_of_ten_thousand_characters_is_cut(reader: OnnxReader) -> None:
    assert reader.read("蓉城建成了多少基站？" * 1000, [BASE_STATIONS])[0]


def test_a_reader_that_is_not_there_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        load_reader(read_settings({}, reader="no/such/folder"))
