"""The report people read: one HTML file that needs nothing else and asks for nothing."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from rag.evaluation.report.curves import hit_bars, reliability, risk_coverage
from rag.evaluation.report.failures import JsonRow, failure_html, failures, options_html
from rag.evaluation.report.plots import hits_svg, reliability_svg, risk_coverage_svg
from rag.evaluation.report.strings import (
    CERTAINTIES,
    COLUMNS,
    GRADES,
    HEADLINES,
    META,
    OF,
    STAGES,
    lost_label,
    metric,
    reason_label,
    shown,
)
from rag.render.escape import escape

__all__ = ["report_html"]

HERE = Path(__file__).resolve().parent
# The page shows answers in the look of the server's pages.
LOOK = HERE.parent.parent / "server" / "static" / "answer.css"
# Of the meta data: shown in places of their own, or for machines.
NOT_CONDITIONS = ("by", "curves", "crashed", "bad_rows")

Score = Mapping[str, Any]
"""A metric of a summary: value, low, high, n questions, and of which."""
Scores = Mapping[str, Score]


def report_html(rows: Sequence[JsonRow], summary: Scores, meta: Mapping[str, Any]) -> str:
    """Return the report of an evaluation as one HTML page.

    The arguments are what `eval --json` writes: its rows, the summary of its last line, and the last line's meta
    data with its `by` and `curves` put in.
    """
    found = failures(rows)
    style, script = LOOK.read_text(encoding="utf-8") + _file("report.css"), _file("report.js")
    return Template(_file("report.html")).substitute(
        policy=_policy(style, script),
        style=style,
        script=script,
        conditions=_conditions(meta),
        headlines="".join(_headline(name, summary[name]) for name in HEADLINES if _has(summary, name)),
        plots="".join(_plots(meta.get("curves", {}), summary)),
        failed=len(found),
        total=len(rows),
        kinds=options_html(found, "kind"),
        stages=options_html(found, "stage"),
        types=options_html(found, "type"),
        failures="".join(map(failure_html, found)),
        metrics=_metrics(summary),
        groups=_groups(meta.get("by", {})),
        latency=_latency(rows),
        left_out=_left_out(meta),
    )


def _file(name: str) -> str:
    return (HERE / name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Allow this page's own style and script and nothing else, whatever an article smuggles in."""
    return f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode("utf-8")).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"


def _has(summary: Scores, name: str) -> bool:
    return name in summary and summary[name]["value"] is not None


def _conditions(meta: Mapping[str, Any]) -> str:
    shown_at = {"date": str(meta.get("date", ""))[:16].replace("T", " ")}
    facts = ((name, value) for name, value in {**meta, **shown_at}.items() if name not in NOT_CONDITIONS)
    return "".join(
        f"<div><dt>{escape(META.get(name, name))}</dt><dd>{escape(_words(value))}</dd></div>"
        for name, value in facts
        if value not in (None, "", False, [], {})
    )


def _words(value: object) -> str:
    """Return a value of the meta data as words."""
    if isinstance(value, Mapping):
        return "，".join(f"{META.get(name, name)} {_words(inner)}" for name, inner in value.items())
    if value is True:
        return "是"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "、".join(map(_words, value))
    return META.get(str(value), str(value))


def _headline(name: str, score: Score) -> str:
    named = metric(name)
    return (
        f'<li class="headline" title="{escape(named.meaning)}"><p class="name">{escape(named.label)}</p>'
        f'<p class="value">{shown(name, score["value"])}</p>'
        f'<p class="interval">{_interval(name, score)}<span>{_of(score)} {score["n"]}</span></p></li>'
    )


def _of(score: Score) -> str:
    of = score.get("of", "all")
    return escape(OF.get(of, of))


def _interval(name: str, score: Score) -> str:
    low, high = score.get("low"), score.get("high")
    return "" if low is None or high is None else f"[{shown(name, low)}, {shown(name, high)}]"


def _plots(curves: Mapping[str, Any], summary: Scores) -> Iterator[str]:
    """Yield the figures there is something to draw for."""
    answered = summary.get("answered_rate", {}).get("value")
    points, here = risk_coverage(curves.get("risk_coverage", ()), answered)
    if points:
        yield _figure(
            "风险与覆盖",
            risk_coverage_svg(points, here),
            "先答最有把握的题：答得越多，错得越多。圆点是现在的位置。",
        )
    bins = reliability(curves.get("calibration", ()))
    if bins:
        words = "给出的把握与实际答对的比例，在虚线上最好。点越大题越多，竖线是95%区间。"
        yield _figure("校准", reliability_svg(bins), words)
    bars = hit_bars(curves.get("hit", ()), summary)
    if bars:
        words = "所需的报道或段落排在前k位之内的题。竖线是95%区间。"
        yield _figure("检索命中率", hits_svg(bars), words)


def _figure(title: str, svg: str, caption: str) -> str:
    return f"<figure><h2>{title}</h2>{svg}<figcaption>{caption}</figcaption></figure>"


def _metrics(summary: Scores) -> str:
    lines = (
        _metric_line(name, score)
        for name, score in summary.items()
        if score["value"] is not None and not name.startswith("latency_ms/")
    )
    return _table(("指标", "数值", "95%区间", "题数", "范围", "含义"), lines, words=("指标", "范围", "含义"))


def _metric_line(name: str, score: Score) -> str:
    named = metric(name)
    late = f"p95 {shown(name, score['p95'])}" if "p95" in score else ""
    numbers = (shown(name, score["value"]), _interval(name, score) or late, str(score["n"]))
    label = f"{escape(named.label)}<code>{escape(name)}</code>"
    return _line(label, numbers, f"<td>{_of(score)}</td><td>{escape(named.meaning)}</td>")


def _groups(by: Mapping[str, Any]) -> str:
    """Return the tables of the break-downs: stages and reasons as counts, certainties and types as metrics."""
    stages = [(lost_label(name), (n,)) for name, n in by.get("lost_at", {}).items() if name]
    reasons = [
        (reason_label(n), (c.get("right", 0), c.get("false", 0))) for n, c in by.get("reason", {}).items()
    ]
    return "".join(
        (
            _counts("失分环节", ("题数",), sorted(stages, key=lambda stage: -stage[1][0])),
            _counts("拒答理由", ("拒得对", "拒错了"), reasons),
            _by("把握", {CERTAINTIES.get(n, n): s for n, s in by.get("certainty", {}).items() if s}, GRADES),
            _by("题型", by.get("type", {}), COLUMNS),
        )
    )


def _counts(title: str, columns: Sequence[str], counts: Sequence[tuple[str, Sequence[int]]]) -> str:
    if not counts:
        return ""
    lines = (_line(escape(name), map(str, numbers)) for name, numbers in counts)
    return f'<div class="narrow"><h3>{title}</h3>{_table((title, *columns), lines, words=(title,))}</div>'


def _by(title: str, groups: Mapping[str, Scores], wanted: Sequence[str]) -> str:
    """Return a table of groups of questions, with those of the wanted metrics that any has a value of."""
    columns = [c for c in wanted if any(_has(scores, c) for scores in groups.values())]
    if not columns:
        return ""
    lines = (
        _line(escape(name or "（未注明）"), (_cell(c, scores.get(c)) for c in columns))
        for name, scores in groups.items()
    )
    return f"<h3>{title}</h3>{_table((title, *(metric(c).label for c in columns)), lines, words=(title,))}"


def _cell(name: str, score: Score | None) -> str:
    """Return the HTML of a metric of a group: its number and, small, of how many questions."""
    if score is None or score["value"] is None:
        return "–"
    return f'<span title="{_interval(name, score)}">{shown(name, score["value"])}</span><small>{score["n"]}</small>'


def _line(head: str, numbers: Iterable[str], last: str = "") -> str:
    cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
    return f'<tr><th scope="row">{head}</th>{cells}{last}</tr>'


def _table(columns: Sequence[str], lines: Iterable[str], *, words: Sequence[str]) -> str:
    """Return a table; the columns not named in `words` hold numbers."""
    styles = ("" if column in words else ' class="n"' for column in columns)
    head = "".join(
        f'<th scope="col"{style}>{escape(column)}</th>' for column, style in zip(columns, styles, strict=True)
    )
    return (
        f'<div class="wide" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _latency(rows: Sequence[JsonRow]) -> str:
    timings = [row["result"]["timings_ms"] for row in rows if row["result"] is not None]
    stages = dict.fromkeys(stage for timing in timings for stage in timing)
    lines = (_stage(s, sorted(timing[s] for timing in timings if s in timing)) for s in stages)
    return _table(("阶段", "中位", "p95", "最长", "题数"), lines, words=("阶段",))


def _stage(name: str, times: Sequence[float]) -> str:
    numbers = (times[len(times) // 2], times[min(len(times) - 1, int(len(times) * 0.95))], times[-1])
    return _line(escape(STAGES.get(name, name)), (*(f"{n:.1f}" for n in numbers), str(len(times))))


def _left_out(meta: Mapping[str, Any]) -> str:
    """Name the lines of the question files that could not be read."""
    bad = meta.get("bad_rows", ())
    if not bad:
        return ""
    lines = "".join(
        f"<li><code>{escape(str(b['file']))}</code> 第{b['line']}行：{escape(b['reason'])}</li>" for b in bad
    )
    return f'<section id="left-out"><h2>没有读入的行<small>{len(bad)}</small></h2><ul>{lines}</ul></section>'
