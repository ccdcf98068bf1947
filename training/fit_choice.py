"""Fit the weights of rag/answering/choice.toml: which candidate is chosen, and how probable it is that it is right.

    python -m training.fit_choice [--size 200] [--write]

Choice: a softmax over the candidates of a question whose answer is among them, towards those that are right. Confidence: a
logistic regression over the candidate chosen, over all questions, also those without an answer. Both are held to the
weights of PRIOR (hand-set: what the features mean) by a penalty, so that a feature which these questions rarely show
keeps its sense. The table it prints gives for each set what weights fitted *without* it do; `--write` stores the
weights fitted on all, and the least confidence that is answered.
"""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from rag.config import read_settings
from rag.evaluation.calibration import ece
from rag.models.span_reader import load_reader
from training.choice_rows import SETS, AskedRow

__all__ = ["fit_confidence", "fit_score", "main"]

Numbers = npt.NDArray[np.float64]

TOML = Path(__file__).parent.parent / "rag" / "answering" / "choice.toml"
SIZE = 200
SCORE = (
    *(
        "margin",
        "top",
        "retrieval",
        "dense",
        "coverage",
        "local",
        "rare",
        "names",
        "segment",
        "unfit",
        "kind",
    ),
    *("target", "former", "shifted", "echo", "length", "votes", "lost_name", "lost_noun", "lost_word"),
)
CONFIDENCE = (
    *(
        "bias",
        "margin",
        "behind_margin",
        "top",
        "behind",
        "dense",
        "coverage",
        "local",
        "rare",
        "unfit",
        "kind",
    ),
    *("shifted", "echo", "votes", "number", "time", "spoken", "lost_name", "lost_noun", "lost_word"),
)
# What the features mean, by hand, in the units of the fitted weights.
PRIOR_SCORE = {
    **{
        "margin": 1.5,
        "retrieval": 1.0,
        "coverage": 1.5,
        "local": 1.5,
        "names": 1.0,
        "segment": 1.5,
        "unfit": -1.5,
    },
    **{"target": -0.8, "former": -1.2, "shifted": -1.0, "echo": -1.0, "lost_name": -1.5, "lost_noun": -1.0},
}
PRIOR_CONFIDENCE = {
    **{"margin": 2.0, "coverage": 3.0, "unfit": -1.0, "echo": -1.0, "lost_name": -2.0, "lost_noun": -1.0},
}
# How hard the weights are held to PRIOR: those of a flag that few questions show harder.
HELD, HELD_FLAGS = 1.0, 4.0
FLAGS = ("lost_name", "names", "segment", "target", "former", "shifted", "echo")
# A right short answer counts 1; where only the sentence holds it, the quote still does.
QUOTED = 0.25
# What answering a question without an answer costs against refusing one that would be quoted right.
RISK = 0.8


def _matrix(row: AskedRow, names: Sequence[str]) -> Numbers:
    return np.array([[features[name] for name in names] for features in row.features])


def _prior(names: Sequence[str], prior: Mapping[str, float]) -> tuple[Numbers, Numbers]:
    """Return the hand-set weights and how hard each is held."""
    held = [0.0 if n == "bias" else HELD_FLAGS if n.startswith(FLAGS) else HELD for n in names]
    return np.array([prior.get(name, 0.0) for name in names]), np.array(held)


def fit_score(rows: Sequence[AskedRow]) -> Numbers:
    """Return the weights of SCORE that make the right candidates most probable in a softmax over each question's."""
    data = []
    for row in rows:
        wanted = np.array(
            [right or QUOTED * holds for right, holds in zip(row.right, row.holds, strict=True)]
        )
        if row.answerable and len(wanted) > 1 and wanted.sum():
            data.append((_matrix(row, SCORE), wanted / wanted.sum()))
    center, held = _prior(SCORE, PRIOR_SCORE)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        away = weights - center
        total, slope = float(held * away @ away), 2 * held * away
        for matrix, wanted in data:
            scores = matrix @ weights
            shares = np.exp(scores - scores.max())
            shares /= shares.sum()
            total -= float(wanted @ np.log(shares + 1e-12))
            slope -= matrix.T @ (wanted - shares)
        return total, slope

    return np.asarray(minimize(loss, center, jac=True, method="L-BFGS-B").x)


def best(row: AskedRow, score: Numbers) -> int | None:
    """Return which candidate is chosen, None if none meets every demand."""
    if not any(row.meets):
        return None
    return int(np.argmax(np.where(row.meets, _matrix(row, SCORE) @ score, -np.inf)))


def fit_confidence(rows: Sequence[AskedRow], score: Numbers) -> Numbers:
    """Return the weights of CONFIDENCE of a logistic regression of whether the chosen candidate is right."""
    chosen = [(row, index) for row in rows if (index := best(row, score)) is not None]
    matrix = np.array([_matrix(row, CONFIDENCE)[index] for row, index in chosen])
    right = np.array([row.right[index] for row, index in chosen])
    center, held = _prior(CONFIDENCE, PRIOR_CONFIDENCE)

    def loss(weights: Numbers) -> tuple[float, Numbers]:
        away = weights - center
        sums = matrix @ weights
        total = float(np.logaddexp(0, sums).sum() - right @ sums + held * away @ away)
        return total, matrix.T @ (1 / (1 + np.exp(-sums)) - right) + 2 * held * away

    return np.asarray(minimize(loss, center, jac=True, method="L-BFGS-B").x)


def confidences(
    rows: Sequence[AskedRow], score: Numbers, weights: Numbers
) -> list[tuple[float, float, float]]:
    """Return for each question the confidence in the chosen candidate, whether it is right, and whether its sentence is."""
    found = []
    for row in rows:
        index = best(row, score)
        if index is None:
            found.append((0.0, 0.0, 0.0))
            continue
        sums = float(_matrix(row, CONFIDENCE)[index] @ weights)
        found.append((1 / (1 + float(np.exp(-sums))), row.right[index], row.holds[index]))
    return found


def least_confidence(found: Sequence[tuple[float, float, float]], answerable: Sequence[bool]) -> float:
    """Return the confidence from which to answer: the one with the least risk.

    Each false refusal of a chosen answer whose sentence is right costs 1, each answer to a question without one RISK.
    """
    limits = np.arange(0.1, 0.8, 0.01)
    quoted = np.array([holds for _, _, holds in found])
    sure = np.array([confidence for confidence, _, _ in found])
    none = ~np.array(answerable)
    costs = [
        float(
            quoted[sure < limit].sum() / max(1.0, quoted.sum())
            + RISK * (none & (sure >= limit)).sum() / max(1, none.sum())
        )
        for limit in limits
    ]
    return round(float(limits[int(np.argmin(costs))]), 2)


def line(name: str, rows: Sequence[AskedRow], score: Numbers, weights: Numbers, least: float) -> str:
    """Return a line of the table: what the weights do on the rows of one set."""
    found = confidences(rows, score, weights)
    sure, right, holds = (np.array(values) for values in zip(*found, strict=True))
    said = sure >= least
    yes = np.array([row.answerable for row in rows])
    cells = [f"{yes.sum():4d}/{(~yes).sum():<4d}"]
    cells += (
        [_share(values[yes]) for values in (right, holds, said * holds, ~said)]
        if yes.any()
        else ["    –"] * 4
    )
    cells.append(_share(said[~yes]))
    cells.append(f"{ece(sure[said], right[said], np.ones(int(said.sum()))):.3f}" if said.any() else "    –")
    return f"{name:16s} {'  '.join(cells)}"


def _share(values: npt.NDArray[np.bool_]) -> str:
    return f"{float(np.mean(values)) * 100:5.1f}" if len(values) else "    –"


def _fitted(rows: Sequence[AskedRow]) -> tuple[Numbers, Numbers, float]:
    score = fit_score(rows)
    weights = fit_confidence(rows, score)
    least = least_confidence(confidences(rows, score, weights), [row.answerable for row in rows])
    return score, weights, least


def _written(score: Numbers, weights: Numbers, least: float, ident: str) -> str:
    """Return the text of choice.toml."""
    tables = (("score", SCORE, score), ("confidence", CONFIDENCE, weights))
    parts = [HEAD.format(ident=ident)]
    for name, names, values in tables:
        lines = [
            f"{feature} = {round(float(value), 2)}" for feature, value in zip(names, values, strict=True)
        ]
        parts.append("\n".join([f"[{name}]", *lines]))
    parts.append(f"[confidence_limit]\nleast = {least}")
    return "\n\n".join(parts) + "\n"


HEAD = """\
# How a candidate is weighed (rag.answering.ranking; the features are those of rag.answering.answer_features): `score` orders the candidates of one
# question, `confidence` is the logit of the probability that the best of them is right, `least` what is answered unless
# RAG_MIN_CONFIDENCE says otherwise. Made by `python -m training.fit_choice --write` with the reader {ident}."""


def main() -> None:
    """Fit, print what weights fitted without each set do on it, and write if told to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=SIZE, help="questions of a set, or pairs")
    parser.add_argument(
        "--set", nargs="+", default=[one.name for one in SETS], help="names of sets, in quotes"
    )
    parser.add_argument("--write", action="store_true", help="store the weights in rag/answering/choice.toml")
    options = parser.parse_args()
    chosen = [one for one in SETS if one.name in options.set]
    rows = {one.name: one.rows(options.size) for one in chosen}
    print("set               yes/no     chosen right/quoted  said: quoted refused  false answers  ece")
    for one in chosen:
        rest = [row for other in chosen if other.family != one.family for row in rows[other.name]]
        print(line(one.name, rows[one.name], *_fitted(rest)))
    fitted = _fitted([row for of_set in rows.values() for row in of_set])
    text = _written(*fitted, load_reader(read_settings({})).name)
    print(f"\n{text}")
    if options.write:
        TOML.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
