"""The values that several quotes state, as HTML: side by side with what differs, or in the order of their times."""

from collections.abc import Callable, Sequence

from rag.records import Answer, Citation, TimePoint, Variant, VariantValue
from rag.render.citation_html import Say
from rag.render.escape import escape

__all__ = ["apart_html", "timeline_html", "variant_html"]

Marker = Callable[[int], str]
"""Makes the link to the card of a citation."""


def variant_html(variant: Variant, answer: Answer, marker: Marker, say: Say) -> str:
    """Set the stated values side by side, each with its time and source; what differs is headed by `apart_html`."""
    stated = _stated(variant, answer)
    values = "".join(
        f'<li class="yj-value"><strong>{escape(value.value)}</strong> {marker(value.citation)}{_where(citation)}</li>'
        for value, citation in stated
    )
    head = "" if variant.relation == "different" else f'<p class="yj-head">{say[variant.relation]}</p>'
    return f'{head}<ul class="yj-values yj-{variant.relation}">{values}</ul>'


def apart_html(answer: Answer, say: Say) -> str:
    """Say in what the quotes of values that differ differ besides; "" where that is nothing."""
    differing = [variant for variant in answer.variants if variant.relation == "different"]
    apart = _apart([citation for variant in differing for _, citation in _stated(variant, answer)])
    what = "、".join(say[one] for one in apart)
    return f'<span class="yj-note">{say["apart"].format(what=what)}</span>' if what else ""


def _stated(variant: Variant, answer: Answer) -> list[tuple[VariantValue, Citation]]:
    cited = {citation.number: citation for citation in answer.citations}
    return [(value, cited[value.citation]) for value in variant.values if value.citation in cited]


def _where(citation: Citation) -> str:
    paper = " ".join(filter(None, (citation.publisher, citation.published))) or citation.title
    facts = (citation.as_of, citation.outlook, paper)
    return "".join(f'<span class="yj-fact"><bdi>{escape(fact)}</bdi></span>' for fact in facts if fact)


def _apart(cited: Sequence[Citation]) -> list[str]:
    """Return in what quotes that differ differ besides: the time they speak of, their paper, its day."""
    sides = {
        "apart_time": {one.as_of for one in cited},
        "apart_publisher": {one.publisher for one in cited},
        "apart_published": {one.published for one in cited},
    }
    return [name for name, values in sides.items() if len(values) > 1 and "" not in values]


def timeline_html(answer: Answer, marker: Marker, say: Say) -> str:
    """Set the values of one indicator in the order of their times, each as earlier, latest or as what is aimed at."""
    cited = {citation.number: citation for citation in answer.citations}
    known = [point for point in answer.timeline if point.citation in cited]
    facts = [point for point in known if not cited[point.citation].outlook]
    latest = facts[-1] if facts else None

    def told(point: TimePoint) -> str:
        outlook = cited[point.citation].outlook
        return outlook or say["latest" if point is latest else "earlier"]

    points = "".join(
        f'<li class="yj-value"><span class="yj-when">{escape(told(point))}</span>'
        f'<span class="yj-fact">{escape(point.as_of)}</span> <strong>{escape(point.value)}</strong> {marker(point.citation)}</li>'
        for point in known
    )
    head = f'<p class="yj-head">{say["timeline"]}</p>'
    return f'{head}<ol class="yj-values yj-timeline">{points}</ol>' if points else ""
