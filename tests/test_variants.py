import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import reply
from rag.choose import choose
from rag.variants import agreeing, relation, variants
from tests.hand import KnownFiles, candidate, make, query


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("8万个", "80000个", "equal"),
        ("超35%", "超30%", "compatible"),
        ("35%", "30%", "different"),
        ("超8万个", "8万个", "compatible"),
        ("约100座", "103座", "compatible"),
        ("约100座", "150座", "different"),
        ("不足100座", "86座", "compatible"),
        ("86座", "86所", "different"),
        ("《智造名录》", "智造名录", "equal"),
        ("成都", "重庆", "different"),
    ],
)
def test_two_values_are_equal_compatible_or_different(one: str, other: str, expected: str) -> None:
    assert relation(one, other) == expected
    assert relation(other, one) == expected


@given(st.integers(1, 10**9), st.sampled_from(["个", "万元", "%", "座"]), st.sampled_from(["", "超", "约"]))
def test_a_value_equals_itself(number: int, unit: str, bound: str) -> None:
    assert relation(f"{bound}{number}{unit}", f"{bound}{number}{unit}") == "equal"


def test_one_value_has_no_variants() -> None:
    article = make("成都有公园86座。")
    found = choose(query("成都有多少座公园？"), [candidate(article, "86座", 9.0)])
    assert variants(found, ()) == ()


@pytest.mark.parametrize(
    ("other", "expected"), [("86座", "equal"), ("超80座", "compatible"), ("31座", "different")]
)
def test_another_article_of_the_same_fact_stands_beside(other: str, expected: str) -> None:
    first, second = make("成都有公园86座。", title="甲"), make(f"成都有公园{other}。", title="乙")
    asked = query("成都有多少座公园？")
    both = [candidate(first, "86座", 9.0), candidate(second, other, 8.0)]
    said = reply(asked, [one.hit for one in both], both, KnownFiles(), None)
    assert [variant.relation for variant in said.variants] == [expected]
    assert ("[1][2]" in said.text) == (expected == "equal")
    assert len(said.citations) == 2


def test_another_year_and_another_unit_are_other_facts() -> None:
    asked = query("成都有多少座公园？")
    best = candidate(make("2023年成都有公园86座。", title="甲"), "86座", 9.0)
    others = [
        candidate(make("2019年成都有公园31座。", title="乙"), "31座", 8.0),
        candidate(make("成都有公园12公顷。", title="丙"), "12公顷", 8.0, fits=False),
    ]
    choices = choose(asked, [best, *others])
    assert agreeing(asked, choices, choices[0], 0.0) == []
