"""Measure how scanned pages come apart: `python -m benchmarks.scans [--pages N] [--show]`.

Pages of one to five columns (`tests.support.layouts`) are rendered as pictures, clean, askew and with noise, recognised
(the extra `ocr`) and read. *Errors* are the characters that differ from what was printed, as a share of it; *title* and
*F1* are those of `benchmarks.newspaper_pdf`.
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pypdfium2
from PIL import Image

from benchmarks.newspaper_pdf import Told, body_of, letters, read, score
from rag.records import Article
from tests.support.layouts import LAYOUTS
from tests.support.papers import save

__all__ = ["PAGES", "Measured", "measure", "scanned"]

# Layout, seed, and what happened to the page on its way.
PAGES = (
    ("one_column", 11, "clean"),
    ("one_column", 12, "skew"),
    ("one_column", 100, "noise"),
    ("first_page", 11, "skew"),
    ("two_columns_flow", 11, "clean"),
    ("three_columns_spanning", 11, "noise"),
    ("narrow_headline", 11, "skew"),
    ("four_columns_quarters", 11, "clean"),
    ("five_columns", 11, "clean"),
    ("first_page", 100, "noise"),
    ("around_the_corner", 11, "clean"),
    ("four_columns_quarters", 100, "skew"),
)
TURNS = (-1.3, 0.8, 1.1, -0.7)
"""Degrees by which a page lies askew."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How one page was read: shares from 0 to 1, errors lower, the others higher is better."""

    errors: float
    titled: float
    overlap: float
    wrong: tuple[str, ...]


def scanned(pdf: Path, page: int, how: str, seed: int) -> Image.Image:
    """Return a page as a scanner would: grey, clean, askew or with noise and uneven light."""
    with pypdfium2.PdfDocument(pdf) as document:
        width, height = document[page].get_size()
        longer = max(width, height)
        picture: Image.Image = (
            document[page].render(scale=min(3000, max(2000, 2 * longer)) / longer).to_pil().convert("L")
        )
    random = np.random.default_rng(seed)
    if how == "skew":
        turn = float(random.choice(TURNS))
        return picture.rotate(turn, resample=Image.Resampling.BICUBIC, fillcolor=255)
    if how == "noise":
        light = np.asarray(picture, dtype=float) * 0.82 + 28
        light += np.linspace(-12, 12, light.shape[1])[None, :] + random.normal(0, 18, light.shape)
        return Image.fromarray(np.clip(light, 0, 255).astype("uint8"))
    return picture


def measure(name: str, seed: int, how: str, folder: Path) -> Measured:
    """Print, scan and read the pages of a layout."""
    paper = LAYOUTS[name](seed)
    pdf = save(folder / "a.pdf", paper.pages)
    pictures = [scanned(pdf, at, how, seed) for at in range(len(paper.pages))]
    path = folder / "a.tif"
    pictures[0].save(path, save_all=True, append_images=pictures[1:])
    told = [Told(one.title, "".join(one.paragraphs)) for one in paper.told]
    articles = read(path)
    found = score(told, articles)
    return Measured(errors(told, articles), found.titled / len(told), found.overlap, found.wrong)


def errors(told: Sequence[Told], articles: Sequence[Article]) -> float:
    """Return the share of characters that differ, each story compared with the article most like it."""
    wrong = total = 0
    for story in told:
        printed = letters(story.text)
        total += len(printed)
        wrong += min((distance(printed, letters(body_of(one))) for one in articles), default=len(printed))
    return wrong / max(1, total)


def distance(one: str, other: str) -> int:
    """Return the least number of characters to change, add or take away (Levenshtein, a row at a time)."""
    row = np.arange(len(other) + 1)
    codes = np.frombuffer(other.encode("utf-32-le"), dtype=np.uint32)
    for at, char in enumerate(one, 1):
        changed = np.minimum(row[:-1] + (codes != ord(char)), row[1:] + 1)
        # What is added from the left: a running minimum along the row.
        rest = np.concatenate(([at], changed)) - np.arange(len(other) + 1)
        row = np.minimum.accumulate(rest) + np.arange(len(other) + 1)
    return int(row[-1])


def measured(pages: Sequence[tuple[str, int, str]]) -> Iterator[tuple[str, Measured]]:
    """Yield what each page gave as soon as it is read."""
    with TemporaryDirectory() as folder:
        for name, seed, how in pages:
            begun: Any = time.process_time()
            found = measure(name, seed, how, Path(folder))
            yield f"{name} {seed} {how} ({time.process_time() - begun:.0f} s)", found


def main() -> None:
    """Print a line for each page and the means."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--pages", type=int, default=len(PAGES), help="how many of the pages")
    parser.add_argument("--show", action="store_true", help="what was read wrongly")
    given = parser.parse_args()
    everything: list[Measured] = []
    for name, found in measured(PAGES[: given.pages]):
        everything.append(found)
        print(
            f"{name:42} errors {found.errors:.4f}  title {found.titled:.3f}  F1 {found.overlap:.3f}",
            flush=True,
        )
        for line in found.wrong if given.show else ():
            print(f"    {line}")
    means = [fmean(getattr(one, field) for one in everything) for field in ("errors", "titled", "overlap")]
    print(f"{'mean':42} errors {means[0]:.4f}  title {means[1]:.3f}  F1 {means[2]:.3f}")


if __name__ == "__main__":
    main()
