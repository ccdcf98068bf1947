"""Put the right words of a notice of correction in the place of the wrong ones, and a denial in that of its rumour."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.answering.quotes import Known
from rag.answering.ranking import Choice
from rag.answering.validity.moving import moved
from rag.ingest.corrections import counterpart
from rag.query.analysis import Query
from rag.records import Amendment, Article, Span

__all__ = ["Mended", "is_notice", "mended"]

_Place = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Mended:
    """The choices, none of which is a wrong value any more; `was` has what stood in the place of a mended one."""

    choices: tuple[Choice, ...]
    was: Mapping[_Place, Choice]
    denials: frozenset[_Place] = frozenset()

    def wrong(self, choice: Choice) -> Choice | None:
        """Return the choice that a notice mends by `choice`, None if it is no correction."""
        return self.was.get(_place(choice))

    def denies(self, choice: Choice) -> bool:
        """Tell whether a choice is the sentence that denies a rumour."""
        return _place(choice) in self.denials


def mended(query: Query, choices: Sequence[Choice], known: Known) -> Mended:
    """Return `choices` in their order, with the right words and their notice for those that a notice mends.

    What was found for the wrong value holds for the right one: its score and confidence stay.
    """
    amendments = {ident: known.corrections(ident) for ident in {_article(choice).id for choice in choices}}
    if not any(amendments.values()):
        return Mended(tuple(choices), {})
    kept: dict[_Place, Choice] = {}
    was: dict[_Place, Choice] = {}
    denials: set[_Place] = set()
    for choice in choices:
        right = _right(query, choice, amendments[_article(choice).id], known)
        found = choice if right is None else right[0]
        kept.setdefault(_place(found), found)
        if right is not None:
            if right[1]:
                denials.add(_place(found))
            if not _is_shown(choice, found):
                was.setdefault(_place(found), choice)
    return Mended(tuple(kept.values()), was, frozenset(denials))


def is_notice(choice: Choice, known: Known) -> bool:
    """Tell whether a choice is the right value that a notice of correction states."""
    span, article = choice.candidate.span, _article(choice)
    return any(
        one.notice_id == article.id
        and not one.denied
        and one.now.start < span.end
        and span.start < one.now.end
        for one in known.corrections(article.id)
    )


def _is_shown(choice: Choice, found: Choice) -> bool:
    """Tell whether the sentence of what is found shows the words that it mends."""
    mine, sentence = choice.candidate.span, found.evidence.scene.sentence
    return _article(choice).id == _article(found).id and sentence.start <= mine.start < sentence.end


def _article(choice: Choice) -> Article:
    return choice.candidate.hit.passage.article


def _place(choice: Choice) -> _Place:
    return _article(choice).id, choice.candidate.span.start, choice.candidate.span.end


def _right(
    query: Query, choice: Choice, amendments: Sequence[Amendment], known: Known
) -> tuple[Choice, bool] | None:
    """Return what the latest notice that mends the words of a choice puts there, and whether it only denies them."""
    for amendment in amendments:
        now = _now(choice, amendment, known)
        if now is not None:
            notice = known.article(amendment.notice_id)
            return moved(query, choice, notice, now, fits=not amendment.denied), amendment.denied
    return None


def _now(choice: Choice, amendment: Amendment, known: Known) -> Span | None:
    """Return the span of the notice that stands in the place of the choice's words, None if these stay."""
    span, was, now = choice.candidate.span, amendment.was, amendment.now
    if span.start >= was.end or span.end <= was.start:
        return None
    notice = known.article(amendment.notice_id)
    if amendment.denied:
        told = notice.id == _article(choice).id and span.end > now.start and span.end > was.end
        mark = notice.text[now.end - 1 : now.end] == "。"
        return None if told else Span(now.start, now.end - mark)
    at = counterpart(
        _article(choice).text[was.start : was.end],
        notice.text[now.start : now.end],
        max(0, span.start - was.start),
        min(span.end, was.end) - was.start,
    )
    return None if at is None else Span(now.start + at[0], now.start + at[1])
