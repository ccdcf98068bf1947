"""The measure of readers: what a row says of a question, and what a summary says of rows.

It brings in all of sentence-transformers, seconds that a worker with other files should not wait for: imported by those
who ask for it.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

Summary = Callable[..., Mapping[str, Any]]


@pytest.fixture
def summary() -> Summary:
    from training.measure_reader import summary

    return summary


def row(name: str, number: int, *, answerable: bool, margin: float, first: float) -> dict[str, Any]:
    scores = {"margin": margin, "first": first, "f1": first, "em": first}
    found: dict[str, Any] = {
        "set": name,
        "id": f"q{number}",
        "answerable": answerable,
        "cluster": f"a{number}",
    }
    return found | dict.fromkeys(("plain", "titled", "sum"), scores)


def test_what_has_no_answer_counts_for_the_margin_alone(summary: Summary) -> None:
    rows = [
        row("s", n, answerable=n % 2 == 0, margin=float(n % 2 == 0), first=float(n == 0)) for n in range(8)
    ]
    found = summary(rows)
    assert found["s first plain"]["value"] == 25.0
    assert found["s first plain"]["n"] == 4
    assert found["s auroc plain"]["value"] == 100.0
    assert "s auroc plain" not in summary(rows[::2])


def test_a_difference_is_paired_with_the_same_questions(summary: Summary) -> None:
    rows = [row("s", n, answerable=True, margin=1.0, first=1.0) for n in range(10)]
    before = [row("s", n, answerable=True, margin=1.0, first=float(n > 4)) for n in reversed(range(10))]
    found = summary(rows, before)["s first titled"]
    assert found["difference"] == pytest.approx(50.0)
    low, high = found["difference_interval"]
    assert 0 < low < 50 < high
