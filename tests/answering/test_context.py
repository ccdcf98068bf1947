from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.context import LEVELS, Scene, nearest_times, published
from tests.support.hand import candidate, make

STORY = make(
    "滨江新区管委会今天介绍了情况。",
    "绿化不断推进。截至2023年底，新区已建成公园86座。其中，口袋公园31座，街心公园12座。明年将再建9座。",
    title="滨江新区再添公园",
)


def test_words_stand_near_or_far() -> None:
    scene = Scene.around(candidate(STORY, "12座"))
    assert set(scene.texts) == set(LEVELS)
    assert scene.texts["clause"].text == "街心公园12座。"
    assert (
        scene.texts["before"].text == "其中,口袋公园31座,".translate({44: ","})
        or "口袋公园31座" in scene.texts["before"].text
    )
    assert "86座" in scene.texts["context"].text
    assert "口袋公园" not in scene.texts["context"].text
    assert "再建9座" in scene.texts["later"].text
    assert "滨江新区再添公园" in scene.texts["above"].text
    assert scene.texts["lead"].text.startswith("滨江新区管委会")
    assert "再建9座" not in scene.near.text


def test_the_nearest_time_before_the_answer_holds() -> None:
    (when,) = nearest_times(Scene.around(candidate(STORY, "31座")))
    assert when.last == date(2023, 12, 31)


def test_an_article_without_a_time_bounds_nothing() -> None:
    assert nearest_times(Scene.around(candidate(make("新区有公园86座。"), "86座"))) == ()


@pytest.mark.parametrize(
    ("said", "expected"),
    [("2024-03-12", date(2024, 3, 12)), ("2024-03-12T08:00", date(2024, 3, 12)), ("", None), ("昨天", None)],
)
def test_the_day_of_an_article_is_known_or_not(said: str, expected: date | None) -> None:
    assert published(make("公园。", published=said)) == expected


@given(
    st.lists(
        st.sampled_from(["公园86座", "，", "。", "其中", "2023年", "、", "；"]), min_size=1, max_size=12
    ),
    st.data(),
)
def test_the_scene_of_any_span_surrounds_it(parts: list[str], data: st.DataObject) -> None:
    text = f"新区{''.join(parts)}完"
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, min(len(text), start + 8)))
    article = make(text, title="标题")
    scene = Scene.around(candidate(article, text[start:end]))
    span = scene.candidate.span
    assert scene.sentence.start <= scene.clause.start <= span.start
    assert span.end <= scene.clause.end <= scene.sentence.end
    assert all(other.end <= scene.sentence.start for other in scene.context)


@pytest.mark.parametrize(
    ("number", "last"),
    [("4.6亿元", date(2019, 12, 31)), ("5.2亿元", date(2021, 12, 31)), ("2.7亿元", date(2022, 6, 30))],
)
def test_a_range_of_years_gives_each_of_its_numbers_a_year(number: str, last: date) -> None:
    story = make("公司2019年至2022年6月营业收入分别为4.6亿元、6.5亿元、5.2亿元和2.7亿元。")
    [when] = nearest_times(Scene.around(candidate(story, number)))
    assert when.last == last
