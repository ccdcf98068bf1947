"""What each stage made of a question, as HTML for the reader who asks why something was not found."""

from collections.abc import Iterator, Mapping
from urllib.parse import quote as url_quote

from rag.records import Passage
from rag.render.escape import attribute, escape
from rag.render.refusals_en import worded
from rag.render.strings import Lang, words
from rag.tracing import Trace, Tried

__all__ = ["trace_html"]

EXCERPT = 90
"""Characters of a passage: enough to see what it is about."""


def trace_html(trace: Trace, base: str = "", lang: Lang = "zh") -> str:
    """Return the stages in order; with an expected answer, first the one that lost it."""
    say = words(lang)
    return f'<div class="yj-trace">{"".join(_parts(trace, base, say))}</div>'


def _parts(trace: Trace, base: str, say: Mapping[str, str]) -> Iterator[str]:
    if trace.lost:
        where = f"<ul>{_passage(trace.place, base, say)}</ul>" if trace.place is not None else ""
        yield f'<section class="yj-lost" role="status"><p>{say[f"lost_{trace.lost}"]}</p>{where}</section>'
    terms = "、".join(trace.terms) or "—"
    tried = "".join(_tried(one) for one in trace.readings)
    yield _stage(
        "stage_1",
        [
            escape(trace.answer.understood_as),
            f"{say['terms']}{escape(terms)}",
            *([say["tried"]] if tried else []),
        ],
        say,
        f"<ol>{tried}</ol>" if tried else "",
    )
    found = say["legs_found"].format(n=trace.found) + (say["filters_on"] if trace.hidden else "")
    shown = "".join(_passage(one.passage, base, say, one.rank, one.read) for one in trace.passages)
    yield _stage("stage_2", [found], say, f"<ol>{shown}</ol>" if shown else "")
    considered = "".join(
        f"<li><strong>{escape(one.text[:EXCERPT])}</strong> {one.confidence:.0%} "
        f"{escape(say['unmet'] + '、'.join(one.unmet) if one.unmet else '')} "
        f'<span class="yj-soft">《{escape(one.title or say["untitled"])}》</span></li>'
        for one in trace.considered
    )
    yield _stage(
        "stage_3",
        [] if considered else [say["no_candidates"]],
        say,
        f"<ol>{considered}</ol>" if considered else "",
    )
    answer = trace.answer
    said = (
        say["answered"]
        if answer.refusal is None
        else f"{say[answer.refusal.reason]}：{worded(answer.refusal.message, say)}"
    )
    yield _stage("stage_4", [escape(said), f"{say['confidence']}{answer.confidence:.0%}"], say)


def _tried(one: Tried) -> str:
    """Return a reading of a follow-up with the certainty of its answer; the chosen one is strong."""
    text = f"<strong>{escape(one.text)}</strong>" if one.chosen else escape(one.text)
    return f"<li>{text} {one.certainty:.0%} {escape(one.answer[:EXCERPT])}</li>"


def _stage(name: str, lines: list[str], say: Mapping[str, str], listed: str = "") -> str:
    body = "".join(f"<p>{line}</p>" for line in lines)
    return f"<section><h3>{say[name]}</h3>{body}{listed}</section>"


def _passage(passage: Passage, base: str, say: Mapping[str, str], rank: int = 0, read: bool = False) -> str:
    article = passage.article
    address = f"{base}/articles/{url_quote(article.id, safe='')}?s={passage.start}&e={passage.end}#quote"
    title = escape(article.title or say["untitled"])
    text = passage.text
    excerpt = escape(text[:EXCERPT]) + ("……" if len(text) > EXCERPT else "")
    seen = f' <span class="yj-chip">{say["read"]}</span>' if read else ""
    value = f' value="{rank}"' if rank else ""
    return (
        f'<li{value}><a class="yj-title" href="{attribute(address)}" target="_blank" rel="noopener"><bdi>《{title}》</bdi></a>'
        f'{seen}<br><span class="yj-soft">{excerpt}</span></li>'
    )
