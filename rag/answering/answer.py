"""Answer or refuse: the best choice quoted, with what other sources say, or the reason why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice

from rag.answering.agreement import agreeing, relation, variants
from rag.answering.answer_features import outlook
from rag.answering.context import nearest_times
from rag.answering.periods import is_covered
from rag.answering.quotes import Known, Quote, citation, quote_evidence
from rag.answering.ranking import Choice, Limits
from rag.answering.refusal import LIBRARY, WITHIN, closest, reason
from rag.answering.statement import items, statement
from rag.answering.tables.cells import cell_said
from rag.answering.timeline import earlier_and_later, overtaking, timeline
from rag.answering.validity.copies import one_of_each_story
from rag.answering.validity.corrections import Mended, is_notice, mended
from rag.query.analysis import AnswerType, Query
from rag.query.opening import REQUEST
from rag.query.small_talk import small_talk
from rag.records import Certainty, Citation, Hit, Refusal, Role, TimePoint, Value, Variant
from rag.text.dates import overlaps
from rag.text.lexicon import COMMON, generic, rarity
from rag.text.time_words import RELATIVE_YEAR

__all__ = ["Reply", "narrowed", "reply"]

# A second answer within this of the first one's score is shown beside a likely one.
CLOSE = 1.0
LIKELY = "可能："
SENTENCE_ENDS = ("。", "！", "？", "…")
YEAR = re.compile(r"\d{4}年")

# What no quotation can answer: to be written, computed or known only now.
NOT_QUOTABLE = re.compile(
    rf"^(?:{REQUEST})*(?:写|作|编|创作|生成|画)(?:一|个|首|篇|段|封|幅|张|份)+|翻译(?:成|一下|为)|"
    r"^[\d\s+\-*/×÷()（）.=]+(?:等于)?(?:几|多少)?[？?]?$|(?<![\d.])[\d.]++\s*+[+\-*/×÷加减乘除以]++\s*+[\d.]++\s*+(?:等于|=|是)|"
    r"^(?:给我)?讲个?(?:笑话|故事)|(?:现在|此刻)(?:是)?几点|"
    r"(?:今天|明天|现在|今晚|后天|这周末?).{0,6}(?:天气|气温|下雨|限号|星期几|几号)"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What is said to a question: the parts of an Answer that do not depend on timing or index."""

    refusal: Refusal | None
    confidence: float
    answer: str = ""
    answers: tuple[str, ...] = ()
    value: Value | None = None
    as_of: str = ""
    period_shift: bool = False
    text: str = ""
    citations: tuple[Citation, ...] = ()
    variants: tuple[Variant, ...] = ()
    closest: tuple[Citation, ...] = ()
    timeline: tuple[TimePoint, ...] = ()
    certainty: Certainty = ""
    statement: str = ""
    notice: str = ""


def reply(
    query: Query, hits: Sequence[Hit], choices: Sequence[Choice], known: Known, needed: Limits
) -> Reply:
    """Answer `query` by the best of `choices`, or refuse if it is less probable than is `needed`."""
    if courtesy := small_talk(query.question):
        return Reply(Refusal("courtesy", "", courtesy), 0.0, text=courtesy)
    valid = mended(query, choices, known)
    choices = valid.choices
    best = choices[0] if choices else None
    confidence = 0.0 if best is None else best.confidence
    # What seems to ask for a poem or a sum is only answered where the library surely has it.
    least = needed.sure if NOT_QUOTABLE.search(query.text.strip()) else needed.likely
    if best is not None and not best.vetoed and confidence >= least:
        return _answered(query, _picked(query, valid, best, known, needed), known)
    if least > needed.likely:
        return Reply(Refusal("not_quotable", "", NOT_QUOTABLE_MESSAGE), 0.0, text=NOT_QUOTABLE_MESSAGE)
    refusal, proof = reason(query, hits, choices, needed.likely)
    return Reply(refusal, confidence, text=refusal.message, closest=closest(query, hits, proof, known))


@dataclass(frozen=True, slots=True)
class _Picked:
    """What is shown: what is `chosen` and agrees, the next best answer, what a notice `overruled`, other times."""

    chosen: list[Choice]
    others: list[Choice]
    overruled: list[Choice]
    series: list[Choice]
    certainty: Certainty
    denied: bool

    @property
    def shown(self) -> list[Choice]:
        """All of them in the order of their citations."""
        return [*self.chosen, *self.others, *self.overruled, *self.series]

    @property
    def roles(self) -> list[Role]:
        """What each of them is quoted for."""
        counted: list[tuple[Role, int]] = [
            ("answer", len(self.chosen)),
            ("alternative", len(self.others)),
            ("corrected", len(self.overruled)),
            ("other_time", len(self.series)),
        ]
        return [role for role, count in counted for _ in range(count)]

    @property
    def dated(self) -> list[int]:
        """The places of the answer and of its other times."""
        return [0, *range(len(self.shown) - len(self.series), len(self.shown))]


def _picked(query: Query, valid: Mended, best: Choice, known: Known, needed: Limits) -> _Picked:
    choices, limit = valid.choices, needed.likely
    series = earlier_and_later(query, choices, best, limit)
    latest = overtaking(query, best, series)
    if latest is not best:
        place = latest.evidence
        best, series = latest, [choice for choice in (best, *series) if choice.evidence is not place]
    agreed = [best, *agreeing(query, choices, best, limit)]
    told = _by_time(query, [_told(choice, choices, limit) for choice in agreed])
    plain = _plainly(told[0], choices) if is_notice(told[0], known) else None
    chosen = one_of_each_story(query, told if plain is None else [plain], known)
    best = told[0]
    # What is asked beyond what is said near the answer (成都[关闭]了多少) is not surely answered.
    certainty: Certainty = (
        "sure" if best.confidence >= needed.sure and not _asks_more(query, best) else "likely"
    )
    others = _second(choices, [*chosen, *series]) if certainty == "likely" else []
    overruled = [choice for choice in [valid.wrong(best)] if choice is not None]
    series = [choice for choice in series if choice not in chosen]
    return _Picked(chosen, others, overruled, series, certainty, valid.denies(best))


def _answered(query: Query, picked: _Picked, known: Known) -> Reply:
    best, shown = picked.chosen[0], picked.shown
    quotes = [quote_evidence(query, choice.evidence) for choice in shown]
    for at, choice in enumerate(shown):
        if choice in picked.overruled:
            quotes[0] = replace(quotes[0], as_of=quotes[at].as_of)
            quotes[at] = replace(quotes[at], answer=None)
    if is_notice(best, known) and not picked.overruled:
        quotes[0] = replace(quotes[0], as_of="")  # the day a notice names is that of the report it mends
    named = enumerate(zip(quotes, picked.roles, strict=True), 1)
    citations = tuple(citation(number, quote, known, role) for number, (quote, role) in named)
    said = _said(query, best, quotes[0], picked.certainty)
    shifted = _shifted(query, best)
    said = _own_time(query, said, quotes[0].as_of, _quoted(quotes[0])) if shifted else said
    told = _words(said, picked, quotes, _marks(picked.chosen, citations))
    notice = _uncovered(query) if shifted else ""
    return Reply(
        refusal=None,
        confidence=best.confidence,
        answer=best.candidate.text,
        answers=_answers(query, best),
        value=_value(query, best),
        as_of=quotes[0].as_of,
        period_shift=shifted,
        text=_after(notice, told) if notice else told,
        citations=citations,
        variants=variants(picked.chosen, citations),
        timeline=timeline(
            [shown[i] for i in picked.dated], [quotes[i] for i in picked.dated], [i + 1 for i in picked.dated]
        ),
        certainty=picked.certainty,
        statement="" if said == _quoted(quotes[0]) else said,
        notice=notice,
    )


def _words(said: str, picked: _Picked, quotes: Sequence[Quote], marks: str) -> str:
    """Return the sentence of the answer with its marks, which article it mends, and the next best one of what is not sure."""
    first = len(picked.chosen)
    second = first + len(picked.others)
    told = f"{said} {marks}"
    overruled = "针对 [{}] 的传言" if picked.denied else "更正了 [{}] 的说法"
    told += "".join(f"（{overruled.format(n)}）" for n, _ in enumerate(picked.overruled, second + 1))
    return _likely(told, quotes[first:second], first + 1) if picked.certainty == "likely" else told


def _said(query: Query, best: Choice, quote: Quote, certainty: Certainty) -> str:
    """Return the sentence of the answer: one of asked and quoted words where it is sure, else the article's own."""
    sentence = _sentence(quote)
    said = _quoted(quote) if best.candidate.fact is None else cell_said(best.candidate, best.candidate.fact)
    if certainty == "sure" and best.candidate.fits:
        quoted = "\n".join(quote.pieces)
        title = quote.article.title
        told = statement(
            query, best.candidate.text, quote.as_of, quoted, sentence, outlook(best.evidence), title
        )
        said = said if best.candidate.fact is not None and told == _quoted(quote) else told
    return said


def _sentence(quote: Quote) -> str:
    return quote.text.rstrip("。；;，,")


def _quoted(quote: Quote) -> str:
    return f"“{_sentence(quote)}”"


def _marks(chosen: Sequence[Choice], citations: Sequence[Citation]) -> str:
    """Return the numbers of the citations that say the same: [1][2]."""
    same = [found for found in variants(chosen, citations) if found.relation == "equal"]
    return "".join(f"[{value.citation}]" for found in same for value in found.values) or "[1]"


def _likely(said: str, others: Sequence[Quote], number: int) -> str:
    """Return what is said of an answer that is not sure, with the next best one."""
    return LIKELY + said + "".join(f"；也可能：“{_sentence(quote)}” [{number}]" for quote in others)


def _plainly(best: Choice, choices: Sequence[Choice]) -> Choice | None:
    """Return what says the right value of a notice by itself and scores near it, as sure as the notice; None if nothing does."""
    same = (
        choice
        for choice in choices
        if not choice.vetoed
        and choice.candidate.fits
        and choice.score >= best.score - CLOSE
        and _where(choice) != _where(best)
        and _is_told(choice)
        and relation(best.candidate.text, choice.candidate.text) == "equal"
    )
    found = next(same, None)
    return found and replace(found, confidence=max(found.confidence, best.confidence))


def _second(choices: Sequence[Choice], chosen: Sequence[Choice]) -> list[Choice]:
    """Return the next best answer of another sentence if it is close behind and says another thing, as a list of one."""
    best = chosen[0]
    said = {_where(choice) for choice in chosen}
    close = (
        choice
        for choice in choices
        if not choice.vetoed
        and choice.candidate.fits
        and choice.score >= best.score - CLOSE
        and _where(choice) not in said
        and relation(best.candidate.text, choice.candidate.text) != "equal"
    )
    return list(islice(close, 1))


def _where(choice: Choice) -> tuple[str, int]:
    return choice.evidence.scene.article.id, choice.evidence.scene.sentence.start


def _asks_more(query: Query, best: Choice) -> bool:
    """Tell whether the question says what nothing near the answer says: it may not be asserted (成都[拆除]了多少)."""
    missing = (word for word in best.evidence.missing if word not in query.sought and word not in generic())
    return any(len(word) > 1 and rarity(word) >= COMMON for word in missing)


def _answers(query: Query, best: Choice) -> tuple[str, ...]:
    said = best.candidate.text
    return items(said) if query.type is AnswerType.LIST and best.candidate.fits else (said,)


def _value(query: Query, best: Choice) -> Value | None:
    if query.type is not AnswerType.NUMBER or not best.candidate.fits:
        return None
    found = next(iter(best.evidence.scene.answer.quantities), None)
    if found is None:
        return None
    number = int(found.number) if found.number.denominator == 1 else float(found.number)
    return Value(number, found.unit, found.bound)


def _by_time(query: Query, chosen: list[Choice]) -> list[Choice]:
    """Put what holds for the asked 今年 first, then what is newest; a time that is not said in full is the oldest."""
    if query.period is None or not query.relative:
        return chosen
    asked = query.period

    def rank(choice: Choice) -> tuple[bool, int]:
        times = nearest_times(choice.evidence.scene)
        days = (time.last or time.first for time in times)
        newest = max((day.toordinal() for day in days if day is not None), default=0)
        return not any(overlaps(asked, time) for time in times), -newest

    return sorted(chosen, key=rank)


def _told(choice: Choice, choices: Sequence[Choice], limit: float) -> Choice:
    """Return the same words of the same article where a whole sentence has them, `choice` itself if none does."""
    if _is_told(choice):
        return choice
    said, article = choice.candidate.text, choice.evidence.scene.article.id
    same = (c for c in choices if c.candidate.text == said and c.evidence.scene.article.id == article)
    return next((c for c in same if not c.vetoed and c.confidence >= limit and _is_told(c)), choice)


def _is_told(choice: Choice) -> bool:
    """Tell whether a choice stands in a whole sentence; what a headline says in short is often told in one, too."""
    span = choice.evidence.scene.sentence
    return (
        choice.evidence.scene.article.text[span.start : span.end].rstrip("”’」』）) ")[-1:] in SENTENCE_ENDS
    )


def _shifted(query: Query, best: Choice) -> bool:
    """Tell whether the question's 今年 is not covered and what is answered holds for an earlier time."""
    return query.relative and not is_covered(query, best.evidence.scene)


def _own_time(query: Query, said: str, as_of: str, quoted: str) -> str:
    """Put the article's own time in the place of the asked one; where it names no year, its sentence stands as it is."""
    asked = query.period
    if asked is None or asked.first is None or said.startswith("“"):
        return said
    words = query.text[asked.start : asked.end]
    return said.replace(words, as_of) if YEAR.search(as_of) or words not in said else quoted


def _uncovered(query: Query) -> str:
    """Say that the asked time is not covered, "" where it is not known."""
    asked = query.period
    if asked is None or asked.first is None:
        return ""
    words = query.text[asked.start : asked.end]
    if re.search(RELATIVE_YEAR, words) is None:
        return f"{LIBRARY}没有找到{words}的报道"
    year = f"{asked.first.year}年"
    named = re.sub(RELATIVE_YEAR, year, words)
    return f"{LIBRARY}没有找到{named if year in named else f'{words}（{year}）'}的报道"


def _after(notice: str, told: str) -> str:
    """Return what is told of another time behind the notice that the asked one is not covered."""
    likely = told.startswith(LIKELY)
    return f"{notice}；最近的{'可能' if likely else ''}是：{told.removeprefix(LIKELY)}"


def narrowed(said: Reply) -> Reply:
    """Say of what was not found that it was looked for within filters only, not in all of the library."""
    refusal = said.refusal and replace(said.refusal, message=_narrowed(said.refusal.message))
    return replace(said, text=_narrowed(said.text), notice=_narrowed(said.notice), refusal=refusal)


def _narrowed(words: str) -> str:
    return words.replace(LIBRARY, WITHIN, 1) if words.startswith(f"{LIBRARY}没有") else words


NOT_QUOTABLE_MESSAGE = "有据只能引用库中报道的原文来回答，这个问题没有可以引用的原文。"
