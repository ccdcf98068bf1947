from pathlib import Path

import pytest

import rag.text.places
from rag.text.places import leans_on_its_city, names_of, places, within


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("成都市有多少5G基站", ["成都"]),
        ("北京、上海和四川省成都市", ["北京", "上海", "四川", "成都"]),
        ("南京路上的商店", []),
        ("内蒙古自治区呼和浩特市", ["内蒙古", "呼和浩特"]),
        ("川渝地区携手", ["川渝"]),
        ("今天天气很好", []),
        ("成都市武侯区", ["成都", "武侯区"]),
        ("四川天府新区", ["四川", "天府新区"]),
        ("双流县改为双流区", ["双流区", "双流区"]),
        ("都江堰、昆山市区", ["都江堰市", "昆山市"]),
        ("吉林省吉林市", ["吉林", "吉林市"]),
        ("甘孜藏族自治州康定市", ["甘孜", "康定市"]),
    ],
)
def test_places_are_found_by_their_longest_name(text: str, expected: list[str]) -> None:
    assert [place.name for place in places(text)] == expected


@pytest.mark.parametrize(
    "text",
    [
        "沿海城市和县域经济",  # 海城市, 和县
        "老城区新增城区绿地",
        "公安县级机构在武侯区域合作市场",
        "东方、合作、平安、长安、安居",
        "鼓楼区、朝阳区和市中区",  # each in more than one city
    ],
)
def test_a_word_that_is_also_a_county_is_no_place(text: str) -> None:
    assert places(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("南京市鼓楼区", ["南京", "南京鼓楼区"]),
        ("徐州鼓楼区", ["徐州", "徐州鼓楼区"]),
        ("江苏鼓楼区", ["江苏"]),  # it has two
        ("乐山市市中区", ["乐山", "乐山市中区"]),
        ("安徽和县", ["安徽", "和县"]),
        ("甘肃合作市", ["甘肃", "合作市"]),
        ("上海和县", ["上海"]),
    ],
)
def test_an_unclear_name_is_a_place_right_after_its_city(text: str, expected: list[str]) -> None:
    assert [place.name for place in places(text)] == expected


def test_an_unclear_name_leans_on_its_city() -> None:
    assert leans_on_its_city("南京鼓楼区")
    assert leans_on_its_city("和县")
    assert not leans_on_its_city("武侯区")


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
        ("武侯区", "成都", True),
        ("武侯区", "中国", True),
        ("南京鼓楼区", "江苏", True),
        ("南京鼓楼区", "徐州", False),
        ("天府新区", "四川", True),
        ("天府新区", "成都", True),  # it lies in both
        ("天府新区", "眉山", True),
        ("天府新区", "重庆", False),
        ("雄安", "河北", True),
        ("江干区", "浙江", True),  # until 2021
    ],
)
def test_a_city_lies_in_its_province_and_country(name: str, other: str, expected: bool) -> None:
    assert within(name, other) is expected


def test_short_forms_are_names_of_a_place() -> None:
    assert {"成都", "蓉"} <= set(names_of("成都"))


def test_every_county_lies_in_a_place_of_china() -> None:
    lines = (Path(rag.text.places.__file__).parent / "divisions.txt").read_text(encoding="utf-8").splitlines()
    cities = [line.partition(":")[0].split("=")[0] for line in lines if not line.startswith("#")]
    assert len(cities) > 330
    assert [city for city in cities if not within(city, "中国")] == []
