"""The order in which the parts of a page are read.

After Breuel, "High performance document layout analysis" (2003): a part is read before another if it stands above it in
the same columns; or if it stands left of it, unless something that spans both columns lies between them in height.
"""

from collections.abc import Sequence

from rag.ingest.pdf.drawings import Box

__all__ = ["MOST_PARTS", "is_over", "reading_order"]

# Parts that share a strip narrower than this (points) do not stand below one another.
LEAST_STRIP = 2.0
# A page in more parts than this is a table, as of share prices: its rows are read one after another.
MOST_PARTS = 300


def is_over(above: Box, below: Box) -> bool:
    """Say whether `above` ends before `below` begins and both share a strip of the page."""
    give = 0.5 * min(above.height, below.height)
    return above.beside(below) > LEAST_STRIP and above.top < below.top and above.bottom <= below.top + give


def reading_order(boxes: Sequence[Box]) -> list[int]:
    """Return the numbers of the boxes in the order in which they are read."""
    if len(boxes) > MOST_PARTS:
        return sorted(range(len(boxes)), key=lambda i: (round(boxes[i].top), boxes[i].left))
    left = set(range(len(boxes)))
    before = {i: {j for j in left if j != i and _is_before(boxes, j, i)} for i in left}
    order: list[int] = []
    while left:
        free = [i for i in left if not before[i] & left]
        # Parts that overlap may wait for each other: then the upper left one goes first.
        chosen = min(
            free or left,
            key=lambda i: (boxes[i].left, boxes[i].top) if free else (boxes[i].top, boxes[i].left),
        )
        order.append(chosen)
        left.remove(chosen)
    return order


def _is_before(boxes: Sequence[Box], first: int, second: int) -> bool:
    one, other = boxes[first], boxes[second]
    if is_over(one, other):
        return True
    if is_over(other, one) or one.right > other.left + LEAST_STRIP:
        return False
    upper, lower = (one, other) if one.top <= other.top else (other, one)
    return not any(
        is_over(upper, box) and is_over(box, lower) for i, box in enumerate(boxes) if i not in (first, second)
    )
