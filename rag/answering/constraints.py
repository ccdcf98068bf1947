"""What a question demands of the evidence: its place, time, names, ordinals, unit, form, office and polarity."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

from rag.answering.checks.amounts import asks_change, other_amount
from rag.answering.checks.neighbours import other_in_order, other_of_its_kind
from rag.answering.checks.numbered import counts_instead, other_numbers
from rag.answering.checks.qualifiers import negated_instead, ranked_instead
from rag.answering.context import Scene, published
from rag.answering.periods import Stated, governing, holds, is_of_that_day, is_shift, stated_in_sentence
from rag.query.analysis import MONEY, AnswerType, Constraint, Query
from rag.records import Article
from rag.text.annotation import Annotation, annotate
from rag.text.characters import fold
from rag.text.dates import When
from rag.text.lexicon import has_name
from rag.text.places import is_province, leans_on_its_city, names_of, within
from rag.text.quantity import unit_class
from rag.text.time_words import RELATIVE_YEAR
from rag.text.words import is_noun

__all__ = ["Unmet", "in_time", "unmet"]

# How far back the place of a story is looked for: a few paragraphs.
STORY = 600
# What a story is about when it names no place: 外交部 is that of 中国.
HOME = frozenset(("中国", "全球"))
# An answer to 什么时候 that is no date may be this long: 春节期间.
TIME_WORDS = 8
# Days that are named by where they lie to today.
DAYWORD = re.compile("[今昨明前][天日晚晨早]")
# What a question asks for that a figure of another kind cannot be.
FORMS = {
    AnswerType.NUMBER: "数字",
    AnswerType.TIME: "时间",
    AnswerType.PERSON: "人物",
    AnswerType.PLACE: "地点",
}
# Who has an office or a trade is a person; a champion may be a team.
PERSON = re.compile("(?:[长员者人师官]|书记|总统|主席|总理|总监|教授|教练|医生)(?:[是叫为])?谁")
ORGANISATION = re.compile("(?:集团|公司|[局厅署部社]|委员会|法院|检察院|大学|学院|中学|医院|银行|协会)$")
# What is told of the edition before: 上届|冠军.
FORMER = re.compile("上一?([届次轮期季])[^，。；、：]{0,6}$")
# A sentence that speaks of several people at once.
SEVERAL = re.compile("[二两三四五六七八九十几]人|分别|[双各]方|等人|均|全部|一并")
TIMELY = re.compile("[年月日号周天季时]|期间|早|晚|当前|目前|近期|以来|[初末底]")


@dataclass(frozen=True, slots=True)
class Unmet:
    """A demand that the evidence does not meet; `found` is what stands there instead, or "".

    `kind` is place, time, name, ordinal, unit, form, role, negation or amount.
    """

    kind: str
    asked: str
    found: str = ""


def unmet(query: Query, scene: Scene) -> tuple[Unmet, ...]:
    """Return the demands of `query` that the surroundings of a candidate do not meet."""
    return tuple(failed for failed in _checks(query, scene) if failed is not None)


def _checks(query: Query, scene: Scene) -> Iterator[Unmet | None]:
    checks = {"place": _place, "name": _name, "ordinal": _ordinal}
    for constraint in query.constraints:
        if constraint.kind == "place" and _holds_another(query, constraint):
            continue  # of 山东泰安 only 泰安 need be named
        if constraint.kind in checks:
            yield checks[constraint.kind](query, scene, constraint)
    yield from _joined(query, scene)
    yield from (
        Unmet("ordinal", asked, other)
        for asked, other in other_numbers(query.folded, scene.whole_sentence, _answer_at(scene))
    )
    if scene.candidate.fact is None:
        for tell in (other_of_its_kind, other_in_order):
            asked, other = tell(query.annotation, scene.whole_sentence, _answer_at(scene))
            yield Unmet("name", asked, other) if other else None
    yield _period(query, scene)
    yield _unit(query, scene)
    yield _form(query, scene)
    if other := other_amount(query, scene):
        yield Unmet("amount", _asked_amount(query), other)
    yield from _qualified(query, scene)


def _answer_at(scene: Scene) -> int:
    """Return where the answer stands in its whole sentence; 0 of a cell, which has none."""
    if scene.candidate.fact is not None:
        return 0
    return len(scene.texts["before"].text) + scene.candidate.span.start - scene.clause.start


def _asked_amount(query: Query) -> str:
    """Return the interrogative with the word before it, as it was asked: 增长多少."""
    return "增减" if asks_change(query) else "总数"


def _qualified(query: Query, scene: Scene) -> Iterator[Unmet]:
    """Demand an office without the 副 that only one of both has, and what is asked with a 没有 as it is asked."""
    for word in query.terms:
        if len(word) < 2:
            continue  # 不按 and 按 are no contraries
        asked, other = ranked_instead(word, query.annotation, scene.whole_sentence)
        if other:
            yield Unmet("role", asked, other)
        if query.type is AnswerType.YESNO or is_noun(word):
            continue
        if other := negated_instead(word, query.annotation, scene.texts["clause"]):
            yield Unmet("negation", word, other)


def _holds_another(query: Query, constraint: Constraint) -> bool:
    """Tell whether the question names a place that lies in this one."""
    whole = _asked_place(query, constraint)
    return any(place.name != whole and within(place.name, whole) for place in query.places)


def _asked_place(query: Query, constraint: Constraint) -> str:
    """Return the name of the place that a constraint asks for; what comes before it may say which (南京市鼓楼区)."""
    return next(place.name for place in query.places if place.start == constraint.span.start)


def _place(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand the asked place in or above the sentence; a number of a part is not the number of the whole.

    A district that its sentence names beside the number is only where something happened (租用余杭区一处仓库，销售额412万元).
    """
    asked = _asked_place(query, constraint)
    here = [place.name for place in scene.whole_sentence.places]
    counted = query.type is AnswerType.NUMBER
    if _names(asked, scene.whole_sentence) or (not counted and any(within(name, asked) for name in here)):
        return None
    clause = {place.name for place in scene.texts["clause"].places}
    rivals = [
        name
        for name in here
        if not within(asked, name) and (is_province(asked) or not within(name, asked) or name in clause)
    ]
    if asked in HOME and not (rivals and counted):
        return None
    if not (rivals and counted) and (_names(asked, scene.near) or _story_place(scene) == asked):
        return None
    return Unmet("place", constraint.text, next(iter(rivals), _story_place(scene)))


def _names(asked: str, text: Annotation) -> bool:
    """Tell whether `text` names the place, short forms included where they stand like one (在蓉, 蓉城)."""
    found, forms = text.places, names_of(asked)
    if any(place.name == asked for place in found):
        return True
    if leans_on_its_city(asked):  # the text need not say again which 鼓楼区, but must not say another
        said = [text.text[place.start : place.end] for place in found]
        return any(form in text.text for form in forms) and not any(form in forms for form in said)
    short = "".join(name for name in forms if len(name) == 1)
    return bool(short) and re.search(f"[在来驻赴抵离全][{short}]|[{short}][城市内企]", text.text) is not None


def _story_place(scene: Scene) -> str:
    """Return the place named last before the sentence, "" if none was."""
    start = max(0, scene.sentence.start - STORY)
    named = annotate(scene.article.text[start : scene.sentence.start]).places
    return named[-1].name if named else ""


def _name(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand that the clause names no sibling of a name that nothing near has: 4G and 5G are not 6G.

    A withheld name (赵某某) is not told of by a sentence that names other such people alone.
    """
    asked = fold(constraint.text)
    if "某" in asked:
        other = _someone_else(asked, scene.whole_sentence)
        return Unmet("name", constraint.text, other) if other else None
    sibling = "" if has_name(asked, scene.near.text) else _sibling(asked, scene.texts["clause"].text)
    return Unmet("name", constraint.text, sibling.upper()) if sibling else None


def _someone_else(asked: str, sentence: Annotation) -> str:
    """Return whom a sentence names instead of the asked 赵某某, "" if it names nobody so, or several people at once."""
    named = [name for name in (sentence.text[a:b] for a, b in sentence.names) if "某" in name]
    if asked in sentence.text or SEVERAL.search(sentence.text):
        return ""
    return next(iter(named), "")


def _sibling(asked: str, text: str) -> str:
    """Return another name of the asked one's kind in `text`, "" if none."""
    letters = re.sub(r"\d", "", asked)
    if not letters or letters == asked:
        return ""
    found = re.findall(rf"(?<![a-z0-9.])\d+{re.escape(letters)}(?![a-z0-9])", text)
    return next((name for name in found if name != asked), "")


def _ordinal(query: Query, scene: Scene, constraint: Constraint) -> Unmet | None:
    """Demand the asked ordinal; in the sentence, if an ordinal of its kind stands there."""
    asked = next(iter(annotate(constraint.text).plain_ordinals), "")
    noun = re.sub(r"^\d+", "", asked)
    ahead = (*scene.texts["before"].plain_ordinals, *scene.texts["clause"].plain_ordinals)
    here = [other for other in ahead if re.sub(r"^\d+", "", other) == noun]
    said = here or scene.near.plain_ordinals
    if former := _former(query, scene, asked, noun):
        return Unmet("ordinal", constraint.text, former)
    if asked in said or has_name(fold(constraint.text), scene.near.text):
        return None
    return Unmet("ordinal", constraint.text, f"第{here[0]}" if here else "")


def _former(query: Query, scene: Scene, asked: str, noun: str) -> str:
    """Return the 上届 that stands right before the answer, where the text tells of the asked edition and no other, else ""."""
    before = scene.texts["clause"].folded[: scene.candidate.span.start - scene.clause.start]
    found = FORMER.search(before)
    editions = {one for one in scene.near.plain_ordinals if re.sub(r"^\d+", "", one) == noun}
    meant = f"上{noun}" in query.folded or f"上一{noun}" in query.folded
    is_other = found is not None and found[1] == noun and editions == {asked} and not meant
    return f"上{noun}" if is_other else ""


def _joined(query: Query, scene: Scene) -> Iterator[Unmet]:
    """Demand that an ordinal right behind another stands behind the same in the sentence: 17号线二期 is not 13号线二期."""
    numbered = [one for one in query.constraints if one.kind == "ordinal"]
    for first, second in permutations(numbered, 2):
        if first.span.end != second.span.start:
            continue
        name, part = fold(first.text), fold(second.text)
        number = "".join(filter(str.isdecimal, name))
        if not number or not name.removeprefix("第").startswith(number):
            continue
        ahead = scene.whole_sentence.text.split(name.split(number)[-1] + part)[:-1]
        said = [words[len(words.rstrip("0123456789")) :] for words in ahead]
        if any(said) and number not in said:
            yield Unmet("ordinal", f"{first.text}{second.text}", name.replace(number, max(said)) + part)


def _unit(query: Query, scene: Scene) -> Unmet | None:
    """Demand the literal currency that was asked for: 美元 is not 欧元."""
    if query.unit_class != "money" or query.unit in ("", *MONEY):
        return None
    said = [q.unit for q in scene.answer.quantities if unit_class(q.unit) == "money"]
    wrong = [unit for unit in said if _currency(unit) != _currency(query.unit)]
    return Unmet("unit", query.unit, wrong[0]) if wrong and len(wrong) == len(said) else None


def _currency(unit: str) -> str:
    return re.sub(r"^[十百千万亿]+|人民币|块钱?$", "", unit) or "元"


def _form(query: Query, scene: Scene) -> Unmet | None:
    """Demand a number where one is asked for, words of time where a time is, and a name where a figure is given."""
    said, candidate = scene.candidate.text, scene.candidate
    if query.type is AnswerType.PERSON and PERSON.search(query.folded) and ORGANISATION.search(said):
        return Unmet("form", "人物", said)
    if counts_instead(query, scene.answer):
        return Unmet("form", "名称", said)
    if candidate.fits or query.type not in FORMS:
        return None
    if query.type is AnswerType.TIME and len(said) <= TIME_WORDS and TIMELY.search(said):
        return None
    return Unmet("form", *_wanted(query, said))


def _wanted(query: Query, said: str) -> tuple[str, str]:
    """Return what is asked for, and the figure that stands in its place if it is surely of another kind: 91个 is no 哪里, 12批次 no 几天."""
    figure = annotate(said).expressions == ((0, len(said)),)
    if query.type is AnswerType.TIME and annotate(said).quantities:  # 穹顶直径约45米 tells no time, either
        figure = figure or not (TIMELY.search(said) or annotate(said).whens())
    if query.type is not AnswerType.NUMBER:
        return FORMS[query.type], said if figure else ""
    classes = {unit_class(quantity.unit) for quantity in annotate(said).quantities}
    unlike = bool(classes) and "" not in classes and query.unit_class not in ("", "size", *classes)
    if asks_change(query) and "percent" in classes:  # 收入增长了多少: by so many per cent
        unlike = False
    asked = FORMS[query.type]  # a bare 多少 names nothing
    if query.asked is not None and query.unit:
        asked = f"“{query.text[query.asked.start : query.asked.end]}{query.unit}”"
    return asked, said if figure and unlike else ""


def _period(query: Query, scene: Scene) -> Unmet | None:
    """Demand the asked time where the nearest time words are; the same part of an earlier year is shifted, not refused."""
    asked = query.period
    if asked is None or is_of_that_day(scene, asked):
        return None
    words = query.text[asked.start : asked.end]
    if query.relative and DAYWORD.search(words):
        return None  # 今天: the newest will do
    times = governing(scene, asked)
    if query.type is AnswerType.TIME:  # the nearest is the answer itself: 公布了[2022年]的数据
        times = (*times, *stated_in_sentence(scene, asked))
    if any(holds(query, time) for time in times if time.dated):
        return None
    if query.relative and any(is_shift(query, time) for time in times):
        return None
    unsure = not times or any(holds(query, time) for time in times if not time.dated)
    if unsure and (query.relative or _hinted(asked, scene.article)):
        return None
    near = times if query.type is AnswerType.NUMBER else stated_in_sentence(scene, asked)
    if any(time.words == words for time in times):
        return None  # 近三年 is asked and said
    return Unmet("time", words, next((time.words for time in reversed(near) if _is_certain(time)), ""))


def _is_certain(time: Stated) -> bool:
    """Tell whether the text itself says which year a time is of: 2023年上半年 or 去年, not 上半年 alone."""
    known = time.when.first is not None and time.when.last is not None
    return time.dated and known and (time.when.literal or re.search(RELATIVE_YEAR, time.words) is not None)


def in_time(query: Query, scene: Scene) -> bool:
    """Tell whether the candidate holds for the asked time; without one any does."""
    return query.period is None or any(holds(query, time) for time in governing(scene, query.period))


def _hinted(period: When, article: Article) -> bool:
    """Tell whether an article that names no time near the answer names the asked year somewhere, or is of that year."""
    day = published(article)
    years = {*article.period_hint, *([day.year] if day else [])}
    first, last = period.first or period.last, period.last or period.first
    return first is not None and last is not None and any(first.year <= year <= last.year for year in years)
