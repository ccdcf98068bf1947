"""The results as build servers read them."""

from typing import Any
from xml.etree import ElementTree as ET

from rag.evaluation.report.junit import junit_xml
from tests.support.sample import answered, refused


def row(
    ident: str, result: Any, right: float | None, *, answerable: bool = True, error: str = ""
) -> dict[str, Any]:
    return {
        "id": ident, "question": f"问题 {ident}\x00<&", "answers": ["31座"], "answerable": answerable, "type": "", "error": error,
        "result": None if result is None else result.to_json(), "scores": {"right": right}, "lost_at": "",
    }  # fmt: skip


def test_each_question_is_a_case_with_its_outcome() -> None:
    rows = [
        row("right", answered(), 1.0),
        row("wrong", answered(), 0.0),
        row("refused", refused(), 0.0),
        row("crashed", None, None, error="KeyError: 'x'"),
        row("open", answered(), None),
        row("unanswerable", refused(), None, answerable=False),
        row("told", answered(), 0.0, answerable=False),
    ]
    suite = ET.fromstring(junit_xml(rows).encode())
    assert suite.attrib == {
        "name": "youju eval",
        "tests": "7",
        "failures": "3",
        "errors": "1",
        "skipped": "1",
    }
    found = {case.attrib["id"]: [child.tag for child in case] for case in suite}
    assert found == {
        "right": [], "wrong": ["failure"], "refused": ["failure"], "crashed": ["error"],
        "open": ["skipped"], "unanswerable": [], "told": ["failure"],
    }  # fmt: skip
    said = suite[1][0].attrib["message"]
    assert "expected 31座" in said
    assert suite[0].attrib["name"] == "问题 right\ufffd<&"
