"""Ask the one-paragraph articles that once failed: `python -m benchmarks.sentence_cases [--show]`.

They lie beside $RAG_DATA in `cases/sentences.jsonl` and are asked over one index of all. Printed is how many are right,
or rightly refused, by the short answer, and by the answer or a quote of it. They are not part of the project.
"""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.quality_sets import DATA, TODAY
from rag.config import read_settings
from rag.evaluation.corpus import open_corpus
from rag.evaluation.match import holds_answer, right
from rag.evaluation.questions import Question
from rag.request import Request

CASES = DATA.parent / "cases" / "sentences.jsonl"


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--show", action="store_true", help="print what went wrong")
    options = parser.parse_args()
    if not CASES.exists():
        sys.exit(f"{CASES} is not there: it is not part of the project")
    rows = [json.loads(line) for line in CASES.read_bytes().split(b"\n") if line.strip()]
    short, quoted = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        news = Path(folder) / "articles.jsonl"
        told = [{name: row[name] for name in ("id", "title", "text", "date")} for row in rows]
        news.write_text("\n".join(json.dumps(one, ensure_ascii=False) for one in told), "utf-8")
        with open_corpus([news], read_settings({}), Path(folder) / "index") as bot:
            for row in rows:
                answer = bot.run(Request(row["question"], today=TODAY)).answer
                wanted = Question(row["id"], row["question"], answers=tuple(row["answers"]))
                said = [answer.answer, *(citation.quote for citation in answer.citations)]
                good = bool(right(answer.answer, wanted)) if wanted.answers else answer.refused
                held = good or bool(wanted.answers and not answer.refused and holds_answer(said, wanted))
                short, quoted = short + good, quoted + held
                if options.show and not good:
                    print(
                        f"  {row['id']}: {row['question']} ≠ {row['answers'][:1]} | {answer.certainty or '–'}"
                    )
                    print(f"    {answer.confidence:.2f} {answer.answer} | {answer.text[:120]}")
    print(f"right or rightly refused: {short}/{len(rows)}; with the answer in a quote: {quoted}/{len(rows)}")


if __name__ == "__main__":
    main()
