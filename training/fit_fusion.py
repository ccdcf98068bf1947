"""Fit the weights of rag/retrieval/fusion.toml: `python -m training.fit_fusion [--write]`.

A question's candidates are ranked by a softmax over weighted features; weights are those under which the right
passages have the largest probability, each set counting the same, with an L2 penalty and none below zero. k1 and b of
BM25 are those of a grid with the smallest loss. What is reported for a set comes from weights fitted without it. The
question sets lie in $RAG_DATA and are not part of the project.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from benchmarks.quality_sets import DATA
from benchmarks.retrieval_sets import SETS, Asked, RetrievalSet, asked
from rag.retrieval.passage_features import FEATURES
from rag.retrieval.retriever import fusion

__all__ = ["Fitted", "Table", "fit", "held_out"]

PENALTY = 3e-4
GRID = [(k1, b) for k1 in (0.6, 0.9, 1.2, 1.6) for b in (0.0, 0.25, 0.5, 0.75)]
# A softmax wants scores about ten times as far apart as what reads them downstream (`rag.answering.candidates`, choice.toml).
SCALE = 0.1
FUSION = Path(__file__).resolve().parent.parent / "rag" / "retrieval" / "fusion.toml"

Numbers = npt.NDArray[np.float64]
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Table:
    """The candidates of all questions of a set, one below the other; `start` is where each question begins."""

    features: Numbers
    right: Marks
    unknown: Marks
    start: npt.NDArray[np.int64]

    @classmethod
    def of(cls, questions: Sequence[Asked], k1: float, b: float) -> "Table":
        """Lay out the questions whose answer is among the candidates."""
        kept = [one for one in questions if one.right.any()]
        ends = np.cumsum([len(one.right) for one in kept])
        return cls(
            np.concatenate([one.candidates.features(k1, b) for one in kept]),
            np.concatenate([one.right for one in kept]),
            np.concatenate([one.unknown for one in kept]),
            np.concatenate([[0], ends[:-1]]),
        )

    def loss(self, weights: Numbers) -> tuple[float, Numbers]:
        """Return the mean negative log probability of the right passages, and its gradient.

        Passages of which it is unknown whether they are right are left out.
        """
        scores = self.features @ weights
        counts = np.diff([*self.start, len(scores)])
        shifted = scores - np.repeat(np.maximum.reduceat(scores, self.start), counts)
        mass = np.where(self.unknown, 0, np.exp(np.maximum(shifted, -600)))
        good = mass * self.right
        whole, part = np.add.reduceat(mass, self.start), np.add.reduceat(good, self.start)
        pull = mass / np.repeat(whole, counts) - good / np.repeat(part, counts)
        return float(np.mean(np.log(whole) - np.log(part))), pull @ self.features / len(self.start)


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights by feature, in units of the score, and the loss they were fitted to."""

    weights: Numbers
    loss: float


def fit(tables: Sequence[Table], penalty: float = PENALTY) -> Fitted:
    """Return the weights with the smallest mean loss over the sets."""

    def total(weights: Numbers) -> tuple[float, Numbers]:
        losses, gradients = zip(*(table.loss(weights) for table in tables), strict=True)
        gradient = np.mean(gradients, axis=0) + 2 * penalty * weights
        return float(np.mean(losses) + penalty * weights @ weights), gradient

    start = np.ones(len(FEATURES))
    found = minimize(total, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(FEATURES))
    return Fitted(found.x * SCALE, float(found.fun))


def held_out(tables: Mapping[str, Table], families: Mapping[str, str], family: str) -> Fitted:
    """Return the weights fitted without the sets of one family."""
    return fit([table for name, table in tables.items() if families[name] != family])


def tables_of(questions: Mapping[str, Sequence[Asked]], k1: float, b: float) -> dict[str, Table]:
    """Return the sets that weights are fitted on."""
    return {one.name: Table.of(questions[one.name], k1, b) for one in SETS if one.fits}


def choose(questions: Mapping[str, Sequence[Asked]]) -> tuple[float, float]:
    """Return the k1 and b with the smallest loss, and print the grid."""
    losses = {(k1, b): fit(list(tables_of(questions, k1, b).values())).loss for k1, b in GRID}
    for (k1, b), loss in losses.items():
        print(f"k1 {k1} b {b}: loss {loss:.4f}")
    return min(losses, key=losses.__getitem__)


def report(questions: Mapping[str, Sequence[Asked]], k1: float, b: float) -> None:
    """Print hit@1 and hit@5 of every set with weights fitted without it."""
    tables = tables_of(questions, k1, b)
    families = {one.name: one.family for one in SETS}
    for family in dict.fromkeys(families.values()):
        fitted = held_out(tables, families, family)
        print(f"without {family}: {_named(fitted.weights)}")
        for one in (one for one in SETS if one.family == family and one.name in questions):
            print(f"  {one.name}: " + ", ".join(_hits(questions[one.name], fitted.weights, k1, b)))


def _hits(questions: Sequence[Asked], weights: Numbers, k1: float, b: float) -> list[str]:
    scores = [one.candidates.features(k1, b) @ weights for one in questions]
    pairs = list(zip(questions, scores, strict=True))
    return [f"hit@{k} {100 * np.mean([one.fused_hit(score, k) for one, score in pairs]):.1f}" for k in (1, 5)]


def _named(weights: Numbers) -> str:
    return " ".join(f"{name} {weight:.3f}" for name, weight in zip(FEATURES, weights, strict=True))


def write(weights: Numbers, k1: float, b: float) -> None:
    """Put the numbers into fusion.toml and leave its words as they are."""
    values = {**dict(zip(FEATURES, weights.tolist(), strict=True)), "k1": k1, "b": b}
    lines = FUSION.read_text(encoding="utf-8").split("\n")
    table = ""
    for number, line in enumerate(lines):
        table = line if line.startswith("[") else table
        name, equals, rest = line.partition(" = ")
        if equals and table in ("[weights]", "[bm25]"):
            comment = rest.partition("#")
            lines[number] = f"{name} = {values[name]:.3f}".ljust(20) + comment[1] + comment[2]
    FUSION.write_text("\n".join(line.rstrip() for line in lines), encoding="utf-8")


def main() -> None:
    """Fit, print, and write if told to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--write", action="store_true", help="put weights, k1 and b into rag/retrieval/fusion.toml"
    )
    parser.add_argument("--grid", action="store_true", help="choose k1 and b anew")
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    chosen: list[RetrievalSet] = [one for one in SETS if one.fits or "big" not in one.name]
    questions = {one.name: asked(one) for one in chosen}
    k1, b = choose(questions) if options.grid else (fusion()["bm25"]["k1"], fusion()["bm25"]["b"])
    report(questions, k1, b)
    fitted = fit(list(tables_of(questions, k1, b).values()))
    print(f"all, k1 {k1}, b {b}, loss {fitted.loss:.4f}: {_named(fitted.weights)}")
    if options.write:
        write(fitted.weights, k1, b)


if __name__ == "__main__":
    main()
