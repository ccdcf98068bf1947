"""Ask for cells of tables: `python -m benchmarks.tables [--seed N] [--show]`.

Sixteen designs of tables in seven kinds of files with 378 questions (`benchmarks/table_sets.py`): a question is right if
the answer is the cell with its unit, or if it is refused where no cell answers. Every quote is checked against its file.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.table_sets import FORMATS, Asked, sheets, write
from rag.bot import Bot
from rag.config import read_settings
from rag.index.build.builder import build
from rag.models.embedder import load_embedder
from rag.records import Answer
from rag.text.characters import fold, squeeze

__all__ = ["Told", "tell"]

SEED = 21
TODAY = date(2024, 12, 1)
# The share of questions that is answered by the right cell.
FLOOR = 0.85


@dataclass(frozen=True, slots=True)
class Told:
    """A question of a design in a format, with what was answered."""

    format: str
    design: str
    asked: Asked
    answer: Answer

    @property
    def right(self) -> bool:
        """Tell whether the answer is the cell, or a refusal where there is none."""
        if not self.asked.answers:
            return self.answer.refused
        said = _plain(self.answer.answer)
        return not self.answer.refused and said in map(_plain, self.asked.answers)


def _plain(text: str) -> str:
    return squeeze(fold(text)).replace(",", "").lstrip("+")


def tell(seed: int = SEED, only: str | None = None) -> Iterator[Told]:
    """Yield every question with its answer, from an index of all the files or of those of one kind."""
    with TemporaryDirectory() as place:
        folder, index = Path(place) / "tables", Path(place) / "index"
        folder.mkdir()
        made = [one for one in sheets(seed) if only in (None, one[0])]
        for kind, _, sheet in made:
            write(sheet, kind, folder)
        settings = read_settings(index=index)
        report = build([folder], index, load_embedder(settings))
        assert report.articles == len(made), report.refused
        with Bot.open(settings) as bot:
            for kind, design, sheet in made:
                for asked in sheet.questions:
                    yield Told(kind, design, asked, bot.ask(asked.question, today=TODAY))


def _main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--only", choices=FORMATS, help="one kind of file alone")
    parser.add_argument("--show", action="store_true", help="print every question that is not right")
    chosen = parser.parse_args()
    found = list(tell(chosen.seed, chosen.only))
    for one in found:
        if chosen.show and not one.right:
            said = "refused" if one.answer.refused else f"{one.answer.answer} ({one.answer.certainty})"
            print(f"{one.format} {one.design}: {one.asked.question} → {said}, right: {one.asked.answers}")
    for name in ("format", "design"):
        asked = Counter(getattr(one, name) for one in found)
        right = Counter(getattr(one, name) for one in found if one.right)
        print(name, *(f"{kind} {right[kind]}/{count}" for kind, count in asked.items()))
    answerable = [t for t in found if t.asked.answers]
    absent = [t for t in found if not t.asked.answers]
    share = sum(t.right for t in answerable) / len(answerable)
    sure = [t for t in found if t.answer.certainty == "sure"]
    print(f"right cell {sum(t.right for t in answerable)}/{len(answerable)} = {share:.3f} (floor {FLOOR})")
    print(f"refused where no cell answers {sum(t.right for t in absent)}/{len(absent)}")
    print(f"sure {sum(t.right for t in sure)}/{len(sure)} right")
    verified = [c.verified == "verified" for t in found for c in t.answer.citations]
    print(f"quotes verified {sum(verified)}/{len(verified)}")
    return share < FLOOR


if __name__ == "__main__":
    sys.exit(_main())
