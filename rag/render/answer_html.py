"""One rendering of an answer for every page: escaped HTML, in which article text is never interpreted.

有把握  超8万个  截至2023年底 [1]            how sure, the value, what it holds for
成都5G基站超8万个。                          the sentence, where there is one that is not just quoted
[1] …                                      the one strongest quote; what agrees is folded, what differs is not
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.records import Answer, BlockKind, Citation, Refusal, Role
from rag.render.citation_html import Link, Say, article_path, cards_html, source_facts
from rag.render.escape import attribute, escape
from rag.render.place_said import place_said
from rag.render.refusals_en import worded
from rag.render.strings import Lang, words
from rag.render.values_html import apart_html, timeline_html, variant_html
from rag.text.characters import squeeze

__all__ = ["answer_html", "ended", "error_html"]

# A longer answer is no value that is read at a glance: its quote is.
LONGEST_VALUE = 40
ENDS = "。！？…!?”"
PLAIN = ("courtesy", "overview")
"""Reasons that are no refusal: a greeting is returned, a subject told."""


@dataclass(frozen=True, slots=True)
class _Block:
    """What the block of one answer is made with; `numbers` has the place of each of its citations in the whole answer."""

    answer: Answer
    link: Link
    uid: str
    say: Say
    numbers: dict[int, int]
    drawn: set[int] = field(default_factory=set)

    def marker(self, number: int) -> str:
        """Return the link to the card of a citation, "" where there is none."""
        shown = self.numbers.get(number)
        if shown is None:
            return ""
        label = f"{self.say['quote_n']}{shown}"
        return f'<a class="yj-ref" href="#{self.uid}-{shown}" aria-label="{label}">[{shown}]</a>'

    def of(self, role: Role) -> list[Citation]:
        """Return the citations of a role."""
        return [one for one in self.answer.citations if one.role == role]

    def cards(self, citations: Sequence[Citation], label: str, style: str = "") -> str:
        """Return the cards of those citations that were not drawn before."""
        new = [replace(one, number=self.numbers[one.number]) for one in citations]
        new = [one for one in new if one.number not in self.drawn]
        self.drawn.update(one.number for one in new)
        return cards_html(new, self.link, self.uid, self.say, label=label, style=style)


def answer_html(
    answer: Answer, link: Link = article_path, *, uid: str = "", lang: Lang = "zh", found: str = ""
) -> str:
    """Return the answer as one line of HTML; `uid` keeps its anchors apart from other answers of the page.

    `found` is HTML of the passages that have the typed words: below an answer, above what is only near.
    """
    uid = "yj" + (uid or hashlib.sha256(answer.question.encode("utf-8", "replace")).hexdigest()[:8])
    say = words(lang)
    block = _Block(answer, link, uid, say, {one.number: one.number for one in answer.citations})
    told = _refused(block, found) if answer.refused else _several(block) if answer.parts else _answered(block)
    body = "".join(told) + ("" if answer.refused else found)
    return f'<div class="{_style(answer)}">{_understood(answer, say)}{body}</div>'


def error_html(message: str) -> str:
    """Return a sentence that stands where an answer would."""
    return f'<div class="yj yj-refused"><p class="yj-text" role="alert">{escape(message)}</p></div>'


def ended(text: str) -> str:
    """Return a sentence with the mark that ends it.

    >>> ended("有31座 [1]"), ended("没有找到依据。")
    ('有31座 [1]。', '没有找到依据。')
    """
    return text if not text or text.endswith(tuple(ENDS)) else f"{text}。"


def _style(answer: Answer) -> str:
    if answer.refused:
        told = answer.refusal is not None and answer.refusal.reason in PLAIN
        return "yj yj-told" if told else "yj yj-refused"
    return f"yj yj-{answer.certainty or 'likely'}"


def _state(answer: Answer, say: Say) -> str:
    """Say in words how sure it is: colours alone tell nothing to who cannot see them."""
    state = "refused" if answer.refused else answer.certainty or "likely"
    return f'<span class="yj-chip yj-state yj-is-{state}" title="{say[f"{state}_why"]}">{say[state]}</span>'


def _understood(answer: Answer, say: Say) -> str:
    """Show how the question was read; the button lets the reader correct it and ask again."""
    if answer.understood_as in ("", answer.question):
        return ""
    button = (
        f'<button type="button" class="yj-edit" title="{say["understood_edit"]}" dir="auto">'
        f"{escape(answer.understood_as)}</button>"
    )
    return f'<p class="yj-understood">{say["understood"]}{button}</p>'


def _answered(block: _Block) -> Iterator[str]:
    answer, say = block.answer, block.say
    own = block.of("answer") or list(answer.citations[:1])
    differ = any(variant.relation == "different" for variant in answer.variants)
    others = block.of("alternative")
    yield _differing(block) if differ else _head(block)
    yield block.cards(own if differ else own[:1], say["quotes"], "" if _value(answer) else "yj-alone")
    if not differ:
        yield _folded(block, own[1:])
    if others:
        yield f'<p class="yj-head">{say["alternative"]}{_alternatives(block, others)}</p>'
        yield block.cards(others, say["alternative"])
    if overruled := block.of("corrected"):
        yield f'<p class="yj-head">{say["overruled"]}</p>{block.cards(overruled, say["overruled"])}'
    yield timeline_html(answer, block.marker, say)
    yield _fold(say["other_times"], block.cards(block.of("other_time"), say["other_times"]))
    if answer.notice:
        yield f'<p class="yj-notice">{escape(say["uncovered"].format(notice=worded(answer.notice, say)))}</p>'


def _head(block: _Block) -> str:
    """Return the value with what it holds for and its markers, and the sentence it stands in; a quote alone has neither."""
    answer, say = block.answer, block.say
    value, state = _value(answer), _state(answer, say)
    first = answer.citations[0] if answer.citations else None
    sentence = ended(answer.statement)
    if not value:
        said = f" {escape(sentence)} {_markers(block)}" if sentence else ""
        return f'<p class="yj-text">{state}{said}</p>'
    tag = "strong" if answer.certainty == "sure" else "span"
    outlook = first.outlook if first else ""
    place = place_said(first, answer.understood_as or answer.question) if first else ""
    facts = [fact for fact in (answer.as_of, place, outlook) if fact and fact not in value]
    held = "".join(f'<span class="yj-qualifier"><bdi>{escape(fact)}</bdi></span> ' for fact in facts)
    line = f'<p class="yj-text">{state} <{tag} class="yj-said-value">{escape(value)}</{tag}> {held}{_markers(block)}</p>'
    return f'{line}<p class="yj-sentence">{escape(sentence)}</p>' if sentence else line


def _differing(block: _Block) -> str:
    """Put the values that differ in the place of the one: where the sources do not agree, none of them is the answer."""
    answer, say = block.answer, block.say
    doubt = "" if answer.certainty == "sure" else _state(answer, say)
    state = f'<span class="yj-chip yj-state yj-is-differ" title="{say["differ_why"]}">{say["differ"]}</span>'
    return f'<p class="yj-text">{doubt}{state} {apart_html(answer, say)}</p>{_variants(block)}'


def _value(answer: Answer) -> str:
    """Return the short answer; "" where it is too long for one, or where it is all of its quote."""
    said = answer.answer
    whole = answer.citations[0].quote.strip(ENDS + "“；;，,") if answer.citations else ""
    return "" if len(said) > LONGEST_VALUE or squeeze(said) == squeeze(whole) else said


def _markers(block: _Block) -> str:
    """Return the markers of all that say the same."""
    same = [variant for variant in block.answer.variants if variant.relation == "equal"]
    numbers = [value.citation for variant in same for value in variant.values]
    return "".join(map(block.marker, numbers or [one.number for one in block.answer.citations[:1]]))


def _variants(block: _Block) -> str:
    return "".join(
        variant_html(variant, block.answer, block.marker, block.say) for variant in block.answer.variants
    )


def _folded(block: _Block, rest: Sequence[Citation]) -> str:
    """Fold the further sources under how many there are and how they relate."""
    relation = block.answer.variants[0].relation if block.answer.variants else "equal"
    values = _variants(block) if relation == "compatible" else ""
    head = block.say[f"more_{relation}"].format(n=len(rest))
    return values + _fold(head, block.cards(rest, head))


def _fold(head: str, cards: str) -> str:
    return f'<details class="yj-more"><summary>{head}</summary>{cards}</details>' if cards else ""


def _alternatives(block: _Block, others: Sequence[Citation]) -> str:
    """Name the values that may be the answer instead."""
    said = [
        f"{escape(one.quote[one.answer_start - one.start : one.answer_end - one.start])} {block.marker(one.number)}"
        for one in others
        if one.answer_start is not None and one.answer_end is not None
    ]
    return "、".join(said)


def _several(block: _Block) -> Iterator[str]:
    """Answer the questions of one message one after the other, what is concluded of all first."""
    answer, say = block.answer, block.say
    if answer.statement:
        yield f'<p class="yj-text">{_state(answer, say)} <strong class="yj-said-value">{escape(answer.statement)}</strong></p>'
    place = {_place(one): one.number for one in answer.citations}
    for part in answer.parts:
        numbers = {one.number: place[_place(one)] for one in part.citations if _place(one) in place}
        inner = replace(block, answer=part, numbers=numbers)
        told = _reason(part, say) if part.refused else "".join(_answered(inner))
        style = _style(part).partition(" ")[2]
        yield f'<div class="yj-part {style}"><h3 class="yj-asked">{escape(part.question)}</h3>{told}</div>'
    if answer.notice:
        yield f'<p class="yj-notice">{escape(worded(answer.notice, say))}</p>'


def _place(one: Citation) -> tuple[object, ...]:
    return one.article_id, one.start, one.end, one.context


def _refused(block: _Block, found: str) -> Iterator[str]:
    answer, say = block.answer, block.say
    yield _reason(answer, say)
    yield found
    if any(one.kind is BlockKind.TITLE for one in answer.closest):
        yield _headlines(block)
    elif answer.closest:
        told = answer.refusal is not None and answer.refusal.reason == "overview"
        head, note = ("told", "told_note") if told else ("closest", "closest_note")
        title = f'{say[head]}<span class="yj-note">{say[note]}</span>'
        cards = cards_html(
            answer.closest, block.link, f"{block.uid}-near", say, label=say[head], style="yj-near"
        )
        yield _fold(title, cards) if found else f'<p class="yj-head">{title}</p>{cards}'


def _headlines(block: _Block) -> str:
    """List the newest articles by their headlines: each is quoted by its link, a card would say it twice."""
    items = "".join(
        f'<li><a class="yj-title" href="{attribute(block.link(one))}" target="_blank" rel="noopener">'
        f"<bdi>{escape(one.quote)}</bdi></a> {source_facts([one.publisher, one.published])}</li>"
        for one in block.answer.closest
    )
    return f'<ul class="yj-newest">{items}</ul>'


def _reason(answer: Answer, say: Say) -> str:
    """Say why there is no answer; where that is no known sentence, a reader of English gets the kind of reason first."""
    refusal = answer.refusal or Refusal("no_evidence", "", answer.text)
    told = worded(refusal.message, say)
    said = "<br>".join(escape(line) for line in told.split("\n"))
    plain = refusal.reason in PLAIN
    state = "" if plain else f"{_state(answer, say)} "
    if say["lang"] != "zh-CN" and told == refusal.message:
        return (
            f'<p class="yj-text">{state}{say[refusal.reason]}</p><p class="yj-reason" lang="zh-CN">{said}</p>'
        )
    # What was not found, or is in the way, is said in the message already.
    named = plain or say["lang"] != "zh-CN" or (refusal.reason == "no_evidence" and "没有找到" in told)
    kind = "" if named else f'<p class="yj-reason">{say[refusal.reason]}</p>'
    return f'<p class="yj-text">{state}{said}</p>{kind}'
