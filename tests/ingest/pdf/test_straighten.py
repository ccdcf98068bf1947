"""Pictures of pages laid straight, lines parted at gutters: drawn with bars in the place of characters."""

import numpy as np
import pytest
from PIL import Image

from rag.ingest.pdf.drawings import Box
from rag.ingest.pdf.straighten import around_ink, gutter, skew, straightened

HEIGHT = 24


def drawn(columns: list[tuple[int, int]], lines: int = 30) -> np.ndarray:
    """Return a page of columns (left, right), each character a dark square."""
    page = np.full((lines * 2 * HEIGHT, 1000, 3), 255, np.uint8)
    for left, right in columns:
        for at in range(lines):
            for x in range(left, right - 20, 24):
                page[at * 2 * HEIGHT : at * 2 * HEIGHT + 20, x : x + 20] = 0
    return page


def boxes(columns: list[tuple[int, int]], lines: int = 30) -> list[Box]:
    return [
        Box(left, at * 2 * HEIGHT, right, at * 2 * HEIGHT + HEIGHT)
        for at in range(lines)
        for left, right in columns
    ]


@pytest.mark.parametrize("degrees", [-2.4, -0.7, 0.0, 0.4, 1.3])
def test_a_page_is_laid_straight(degrees: float) -> None:
    page = drawn([(60, 460), (500, 940)])
    askew = np.asarray(Image.fromarray(page).rotate(-degrees, fillcolor=(255, 255, 255)))
    assert skew(askew) == pytest.approx(degrees, abs=0.1)
    assert skew(straightened(askew)) == pytest.approx(0.0, abs=0.15)


def test_an_empty_page_and_a_dark_one_lie_as_they_are() -> None:
    for shade in (255, 0):
        page = np.full((1200, 900, 3), shade, np.uint8)
        assert straightened(page) is page


COLUMNS = [(40, 400), (424, 800)]


def test_a_line_found_across_two_columns_is_parted_where_they_part() -> None:
    lines = boxes(COLUMNS)
    fused = Box(40, lines[20].top, 800, lines[20].bottom)
    found = gutter(drawn(COLUMNS), fused, [*lines[:20], fused, *lines[22:]])
    assert found is not None
    assert found == pytest.approx((396, 424), abs=6)


def test_a_line_that_spans_two_columns_with_its_ink_is_whole() -> None:
    page, lines = drawn(COLUMNS), boxes(COLUMNS)
    spanning = Box(40, lines[20].top, 800, lines[20].bottom)
    page[int(spanning.top) : int(spanning.top) + 20, 380:440] = 0
    assert gutter(page, spanning, [*lines[:20], spanning, *lines[22:]]) is None
    assert gutter(page, spanning, [spanning]) is None


def test_a_box_is_drawn_around_the_ink_of_its_own_line() -> None:
    found = around_ink(drawn([(40, 400)]), Box(30, 2 * HEIGHT - 4, 430, 2 * HEIGHT + 25))
    assert (found.left, found.right) == (40, 396)
    assert (found.top, found.bottom) == pytest.approx((2 * HEIGHT - 2, 2 * HEIGHT + 22), abs=1)
