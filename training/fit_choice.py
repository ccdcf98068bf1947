"""Fit the weights of rag/answering/choice.toml: which candidate is chosen, and how probable it is that it is right.

    python -m training.fit_choice [--size 120] [--write]

Choice: a softmax over the candidates of a question whose answer is among them, towards those that are right. Confidence: a
logistic regression over the candidate chosen, over all questions, also those whose gold articles were taken away. Each weight
has the sign that its feature means, or is 0; each family of sets weighs the same. The table gives for each set what
weights fitted *without its family* do; the limits of sure and likely are those of these predictions. `--write` stores the
weights fitted on all.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.quality import auroc
from rag.answering.answer_features import COSTED
from rag.config import read_settings
from rag.evaluation.calibration import ece
from rag.models.span_reader import load_reader
from training.choice_rows import SETS, AskedRow, ChoiceSet

__all__ = ["CONFIDENCE", "SCORE", "Weights", "fit", "held_out", "main", "predict"]

Numbers = npt.NDArray[np.float64]

TOML = Path(__file__).parent.parent / "rag" / "answering" / "choice.toml"
SIZE = 120
# A right short answer counts 1; where only the sentence holds it, the quote still does.
QUOTED_CHOICE, QUOTED = 0.25, 0.6
# How hard weights are held to 0.
HELD = 1.0
# What is right of the answers above a limit: of those that are sure all in all, of the least likely ones each.
SURE, LIKELY = 0.92, 0.6
# The share of questions without an answer that the limits are made for: a quarter of staff's have none.
NONE = 0.3
# Answers of about one confidence, to see how many of them are right.
WINDOW = 60


@dataclass(frozen=True, slots=True)
class Weights:
    """Fitted weights, in the order of SCORE and CONFIDENCE."""

    score: Numbers
    confidence: Numbers


@dataclass(frozen=True, slots=True)
class Prediction:
    """What became of a question: the confidence in the candidate chosen, whether it is right, whether its sentence is."""

    confidence: float
    right: float
    quoted: float
    answerable: bool


COSTS = {f"{state}_{kind}": -1 for kind in COSTED for state in ("unmet", "other")}
# Features with their signs; 0 leaves it open.
SCORE = dict.fromkeys(("margin", "titled", "retrieval", "dense"), 1)
CONFIDENCE = {
    **dict.fromkeys(("bias", "number"), 0),
    **dict.fromkeys(("margin", "titled", "ahead", "behind", "dense", "coverage"), 1),
    **COSTS,
}


def _matrix(row: AskedRow, names: Sequence[str]) -> Numbers:
    return np.array([[features[name] for name in names] for features in row.features])


def _bounds(signs: Mapping[str, int], without: frozenset[str]) -> list[tuple[float | None, float | None]]:
    return [
        (0.0, 0.0) if name in without else (0.0 if sign > 0 else None, 0.0 if sign < 0 else None)
        for name, sign in signs.items()
    ]


def _weighed(rows: Mapping[ChoiceSet, Sequence[AskedRow]]) -> list[tuple[AskedRow, float]]:
    """Return all rows with a weight that makes every family count as much as every other, once its root is taken."""
    families: dict[str, list[AskedRow]] = defaultdict(list)
    for of, found in rows.items():
        families[of.family] += [row for row in found if row.features]
    total = sum(len(found) for found in families.values())
    shares = {name: total / len(families) / max(1, len(found)) for name, found in families.items()}
    return [(row, shares[name] ** 0.5) for name, found in families.items() for row in found]


def _fit_score(rows: Sequence[tuple[AskedRow, float]], without: frozenset[str]) -> Numbers:
    """Return the weights of SCORE that make the right candidates most probable in a softmax over each question's."""
    matrices, targets, weights = [], [], []
    for row, weight in rows:
        wanted = np.maximum(np.array(row.right), QUOTED_CHOICE * np.array(row.holds))
        if row.answerable and len(wanted) > 1 and wanted.sum():
            matrices.append(_matrix(row, list(SCORE)))
            targets.append(wanted / wanted.sum())
            weights.append(weight)
    matrix, wanted = np.concatenate(matrices), np.concatenate(targets)
    lengths = np.array([len(one) for one in targets])
    starts, question = np.cumsum(lengths) - lengths, np.repeat(np.arange(len(lengths)), lengths)
    share = np.array(weights)[question]

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        scores = matrix @ weights
        powers = np.exp(scores - np.maximum.reduceat(scores, starts)[question])
        chances = powers / np.add.reduceat(powers, starts)[question]
        total = HELD * weights @ weights - (share * wanted * np.log(chances + 1e-12)).sum()
        return float(total), 2 * HELD * weights + matrix.T @ (share * (chances - wanted))

    start = np.zeros(len(SCORE))
    return np.asarray(minimize(loss, start, jac=True, method="L-BFGS-B", bounds=_bounds(SCORE, without)).x)


def _best(row: AskedRow, score: Numbers) -> int:
    """Return which candidate is chosen: the best of those that no veto stands against."""
    scores = _matrix(row, list(SCORE)) @ score
    return int(np.argmax(np.where(row.vetoed, -1e6, 0.0) + scores))


def _value(row: AskedRow, index: int) -> float:
    return max(row.right[index], QUOTED * row.holds[index]) if row.answerable else 0.0


def _fit_confidence(
    rows: Sequence[tuple[AskedRow, float]], score: Numbers, without: frozenset[str]
) -> Numbers:
    """Return the weights of CONFIDENCE of a logistic regression of whether the chosen candidate is right."""
    chosen = [(row, _best(row, score), weight) for row, weight in rows]
    matrix = np.array([[row.features[index][name] for name in CONFIDENCE] for row, index, _ in chosen])
    right = np.array([_value(row, index) for row, index, _ in chosen])
    share = np.array([weight for _, _, weight in chosen])
    held = np.array([0.0 if name == "bias" else HELD for name in CONFIDENCE])

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        sums = matrix @ weights
        total = float((share * (np.logaddexp(0, sums) - right * sums)).sum() + held * weights @ weights)
        return total, matrix.T @ (share * (1 / (1 + np.exp(-sums)) - right)) + 2 * held * weights

    start = np.zeros(len(CONFIDENCE))
    return np.asarray(
        minimize(loss, start, jac=True, method="L-BFGS-B", bounds=_bounds(CONFIDENCE, without)).x
    )


def fit(rows: Mapping[ChoiceSet, Sequence[AskedRow]], without: frozenset[str] = frozenset()) -> Weights:
    """Return the weights fitted on the rows; the features `without` get none."""
    weighed = _weighed(rows)
    score = _fit_score(weighed, without)
    return Weights(score, _fit_confidence(weighed, score, without))


def predict(rows: Sequence[AskedRow], weights: Weights) -> list[Prediction]:
    """Return what the weights do on each row."""
    return [_prediction(row, weights) for row in rows]


def _prediction(row: AskedRow, weights: Weights) -> Prediction:
    if not row.features:
        return Prediction(0.0, 0.0, 0.0, row.answerable)
    index = _best(row, weights.score)
    sums = sum(row.features[index][name] * w for name, w in zip(CONFIDENCE, weights.confidence, strict=True))
    confidence = 0.0 if row.vetoed[index] else 1 / (1 + float(np.exp(-sums)))
    right, quoted = (row.right[index], row.holds[index]) if row.answerable else (0.0, 0.0)
    return Prediction(confidence, right, max(right, quoted), row.answerable)


def held_out(
    rows: Mapping[ChoiceSet, Sequence[AskedRow]], without: frozenset[str] = frozenset()
) -> dict[ChoiceSet, list[Prediction]]:
    """Return for each set what weights fitted without its family do on it."""
    found: dict[ChoiceSet, list[Prediction]] = {}
    for family in sorted({of.family for of in rows}):
        weights = fit({of: some for of, some in rows.items() if of.family != family}, without)
        found |= {of: predict(some, weights) for of, some in rows.items() if of.family == family}
    return found


def limits(found: Mapping[ChoiceSet, Sequence[Prediction]]) -> tuple[float, float]:
    """Return the confidence from which an answer is likely, and from which it is sure, over sets not fitted.

    Among the questions of the sets more lack an answer than people ask: they count as if they were NONE of all.
    """
    said = sorted((one for some in found.values() for one in some), key=lambda one: -one.confidence)
    right, yes = np.array([one.quoted for one in said]), np.array([one.answerable for one in said])
    weight = np.where(yes, (1 - NONE) / yes.mean(), NONE / (1 - yes.mean()))
    down_to = np.cumsum(weight * right) / np.cumsum(weight)
    sure = int(np.nonzero(down_to >= SURE)[0].max(initial=0))
    window = np.ones(WINDOW)
    around = np.convolve(weight * right, window, mode="valid") / np.convolve(weight, window, mode="valid")
    likely = int(np.nonzero(around >= LIKELY)[0].max(initial=0)) + WINDOW // 2
    return round(said[likely].confidence, 2), round(said[sure].confidence, 2)


def line(name: str, found: Sequence[Prediction], likely: float, sure: float) -> str:
    """Return a line of the table: what was predicted for the rows of one set."""
    confidence, right, quoted = (
        np.array([getattr(one, of) for one in found]) for of in ("confidence", "right", "quoted")
    )
    yes = np.array([one.answerable for one in found])
    said = confidence >= likely
    cells = [f"{yes.sum():4d}/{(~yes).sum():<4d}"]
    cells += [_share(values[yes]) for values in (right, quoted, said * quoted, ~said)]
    cells += [_share(said[~yes]), _share(quoted[confidence >= sure])]
    ones = np.ones(len(found))
    cells.append(f"{auroc(confidence, yes, ones) * 100:5.1f}" if 0 < yes.sum() < len(yes) else "    –")
    cells.append(f"{ece(confidence, np.where(yes, quoted, 0.0), ones):.3f}")
    return f"{name:16s} {'  '.join(cells)}"


def _share(values: npt.NDArray[np.bool_]) -> str:
    return f"{float(np.mean(values)) * 100:5.1f}" if len(values) else "    –"


def _written(weights: Weights, likely: float, sure: float, ident: str) -> str:
    """Return the text of choice.toml."""
    parts = [HEAD.format(ident=ident)]
    for name, names, values in (
        ("score", SCORE, weights.score),
        ("confidence", CONFIDENCE, weights.confidence),
    ):
        kept = [f"{one} = {w:.2f}" for one, w in zip(names, values, strict=True) if abs(w) >= 0.005]
        parts.append("\n".join([f"[{name}]", *kept]))
    parts.append(f"[limits]\nlikely = {likely}\nsure = {sure}")
    return "\n\n".join(parts) + "\n"


HEAD = """\
# How a candidate is weighed (rag.answering.ranking; the features are those of rag.answering.answer_features): `score` orders the candidates of one
# question, `confidence` is the logit of the probability that the best of them is right. From `likely` on it is answered, unless RAG_MIN_CONFIDENCE
# says otherwise, from `sure` on without 可能. Made by `python -m training.fit_choice --write` with the reader {ident}."""


def main() -> None:
    """Fit, print what weights fitted without each family do on it, and write if told to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=SIZE, help="questions of a set, or pairs")
    parser.add_argument(
        "--set", nargs="+", default=[one.name for one in SETS], help="names of sets, in quotes"
    )
    parser.add_argument("--write", action="store_true", help="store the weights in rag/answering/choice.toml")
    options = parser.parse_args()
    rows = {one: one.rows(options.size) for one in SETS if one.name in options.set}
    found = held_out(rows)
    likely, sure = limits(found)
    print(
        "set               yes/no     chosen right/quoted  said: quoted refused  false  sure right  AUROC  ece"
    )
    for one, some in found.items():
        print(line(one.name, some, likely, sure))
    text = _written(fit(rows), likely, sure, load_reader(read_settings({})).name)
    print(f"\n{text}")
    if options.write:
        TOML.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
