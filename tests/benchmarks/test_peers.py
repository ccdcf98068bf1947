import json
import runpy
import sys
from pathlib import Path

import pytest

from benchmarks.peers.process import measured
from benchmarks.peers.scores import ANSWERS, Result, answer_scores
from benchmarks.peers.table import plot, report
from tests.support.paths import ROOT

# Run by the peers' own Python, with packages that are not here: only what needs none of them is looked at.
PEER = ROOT / "benchmarks" / "peers" / "peer.py"
peers = runpy.run_path(str(PEER))
UNREAD = dict.fromkeys((*ANSWERS, "confidence", "stands"))
RANKED = [{"hit@1": 1.0, "hit@5": 1.0, "mrr": 1.0}, {"hit@1": 0.0, "hit@5": 1.0, "mrr": 0.5}]
SCORES = [{**row, **UNREAD} for row in RANKED]
# The first is answered rightly and surely, the second wrongly and only likely.
SAID = [
    {**RANKED[0], **answer_scores(1.0, answered=True, confidence=0.9, stands=True), "near": 0.0},
    {**RANKED[1], **answer_scores(0.0, answered=True, confidence=0.6), "near": 0.0},
]
COSTS = {
    "build_sample": {"cpu": 2.0, "wall": 3.0, "passages": 48},
    "cold": {"wall": 5.0, "cpu": 4.0, "peak_mb": 900},
    "search_ms_cpu": [10.0, 30.0],
    "answer_ms_cpu": [0.0, 0.0],
    "resident_with_reader_mb": 700,
}


def test_tables_show_means_intervals_and_costs_and_a_dash_for_what_a_peer_cannot() -> None:
    own = Result(SAID, ["a", "b"], COSTS)
    said = report({"news": {"Youju": own, "Peer": Result(SCORES, ["a", "b"], COSTS)}})
    assert "| Peer | 50.0 [0.0, 100.0] | 100.0 [100.0, 100.0] | 75.0 [50.0, 100.0] |\n" in said
    assert "| Peer | 24.0 | 20 / 29 ms | – | 4.0 s | 700 MB |" in said
    answered = next(line for line in said.splitlines() if line.startswith("| Youju") and "0.250" in line)
    cells = "50.0 [0.0, 100.0] | 100.0 [100.0, 100.0] | 50.0 [0.0, 100.0] | 0.0 | 0.0 | 50.0"
    assert answered == f"| Youju | {cells} | 0.250 |"
    assert said.count("| Peer |") == 2  # it reads nothing, so it has no row among the answers


def test_what_does_not_stand_is_refused_where_less_is_said() -> None:
    strict = Result(SAID, ["a", "b"], COSTS).strict()
    assert [row["answered"] for row in strict.scores] == [1.0, 0.0]
    assert [row["right_answered"] for row in strict.scores] == [1.0, None]
    assert strict.aurc() == 0.0
    assert (strict.risk(0.5), strict.risk(0.75)) == (0.0, None)


def test_what_refusing_changes_nothing_of_is_ranked_in_one_row() -> None:
    own = Result(SAID, ["a", "b"], COSTS)
    said = report({"news": {"Youju": own, "Youju, sure answers alone": own.strict()}})
    assert said.count("| Youju, sure answers alone |") == 1
    assert "Of the 0 that Youju refuses 0 show" in said


def test_a_plot_has_a_row_for_everyone() -> None:
    own, other = Result(SAID, ["a", "b"], {}), Result(SCORES, ["a", "b"], {})
    drawn = plot({"news": {"Youju": own, "Youju, sure answers alone": own.strict(), "Peer": other}})
    assert drawn.count("<circle") == 2
    assert "50.0" in drawn


def test_a_command_is_measured_from_outside() -> None:
    used = measured([sys.executable, "-c", "x = bytes(50_000_000)"])
    assert used["peak_mb"] > 50
    assert used["cpu"] > 0


def test_the_same_words_are_given_to_every_peer() -> None:
    assert peers["content"]({"title": "题", "text": "文"}) == "题\n文"
    assert peers["content"]({"title": "", "text": "文"}) == "文"


def test_a_pool_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "pool.json"
    path.write_text(json.dumps({"passages": [], "questions": []}), encoding="utf-8")
    assert peers["read"](path) == {"passages": [], "questions": []}


@pytest.mark.parametrize("name", peers["PEERS"])
def test_every_peer_says_its_packages(name: str) -> None:
    wanted = (PEER.parent / "requirements.txt").read_text(encoding="utf-8").lower()
    for package in peers["PEERS"][name].packages:
        assert package in wanted
