"""Where a quoted value holds: the place that its own quote names."""

from rag.records import Citation
from rag.render.citation_html import quote_runs
from rag.text.annotation import annotate
from rag.text.places import within

__all__ = ["place_said"]

WRITTEN_OUT = tuple("省市县区州旗盟镇乡村")


def place_said(citation: Citation, question: str) -> str:
    """Return the place as the quote or its context writes it: the asked one, else the only one; "" where that is not plain.

    Unasked, a place counts only where it is written out (成都市): in 成都银行 it names something else.
    """
    said = annotate("".join(words for words, _ in quote_runs(citation)))
    asked = {place.name for place in annotate(question).places}
    stated = {place.name: said.text[place.start : place.end] for place in said.places}
    known = {name: form for name, form in stated.items() if name in asked} if asked else stated
    inner = [name for name in known if not any(other != name and within(other, name) for other in known)]
    if len(inner) != 1 or not (asked or known[inner[0]].endswith(WRITTEN_OUT)):
        return ""
    return known[inner[0]]
