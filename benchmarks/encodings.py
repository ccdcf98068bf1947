"""Measure how text survives its encoding: `python -m benchmarks.encodings`.

500 articles of TV news and 500 of an encyclopaedia in traditional characters ($RAG_DATA) are written as files and read again:
equal is the share whose words come back, all of them and in order. Then the likeness of right and wrong decodings, from
which the limits in `rag.ingest.encoding` come, and fifty files that hold no text.
"""

import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.ingest.encoding import likeness
from rag.ingest.extract import Found
from rag.ingest.formats import read_file
from rag.text.characters import squeeze
from tests.ingest.test_encoding import corrupt_files

DATA = Path(os.environ.get("RAG_DATA", "../shared/data"))
COUNT, SHORTEST = 500, 200
SETS = (
    ("xinwenlianbo", "utf-8"),
    ("xinwenlianbo", "utf-8-sig"),
    ("xinwenlianbo", "gb18030"),
    ("xinwenlianbo", "utf-16"),
    ("drcd", "big5"),
)
WRONG = {
    "utf-8": "gb18030",
    "gb18030": "big5hkscs",
    "big5": "gb18030",
    "utf-16": "gb18030",
    "utf-8-sig": "gb18030",
}


def texts(name: str, encoding: str) -> list[str]:
    """Return the articles of a set that are long enough and that the encoding can write."""
    rows = (DATA / name / "articles.jsonl").read_bytes().splitlines()
    found = [text for row in rows if len(text := json.loads(row)["text"]) >= SHORTEST]
    return [text for text in found if text.encode(encoding, "ignore").decode(encoding) == text][:COUNT]


def measure(name: str, encoding: str, folder: Path) -> float:
    """Print how many articles are equal after they were read, and how likely they look when read wrongly."""
    written = texts(name, encoding)
    equal, right, wrong = 0, [], []
    for number, text in enumerate(written):
        path = folder / f"{number}.txt"
        content = text.encode(encoding)
        path.write_bytes(content)
        (entry,) = read_file(path)
        assert isinstance(entry, Found)
        (read,) = read_articles(path)
        assert isinstance(read, tuple)
        article = read[1]
        lost = len(squeeze(article.text)) + sum(len(squeeze(drop.text)) for drop in article.drops)
        equal += entry.extract.text == text and lost >= len(squeeze(text))
        right.append(likeness(text))
        wrong.append(likeness(content.decode(WRONG[encoding], "replace")))
    share = equal / len(written)
    print(
        f"{name:13} {encoding:10} {len(written)} articles, equal {share:.4f}; "
        f"likeness right ≥ {min(right):.2f}, wrong ≤ {max(wrong):.2f}"
    )
    return share


def refused(folder: Path) -> int:
    """Return how many of fifty corrupt, binary and garbled files are refused with a reason."""
    count = 0
    for name, content in corrupt_files():
        (folder / name).write_bytes(content)
        try:
            count += not any(isinstance(entry, tuple) for entry in read_articles(folder / name))
        except IngestError as error:
            count += name in str(error)
    return count


if __name__ == "__main__":
    with TemporaryDirectory() as place:
        shares = [measure(name, encoding, Path(place)) for name, encoding in SETS]
        out = refused(Path(place))
    print(f"corrupt, binary and garbled files refused: {out} of 50")
    sys.exit(0 if min(shares) == 1 and out == 50 else 3)
