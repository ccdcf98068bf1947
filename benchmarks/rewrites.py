"""Measure follow-ups: `python -m benchmarks.rewrites [--sample N] [--show N]`.

The rewriter set of $RAG_DATA has chats with the last line as it reads without the chat. It is measured how many are made
word for word, or with the same content words; then how many single questions of other sets are altered when they follow
a question that has nothing to do with them; and how long understanding takes. Nothing is learnt from these sets.
"""

import argparse
import json
import random
import re
import sys
import time
from collections.abc import Sequence
from datetime import date
from statistics import median
from typing import Any

from benchmarks.quality_sets import DATA
from rag.query.analysis import understand, understand_kind
from rag.query.follow_up.conversation import Talk, exchange
from rag.query.follow_up.rewrite import rewrites, stand_alone
from rag.records import Turn
from rag.text.characters import fold
from rag.text.words import content_words

__all__ = ["SINGLE", "altered", "cost", "rewritten", "same_meaning", "same_words"]

SINGLE = ("houjin", "crud_rag", "chronoqa", "webqa", "finqa")
SAMPLE = 1000
TODAY = date(2024, 12, 1)

Row = dict[str, Any]


def same_words(one: str, other: str) -> bool:
    """Tell whether two questions have the same letters, or the same content words."""
    return _bare(one) == _bare(other) or set(content_words(one)) == set(content_words(other))


def same_meaning(one: str, other: str) -> bool:
    """Tell whether two questions have the same content words and demands, and ask for the same kind of answer."""
    return same_words(one, other) and understand_kind(one)[0] == understand_kind(other)[0]


def _bare(text: str) -> str:
    return re.sub(r"\W", "", fold(text))


def _rows(folder: str, name: str) -> list[Row]:
    whole = (DATA / folder / name).read_bytes()
    return [json.loads(line) for line in whole.split(b"\n") if line.strip()]


def rewritten(rows: Sequence[Row], show: int) -> tuple[int, int]:
    """Return of how many chats one reading is right word for word, and with the same content words; print `show` of the others."""
    exact = same = 0
    for row in rows:
        asked, said = row["context"]
        made = [one.text for one in rewrites(row["utterance"], Talk((exchange(asked, said),)))]
        exact += any(_bare(one) == _bare(row["rewritten"]) for one in made)
        right = any(same_words(one, row["rewritten"]) for one in made)
        same += right
        if not right and show:
            show -= 1
            print(f"{asked} | {said} | {row['utterance']} → {made} ≠ {row['rewritten']}")
    return exact, same


def altered(name: str, size: int, draw: random.Random) -> tuple[int, list[tuple[str, str, str]]]:
    """Return how many single questions of a set were asked after another one, and those that were altered."""
    rows = [row for row in _rows(name, "qa.jsonl") if not row.get("context_only")]
    asked, found = 0, []
    for row in draw.sample(rows, min(size, len(rows))):
        earlier = draw.choice(rows)
        if row["article_ids"] == earlier["article_ids"]:
            continue
        made = stand_alone(row["question"], [Turn(earlier["question"], next(iter(earlier["answers"]), ""))])
        asked += 1
        if made != row["question"]:
            found.append((earlier["question"], row["question"], made))
    return asked, found


def cost(rows: Sequence[Row]) -> float:
    """Return the median milliseconds of processor time that understanding a chat's last line takes."""
    laps = []
    for row in rows:
        began = time.process_time()
        text = stand_alone(row["utterance"], [Turn(*row["context"])])
        understand(row["utterance"], text, TODAY)
        laps.append((time.process_time() - began) * 1000)
    return median(laps)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sample", type=int, default=SAMPLE)
    parser.add_argument("--show", type=int, default=0, help="print so many that went wrong")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    draw = random.Random(options.seed)
    rows = draw.sample(_rows("rewriter", "rewrite.jsonl"), options.sample)
    exact, same = rewritten(rows, options.show)
    print(
        f"rewriter: {exact / len(rows):.1%} word for word, {same / len(rows):.1%} same content words, n {len(rows)}"
    )
    for name in SINGLE:
        asked, found = altered(name, options.sample, draw)
        for earlier, question, made in found[: options.show]:
            print(f"{earlier} | {question} → {made}")
        print(f"stand-alone questions of {name} altered: {len(found) / asked:.1%}, n {asked}")
    print(f"understanding: {cost(rows):.2f} ms of processor time, median")


if __name__ == "__main__":
    main()
