"""The picture of a page, laid straight; where in it the ink of a line leaves a gutter free."""

from collections.abc import Sequence
from typing import Any

from rag.ingest.pdf.drawings import Box

__all__ = ["around_ink", "gutter", "skew", "smaller", "straightened"]

# Pages lie askew by no more than this (degrees); less than the second number is left alone.
MOST_SKEW, LEAST_SKEW = 4.0, 0.12
# The longer side of the picture in which the skew is measured, and the ink that is looked at (pixels).
SEEN_SIDE, MOST_INK = 1000, 120_000
# Lines above and below a line, within so many of its heights, tell where columns part; so many on each side.
NEAR, LEAST_LINES = 8.0, 3
# Lines of a column begin within so much (in heights of the line) of one another.
EDGE = 0.35
# A gutter is at least so wide (in heights of the line), and its ink no darker than this share of that of the line.
LEAST_GUTTER, MOST_DARK = 0.4, 0.3
# Lines are found with so much paper (in heights of their ink) above and below.
MARGIN = 0.1


def skew(picture: Any) -> float:
    """Return by how many degrees the lines of a picture `(height, width, 3)` fall to the right; 0 where nothing tells.

    The angle at which the rows of ink are sharpest, after Postl (1986).
    """
    import numpy as np

    small = smaller(picture, max(1, -(-max(picture.shape[:2]) // SEEN_SIDE))).mean(axis=2)
    paper, ink = np.percentile(small, 90), np.percentile(small, 1)
    y, x = np.nonzero(small < paper - 0.4 * (paper - ink))
    if len(y) < 500 or len(y) > 0.6 * small.size:
        return 0.0
    if len(y) > MOST_INK:
        chosen = np.linspace(0, len(y) - 1, MOST_INK).astype(int)
        y, x = y[chosen], x[chosen]

    def sharpness(degrees: float) -> float:
        places = np.rint(y - x * np.tan(np.radians(degrees))).astype(int)
        counts = np.bincount(places - places.min()).astype(float)
        return float(np.square(np.diff(counts)).sum())

    best, reach = 0.0, MOST_SKEW
    for width in (0.25, 0.05):
        tried = np.arange(best - reach, best + reach + width / 2, width)
        best, reach = float(max(tried, key=sharpness)), 0.25
    return best if sharpness(best) > 1.05 * sharpness(0.0) else 0.0


def straightened(picture: Any) -> Any:
    """Return a picture turned so that its lines are level, on white."""
    import numpy as np
    from PIL import Image

    degrees = skew(picture)
    if abs(degrees) < LEAST_SKEW:
        return picture
    upright = Image.fromarray(np.ascontiguousarray(picture))
    turned = upright.rotate(degrees, resample=Image.Resampling.BICUBIC, fillcolor=(255, 255, 255))
    return np.asarray(turned)


def gutter(picture: Any, line: Box, lines: Sequence[Box]) -> tuple[float, float] | None:
    """Return from where to where the first gutter runs through a line that was found across columns, None where none does.

    A column begins there below or above, no line nearby crosses it, and the ink of the line itself leaves it free.
    """
    height = line.height
    near = [
        other
        for other in lines
        if other is not line
        and 0.6 * height < other.height < 1.6 * height
        and other.level(line) > -NEAR * height
        and other.level(line) < 0.5 * height
        and other.beside(line) > 0
    ]
    inner = sorted(one.left for one in near if line.left + 2 * height < one.left < line.right - 2 * height)
    for begin in inner:
        after = [one for one in near if abs(one.left - begin) < EDGE * height]
        before = [one for one in near if 0 <= begin + EDGE * height - one.right < 4 * height]
        crossing = [
            one
            for one in near
            if one.left < begin - height and one.right > begin + EDGE * height + 0.5 * height
        ]
        if min(len(after), len(before)) < LEAST_LINES or len(crossing) > 0.5 * len(before):
            continue
        if (free := _free(picture, line, begin)) is not None:
            return free
    return None


def _free(picture: Any, line: Box, begin: float) -> tuple[float, float] | None:
    """Return the widest place without ink around `begin`, None where there is none as wide as a gutter."""
    import numpy as np

    height = line.height
    area = picture[int(line.top) : int(line.bottom) + 1, int(line.left) : int(line.right) + 1]
    ink = area.mean(axis=(0, 2))
    paper, dark = np.percentile(ink, 95), np.percentile(ink, 20)
    start = max(0, int(begin - line.left - 1.5 * height))
    free = ink[start : int(begin - line.left + EDGE * height)] > paper - MOST_DARK * (paper - dark)
    # The runs of places without ink, as (first, one past the last).
    edges = np.flatnonzero(np.diff(np.concatenate(([0], free.astype(int), [0]))))
    runs = list(zip(edges[::2], edges[1::2], strict=True))
    if not runs:
        return None
    first, end = max(runs, key=lambda run: run[1] - run[0])
    wide = end - first >= LEAST_GUTTER * height
    return (float(line.left + start + first), float(line.left + start + end)) if wide else None


def around_ink(picture: Any, box: Box) -> Box:
    """Return a box drawn closer around the ink in it, with the margin that lines are usually found with."""
    import numpy as np

    top, left = max(0, int(box.top)), max(0, int(box.left))
    area = picture[top : int(box.bottom) + 1, left : int(box.right) + 1].mean(axis=2)
    if not area.size:
        return box
    paper, ink = np.percentile(area, 90), np.percentile(area, 2)
    dark = area < paper - 0.5 * (paper - ink)
    inked = dark.any(axis=1)
    middle = len(inked) // 2
    # What stands beyond a row without ink is of the line above or below.
    above = next((at for at in range(middle, 0, -1) if not inked[at - 1]), 0)
    below = next((at for at in range(middle, len(inked)) if not inked[at]), len(inked))
    columns = np.flatnonzero(dark[above:below].any(axis=0))
    if not len(columns) or below - above < 0.5 * len(inked):  # 二 and 元 have such rows themselves
        columns = np.flatnonzero(dark.any(axis=0))
        ends = (left + columns[0], left + columns[-1] + 1) if len(columns) else (box.left, box.right)
        return Box(float(ends[0]), box.top, float(ends[1]), box.bottom)
    margin = MARGIN * (below - above)
    return Box(
        float(left + columns[0]), top + above - margin, float(left + columns[-1] + 1), top + below + margin
    )


def smaller(picture: Any, times: int) -> Any:
    """Return a picture whose sides are so many times shorter."""
    import numpy as np

    rows, columns = (side // times * times for side in picture.shape[:2])
    parts = picture[:rows, :columns].reshape(rows // times, times, columns // times, times, -1)
    return np.ascontiguousarray(parts.mean(axis=(1, 3)).astype("uint8"))
