"""Time the page of /search over an index: `python -m benchmarks.search INDEX`.

Typed words that many, some and no passages have, one character and a thousand, with and without filters, by relevance
and by date, page 1 and page 20: the first time in a process that has just opened the index, and the median of the
next. Times are given by the wall and by the processor, which is the steadier on a busy machine. Floor: 150 ms.
"""

import argparse
import sys
import time
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from statistics import median

from rag.config import read_settings
from rag.index.catalogue import Shown
from rag.index.store import Store
from rag.models.embedder import load_embedder
from rag.render.library_html import Searched, search_page
from rag.request import Filters
from rag.retrieval.keywords import Order, keyword_search

FLOOR = 150.0
WARM = 5
WORDS = ("中国", "新能源汽车", "新能源汽车 销量", "没有这样的词语", "中国 没有这样的词语", "火")
ORDERS: tuple[Order, Order] = ("relevance", "date")
Asked = tuple[str, Filters, Order, int]


def main() -> int:
    """Print the times; return 1 where a median of the processor is beyond the floor."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("index", type=Path)
    chosen = parser.parse_args()
    embedder = load_embedder(read_settings({}))
    with Store.open(chosen.index, embedder.name, embedder.dim) as store:
        print(store.counts())
    slow = 0
    for asked in cases(chosen.index, embedder.name, embedder.dim):
        with Store.open(chosen.index, embedder.name, embedder.dim) as store:  # one that kept nothing yet
            (wall, cpu), *warm = [timed(store, asked) for _ in range(1 + WARM)]
        walls, cpus = (median(one[at] for one in warm) for at in (0, 1))
        slow += cpus > FLOOR
        text, filters, order, page = asked
        print(
            f"{text[:12]:14} {'filters' if filters else '-':8} {order:10} page {page:2}  "
            f"first {wall:4.0f} ms ({cpu:.0f}), then {walls:4.0f} ms ({cpus:.0f})"
        )
    return int(slow > 0)


def cases(index: Path, name: str, dim: int) -> Sequence[Asked]:
    """Return what is asked; the filters are the middle day and the publisher of most articles."""
    with Store.open(index, name, dim) as store:
        rows, papers = store.catalogue.listed(Shown()), store.catalogue.publishers(1)
        pasted = store.article(rows[0].article_id).text[:1000]
    days = sorted(row.published for row in rows if row.published)
    narrow = (Filters(), Filters(since=days[len(days) // 2]), Filters(publisher=papers[0]))
    return list(product((*WORDS, pasted), narrow, ORDERS, (1, 20)))


def timed(store: Store, asked: Asked) -> tuple[float, float]:
    """Return the milliseconds of one page by the wall and by the processor."""
    text, filters, order, page = asked
    began = time.perf_counter(), time.process_time()
    found = keyword_search(store, text, filters, order)
    shown = Shown("", filters.since, filters.until, filters.publisher)
    search_page(store, Searched(text, shown, order, found), page, "")
    return (time.perf_counter() - began[0]) * 1e3, (time.process_time() - began[1]) * 1e3


if __name__ == "__main__":
    sys.exit(main())
