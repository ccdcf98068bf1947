from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.query.spelling import corrected, corrections, homophones
from rag.text.characters import fold
from rag.text.words import bigrams


class Shelf:
    """A few passages to look words up in; `looked_at` counts how often their texts were read."""

    def __init__(self, *texts: str) -> None:
        self.texts = [fold(text) for text in texts]
        self.terms = {term for text in self.texts for term in bigrams(text)}
        self.looked_at = 0

    def occur(self, terms: Sequence[str]) -> Mapping[str, bool]:
        return {term: term in self.terms for term in terms}

    def texts_with(self, terms: Sequence[str], count: int) -> Sequence[str]:
        self.looked_at += 1
        return sorted(self.texts, key=lambda text: -sum(term in text for term in terms))[:count]


SHELF = Shelf(
    "滨江晚报记者李强报道，云峦制药研发的药品获批，江南大学与远航精密仪器股份有限公司合作。",
    "公司向Voltera供货。天津港集团的吞吐量超过去年，2023年第三季度增长5.2%。",
    "王建国说，绿色建材产业园开工。",
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("云峦制耀研发什么", "云峦制药研发什么"),
        ("天津岗集团吞吐量", "天津港集团吞吐量"),
        ("远杭精密仪器在哪", "远航精密仪器在哪"),
        ("滨江晚抱记者是谁", "滨江晚报记者是谁"),
        ("天津集港团吞吐量", "天津港集团吞吐量"),
        ("远航密仪器公司", "远航精密仪器公司"),
        ("谁向Voltara供货", "谁向voltera供货"),
        ("雲巒製耀研發什麼", "雲巒製药研發什麼"),
    ],
)
def test_a_name_is_spelt_as_the_articles_spell_it(typed: str, meant: str) -> None:
    assert corrected(typed, SHELF) == meant


@pytest.mark.parametrize(
    "typed",
    [
        "云峦制药研发什么",
        "绿色建筑产业园在哪",  # 建筑 is another word than 建材
        "远行精密仪器在哪",  # 远行 is a word
        "王建军说了什么",  # sounds unlike 王建国
        "2024年第四季度增长多少",
        "南京港集团吞吐量",
        "李墙写了什么",  # two characters may be anyone's name
        "voltera供货给谁",
        "完全无关的问题有什么答案",
    ],
)
def test_what_may_be_another_thing_is_left_alone(typed: str) -> None:
    assert corrected(typed, SHELF) == typed


def test_a_name_that_two_are_near_to_is_left_alone() -> None:
    shelf = Shelf("天津港集团增长。", "天津岗集团下降。")
    assert corrected("天津刚集团吞吐量", shelf) == "天津刚集团吞吐量"


def test_nothing_is_looked_up_when_every_pair_is_known() -> None:
    shelf = Shelf("天津港集团的吞吐量超过去年。")
    assert corrections("天津港集团的吞吐量", shelf) == []
    assert shelf.looked_at == 0


def test_a_correction_says_where_and_what() -> None:
    (found,) = corrections("请问天津岗集团吞吐量", SHELF)
    assert ("请问天津岗集团吞吐量"[found.start : found.end], found.meant) == ("岗", "港")


def test_sounds_are_alike_without_tones_and_near_sounds() -> None:
    assert "港" in homophones("岗")
    assert "章" in homophones("藏") or "章" in homophones("脏")
    assert "林" in homophones("玲")
    assert "国" not in homophones("军")
    assert "芯" in homophones("新")  # of the second level
    assert "脂" in homophones("酯")
    assert homophones("㐂") == ""


@given(st.text(st.sampled_from("滨江晚报云峦制药天津港集团2023年第三a，。"), max_size=30))
def test_any_question_is_corrected_in_order(text: str) -> None:
    found = corrections(text, SHELF)
    assert all(0 <= one.start <= one.end <= len(text) for one in found)
    assert [one.start for one in found] == sorted(one.start for one in found)
    assert [c for c in corrected(text, SHELF) if c.isdigit()] == [c for c in text if c.isdigit()]
