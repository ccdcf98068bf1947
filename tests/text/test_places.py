import pytest

from rag.text.places import names_of, places, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成都市有多少5G基站", ["成都"]),
        ("北京、上海和四川省成都市", ["北京", "上海", "四川", "成都"]),
        ("南京路上的商店", []),
        ("内蒙古自治区呼和浩特市", ["内蒙古", "呼和浩特"]),
        ("川渝地区携手", ["川渝"]),
        ("今天天气很好", []),
    ],
)
def test_places_are_found_by_their_longest_name(text: str, expected: list[str]) -> None:
    assert [place.name for place in places(text)] == expected


def test_a_suffix_belongs_to_the_place() -> None:
    (place,) = places("在成都市召开")
    assert (place.start, place.end) == (1, 4)


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("成都", "四川", True),
        ("成都", "中国", True),
        ("成都", "成都", True),
        ("四川", "成都", False),
        ("成都", "重庆", False),
        ("东京", "中国", False),
        ("东京", "日本", True),
    ],
)
def test_a_city_lies_in_its_province_and_country(name: str, other: str, expected: bool) -> None:
    assert within(name, other) is expected


def test_short_forms_are_names_of_a_place() -> None:
    assert {"成都", "蓉"} <= set(names_of("成都"))
