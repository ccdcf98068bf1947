"""Measure how many stories come back whole from raw newspaper pages: `python -m benchmarks.wraps [COUNT FAILURES [WRAP_CAPTIONS]]`.

Real TV-news items ($RAG_DATA/xinwenlianbo) are laid out in columns of 8 to 40 characters with the headline anywhere and
captions inside sentences; `body` is the share whose body text is the same without white space, `paragraphs` the
share whose paragraphs are the same as well.
"""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random

from rag.ingest.cleaning.clean import Story, clean
from rag.records import BlockKind
from rag.text.characters import squeeze
from tests.support.wraps import Layout, Printed, lay_out, random_layout

DATA = Path(os.environ.get("RAG_DATA", "../shared/data"))
WIDTHS = (8, 10, 13, 16, 20, 25, 30, 40)
CAPTIONS = (
    "{}现场。李明远 摄",
    "工作人员正在调试设备。图据{}宣传部",
    "{}一角。（受访者供图）",
    "图为{}。新华社记者 王立军 摄",
)
PLACES = ("展览馆", "成都高新区", "港口", "青山村", "开幕式")


def stories(rng: Random) -> Iterator[Printed]:
    """Yield the items as pages, without lines that are headings in the items themselves."""
    rows = [json.loads(row) for row in (DATA / "xinwenlianbo" / "articles.jsonl").read_bytes().splitlines()]
    rng.shuffle(rows)
    for row in rows:
        text = [line for line in row["text"].split("\n") if line[-1:] in "。！？”）"]
        if text and len(row["title"]) >= 6:
            captions = rng.sample(CAPTIONS, min(rng.choice([0, 0, 1, 2]), len(text)))
            yield Printed(row["title"], text, (), [one.format(rng.choice(PLACES)) for one in captions])


def scores(story: Printed, found: Story) -> dict[str, bool]:
    """Compare a story with what was read from its page."""
    blocks = {
        kind: [squeeze(found.text[block.start : block.end]) for block in found.blocks if block.kind is kind]
        for kind in BlockKind
    }
    return {
        "body": "".join(blocks[BlockKind.BODY]) == squeeze("".join(story.paragraphs)),
        "paragraphs": blocks[BlockKind.BODY] == [squeeze(text) for text in story.paragraphs],
        "title": squeeze(found.title) == squeeze(story.title),
        "captions": sorted(blocks[BlockKind.CAPTION]) == sorted(map(squeeze, story.captions)),
    }


def main(count: int, show: int, wrapped_captions: int = 0) -> None:
    """Print the shares for each width and for each habit of the pages; with 1 as the last captions are wrapped too."""
    rng = Random(7)
    seen: dict[str, list[dict[str, bool]]] = defaultdict(list)
    for number, story in zip(range(count), stories(rng), strict=False):
        layout = random_layout(rng, WIDTHS[number % len(WIDTHS)], len(story.paragraphs))
        layout = replace(layout, wrapped_captions=bool(wrapped_captions))
        page = lay_out(story, layout, rng)
        score = scores(story, clean(page))
        for name in (
            "width",
            "by_char",
            "first_line",
            "blank_between",
            "marks",
            "column_height",
            "captions_inside",
        ):
            seen[f"{name}={getattr(layout, name)}"].append(score)
        seen["all"].append(score)
        if show and not (score["body"] and score["title"] and score["captions"]):
            show -= 1
            print_failure(story, layout, page, score)
    for name, group in sorted(seen.items()):
        shares = "  ".join(f"{key} {sum(row[key] for row in group) / len(group):.3f}" for key in group[0])
        print(f"{name:24} n={len(group):5} {shares}")


def print_failure(story: Printed, layout: Layout, page: str, score: dict[str, bool]) -> None:
    """Print a page and what was made of it."""
    found = clean(page)
    print("=" * 80, layout, score, page, "-" * 40, sep="\n")
    for block in found.blocks:
        print(block.kind.value, found.text[block.start : block.end])
    print(found.drops, story.title)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:] or ["1000", "0"]))
