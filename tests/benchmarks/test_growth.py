from benchmarks.growth import CURVES, growth, plot, table
from benchmarks.reading import matrix_operations, operations

ASKED = {
    "passages": 3000,
    "disk_mb": 22,
    "first": {"wall": 2.04},
    "without_reading_ms": {"wall_p50": 15.4, "wall_p95": 30.0},
    "with_reading_ms": {"wall_p50": 150.0, "wall_p95": 300.0},
    "resident_mb": 407,
}
BUILT = {"build_cpu_s": 11, "build_peak_mb": 373}


def test_sizes_are_in_order_and_those_that_were_not_asked_are_left_out() -> None:
    results = {
        f"{step} {size}": {**made, "articles": size}
        for step, made in (("build", BUILT), ("ask", ASKED))
        for size in (10_000, 1_000)
    }
    rows = growth({**results, "build 30000": BUILT, "recall": {}})
    assert [row["articles"] for row in rows] == [1_000, 10_000]
    first = "| 1,000 | 3,000 | 11 | 373 MB | 22 MB | 15 / 30 ms | 150 / 300 ms | 2.0 s | 407 MB |"
    assert first in table(rows)
    assert plot(rows).count("<circle") == 2 * len(CURVES)


def test_operations_are_those_of_a_layer_counted_by_hand() -> None:
    layer = 384 * (3 * 384) + 384 * 384 + 2 * 384 * 1536
    assert matrix_operations([1]) == 2 * 12 * layer
    assert operations([10]) == 10 * 2 * 12 * layer + 12 * (2 * 10 * 10 * 384 + 2 * 10 * 10 * 384)
