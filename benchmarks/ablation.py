"""Leave out each feature of the choice in turn, fit without it, and say what that costs on sets not fitted.

    python -m benchmarks.ablation [--size 120]

For each feature: the change of the share right first, of the sentence right first, of the AUROC of right against all else over all
questions, and of the log loss of the confidence (more is worse), each the mean over the families of sets. The candidates are those
of `training.choice_rows`, the demands those of rag.answering.constraints, each a feature of its own.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.quality import auroc
from rag.answering.answer_features import COSTED
from training.choice_rows import SETS, AskedRow, ChoiceSet
from training.fit_choice import CONFIDENCE, SCORE, SIZE, Prediction, held_out

__all__ = ["main"]

Rows = Mapping[ChoiceSet, Sequence[AskedRow]]


def figures(found: Mapping[ChoiceSet, Sequence[Prediction]]) -> dict[str, float]:
    """Return right, quoted and log loss as means over the families, and the AUROC over all questions."""
    families: dict[str, list[Prediction]] = defaultdict(list)
    for of, some in found.items():
        families[of.family] += some
    every = [one for some in families.values() for one in some]
    good = np.array([one.quoted > 0 for one in every])
    return {
        "right": 100 * _mean([_share(some, "right") for some in families.values()]),
        "quoted": 100 * _mean([_share(some, "quoted") for some in families.values()]),
        "AUROC": 100 * auroc(np.array([one.confidence for one in every]), good, np.ones(len(every))),
        "log loss": 100 * _mean([_log_loss(some) for some in families.values()]),
    }


def _mean(values: Sequence[float]) -> float:
    return float(np.nanmean(values))


def _share(some: Sequence[Prediction], of: str) -> float:
    values = [getattr(one, of) for one in some if one.answerable]
    return float(np.mean(values)) if values else float("nan")


def _log_loss(some: Sequence[Prediction]) -> float:
    chance = np.clip([one.confidence for one in some], 1e-6, 1 - 1e-6)
    good = np.array([one.quoted for one in some])
    return float(-(good * np.log(chance) + (1 - good) * np.log(1 - chance)).mean())


def groups() -> list[tuple[str, ...]]:
    """Return what is left out together: a feature, or both states of a demand."""
    plain = [(name,) for name in dict.fromkeys((*SCORE, *CONFIDENCE)) if name != "bias" and "_" not in name]
    return [*plain, *((f"unmet_{kind}", f"other_{kind}") for kind in COSTED)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=SIZE, help="questions of a set, or pairs")
    parser.add_argument("--set", nargs="+", default=[one.name for one in SETS])
    options = parser.parse_args()
    rows: Rows = {one: one.rows(options.size) for one in SETS if one.name in options.set}
    whole = figures(held_out(rows))
    print("all features: " + ", ".join(f"{name} {value:.1f}" for name, value in whole.items()))
    for left_out in groups():
        changed = figures(held_out(rows, frozenset(left_out)))
        cells = [f"{name} {changed[name] - value:+5.2f}" for name, value in whole.items()]
        print(f"without {' '.join(left_out):28s} {'   '.join(cells)}", flush=True)


if __name__ == "__main__":
    main()
