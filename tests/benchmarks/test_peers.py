import json
import runpy
import sys
from pathlib import Path

import pytest

from benchmarks.peers.process import measured
from benchmarks.peers.scores import Result
from benchmarks.peers.table import plot, report
from tests.support.paths import ROOT

# Run by the peers' own Python, with packages that are not here: only what needs none of them is looked at.
PEER = ROOT / "benchmarks" / "peers" / "peer.py"
peers = runpy.run_path(str(PEER))
SCORES = [
    {"hit@1": 1.0, "hit@5": 1.0, "mrr": 1.0, "answer_in_quote": None},
    {"hit@1": 0.0, "hit@5": 1.0, "mrr": 0.5, "answer_in_quote": None},
]
COSTS = {
    "build_sample": {"cpu": 2.0, "wall": 3.0, "passages": 48},
    "cold": {"wall": 5.0, "cpu": 4.0, "peak_mb": 900},
    "search_ms_cpu": [10.0, 30.0],
    "answer_ms_cpu": [0.0, 0.0],
    "resident_with_reader_mb": 700,
}


def test_a_table_shows_means_intervals_and_costs_and_a_dash_for_what_a_peer_cannot() -> None:
    said = report({"news": {"Peer": Result(SCORES, ["a", "b"], COSTS)}})
    assert "| Peer | 50.0 [0.0, 100.0] | 100.0 [100.0, 100.0] | 75.0 [50.0, 100.0] | – |" in said
    assert "| Peer | 24.0 | 20 / 29 ms | – | 4.0 s | 700 MB |" in said


def test_a_plot_has_a_row_for_everyone() -> None:
    drawn = plot({"news": {"Youju": Result(SCORES, ["a", "b"], {}), "Peer": Result(SCORES, ["a", "b"], {})}})
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
