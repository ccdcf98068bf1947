"""The rows of an evaluation as JUnit XML, which build servers show: a case for each question, failed where it was not right."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

__all__ = ["junit_xml"]

# What XML 1.0 cannot hold.
_unfit = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the rows as `eval --json` has them; a question that nothing says how to answer is a case that was skipped."""
    suite = ET.Element("testsuite", name="youju eval")
    counts = dict.fromkeys(("failures", "errors", "skipped"), 0)
    for row in rows:
        case = ET.SubElement(
            suite, "testcase", name=_fit(row["question"]), classname=_fit(str(row["type"] or "questions"))
        )
        case.set("id", _fit(row["id"]))
        outcome = _outcome(row)
        if outcome is not None:
            kind, said = outcome
            counts[{"failure": "failures", "error": "errors", "skipped": "skipped"}[kind]] += 1
            ET.SubElement(case, kind, message=_fit(said)).text = _fit(_told(row))
    for name, count in {"tests": len(rows), **counts}.items():
        suite.set(name, str(count))
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(suite, encoding="unicode")}\n'


def _outcome(row: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return what is the matter with a row, None for a right answer or a right refusal."""
    result, scores = row["result"], row["scores"]
    if result is None:
        return "error", row["error"]
    if not row["answerable"]:
        return (
            None
            if result["refused"]
            else ("failure", f"answered {result['answer']!r}, where nothing answers it")
        )
    if scores.get("right") is None:
        return "skipped", "no answer is expected"
    if scores["right"]:
        return None
    given = "refused" if result["refused"] else f"answered {result['answer']!r}"
    return "failure", f"{given}, expected {' | '.join(row['answers'])}"


def _told(row: Mapping[str, Any]) -> str:
    result = row["result"]
    if result is None:
        return str(row["error"])
    quotes = [f"[{one['number']}] {one['quote']} — {one['title']}" for one in result["citations"]]
    return "\n".join(
        [result["text"], *quotes, f"lost at: {row['lost_at']}" if row["lost_at"] else ""]
    ).strip()


def _fit(text: str) -> str:
    return _unfit.sub("\ufffd", text)
