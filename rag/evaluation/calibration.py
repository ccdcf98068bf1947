"""What the confidence is worth: risk at every coverage, the area under that curve, and the calibration error."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["BINS", "Bin", "aurc", "ece", "equal_mass_bins", "risk_coverage"]

BINS = 10

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Bin:
    """Answers of neighbouring confidence: its mean, the share that is right, how many (by weight)."""

    confidence: float
    right: float
    n: float


def _risks(confidence: Numbers, right: Numbers, weights: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Return confidences from the largest down, the weight of each, and the risk of answering down to it.

    Risk is the share of wrong ones so far; answers of one confidence are taken together, so their order is no matter.
    """
    levels, level = np.unique(-confidence, return_inverse=True)
    mass: Numbers = np.bincount(level, weights, len(levels)).astype(np.float64)
    wrong = np.bincount(level, weights * (1 - right), len(levels))
    with np.errstate(invalid="ignore", divide="ignore"):
        return -levels, mass, np.cumsum(wrong) / np.cumsum(mass)


def risk_coverage(confidence: Numbers, right: Numbers, total: int) -> list[tuple[float, float, float]]:
    """Return (coverage, risk, confidence) for answering only from each confidence up.

    Coverage is a share of all `total` questions, risk the share of wrong ones among those answered.
    """
    levels, mass, risks = _risks(confidence, right, np.ones_like(confidence))
    covered = np.cumsum(mass) / max(1, total)
    return [(float(c), float(r), float(level)) for c, r, level in zip(covered, risks, levels, strict=True)]


def aurc(confidence: Numbers, right: Numbers, weights: Numbers) -> float:
    """Return the area under the risk–coverage curve of the answers given: the mean risk over them (lower is better).

    Geifman et al. 2019; nan if there is no answer.
    """
    _, mass, risks = _risks(confidence, right, weights)
    held = mass > 0
    return float(np.average(risks[held], weights=mass[held])) if held.any() else float("nan")


def equal_mass_bins(confidence: Numbers, right: Numbers, weights: Numbers) -> list[Bin]:
    """Return at most `BINS` bins of the answers in order of confidence, as equal in number as can be.

    An answer belongs to the bin in which the middle of its weight lies.
    """
    order = np.argsort(confidence, kind="stable")
    mass = weights[order]
    middles = np.cumsum(mass) - mass / 2
    number = np.minimum(BINS - 1, (middles / max(mass.sum(), 1e-12) * BINS).astype(int))
    sizes = np.bincount(number, mass, BINS)
    means = np.bincount(number, mass * confidence[order], BINS)
    rights = np.bincount(number, mass * right[order], BINS)
    return [
        Bin(float(m / n), float(r / n), float(n))
        for m, r, n in zip(means, rights, sizes, strict=True)
        if n > 0
    ]


def ece(confidence: Numbers, right: Numbers, weights: Numbers) -> float:
    """Return the expected calibration error: the mean gap between confidence and share right over equal-mass bins.

    Lower is better; nan if there is no answer (Naeini et al. 2015, Nguyen & O'Connor 2015 for equal mass).
    """
    bins = equal_mass_bins(confidence, right, weights)
    total = sum(each.n for each in bins)
    return sum(each.n * abs(each.confidence - each.right) for each in bins) / total if total else float("nan")
