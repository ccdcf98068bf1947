import tomllib
from collections.abc import Sequence

import numpy as np
import pytest

from rag.answering.answer_features import features
from rag.answering.evidence import weigh
from rag.answering.ranking import weights
from tests.support.hand import candidate, make, query
from training.choice_rows import AskedRow, ChoiceSet
from training.fit_choice import CONFIDENCE, SCORE, Prediction, _written, fit, held_out, limits, predict

ONE, OTHER = ChoiceSet("one", "one"), ChoiceSet("other", "other")
NAMES = sorted({*SCORE, *CONFIDENCE})


def row(ident: str, margins: Sequence[float], right: int, *, answerable: bool = True) -> AskedRow:
    """Return a question whose candidates differ by the reader's margin alone."""
    values = [{**dict.fromkeys(NAMES, 0.0), "bias": 1.0, "margin": margin} for margin in margins]
    told = [float(at == right and answerable) for at in range(len(margins))]
    return AskedRow(ident, answerable, values, [False] * len(margins), told, told)


def rows() -> list[AskedRow]:
    asked = [row(f"yes{n}", (1.0 + n / 40, 0.0, -0.5), 0) for n in range(20)]
    return asked + [row(f"no{n}", (-1.0 + n / 40, -1.5), 0, answerable=False) for n in range(20)]


def test_every_name_is_a_feature_and_every_weight_has_a_name() -> None:
    asked = query("成都有多少座公园？")
    (values,) = features(asked, [weigh(asked, candidate(make("成都有公园86座。"), "86座"))])
    assert set(NAMES) <= set(values)
    assert set(weights()["score"]) <= set(SCORE)
    assert set(weights()["confidence"]) <= set(CONFIDENCE)


def test_what_tells_right_from_wrong_gets_weight_with_its_sign() -> None:
    fitted = fit({ONE: rows()})
    score = dict(zip(SCORE, fitted.score, strict=True))
    confidence = dict(zip(CONFIDENCE, fitted.confidence, strict=True))
    assert score["margin"] > 0.5
    assert confidence["margin"] > 0.5
    for table, signs in ((score, SCORE), (confidence, CONFIDENCE)):
        assert all(sign * table[name] >= 0 for name, sign in signs.items())


def test_a_feature_may_not_weigh_against_its_meaning() -> None:
    backward = [row(f"{n}", (0.0, 1.0), 0) for n in range(20)]
    assert dict(zip(SCORE, fit({ONE: backward}).score, strict=True))["margin"] == 0


def test_a_vetoed_candidate_is_never_chosen() -> None:
    fitted = fit({ONE: rows()})
    first = row("yes", (1.0, 0.5), 1)
    assert predict([first], fitted)[0].right == 0
    vetoed = AskedRow(first.id, True, first.features, [True, False], first.right, first.holds)
    assert predict([vetoed], fitted)[0].right == 1
    alone = AskedRow("no", False, first.features[:1], [True], [0.0], [0.0])
    assert predict([alone], fitted)[0].confidence == 0
    assert predict([AskedRow("none", True, [], [], [], [])], fitted) == [Prediction(0, 0, 0, True)]


def test_a_family_is_predicted_by_weights_that_have_not_seen_it() -> None:
    backward = [row(f"{n}", (0.0, 1.0), 0) for n in range(20)]
    found = held_out({ONE: backward, OTHER: rows()})
    assert all(one.right == 0 for one in found[ONE])  # what OTHER teaches is wrong here
    assert {of: len(some) for of, some in found.items()} == {ONE: 20, OTHER: 40}


def test_the_limits_are_where_few_sure_ones_and_most_likely_ones_are_right() -> None:
    sure = [Prediction(0.9 + n / 10_000, 1.0, 1.0, True) for n in range(300)]
    half = [Prediction(0.5 + n / 10_000, 1.0, float(n % 4 > 0), True) for n in range(300)]
    wrong = [Prediction(0.1 + n / 10_000, 0.0, 0.0, False) for n in range(300)]
    likely_from, sure_from = limits({ONE: [*sure, *half, *wrong]})
    assert 0.45 < likely_from < sure_from <= 0.9


def test_what_is_written_is_read_as_the_same_weights() -> None:
    fitted = fit({ONE: rows()})
    tables = tomllib.loads(_written(fitted, 0.4, 0.8, "reader"))
    assert tables["limits"] == {"likely": 0.4, "sure": 0.8}
    for name, names, values in (
        ("score", SCORE, fitted.score),
        ("confidence", CONFIDENCE, fitted.confidence),
    ):
        stored = [tables[name].get(one, 0.0) for one in names]
        assert stored == pytest.approx(np.asarray(values), abs=0.006)
