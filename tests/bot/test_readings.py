"""Of several readings of a question one is answered: by its prior, its answer's certainty and what was given before."""

from dataclasses import replace
from typing import cast

import pytest

from rag.answering.constraints import Unmet
from rag.answering.ranking import Choice, choose
from rag.index.store import Store
from rag.readings import Reading, Search, Trial, new_first, preferred
from rag.request import Request
from rag.retrieval.retriever import Ranking
from tests.support.hand import candidate, make, query

LEAST = 0.4
ASKED = query("甲港完成多少标箱？")
STORY = make("甲港完成412万标箱，乙港完成187万标箱，丙港完成95万标箱。指挥为音乐总监顾明川，独奏是林茉。")


def choice(words: str, confidence: float) -> Choice:
    (found,) = choose(ASKED, [candidate(STORY, words)])
    return replace(found, confidence=confidence, unmet=())


def trial(prior: float, *choices: Choice, given: tuple[str, ...] = ()) -> Trial:
    """Return a reading with possible answers, told apart by its prior."""
    reading = Reading(ASKED, ASKED.text, prior, given=given)
    search = Search(Request(ASKED.text), reading, Ranking(cast(Store, None)), ())
    return Trial(search, (), (), choices)


@pytest.mark.parametrize(
    ("given", "first"),
    [
        (("412万标箱",), "187万标箱"),
        (("412万 标箱", "187万标箱"), "412万标箱"),  # nothing is left that is new
        (("12万标箱",), "412万标箱"),
        ((), "412万标箱"),
    ],
)
def test_who_asks_on_expects_another_answer(given: tuple[str, ...], first: str) -> None:
    found = [choice("412万标箱", 0.8), choice("187万标箱", 0.6)]
    assert new_first(found, given)[0].candidate.text == first


def test_what_is_far_less_certain_does_not_replace_what_was_given() -> None:
    found = [choice("412万标箱", 0.95), choice("187万标箱", 0.1)]
    assert new_first(found, ["412万标箱"]) == found


@pytest.mark.parametrize(
    ("given", "first"),
    [("音乐总监顾明川", "林茉"), ("顾明川", "林茉"), ("川", "音乐总监顾明川")],
)
def test_a_name_is_the_same_with_and_without_what_its_bearer_is(given: str, first: str) -> None:
    found = [choice("音乐总监顾明川", 0.8), choice("林茉", 0.7)]
    assert new_first(found, [given])[0].candidate.text == first


def test_a_reading_that_answers_what_was_answered_already_yields() -> None:
    again, new = (
        trial(1.0, choice("412万标箱", 0.7), given=("412万标箱",)),
        trial(0.0, choice("95万标箱", 0.6)),
    )
    assert preferred([again, new], LEAST) is new
    assert preferred([replace(again, search=trial(1.0).search), new], LEAST) is not new


def test_readings_that_come_to_one_answer_speak_together() -> None:
    alone = trial(1.0, choice("187万标箱", 0.6))
    together = [trial(0.5, choice("412万标箱", 0.6)), trial(0.4, choice("412万", 0.6))]
    assert preferred([alone, *together], LEAST) is together[0]
    assert preferred([alone, together[0]], LEAST) is alone


def test_of_readings_with_one_answer_one_that_is_certain_enough_is_answered() -> None:
    likely, certain = trial(1.0, choice("412万标箱", 0.3)), trial(0.0, choice("412万标箱", 0.5))
    assert preferred([likely, certain], LEAST) is certain
    assert preferred([likely, trial(0.0, choice("412万标箱", 0.35))], LEAST) is likely


def test_a_reading_without_an_answer_is_the_last() -> None:
    nothing, something = trial(1.5), trial(-1.5, choice("95万标箱", 0.1))
    assert preferred([nothing, something], LEAST) is something


def test_only_a_new_answer_without_veto_that_is_certain_enough_ends_the_trials() -> None:
    found = choice("412万标箱", 0.7)
    assert trial(1.0, found).settles(0.69)
    assert not trial(1.0, found).settles(0.71)
    assert not trial(1.0, found, given=("412万标箱",)).settles(0.69)
    assert not trial(1.0).settles(0.0)
    vetoed = replace(found, unmet=(Unmet("time", "2023年", "2022年"),))
    assert not trial(1.0, vetoed).settles(0.69)
