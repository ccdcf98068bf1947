"""Group the reprints of real news and show pairs to read: `python -m benchmarks.reprints [--limit N] [--pairs 60] [--out FILE]`.

The articles of crud_rag and xinwenlianbo ($RAG_DATA) are read and grouped as a build does it. Pairs are drawn at random from
groups of articles whose texts differ, each from a group of its own; a person who reads them tells the precision.
"""

import argparse
import os
import resource
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from difflib import SequenceMatcher
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from rag.index.build.reprints import group_reprints
from rag.index.database import ARTICLE_COLUMNS, article_values, connect_writer, transaction
from rag.ingest.articles import read_articles
from rag.records import Article
from rag.text.characters import squeeze

DATA = Path(os.environ.get("RAG_DATA", "../shared/data"))
SETS = ("crud_rag", "xinwenlianbo")
SHOWN = 12


def articles(limit: int) -> Iterator[Article]:
    """Yield the articles of the sets, each text once."""
    seen = set()
    for name in SETS:
        for number, entry in enumerate(read_articles(DATA / name / "articles.jsonl")):
            if number >= limit:
                break
            if isinstance(entry, tuple) and entry[1].id not in seen:
                seen.add(entry[1].id)
                yield entry[1]


def groups(limit: int, folder: Path) -> list[list[str]]:
    """Return the groups of at least two articles, as ids; print how long it took."""
    marks = ",".join("?" * (len(ARTICLE_COLUMNS.split(",")) + 3))
    with closing(connect_writer(folder)) as connection:
        with transaction(connection):
            count = 0
            for count, article in enumerate(articles(limit), 1):  # noqa: B007
                connection.execute(
                    f"INSERT INTO articles ({ARTICLE_COLUMNS}, recipe, text_digest, passages) VALUES ({marks})",
                    (*article_values(article), "", b"", 1),
                )
        began = time.process_time()
        group_reprints(connection)
        seconds = time.process_time() - began
        found = defaultdict(list)
        for identity, story in connection.execute("SELECT id, story FROM reprint_groups ORDER BY id"):
            found[story].append(identity)
    several = [group for group in found.values() if len(group) > 1]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{count} articles, {len(several)} groups of {sum(map(len, several))} articles, "
        f"{1000 * seconds / max(1, count):.1f} ms CPU an article, peak {peak} MB"
    )
    return several


def show(one: Article, other: Article) -> Iterator[str]:
    """Yield how two articles are alike and what only one of them says."""
    first, second = squeeze(one.text), squeeze(other.text)
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    yield f"A {one.published} {one.publisher} {one.title} ({len(first)} characters)"
    yield f"B {other.published} {other.publisher} {other.title} ({len(second)} characters), alike {matcher.ratio():.3f}"
    parts = [(tag, first[a:b], second[c:d]) for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]
    for tag, left, right in sorted(parts, key=lambda part: -len(part[1]) - len(part[2]))[:SHOWN]:
        yield f"   {tag:8} A「{left[:120]}」 B「{right[:120]}」"


def main(limit: int, pairs: int, out: Path) -> None:
    """Group, draw pairs and write them down."""
    with TemporaryDirectory() as folder:
        several = groups(limit, Path(folder))
    rng = Random(60)
    rng.shuffle(several)
    drawn = [tuple(rng.sample(group, 2)) for group in several]
    wanted = {identity for pair in drawn for identity in pair}
    held = {article.id: article for article in articles(limit) if article.id in wanted}
    lines, count = [], 0
    for first, second in drawn:
        if count < pairs and squeeze(held[first].text) != squeeze(held[second].text):
            count += 1
            lines += [f"{count}.", *show(held[first], held[second]), ""]
    out.write_text("\n".join(lines), encoding="utf-8")
    print(f"{count} pairs in {out}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--limit", type=int, default=1_000_000)
    parser.add_argument("--pairs", type=int, default=60)
    parser.add_argument("--out", type=Path, default=Path("pairs.txt"))
    options = parser.parse_args()
    main(options.limit, options.pairs, options.out)
