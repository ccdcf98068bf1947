"""The questions that went wrong, each as a piece of HTML that can be searched and filtered."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from rag.evaluation.report.strings import lost_label
from rag.records import BlockKind, Citation, Context, Correction
from rag.render.citation_html import quote_html
from rag.render.escape import attribute, escape

__all__ = ["Failure", "JsonRow", "failure_html", "failures", "options_html"]

JsonRow = Mapping[str, Any]
"""A line of `eval --json`."""

KINDS = {
    "wrong": "答错",
    "unquoted": "答对而引文不足",
    "false_refusal": "该答未答",
    "false_answer": "该拒却答",
    "crashed": "出错",
}
# Citations that carry an answer; of a refusal the first of what was offered as close.
SHOWN = 2


@dataclass(frozen=True, slots=True)
class Failure:
    """A row that went wrong and how: a key of KINDS, the stage that lost it, the type of the question."""

    row: JsonRow
    kind: str
    stage: str
    type: str


def failures(rows: Sequence[JsonRow]) -> list[Failure]:
    """Return the rows that a stage lost, in order."""
    return [Failure(row, _kind(row), row["lost_at"], row.get("type") or "") for row in rows if row["lost_at"]]


def _kind(row: JsonRow) -> str:
    if row["result"] is None:
        return "crashed"
    if not row["answerable"]:
        return "false_answer"
    if row["result"]["refused"]:
        return "false_refusal"
    return "unquoted" if row["scores"].get("right") else "wrong"


def options_html(found: Sequence[Failure], field: str) -> str:
    """Return the choices of a filter over `field` (kind, stage or type), the most frequent first."""
    counts = Counter(str(getattr(failure, field)) for failure in found)
    return "".join(
        f'<option value="{attribute(value)}">{escape(_label(field, value))}（{n}）</option>'
        for value, n in counts.most_common()
        if value
    )


def _label(field: str, value: str) -> str:
    if field == "stage":
        return lost_label(value)
    return KINDS.get(value, value) if field == "kind" else value


def failure_html(failure: Failure) -> str:
    """Return one failure: question, expected, given, the quote in place and the stage that lost it."""
    row = failure.row
    marks = "".join(f' data-{name}="{attribute(value)}"' for name, value in _marks(failure))
    lines = "".join(f"<dt>{name}</dt><dd>{words}</dd>" for name, words in _lines(row))
    chips = "".join(
        f'<span class="chip {name if name != "kind" else value}">{escape(_label(name, value))}</span>'
        for name, value in _marks(failure)
        if value
    )
    return (
        f'<li class="failure"{marks}><p class="asked">{escape(row["question"])}</p><dl>{lines}</dl>'
        f'{"".join(_quotes(row["result"] or {}))}<p class="tags">{chips}<code>{escape(row["id"])}</code></p></li>'
    )


def _marks(failure: Failure) -> tuple[tuple[str, str], ...]:
    return ("kind", failure.kind), ("stage", failure.stage), ("type", failure.type)


def _lines(row: JsonRow) -> Iterator[tuple[str, str]]:
    """Yield what was expected and what was given, each a name and its HTML."""
    yield "应为", _expected(row)
    result = row["result"]
    if result is None:
        yield "出错", escape(row.get("error") or "程序出错")
        return
    if result["understood_as"] not in ("", row["question"]):
        yield "理解为", escape(result["understood_as"])
    yield "所答", _given(result)
    yield "把握", f"{result['confidence']:.0%}"


def _expected(row: JsonRow) -> str:
    if not row["answerable"]:
        return '<span class="none">库中没有答案，应当拒答</span>'
    groups = row.get("answer_groups") or [row["answers"]]
    return " <i>并且</i> ".join(" <i>或</i> ".join(map(escape, group)) for group in groups)


def _given(result: Mapping[str, Any]) -> str:
    if result["refused"]:
        return f'<span class="none">未作答：{escape(result["text"])}</span>'
    return f'<strong>{escape(result["answer"])}</strong><span class="said">{escape(result["text"])}</span>'


def _quotes(result: Mapping[str, Any]) -> Iterator[str]:
    """Yield the quotes an answer stands on; of a refusal the closest passage."""
    cited = [("", given) for given in (result.get("citations") or ())[:SHOWN]]
    near = [("可能相关：", given) for given in (result.get("closest") or ())[:1]]
    for words, given in cited or near:
        citation = _citation(given)
        facts = (citation.publisher, citation.published, re.split(r"[/\\]", citation.source)[-1])
        yield (
            f'<figure class="yj"><blockquote class="yj-quote">{quote_html(citation)}</blockquote><figcaption>'
            f"{words}《{escape(citation.title or '无标题')}》 {escape(' · '.join(filter(None, facts)))}</figcaption></figure>"
        )


def _citation(given: Mapping[str, Any]) -> Citation:
    """Return the citation of an Answer that was read from JSON; keys of a newer schema are left out."""
    known = {field.name: given[field.name] for field in fields(Citation) if field.name in given}
    known["context"] = tuple(Context(c["start"], c["end"], c["text"]) for c in given["context"])
    known["kind"] = BlockKind(given["kind"])
    known["reprints"] = tuple(given.get("reprints", ()))
    known["corrections"] = tuple(Correction(**one) for one in given.get("corrections", ()))
    return Citation(**known)
