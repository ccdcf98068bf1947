"""Put the right words of a notice of correction in the place of the wrong ones, wherever these would be the answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rag.answering.context import Scene
from rag.answering.quotes import Known
from rag.answering.ranking import Choice
from rag.ingest.corrections import counterpart
from rag.query.analysis import Query
from rag.records import Amendment, Article, Candidate, Hit, Passage, Span

__all__ = ["Mended", "mended"]

_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Mended:
    """The choices, none of which is a wrong value any more; `was` has what stood in the place of a mended one."""

    choices: tuple[Choice, ...]
    was: Mapping[_Place, Choice]

    def wrong(self, choice: Choice) -> Choice | None:
        """Return the choice that a notice mends by `choice`, None if it is no correction."""
        return self.was.get(_place(choice))


def mended(query: Query, choices: Sequence[Choice], known: Known) -> Mended:
    """Return `choices` in their order, with the right words and their notice for those that a notice mends.

    What was found for the wrong value holds for the right one: its score and confidence stay.
    """
    amendments = {ident: known.corrections(ident) for ident in {_article(choice).id for choice in choices}}
    if not any(amendments.values()):
        return Mended(tuple(choices), {})
    kept: dict[_Place, Choice] = {}
    was: dict[_Place, Choice] = {}
    for choice in choices:
        right = _right(query, choice, amendments[_article(choice).id], known)
        found = right or choice
        kept.setdefault(_place(found), found)
        if right is not None and _article(right).id != _article(choice).id:
            was.setdefault(_place(right), choice)
    return Mended(tuple(kept.values()), was)


def _article(choice: Choice) -> Article:
    return choice.candidate.hit.passage.article


def _place(choice: Choice) -> _Place:
    return _article(choice).id, choice.candidate.span.start, choice.candidate.span.end


def _right(query: Query, choice: Choice, amendments: Sequence[Amendment], known: Known) -> Choice | None:
    """Return what the latest notice that mends the words of a choice puts in their place, None if none does."""
    span = choice.candidate.span
    for amendment in amendments:
        was = amendment.was
        if span.start < was.end and was.start < span.end:
            notice = known.article(amendment.notice_id)
            at = counterpart(
                _article(choice).text[was.start : was.end],
                notice.text[amendment.now.start : amendment.now.end],
                max(0, span.start - was.start),
                min(span.end, was.end) - was.start,
            )
            if at is not None:
                now = Span(amendment.now.start + at[0], amendment.now.start + at[1])
                return _moved(query, choice, notice, now)
    return None


def _moved(query: Query, choice: Choice, notice: Article, now: Span) -> Choice:
    """Return the choice with the words `now` of the notice for its own."""
    block = next(one for one in notice.blocks if one.start <= now.start < one.end)
    hit = choice.candidate.hit
    passage = Passage(notice, block.start, block.end, block.kind)
    candidate: Candidate = replace(
        choice.candidate, hit=Hit(passage, hit.passage_id, hit.score, hit.features), span=now
    )
    scene = Scene.around(candidate, query.forms)
    return replace(choice, evidence=replace(choice.evidence, scene=scene))
