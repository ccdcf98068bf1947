from collections.abc import Mapping
from dataclasses import replace

import pytest

from rag.answering.answer_features import COSTED, features
from rag.answering.constraints import Unmet
from rag.answering.evidence import weigh
from rag.records import Candidate
from tests.support.hand import candidate, make, query

ASKED = "成都有多少座公园？"
STORY = make("成都有公园86座，湿地31座，车站八十六座。")


def told(*found: Candidate, question: str = ASKED) -> list[dict[str, float]]:
    asked = query(question)
    return features(asked, [weigh(asked, one) for one in found])


def marked(words: str, margin: float, titled: float = 0.0) -> Candidate:
    return replace(candidate(STORY, words, margin), titled=titled)


def test_how_far_ahead_an_answer_is_counts_both_margins_and_other_answers_only() -> None:
    first, same, other = told(marked("86座", 9.0, 3.0), marked("八十六座", 8.0), marked("31座", 4.0, 2.0))
    assert first["ahead"] == pytest.approx(0.6)  # (9 + 3 - 4 - 2) / 10: the same number in words is no rival
    assert same["ahead"] == pytest.approx(0.2)
    assert other["ahead"] == pytest.approx(-0.6)
    assert told(marked("86座", 9.0))[0]["ahead"] == 1


@pytest.mark.parametrize("name", ["margin", "titled"])
def test_both_margins_are_clipped(name: str) -> None:
    low, high = (told(marked("86座", m, m))[0][name] for m in (-99.0, 99.0))
    assert (low, high) == (-1.5, 2)


def test_a_hit_behind_the_best_says_how_far() -> None:
    one = marked("86座", 9.0)
    best = replace(one, hit=replace(one.hit, score=one.hit.score + 0.5))
    assert [values["behind"] for values in told(best, one)] == [0, -0.5]


@pytest.mark.parametrize(
    ("dense", "sign"), [({"dense": 0.6}, 1), ({"dense": 0.2}, -1), ({"dense": 0.4}, 0), ({}, 0)]
)
def test_likeness_by_meaning_is_set_apart_from_the_middle(dense: Mapping[str, float], sign: int) -> None:
    one = marked("86座", 9.0)
    value = told(replace(one, hit=replace(one.hit, features=dense)))[0]["dense"]
    assert value == pytest.approx(0.5 * sign)


@pytest.mark.parametrize("kind", COSTED)
def test_a_demand_that_is_not_met_is_told_from_one_that_another_meets(kind: str) -> None:
    asked = query(ASKED)
    evidence = weigh(asked, marked("86座", 9.0))
    for found, lost, other in (("", 1, 0), ("别的", 0, 1)):
        (values,) = features(asked, [replace(evidence, unmet=(Unmet(kind, "问的", found),))])
        assert (values[f"unmet_{kind}"], values[f"other_{kind}"]) == (lost, other)
    (values,) = features(asked, [replace(evidence, unmet=())])
    assert (values[f"unmet_{kind}"], values[f"other_{kind}"]) == (0, 0)


def test_a_number_that_is_asked_for_is_a_flag() -> None:
    (number,) = told(marked("86座", 9.0))
    (time,) = told(marked("86座", 9.0), question="公园什么时候开放？")
    assert (number["number"], time["number"]) == (1, 0)
