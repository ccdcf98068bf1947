"""Fit the weights of rag/choice.toml: which candidate is chosen, and how probable it is that it is right.

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

from rag.evaluate.calibration import ece
from training.choice_rows import SETS, AskedRow, Weights, own_rows, pair_rows, rows_of

__all__ = ["fit_confidence", "fit_score", "main"]

Numbers = npt.NDArray[np.float64]

TOML = Path(__file__).parent.parent / "rag" / "choice.toml"
SIZE = 200
KINDS = ("place", "time", "name", "ordinal", "quoted", "unit", "form", "object")
SCORE = (
    *("margin", "top", "retrieval", "dense", "coverage", "local", "rare", "names", "segment", "unfit", "kind"),
    *("target", "former", "shifted", "echo", "length", "votes", "lost_name", "lost_noun", "lost_word"),
    *(f"unmet_{kind}" for kind in KINDS),
    *(f"rival_{kind}" for kind in KINDS),
)
CONFIDENCE = (
    *("bias", "margin", "behind_margin", "top", "behind", "dense", "coverage", "local", "rare", "unfit", "kind"),
    *("shifted", "echo", "votes", "number", "time", "spoken", "lost_name", "lost_noun", "lost_word"),
    *(f"unmet_{kind}" for kind in KINDS),
    *(f"rival_{kind}" for kind in KINDS),
)
