from datetime import date

import pytest

from rag.answering.validity.dating import governing_words, governs
from rag.records import Span

DAY = date(2024, 11, 13)


def span(text: str, words: str) -> Span:
    return Span(text.index(words), text.index(words) + len(words))


@pytest.mark.parametrize(
    ("text", "dated", "value", "holds"),
    [
        ("截至2022年底建成1.1万个，2023年新增6000个。", "截至2022年底", "6000个", False),
        ("截至2022年底建成1.1万个，2023年新增6000个。", "2023年", "6000个", True),
        (
            "2023年，A市（11月12日公布）产值86亿元。",
            "2023年",
            "86亿元",
            True,
        ),  # the day is that of the announcement
        ("2023年，产值86亿元，比2022年增长3.1%。", "2023年", "3.1%", True),  # only compared with
        ("10月2日接待4万人次，10月3日接待5万人次。", "10月2日", "5万人次", False),
        ("产值86亿元。2022年另计。", "2022年", "86亿元", False),
    ],
)
def test_a_time_holds_for_what_no_other_time_stands_before(
    text: str, dated: str, value: str, holds: bool
) -> None:
    assert governs(text, DAY, span(text, dated), span(text, value)) is holds


def test_the_nearest_time_takes_the_place_of_one_that_does_not_hold() -> None:
    text = "截至2022年底建成1.1万个，2023年新增6000个。"
    assert governing_words(text, DAY, "截至2022年底", span(text, "6000个")) == "2023年"
    assert governing_words(text, DAY, "截至2022年底", span(text, "1.1万个")) == "截至2022年底"


@pytest.mark.parametrize(
    ("said", "words", "value", "dates"),
    [
        ("李岚，女，1974年9月生，在云泽中学任教11年。", "1974年9月", "11年", False),
        ("大桥2019年12月开工建设，总投资约286亿元。", "2019年12月", "约286亿元", False),
        ("9月28日，大桥通车，总投资约286亿元。", "9月28日", "约286亿元", True),
        ("9月出口额12亿元，进口额3亿元。", "9月", "3亿元", True),
    ],
)
def test_the_day_of_an_event_dates_no_number_of_a_later_clause(
    said: str, words: str, value: str, dates: bool
) -> None:
    at, dated = said.index(value), said.index(words)
    assert governs(said, None, Span(dated, dated + len(words)), Span(at, at + len(value))) is dates
