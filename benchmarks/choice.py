"""Measure the choice from stored candidates: which comes first, and what tells right from wrong.

    python -m benchmarks.choice [--size 120] [--set staff crud_rag …] [--curve] [--control]

Ways: the reader's margin without and with the headline, their sum, the first edition's weights, and today's weights fitted
without the set's family. For each set: the right candidate first and its sentence right, AUROC of answerable against not, AUROC
of right against wrong among the answerable, with 95 % intervals over questions drawn again; risk at the coverage of likely and of
sure answers. `--curve` fits on a quarter, a half and all of the questions; `--control` on all with what is right dealt out
anew among the candidates of each question and what is answerable among the questions: what is left is the signs of the features. The candidates are those of `training.choice_rows`.
"""

import argparse
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from benchmarks.quality import auroc
from training.choice_rows import SETS, AskedRow, ChoiceSet
from training.fit_choice import SIZE, Prediction, fit, held_out, limits, predict

__all__ = ["main"]

Numbers = npt.NDArray[np.float64]
Features = Mapping[str, float]

DRAWS = 500
WAYS: Mapping[str, Callable[[Features], float]] = {
    "margin": lambda of: of["margin"],
    "titled": lambda of: of["titled"],
    "sum": lambda of: of["margin"] + of["titled"],
}


def by_one(rows: Sequence[AskedRow], way: Callable[[Features], float]) -> list[Prediction]:
    """Return what a single number does: it chooses, and its value is the confidence."""
    found = []
    for row in rows:
        values = [way(features) for features in row.features]
        if not values:
            found.append(Prediction(-10.0, 0.0, 0.0, row.answerable))
            continue
        at = int(np.argmax(values))
        right, holds = (row.right[at], row.holds[at]) if row.answerable else (0.0, 0.0)
        found.append(Prediction(values[at], right, max(right, holds), row.answerable))
    return found


def figures(found: Sequence[Prediction]) -> dict[str, float]:
    """Return the shares of the answerable that are right and quoted first, and both AUROCs, as per cent."""
    confidence, right, quoted = (
        np.array([getattr(one, of) for one in found]) for of in ("confidence", "right", "quoted")
    )
    yes = np.array([one.answerable for one in found])
    good = quoted[yes] > 0
    return {
        "first": _mean(right[yes]),
        "quoted": _mean(quoted[yes]),
        "answerable": 100 * auroc(confidence, yes, np.ones(len(yes))),
        "right/wrong": 100 * auroc(confidence[yes], good, np.ones(len(good))),
    }


def _mean(values: Numbers) -> float:
    return 100 * float(values.mean()) if len(values) else float("nan")


def intervals(found: Sequence[Prediction], seed: int = 1) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each figure, questions drawn again."""
    draws = np.random.default_rng(seed)
    drawn = [figures([found[at] for at in draws.integers(0, len(found), len(found))]) for _ in range(DRAWS)]
    return {name: tuple(np.nanpercentile([one[name] for one in drawn], (2.5, 97.5))) for name in drawn[0]}


def line(way: str, found: Sequence[Prediction]) -> str:
    """Return a line of the table."""
    values, between = figures(found), intervals(found)
    cells = [
        f"{value:5.1f} [{between[name][0]:4.1f}, {between[name][1]:5.1f}]"
        if value == value
        else f"{'–':>19s}"
        for name, value in values.items()
    ]
    return f"  {way:10s} {'   '.join(cells)}"


def risks(found: Sequence[Prediction], limit: float) -> str:
    """Return how much is answered from a limit on and how much of that is wrong."""
    said = [one for one in found if one.confidence >= limit]
    wrong = 100 * (1 - float(np.mean([one.quoted for one in said]))) if said else 0.0
    return f"{100 * len(said) / len(found):.0f} % answered, {wrong:.1f} % of it wrong"


def curve(rows: Mapping[ChoiceSet, Sequence[AskedRow]]) -> None:
    """Print what fewer questions to fit on would give."""
    for share in (0.25, 0.5, 1.0):
        some = {of: found[: max(8, int(share * len(found)))] for of, found in rows.items()}
        every = [one for found in held_out(some).values() for one in found]
        print(
            f"fitted on {share:.0%}: "
            + ", ".join(f"{name} {value:.1f}" for name, value in figures(every).items())
        )


def control(rows: Mapping[ChoiceSet, Sequence[AskedRow]], seed: int = 1) -> dict[ChoiceSet, list[Prediction]]:
    """Return for each set what weights do that were fitted without its family on labels dealt out anew."""
    draws = np.random.default_rng(seed)
    dealt = {
        of: [
            _dealt(row, bool(yes), draws)
            for row, yes in zip(some, draws.permutation(_yes(some)), strict=True)
        ]
        for of, some in rows.items()
    }
    found: dict[ChoiceSet, list[Prediction]] = {}
    for family in sorted({of.family for of in rows}):
        weights = fit({of: some for of, some in dealt.items() if of.family != family})
        found |= {of: predict(some, weights) for of, some in rows.items() if of.family == family}
    return found


def _yes(rows: Sequence[AskedRow]) -> list[bool]:
    return [row.answerable for row in rows]


def _dealt(row: AskedRow, answerable: bool, draws: np.random.Generator) -> AskedRow:
    """Return the row with its labels in another order; where it had none but is to have one, any is right."""
    order = draws.permutation(len(row.right))
    right, holds = ([values[at] for at in order] for values in (row.right, row.holds))
    if answerable and len(order) and not any(right):
        at = int(draws.integers(len(order)))
        right[at] = holds[at] = 1.0
    return replace(row, answerable=answerable, right=right, holds=holds)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=SIZE, help="questions of a set, or pairs")
    parser.add_argument("--set", nargs="+", default=[one.name for one in SETS])
    parser.add_argument("--curve", action="store_true")
    parser.add_argument("--control", action="store_true")
    options = parser.parse_args()
    rows = {one: one.rows(options.size) for one in SETS if one.name in options.set}
    fitted = held_out(rows)
    dealt = control(rows) if options.control else {}
    likely, sure = limits(fitted)
    print(
        f"{'':12s} {'right first':>19s}   {'sentence right':>19s}   {'AUROC answerable':>19s}   {'AUROC right/wrong':>19s}"
    )
    for of, found in rows.items():
        print(
            f"{of.name}: {sum(row.answerable for row in found)} answerable, {sum(not row.answerable for row in found)} not"
        )
        for name, way in WAYS.items():
            print(line(name, by_one(found, way)))
        print(line("fitted", fitted[of]))
        if dealt:
            print(line("control", dealt[of]))
    every = [one for found in fitted.values() for one in found]
    print(
        f"all, from likely ({likely}) on: {risks(every, likely)}; from sure ({sure}) on: {risks(every, sure)}"
    )
    if options.curve:
        curve(rows)


if __name__ == "__main__":
    main()
