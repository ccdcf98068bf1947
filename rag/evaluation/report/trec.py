"""The ranked lists and the gold articles in the formats of TREC, which trec_eval, ir-measures and ranx read."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from rag.errors import EvalError

__all__ = ["QRELS", "RUN", "qrels_lines", "run_lines", "write_trec"]

RUN, QRELS = "run.txt", "qrels.txt"
TAG = "youju"
LEAST_STEP = 1e-6
"""Between two scores: trec_eval sorts by the score alone, and puts equal ones in an order of its own."""
# All that is printed and no white space, which stands between the columns.
PLAIN = "".join(chr(code) for code in range(33, 127) if chr(code) != "%")


def write_trec(folder: Path, rows: Sequence[Mapping[str, Any]]) -> tuple[int, int]:
    """Write `run.txt` and `qrels.txt` of rows as `eval --json` has them; return how many questions each has.

    Raises EvalError where no question names its articles, or nothing was ranked.
    """
    ranked = [row for row in rows if row.get("ranked")]
    judged = [row for row in rows if row.get("gold") and row["answerable"] and not row["silver"]]
    if not ranked or not judged:
        raise EvalError(
            "There is nothing for --trec: "
            + ("no question names its article_ids." if ranked else "no question was searched for.")
        )
    folder.mkdir(parents=True, exist_ok=True)
    for name, lines in ((RUN, run_lines(ranked)), (QRELS, qrels_lines(judged))):
        (folder / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return len(ranked), len(judged)


def run_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield `question Q0 article rank score tag`; the scores fall as the ranks do."""
    for row in rows:
        last = float("inf")
        for rank, (article, value) in enumerate(row["ranked"], start=1):
            last = min(float(value), last - LEAST_STEP)
            yield f"{_word(row['id'])} Q0 {_word(article)} {rank} {last:.6f} {TAG}"


def qrels_lines(rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Yield `question 0 article 1` for each gold article."""
    for row in rows:
        yield from (f"{_word(row['id'])} 0 {_word(article)} 1" for article in row["gold"])


def _word(name: str) -> str:
    """Return a name without white space: percent-encoded where it has any, or a percent sign."""
    return quote(name, safe=PLAIN) if any(char.isspace() or char == "%" for char in name) else name
