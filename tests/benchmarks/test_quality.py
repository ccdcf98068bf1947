import json
import subprocess
import sys
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from benchmarks import quality
from benchmarks.quality_sets import SETS, is_dev
from rag.evaluation.bootstrap import Resampler


def test_auroc_is_the_share_of_pairs_in_the_right_order() -> None:
    confidence = np.array([0.9, 0.4, 0.4, 0.7, 0.1])
    answerable = np.array([True, True, False, False, True])
    pairs = list(product(confidence[answerable], confidence[~answerable]))
    by_hand = sum((yes > no) + (yes == no) / 2 for yes, no in pairs) / len(pairs)
    assert (
        quality.auroc(confidence, answerable, np.ones(5)) == pytest.approx(by_hand) == pytest.approx(2.5 / 6)
    )


def test_a_weight_counts_a_question_as_often() -> None:
    confidence, answerable = np.array([0.9, 0.4, 0.7]), np.array([True, True, False])
    thrice = quality.auroc(np.array([0.9, 0.9, 0.9, 0.4, 0.7]), np.array([True] * 4 + [False]), np.ones(5))
    assert quality.auroc(confidence, answerable, np.array([3.0, 1.0, 1.0])) == pytest.approx(thrice) == 0.75
    assert np.isnan(quality.auroc(confidence, answerable, np.array([1.0, 1.0, 0.0])))


@pytest.mark.parametrize(
    ("name", "score", "expected"),
    [
        ("em", {"value": 0.5, "low": 0.25, "high": 0.75, "n": 8}, "50.0 [25.0, 75.0] <sub>8</sub>"),
        ("ece", {"value": 0.1234, "low": None, "high": None, "n": 3}, "0.123 <sub>3</sub>"),
        (
            "latency_ms",
            {"value": 99.6, "low": 90.0, "high": 110.0, "n": 2, "p95": 150.2},
            "100 [90, 110], p95 150 <sub>2</sub>",
        ),
        ("em", {"value": None, "low": None, "high": None, "n": 0}, "–"),
        ("em", None, "–"),
    ],
)
def test_a_cell_has_value_interval_and_count(name: str, score: quality.Score | None, expected: str) -> None:
    assert quality.cell(name, score) == expected


def test_a_metric_without_a_value_in_any_set_has_no_line() -> None:
    score = {"value": 0.5, "low": None, "high": None, "n": 8}
    lines = quality.table(["em", "f1", "mrr"], {"甲": {"em": score}, "乙": {"f1": score}}).split("\n")
    assert lines[0] == "| | 甲 | 乙 |"
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| em", "| f1"]


def test_half_a_row_that_a_kill_left_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes('{"id": "一"}\n{"id": "二\u2028"}\n{"id": "三'.encode())
    assert [row["id"] for row in quality._read_rows(path)] == ["一", "二\u2028"]
    with path.open("ab") as file:
        file.write(json.dumps({"id": "四"}).encode() + b"\n")
    assert [row["id"] for row in quality._read_rows(path)] == ["一", "二\u2028", "四"]
    assert list(quality._read_rows(tmp_path / "none.jsonl")) == []


def test_quotes_from_planted_articles_are_counted_per_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quality, "attack_articles", lambda: {"毒"})
    cited = [["毒", "好"], ["好"], []]
    rows = [{"result": {"citations": [{"external_id": ident} for ident in ids]}} for ids in cited]
    score = quality._attack_score([*rows, {"result": None}], Resampler(["a", "b", "c", "d"]))
    assert (score["value"], score["n"]) == (0.25, 2)


def test_the_tables_are_written_between_their_markers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"前\n{quality.BEGIN}\n旧\n{quality.END}\n后\n", encoding="utf-8")
    monkeypatch.setattr(quality, "README", readme)
    quality.write("新")
    quality.write("更新")
    assert readme.read_text(encoding="utf-8") == f"前\n{quality.BEGIN}\n\n更新\n\n{quality.END}\n后\n"
    readme.write_text("没有标记", encoding="utf-8")
    with pytest.raises(SystemExit, match="has no place for the tables"):
        quality.write("新")
    assert readme.read_text(encoding="utf-8") == "没有标记"


def test_the_real_readme_has_the_markers() -> None:
    text = quality.README.read_text(encoding="utf-8")
    assert text.count(quality.BEGIN) == text.count(quality.END) == 1
    assert text.index(quality.BEGIN) < text.index(quality.END)


def test_names_of_sets_are_distinct() -> None:
    assert len({one.name for one in SETS}) == len(SETS)


def test_one_article_in_five_is_dev_and_all_its_questions_with_it() -> None:
    dev = [is_dev({"article_ids": [f"article-{i}", "another"]}) for i in range(1000)]
    assert 150 < sum(dev) < 250
    assert is_dev({"article_ids": ["article-3"]}) == dev[3]


def run(*words: str, data: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from benchmarks.quality import main; main()", *words]
    return subprocess.run(
        command, cwd=quality.ROOT, env={"RAG_DATA": str(data)}, capture_output=True, text=True, check=False
    )


def test_without_the_data_it_says_so_in_one_sentence(tmp_path: Path) -> None:
    done = run(data=tmp_path / "nowhere")
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "nowhere does not exist: set RAG_DATA to the folder of the question sets."
    )


def test_an_unknown_set_is_named(tmp_path: Path) -> None:
    done = run("--set", "hotpot", data=tmp_path)
    assert done.returncode == 2
    assert "no set is called hotpot" in done.stderr
