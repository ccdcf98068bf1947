"""Tell whether a change of the code changes an answer: `python -m benchmarks.same_answers QUESTIONS… --index DIR --out FILE`.

Run it before and after; `--compare BEFORE AFTER` names the questions whose answers differ, and in which fields. Question
files are those of `eval`; the earlier turns of a dialogue are asked first. Timings are left out.
"""

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from rag.bot import Bot
from rag.config import read_settings
from rag.records import Turn

__all__ = ["answers", "differences"]

# Which of these changes from run to run, whatever the code does.
MEASURED = ("timings_ms",)


def answers(bot: Bot, files: list[Path], today: date) -> Iterator[dict[str, Any]]:
    """Yield the answer to each question of `files` as `ask --json` prints it, without what is measured."""
    for file in files:
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            if line.strip():
                row = json.loads(line)
                turns = row.get("turns") or [row["question"]]
                yield {"id": f"{file.stem}:{row.get('id', number)}", "answer": _last(bot, turns, today)}


def _last(bot: Bot, turns: list[str], today: date) -> dict[str, Any]:
    history: list[Turn] = []
    for turn in turns:
        answer = bot.ask(turn, history=history, today=today, explain=turn == turns[-1])
        history.append(Turn(answer.understood_as or turn, answer.answer))
    found = answer.to_json()
    return {name: value for name, value in found.items() if name not in MEASURED}


def differences(before: Path, after: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the id of each question that is answered differently, with the fields that differ."""
    old, new = _rows(before), _rows(after)
    for ident in sorted(old.keys() | new.keys()):
        one, other = old.get(ident, {}), new.get(ident, {})
        fields = [name for name in sorted(one.keys() | other.keys()) if one.get(name) != other.get(name)]
        if fields:
            yield ident, fields


def _rows(path: Path) -> Mapping[str, Mapping[str, Any]]:
    rows = (json.loads(line) for line in path.read_bytes().split(b"\n") if line)
    return {row["id"]: row["answer"] for row in rows}


def _main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--today", type=date.fromisoformat, default=date(2024, 12, 1))
    parser.add_argument("--out", type=Path)
    parser.add_argument("--compare", action="store_true")
    told = parser.parse_args()
    if told.compare:
        found = list(differences(*told.files))
        for ident, fields in found:
            print(ident, *fields)
        print(f"{len(found)} of {len(_rows(told.files[0]))} answers differ")
        return bool(found)
    with Bot.open(read_settings(index=told.index)) as bot, told.out.open("w", encoding="utf-8") as out:
        for row in answers(bot, told.files, told.today):
            out.write(json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(_main())
