"""Answer or refuse: the best choice quoted, with what other sources say, or the reason why there is none."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answering.agreement import agreeing, variants
from rag.answering.answer_features import outlook
from rag.answering.context import nearest_times
from rag.answering.periods import is_covered
from rag.answering.quotes import Known, citation, quote_evidence, quote_passage
from rag.answering.ranking import Choice
from rag.answering.statement import items, statement
from rag.answering.timeline import earlier_and_later, newest, timeline
from rag.query.analysis import AnswerType, Query
from rag.records import Citation, Hit, Reason, Refusal, TimePoint, Value, Variant
from rag.text.annotation import Annotation
from rag.text.dates import overlaps
from rag.text.lexicon import generic, rarity

__all__ = ["Reply", "reply"]

# Words that ask for the newest of several times.
NEWEST = re.compile("最新|目前|现在|当前|如今|眼下|截至目前|迄今|至今")
# How rare a word must be that an answer may not repeat from the question unless the article has it: 关闭 is 9.
TELLING = 8.0
CLOSEST = 3
# A refusal names the demand that was not met from this share of what an answer would need: the reader itself doubts a
# passage about another place.
NAMED = 0.5
SENTENCE_ENDS = ("。", "！", "？", "…")
YEAR = re.compile(r"\d{4}年")

# What no quotation can answer: to be written, computed or known only now.
NOT_QUOTABLE = re.compile(
    r"^(?:请|帮我|给我|帮忙|麻烦)*(?:写|作|编|创作|生成|画)(?:一|个|首|篇|段|封|幅|张|份)+|翻译(?:成|一下|为)|"
    r"^[\d\s+\-*/×÷()（）.=]+(?:等于)?(?:几|多少)?[？?]?$|(?<![\d.])[\d.]++\s*+[+\-*/×÷加减乘除以]++\s*+[\d.]++\s*+(?:等于|=|是)|"
    r"^(?:你|您)(?:好|是谁|叫什么|是什么|会什么|能做什么|会做什么)|讲个?(?:笑话|故事)|(?:现在|此刻)(?:是)?几点|"
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


def reply(query: Query, hits: Sequence[Hit], choices: Sequence[Choice], known: Known, limit: float) -> Reply:
    """Answer `query` by the best of `choices`, or refuse if it is less probable than `limit`."""
    if NOT_QUOTABLE.search(query.text.strip()):
        return _refused(query, (), known, 0.0, "not_quotable", "", NOT_QUOTABLE_MESSAGE)
    if not hits:
        return _refused(query, hits, known, 0.0, "no_evidence", "", NOTHING_MESSAGE)
    best = choices[0] if choices else None
    if best is not None and best.confidence >= limit and not best.unmet:
        return _answered(query, choices, best, known, limit)
    likely = [choice for choice in choices if choice.unmet and choice.but_for >= NAMED * limit]
    nearly = max(likely, key=lambda choice: (-len(choice.unmet), choice.score), default=None)
    if nearly is not None:
        return _unmet(query, hits, known, nearly)
    return _refused(query, hits, known, best.confidence if best else 0.0, "no_evidence", "", _nothing(best))


def _answered(query: Query, choices: Sequence[Choice], best: Choice, known: Known, limit: float) -> Reply:
    series = earlier_and_later(query, choices, best, limit)
    if series and NEWEST.search(query.text):
        latest = newest([best, *series])
        best, series = latest, [choice for choice in (best, *series) if choice is not latest]
    agreed = [best, *agreeing(query, choices, best, limit)]
    chosen = _by_time(query, [_told(choice, choices, limit) for choice in agreed])
    best = chosen[0]
    series = [choice for choice in series if choice not in chosen]
    quotes = [quote_evidence(query, choice.evidence) for choice in (*chosen, *series)]
    citations = tuple(citation(number, quote, known) for number, quote in enumerate(quotes, 1))
    dated = [0, *range(len(chosen), len(quotes))]
    as_of = quotes[0].as_of
    sentence = quotes[0].text.rstrip("。；;，,")
    quoted = "\n".join(quotes[0].pieces)
    said = statement(query, best.candidate.text, as_of, quoted, sentence, outlook(best.evidence))
    said = f"“{sentence}”" if _asks_more(query, best) else said
    same = [c for c in variants(chosen, citations) if c.relation == "equal"]
    marks = "".join(f"[{value.citation}]" for variant in same for value in variant.values) or "[1]"
    shifted = _shifted(query, best)
    said = _shift(query, said, as_of) if shifted else said
    return Reply(
        refusal=None,
        confidence=best.confidence,
        answer=best.candidate.text,
        answers=items(best.candidate.text) if query.type is AnswerType.LIST else (best.candidate.text,),
        value=_value(query, best.evidence.scene.answer),
        as_of=as_of,
        period_shift=shifted,
        text=f"{said} {marks}",
        citations=citations,
        variants=variants(chosen, citations),
        timeline=timeline(
            [(*chosen, *series)[i] for i in dated], [quotes[i] for i in dated], [i + 1 for i in dated]
        ),
    )


def _asks_more(query: Query, best: Choice) -> bool:
    """Tell whether the question says what nothing near the answer says: it may not be asserted (成都[拆除]了多少)."""
    missing = (word for word in best.evidence.missing if word not in query.sought and word not in generic())
    return any(len(word) > 1 and rarity(word) >= TELLING for word in missing)


def _value(query: Query, answer: Annotation) -> Value | None:
    if query.type is not AnswerType.NUMBER:
        return None
    found = next(iter(answer.quantities), None)
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
    return next((c for c in same if not c.unmet and c.confidence >= limit and _is_told(c)), choice)


def _is_told(choice: Choice) -> bool:
    """Tell whether a choice stands in a whole sentence; what a headline says in short is often told in one, too."""
    span = choice.evidence.scene.sentence
    return (
        choice.evidence.scene.article.text[span.start : span.end].rstrip("”’」』）) ")[-1:] in SENTENCE_ENDS
    )


def _shifted(query: Query, best: Choice) -> bool:
    """Tell whether the question's 今年 is not covered and what is answered holds for an earlier time."""
    return query.relative and not is_covered(query, best.evidence.scene)


def _shift(query: Query, said: str, as_of: str) -> str:
    """Say that the asked time is not covered, and put the article's own time in its place."""
    asked = query.period
    if asked is None or asked.first is None:
        return said
    words = query.text[asked.start : asked.end]
    year = f"{asked.first.year}年"
    named = re.sub("今年|本年|去年|前年|明年|后年", year, words)
    if not said.startswith("“"):  # what is quoted stays as the article has it
        said = said.replace(words, as_of if YEAR.search(as_of) else as_of and f"“{as_of}”")
    return f"库中没有{named if year in named else f'{words}（{year}）'}的报道；最近的是：{said}"


NOT_QUOTABLE_MESSAGE = "有据只能引用库中报道的原文来回答，这个问题没有可以引用的原文。"
NOTHING_MESSAGE = "库中的报道没有提到这个问题的答案，因此不作回答。"


def _nothing(best: Choice | None) -> str:
    lost = best.evidence.missing if best is not None else ()
    missing = [word for word in lost if word not in generic()][:2]
    if not missing:
        return NOTHING_MESSAGE
    named = "、".join(f"“{word}”" for word in missing)
    return f"库中没有找到可以引用的依据：相近的报道没有提到{named}。"


UNMET_MESSAGES = {
    "place": ("库里只有{found}的说法，没有{asked}的。", "库里没有关于{asked}的这一说法。"),
    "time": ("库里只有{found}的说法，没有{asked}的。", "库里没有{asked}的这一说法。"),
    "name": ("库里说的是{found}，没有提到{asked}。", "库里相近的报道没有提到{asked}。"),
    "ordinal": ("库里说的是{found}，没有提到{asked}。", "库里相近的报道没有提到{asked}。"),
    "quoted": ("库里没有提到“{asked}”。", "库里没有提到“{asked}”。"),
    "unit": ("库里的数字以{found}计，没有以{asked}计的。", "库里没有以{asked}计的数字。"),
    "form": ("库里相近的报道没有给出{asked}。", "库里相近的报道没有给出问到的{asked}。"),
    "object": ("库里相近的报道没有提到“{asked}”。", "库里相近的报道没有提到“{asked}”。"),
}


def _unmet(query: Query, hits: Sequence[Hit], known: Known, best: Choice) -> Reply:
    failed = best.unmet[0]
    with_found, without = UNMET_MESSAGES[failed.kind]
    message = (with_found if failed.found else without).format(asked=failed.asked, found=failed.found)
    return _refused(
        query, hits, known, best.confidence, "constraint_not_met", f"{failed.kind}: {failed.asked}", message
    )


def _refused(
    query: Query,
    hits: Sequence[Hit],
    known: Known,
    confidence: float,
    reason: Reason,
    constraint: str,
    message: str,
) -> Reply:
    closest = [
        citation(n, quote_passage(query, hit.passage), known) for n, hit in enumerate(hits[:CLOSEST], 1)
    ]
    return Reply(Refusal(reason, constraint, message), confidence, text=message, closest=tuple(closest))
