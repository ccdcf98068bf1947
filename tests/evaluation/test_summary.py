"""Means, intervals, curves, floors and comparisons, each against a computation of another kind."""

import json
import random
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from math import comb
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import EvalError
from rag.evaluation.bootstrap import RESAMPLES, Resampler
from rag.evaluation.calibration import aurc, ece, equal_mass_bins, risk_coverage
from rag.evaluation.gate import Failure, Floors, check, raised, read_floors, write_floors
from rag.evaluation.metrics import METRICS, help_text, metric
from rag.evaluation.report.compare import compare, comparison_table, mcnemar
from rag.evaluation.report.table import summary_table
from rag.evaluation.rows import Run, read_run
from rag.evaluation.summary import summarise

META = {
    "questions_digest": "q",
    "articles_digest": "a",
    "mode": "end-to-end",
    "partial": False,
}


def row(
    ident: str,
    right: float | None = 1.0,
    *,
    answerable: bool = True,
    refused: str = "",
    confidence: float = 0.9,
    cluster: str = "",
    rank: int | None = 1,
    milliseconds: float = 100.0,
    certainty: str = "sure",
    **more: Any,
) -> dict[str, Any]:
    """Return a row as `row_json` makes it; `refused` is the reason."""
    refusal = {"reason": refused, "constraint": "", "message": "无"} if refused else None
    kept = right if answerable else None
    scores = {
        **{name: kept for name in ("em", "f1", "numeral_accuracy", "contains", "answer_in_quote")},
        "right": right if answerable else (None if refused else 0.0),
        "hit@1": float(rank == 1) if answerable else None,
        "hit@5": float(rank is not None and rank <= 5) if answerable else None,
        "quote_chars": None if refused else 40.0,
        "false_refusal": float(bool(refused)) if answerable else None,
        "false_answer": None if answerable else float(not refused),
        "confidence": confidence,
    }
    return {
        "id": ident,
        "question": f"问题{ident}",
        "answers": ["答"] if answerable else [],
        "answerable": answerable,
        "cluster": cluster or ident,
        "type": "",
        "result": {
            "refused": bool(refused),
            "certainty": "" if refused else certainty,
            "refusal": refusal,
            "answer": "" if refused else "答",
            "timings_ms": {"read": milliseconds / 2, "total": milliseconds},
        },
        "scores": scores,
        "lost_at": "" if right else "reader_chose_another",
        "rank": rank if answerable else None,
        "error": "",
        **more,
    }


def random_rows(seed: int, count: int = 120) -> list[dict[str, Any]]:
    draw = random.Random(seed)
    return [
        row(
            str(n),
            0.0 if refused else float(draw.random() < 0.7),
            answerable=draw.random() < 0.8,
            refused=refused,
            confidence=draw.choice((0.55, 0.7, 0.85, round(draw.random(), 4))),
            cluster=f"c{draw.randrange(25)}",
            rank=draw.choice((1, 2, 7, None)),
            milliseconds=draw.uniform(50, 300),
            certainty=draw.choice(("sure", "sure", "likely")),
        )
        for n in range(count)
        for refused in [draw.choice(("", "", "", "no_evidence", "constraint_not_met"))]
    ]


# --- intervals


def test_an_interval_is_that_of_resampling_whole_clusters() -> None:
    draw = random.Random(5)
    clusters = [f"c{draw.randrange(12)}" for _ in range(80)]
    values = [float(draw.random() < 0.4) for _ in clusters]
    names = sorted(set(clusters))
    means = []
    for _ in range(4000):
        taken = [name for name in draw.choices(names, k=len(names))]
        kept = [value for name in taken for value, own in zip(values, clusters, strict=True) if own == name]
        means.append(sum(kept) / len(kept))
    found = Resampler(clusters, seed=1).mean(np.array(values))
    assert found == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.025)


def test_the_mean_and_any_statistic_agree_and_do_not_change_with_the_order() -> None:
    clusters = ["a", "a", "b", "c", "c", "c", "d"]
    values = np.array([1.0, 0, 1, 1, np.nan, 0, 1])
    draws = Resampler(clusters, seed=2)
    kept = np.isfinite(values)

    def mean(weights: np.ndarray[Any, np.dtype[np.float64]]) -> float:
        mass = weights[kept]
        return float(mass @ values[kept] / mass.sum()) if mass.sum() else float("nan")

    assert draws.mean(values) == pytest.approx(draws.of(mean))
    again = Resampler(clusters[::-1], seed=2)
    assert again.mean(values[::-1]) == draws.mean(values)
    assert Resampler(clusters, seed=3).of(mean) is not None


def test_questions_of_one_article_widen_the_interval() -> None:
    values = np.array([1.0] * 30 + [0.0] * 30)
    apart = Resampler([str(n) for n in range(60)]).mean(values)
    together = Resampler([str(n // 10) for n in range(60)]).mean(values)
    assert apart is not None
    assert together is not None
    assert together[1] - together[0] > 1.5 * (apart[1] - apart[0])


def test_nothing_has_no_interval() -> None:
    assert Resampler([]).mean(np.array([])) is None
    assert Resampler(["a"]).mean(np.array([np.nan])) is None
    assert RESAMPLES == 1000


# --- confidence


def naive_aurc(pairs: list[tuple[float, float]]) -> float:
    """Walk down the confidences; answers of one confidence share the risk after all of them."""
    ranked = sorted(pairs, key=lambda pair: -pair[0])
    risks, wrong, seen = [], 0.0, 0
    for _, group in groupby(ranked, key=lambda pair: pair[0]):
        level = list(group)
        seen += len(level)
        wrong += sum(1 - good for _, good in level)
        risks += [wrong / seen] * len(level)
    return sum(risks) / len(risks)


def naive_ece(pairs: list[tuple[float, float]]) -> float:
    """Cut the sorted answers into ten runs by rank: the i-th of n goes to run ⌊(i + ½)·10/n⌋."""
    ranked = sorted(pairs, key=lambda pair: pair[0])
    n = len(ranked)
    runs: dict[int, list[tuple[float, float]]] = {}
    for i, pair in enumerate(ranked):
        runs.setdefault(int((i + 0.5) * 10 / n), []).append(pair)
    gaps = [abs(sum(c for c, _ in run) - sum(g for _, g in run)) for run in runs.values()]
    return sum(gaps) / n


@pytest.mark.parametrize("count", [1, 7, 10, 53, 200])
def test_aurc_and_calibration_error_equal_the_plain_computation(count: int) -> None:
    draw = np.random.default_rng(count)
    confidence = np.round(draw.random(count), 1 if count == 200 else 4)
    right = (draw.random(count) < confidence).astype(float)
    ones = np.ones(count)
    pairs = list(zip(confidence.tolist(), right.tolist(), strict=True))
    assert aurc(confidence, right, ones) == pytest.approx(naive_aurc(pairs))
    if (
        len(set(confidence.tolist())) == count
    ):  # ties: which of them stands in which bin is no matter of truth
        assert ece(confidence, right, ones) == pytest.approx(naive_ece(pairs))
    assert sum(each.n for each in equal_mass_bins(confidence, right, ones)) == count


def test_a_weight_counts_as_so_many_answers() -> None:
    confidence, right = np.array([0.9, 0.6, 0.3]), np.array([1.0, 0.0, 1.0])
    weights = np.array([2.0, 0.0, 3.0])
    copies = (np.repeat(confidence, [2, 0, 3]), np.repeat(right, [2, 0, 3]), np.ones(5))
    assert aurc(confidence, right, weights) == pytest.approx(aurc(*copies))


def test_the_curve_ends_at_the_share_that_was_answered() -> None:
    curve = risk_coverage(np.array([0.9, 0.5, 0.5]), np.array([1.0, 0.0, 1.0]), 6)
    assert curve == [(pytest.approx(1 / 6), 0.0, 0.9), (0.5, pytest.approx(1 / 3), 0.5)]


def test_perfect_confidence_has_no_error_and_no_risk() -> None:
    ones = np.ones(20)
    assert ece(ones, ones, ones) == aurc(ones, ones, ones) == 0
    assert np.isnan(ece(np.array([]), np.array([]), np.array([])))


# --- the summary


def test_every_mean_is_over_its_denominator() -> None:
    rows = random_rows(1)
    line = summarise(rows, META)["summary"]
    due = [r for r in rows if r["answerable"]]
    undue = [r for r in rows if not r["answerable"]]
    given = [r for r in rows if not r["result"]["refused"]]
    means: dict[str, tuple[float, int]] = {
        "right": (sum(r["scores"]["right"] for r in due) / len(due), len(due)),
        "right_answered": (sum(r["scores"]["right"] for r in given) / len(given), len(given)),
        "hit@5": (sum(r["rank"] in (1, 2) for r in due) / len(due), len(due)),
        "answered_rate": (len(given) / len(rows), len(rows)),
        "false_answer_rate": (sum(not r["result"]["refused"] for r in undue) / len(undue), len(undue)),
        "false_refusal_rate": (sum(r["result"]["refused"] for r in due) / len(due), len(due)),
    }
    for reason in ("no_evidence", "constraint_not_met"):
        for name, part in (("false_refusal_rate", due), ("right_refusal_rate", undue)):
            refused = sum((r["result"]["refusal"] or {}).get("reason") == reason for r in part)
            means[f"{name}/{reason}"] = (refused / len(part), len(part))
    for name, (value, n) in means.items():
        assert line[name]["value"] == pytest.approx(value, abs=1e-4), name
        assert line[name]["n"] == n, name
        assert line[name]["low"] <= line[name]["value"] <= line[name]["high"], name
    assert line["right"]["of"] == "answerable"


def test_the_graded_metrics_are_over_the_answers_given() -> None:
    rows = random_rows(2)
    line = summarise(rows, META)
    pairs = [(r["scores"]["confidence"], r["scores"]["right"]) for r in rows if not r["result"]["refused"]]
    assert line["summary"]["aurc"]["value"] == pytest.approx(naive_aurc(pairs), abs=1e-4)
    assert line["summary"]["aurc"]["n"] == len(pairs) == sum(b["n"] for b in line["curves"]["calibration"])
    assert line["curves"]["risk_coverage"][-1][0] == pytest.approx(len(pairs) / len(rows), abs=1e-4)


def test_risk_is_told_at_sure_and_at_sure_and_likely() -> None:
    rows = random_rows(3)
    line = summarise(rows, META)
    given = [r for r in rows if not r["result"]["refused"]]
    sure = [r for r in given if r["result"]["certainty"] == "sure"]
    likely = [r for r in given if r["result"]["certainty"] == "likely"]
    undue = [r for r in rows if not r["answerable"]]
    told = line["summary"]

    def wrong(some: list[dict[str, Any]]) -> float:
        return sum(1.0 - float(r["scores"]["right"]) for r in some) / len(some)

    assert (told["risk"]["value"], told["risk"]["n"]) == (pytest.approx(wrong(given), abs=1e-4), len(given))
    assert (told["risk_sure"]["value"], told["risk_sure"]["n"]) == (
        pytest.approx(wrong(sure), abs=1e-4),
        len(sure),
    )
    assert told["sure_rate"]["value"] == pytest.approx(len(sure) / len(rows), abs=1e-4)
    asserted = [r for r in undue if r in sure]
    assert told["false_sure_rate"]["value"] == pytest.approx(len(asserted) / len(undue), abs=1e-4)
    for name, some in (("sure", sure), ("likely", likely), ("sure+likely", given)):
        graded = line["by"]["certainty"][name]
        assert graded["risk"]["value"] == pytest.approx(wrong(some), abs=1e-4)
        due = [r for r in some if r["answerable"]]
        assert graded["em"]["value"] == pytest.approx(
            sum(r["scores"]["em"] for r in due) / len(due), abs=1e-4
        )
        assert "false_refusal_rate" not in graded
    assert [(at["certainty"], at["n"]) for at in line["curves"]["certainty"]] == [
        ("sure", len(sure)),
        ("sure+likely", len(given)),
    ]
    assert line["curves"]["certainty"][1]["risk"] == line["curves"]["risk_coverage"][-1][1]


def test_answers_from_before_there_were_likely_ones_are_sure() -> None:
    old = row("1")
    del old["result"]["certainty"]
    assert summarise([old], META)["summary"]["sure_rate"]["value"] == 1


def test_latency_has_median_and_95th_percentile_of_every_stage() -> None:
    rows = [row(str(n), milliseconds=float(n)) for n in range(1, 101)]
    line = summarise(rows, META)["summary"]
    assert (line["latency_ms"]["value"], line["latency_ms"]["p95"]) == (50.5, pytest.approx(95.05))
    assert line["latency_ms/read"]["value"] == 25.25


def test_break_downs_count_stages_reasons_and_types() -> None:
    rows = [
        row("1", type="number"),
        row("2", 0.0, type="number", refused="no_evidence"),
        row("3", None, answerable=False, refused="no_evidence", type="time") | {"lost_at": ""},
    ]
    by = summarise(rows, META)["by"]
    assert by["lost_at"] == {"reader_chose_another": 1}
    assert by["reason"] == {"no_evidence": {"right": 1, "false": 1}}
    assert by["type"]["number"]["right"]["value"] == 0.5
    assert by["type"]["time"]["right"]["value"] is None


def test_hit_at_every_k_comes_from_the_ranks() -> None:
    rows = [row("1", rank=1), row("2", rank=3), row("3", rank=None), row("4", answerable=False)]
    curve = summarise(rows, META)["curves"]["hit"]
    assert curve[0] == [1, pytest.approx(1 / 3, abs=1e-4)]
    assert curve[2] == [3, pytest.approx(2 / 3, abs=1e-4)]
    assert len(curve) == 10


def test_a_crash_is_in_the_denominators_but_has_no_time() -> None:
    crashed = row("2", 0.0) | {"result": None, "error": "KeyError: 1"}
    crashed["scores"]["confidence"] = None
    line = summarise([row("1"), crashed], META)["summary"]
    assert (line["right"]["value"], line["right"]["n"]) == (0.5, 2)
    assert (line["right_answered"]["n"], line["latency_ms"]["n"], line["aurc"]["n"]) == (1, 1, 1)


def test_no_rows_at_all_make_a_summary_without_values() -> None:
    line = summarise([], META)
    assert {entry["value"] for entry in line["summary"].values()} == {None}
    assert "lost at" not in summary_table(line)


def test_the_same_rows_give_the_same_line() -> None:
    rows = random_rows(3)
    assert summarise(rows, META, seed=4) == summarise(rows, META, seed=4)
    assert json.loads(json.dumps(summarise(rows, META))) == summarise(rows, META)


def test_every_metric_is_explained_in_the_help() -> None:
    text = help_text()
    assert all(f"{one.name} [{one.of}]: " in text for one in METRICS)
    assert all(name in text for name in ("aurc", "ece", "latency_ms"))


# --- floors


def line_of(**values: float) -> dict[str, Any]:
    summary = {name: {"value": value, "n": 100} for name, value in values.items()}
    return {"summary": summary, "meta": META, "by": {}, "curves": {}}


FLOORS = Floors("q", "a", "end-to-end", {"right": 0.9, "false_answer_rate": 0.1})


def test_floors_hold_at_their_value_and_fail_below_or_above() -> None:
    assert check(line_of(right=0.9, false_answer_rate=0.1), FLOORS) == []
    failures = check(line_of(right=0.89, false_answer_rate=0.11), FLOORS)
    assert failures == [Failure("right", 0.89, 0.9), Failure("false_answer_rate", 0.11, 0.1)]
    assert str(failures[0]) == "right: 0.89, floor 0.9"


def test_a_metric_that_is_gone_fails() -> None:
    assert check(line_of(right=1.0), FLOORS) == [Failure("false_answer_rate", None, 0.1)]


@pytest.mark.parametrize("name", ["questions_digest", "articles_digest", "mode"])
def test_other_questions_or_articles_are_a_failure_of_their_own(name: str) -> None:
    other = line_of(right=1.0, false_answer_rate=0.0)
    other["meta"] = {**META, name: "other"}
    assert check(other, FLOORS) == [Failure(name, "other", getattr(FLOORS, name))]


def test_the_first_floors_lie_one_question_below_what_was_reached() -> None:
    floors = raised(line_of(right=0.9, false_answer_rate=0.1, ece=0.995, em=0.0, latency_ms=9.0), Floors())
    assert floors == Floors(
        "q", "a", "end-to-end", {"ece": 1.0, "em": 0.0, "false_answer_rate": 0.11, "right": 0.89}
    )


def test_floors_are_raised_and_never_lowered() -> None:
    better = raised(line_of(right=0.95, false_answer_rate=0.02), FLOORS)
    assert better.floors == {"false_answer_rate": 0.03, "right": 0.94}
    same = raised(line_of(right=0.9, false_answer_rate=0.1), FLOORS)
    assert same.floors == FLOORS.floors  # within the slack of a question: neither up nor down


def test_lowering_is_refused_unless_it_is_allowed() -> None:
    worse = line_of(right=0.5, false_answer_rate=0.0)
    with pytest.raises(EvalError, match=r"would go down \(right: 0.5, floor 0.9\)"):
        raised(worse, FLOORS)
    assert raised(worse, FLOORS, allow_regression=True).floors == {"false_answer_rate": 0.01, "right": 0.49}


def test_other_questions_do_not_open_a_way_to_lower_floors() -> None:
    worse = line_of(right=0.5, false_answer_rate=0.0)
    worse["meta"] = {**META, "questions_digest": "other"}
    with pytest.raises(EvalError, match="would go down"):
        raised(worse, FLOORS)


def test_a_stopped_run_sets_no_floor() -> None:
    stopped = line_of(right=1.0)
    stopped["meta"] = {**META, "partial": True}
    with pytest.raises(EvalError, match="stopped before its end"):
        raised(stopped, Floors(), allow_regression=True)


def test_floors_are_read_as_written(tmp_path: Path) -> None:
    write_floors(tmp_path / "floors.json", FLOORS)
    assert read_floors(tmp_path / "floors.json") == FLOORS


@pytest.mark.parametrize("content", ["", "[]", '{"floors": {"em": "high"}}', '{"floors": 3}', '{"other": 1}'])
def test_floors_of_another_form_are_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "floors.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvalError, match="are not what --update writes"):
        read_floors(path)
    with pytest.raises(EvalError, match="--update writes them at the first time"):
        read_floors(tmp_path / "none.json")


# --- comparing


def run_of(*rows: Mapping[str, Any]) -> Run:
    return Run(rows, {})


def difference(a: Run, b: Run, name: str) -> Any:
    return next(one for one in compare(a, b).differences if one.metric == name)


def test_differences_are_paired_by_question() -> None:
    a, b = random_rows(8), random_rows(9)
    for one, other in zip(a, b, strict=True):
        other["answerable"], other["cluster"] = one["answerable"], one["cluster"]
    found = difference(run_of(*a), run_of(*b), "em")
    pairs = [
        (x["scores"]["em"], y["scores"]["em"])
        for x, y in zip(a, b, strict=True)
        if x["scores"]["em"] is not None and y["scores"]["em"] is not None
    ]
    gained, dropped = sum(y > x for x, y in pairs), sum(y < x for x, y in pairs)
    assert found.n == len(pairs)
    assert found.difference == pytest.approx(sum(y - x for x, y in pairs) / len(pairs))
    assert (found.gained, found.dropped) == (gained, dropped)
    assert found.p == pytest.approx(mcnemar(gained, dropped))
    assert found.low <= found.difference <= found.high


@pytest.mark.parametrize(("gained", "dropped"), [(0, 0), (1, 0), (5, 5), (9, 1), (1, 9), (30, 12)])
def test_mcnemar_is_the_two_sided_binomial_test(gained: int, dropped: int) -> None:
    n = gained + dropped
    chances = [comb(n, k) / 2**n for k in range(n + 1)]
    as_uneven = sum(p for k, p in enumerate(chances) if abs(k - n / 2) >= abs(gained - n / 2))
    assert mcnemar(gained, dropped) == pytest.approx(as_uneven)


def test_the_same_run_does_not_differ() -> None:
    rows = random_rows(10)
    found = compare(run_of(*rows), run_of(*rows))
    assert {one.difference for one in found.differences} == {0}
    assert {one.p for one in found.differences} <= {1.0, None}
    assert not found.flips
    assert not found.only_a
    assert not found.only_b


def test_flips_name_the_question_and_both_answers() -> None:
    a = run_of(row("1"), row("2", 0.0), row("3", answerable=False, refused="no_evidence"), row("4"))
    b = run_of(row("1", 0.0, refused="no_evidence"), row("2"), row("3", answerable=False), row("5"))
    found = compare(a, b)
    assert [(flip.id, flip.better, flip.a, flip.b) for flip in found.flips] == [
        ("1", False, "答", "refused (no_evidence)"),
        ("2", True, "答", "答"),
        ("3", False, "refused (no_evidence)", "答"),
    ]
    assert (found.only_a, found.only_b) == (("4",), ("5",))
    text = comparison_table(found)
    assert "better in B: 1" in text
    assert "worse in B: 2" in text
    assert "1 questions only in A: 4" in text


def test_a_question_that_was_changed_is_no_pair() -> None:
    with pytest.raises(EvalError, match="no question in common"):
        compare(run_of(row("1")), run_of(row("1") | {"question": "别的"}))


def test_less_is_better_where_mistakes_are_counted() -> None:
    assert not metric("false_answer_rate").higher
    assert not metric("false_refusal_rate/no_evidence").higher
    assert not metric("ece").higher
    assert metric("right").higher


def test_a_run_is_read_back_also_when_it_was_killed_while_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [row("1"), row("2")]
    line = summarise(rows, META)
    text = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in (*rows, line))
    path.write_text(text, encoding="utf-8")
    assert read_run(path) == Run(rows, line)
    path.write_text(text[: text.index('{"summary"') - 20], encoding="utf-8")
    assert read_run(path) == Run(rows[:1], {})


@pytest.mark.parametrize("content", ["[1]\n", "text\n", '{"id": 1}\n'])
def test_what_is_no_run_is_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(EvalError, match="is not what `eval --json` writes"):
        read_run(path)


def test_floors_keep_what_a_line_no_longer_measures() -> None:
    with pytest.raises(EvalError, match="right: None"):
        raised(line_of(false_answer_rate=0.0), FLOORS)
    assert "right" not in raised(line_of(false_answer_rate=0.0), FLOORS, allow_regression=True).floors
    assert replace(FLOORS, mode="reading") != FLOORS
