from dataclasses import FrozenInstanceError, replace

import pytest

from rag.records import BlockKind, Candidate, Source, Span
from tests.support.hand import hit, make, passages
from tests.support.sample import answered, refused


def test_a_span_is_as_long_as_its_characters() -> None:
    assert len(Span(3, 8)) == 5


def test_a_source_names_its_line_only_if_it_has_one() -> None:
    assert str(Source("新闻/公园.txt")) == "新闻/公园.txt"
    assert str(Source("新闻.jsonl", 7)) == "新闻.jsonl#7"


def test_words_are_read_from_the_article() -> None:
    article = make((BlockKind.HEADING, "家门口的绿"), "公园建成。", title="新区")
    (passage,) = passages(article)
    assert (passage.text, passage.heading_text) == ("公园建成。", "家门口的绿")
    assert Candidate(hit(passage), Span(passage.start, passage.start + 2), 1.0).text == "公园"


def test_records_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        make("公园建成。").title = "别的"  # type: ignore[misc]


def test_an_answer_begins_with_its_schema_and_has_every_key() -> None:
    for answer in (answered(), refused()):
        data = answer.to_json()
        assert next(iter(data)) == "schema"
        assert set(data) == set(type(answer).__slots__) - {"explain"}
        assert "explain" in replace(answer, explain={}).to_json()
    assert answered().to_json()["refusal"] is None
    assert set(refused().to_json()["refusal"]) == {"reason", "constraint", "message"}
