from collections.abc import Iterator

import pytest

from rag import combined, overview
from rag.answering import answer, refusal
from rag.query import small_talk
from rag.render.refusals_en import said_en

FILLED = {
    "words": "“上海”、“天文馆”",
    "found": "2023年",
    "asked": "2024年",
    "where": "库中",
    "topic": "地铁",
    "day": "2024-05-06",
}


def sentences() -> Iterator[str]:
    """Yield every Chinese sentence that stands in the place of an answer, its blanks filled in."""
    yield from refusal.INSTEAD.values()
    for module in (answer, refusal, overview, combined, small_talk):
        for name, value in vars(module).items():
            if name.isupper() and isinstance(value, str) and value.endswith(("。", "！")):
                yield value


@pytest.mark.parametrize("sentence", [one for one in sentences() if one != combined.COMPARED])
def test_every_sentence_is_said_in_english(sentence: str) -> None:
    said = said_en(sentence.format(**FILLED))
    assert said.isprintable()
    assert said[0] != said[0].lower() or said[0].isdigit()
    assert "{" not in said


def test_there_are_many_sentences() -> None:
    assert len(list(sentences())) >= 18


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("相近的报道给出的是12批次，不是问到的时间。", "The nearest articles give 12批次, not a time as was asked."),
        ("相近的报道给出的3500元不是问到的增减。", "The nearest articles give 3500元, not a change as was asked."),
        ("筛选范围内没有找到足够可靠的依据，因此不作回答。", "Nothing reliable enough was found within the filters, so there is no answer."),
        ("库中没有找到2026年的报道", "No article of 2026年 was found in the library"),
        ("“甲有几座”：库中没有找到足够可靠的依据，因此不作回答。\n其余的问题请另外提问。",
         "“甲有几座”: Nothing reliable enough was found in the library, so there is no answer.\nPlease ask the other questions separately."),
        ("另一句话。", ""),
        ("再见！\n另一句话。", ""),
    ],
)  # fmt: skip
def test_what_a_reader_of_english_is_told(message: str, said: str) -> None:
    assert said_en(message) == said
