"""Cut a message into the questions it asks, each of which stands alone.

>>> [part.text for part in parts("丰年塔有多高，是谁设计的？")]
['丰年塔有多高？', '丰年塔是谁设计的？']
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise, takewhile

from rag.query.measure import has_measure
from rag.query.opening import OPENING
from rag.query.parallel import EACH, Parallel, distributed, hidden, is_named, parallel
from rag.query.question_type import PATTERNS, AnswerType, understand_kind
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import is_wrong_cut
from rag.text.sentences import sentences
from rag.text.words import content_words, is_noun

__all__ = ["MOST", "Part", "parts"]

MOST = 4
"""Questions of one message that are answered."""
# Where a clause may end: at a comma, or at white space between Chinese words as people type it into a search box.
_at_once = re.compile("^一下[，,\\s]*")
_comma = re.compile(r"[，；;、]|(?<!\d),|,(?!\d)|(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_joint = re.compile("以及|还有|并且|而且|和|与|及")
# With whom or with what, not a second question: 在哪一年和谁结婚.
WITH = ("和", "与", "及")
_opening = re.compile(
    "^(?:以及|还有|并且|而且|另外|此外|(?:与此)?同时|那么|[并且又也而]|[和与及](?=[^平谐约])|[，,、；;。？?！!\\s])+"
)
MARKS = "，,、；;。？?！! \t\n"
_interrogative = re.compile("|".join(f"(?:{pattern})" for _, pattern in PATTERNS))
_a_not_a = re.compile(r"([\u4e00-\u9fff])不\1")
# 没有多少人, 无论多少, 而不是什么, 也就是多少: nothing more is asked; 谁都, 什么也: neither.
_indefinite = re.compile(
    "(?:没有?|无论|不管|不论)[^，,]{0,4}$|^(?:而(?:不是|非)|也?就是说?|即|换(?:言之|句话说))"
)
_clause = re.compile("[，,。；;]")
_as_for = re.compile("^(?P<other>[^，,]{1,16})呢[？?。！!\\s]*$")
_pronoun = re.compile(
    "[它她]|(?<![其吉维])他(?![人乡])|(?<![尤极与])其(?![他它中实余次间])|(?<!应)该(?![不如怎])|[这那](?![么样])|(?<![因从由])此(?![外前后])"
)
REACH = 6
ENDS = "。！？!?"
# Characters of a subject that may name something by themselves: 红旗里小区, not 午餐 or 成人票.
NAME = 4
# What is asked of a measure, not of whose it is.
_of_a_measure = re.compile("同比|环比|比|[增降减涨跌升]|上升|下降|提高")
# Interrogatives that say when, where, by whom or how; they need a verb.
ADVERBIAL = (AnswerType.TIME, AnswerType.PLACE, AnswerType.PERSON, AnswerType.MANNER)
_from = re.compile("[离距]")
# What a verb right before an interrogative may end with: 拿[了]几宗.
DONE = re.compile("[了过着]$")
# Characters that lead from a subject to what is asked of it, and are cut off alone.
LEADS_TO = frozenset("有是为由从在到被将能达约共占了着过要后时前用于")
# 北朝几个朝代中, 几千年来: when or where, no question.
BEHIND = ("中", "里", "内", "来", "后", "前", "时", "间")
# Characters behind a joint in which an interrogative is looked for.
SIGHT = 24


@dataclass(frozen=True, slots=True)
class Part:
    """A question of a message: `text` stands alone as far as the message tells, `leaning` is how it was put.

    `leaning` is "" unless a pronoun takes up the parts before it. `otherwise` is another way to understand it, ""
    for none: of something else in the same news, or of what was asked of the first subject (X的基地在哪，占地多大).
    `apart` tells that it may be of other news: a sentence of its own with a subject of some length.
    `thing` is the one of several of which the same is asked (A和B分别), "" elsewhere.
    """

    text: str
    leaning: str = ""
    otherwise: str = ""
    apart: bool = False
    thing: str = ""


def parts(message: str, alone: Callable[[str], str] = str) -> tuple[Part, ...]:
    """Return the questions of `message` in order, the message itself if it asks one thing.

    `alone` makes a question stand alone that leans on an earlier conversation; the first one is put through it. They
    may be more than MOST.
    """
    asked = _asked(message)
    if len(asked) < 2 and not distributed(message):
        return (Part(message),)
    first = alone(_question(asked[0] if asked else message))
    found = _of_each(first) or [Part(first)]
    before = first
    for said, other in pairwise(asked):
        later = _completed(first, before, other)
        found.extend(replace(part, apart=part.apart and said[-1] in ENDS) for part in later)
        before = other if found[-1].leaning or found[-1].thing else found[-1].text
    return tuple(found)


def _of_each(question: str) -> list[Part]:
    """Return what is asked of several things, each for itself."""
    return [Part(text, thing=thing) for thing, text in distributed(question)]


def _asked(message: str) -> list[str]:
    """Return the runs of `message` that ask one thing each, with the statements that lead to them; [] if none does."""
    masked = fold(hidden(message))
    ends: list[int] = []
    for start, end in sentences(message):
        first = len(ends)
        for low, high in _cut(masked, start, end):
            if _asks(masked, low, high) or _as_for.match(masked[low:high]):
                ends.append(high)
            elif high == end and len(ends) > first:
                ends[-1] = end  # what follows a question in its sentence belongs to it
        if len(ends) == first and _seeks(message[start:end]):
            ends.append(end)
    if not ends:
        return []
    ends[-1] = len(message)
    return [message[start:end].strip() for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _seeks(sentence: str) -> bool:
    """Tell whether a sentence asks without an interrogative: 成都5G基站数量？ is a search typed as a question."""
    return sentence[-1] in "？?" and understand_kind(sentence)[0] is not AnswerType.OTHER


def _cut(masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the clauses of a sentence: cut at commas, and at 和 or 以及 between two interrogatives."""
    at = start
    for mark in [*_comma.finditer(masked, start, end), None]:
        close = end if mark is None else mark.end()
        while (joint := _joint_between(masked, at, close)) > 0:
            yield at, joint
            at = joint
        if mark is None or not _shares(masked, at, mark.start(), close, end):
            yield at, close
            at = close


def _joint_between(masked: str, start: int, end: int) -> int:
    """Return where the first joint between two interrogatives of a clause stands, 0 without one."""
    for one, other in pairwise(_interrogative.finditer(masked, start, end)):
        for joint in _joint.finditer(masked, one.end(), other.start()):
            if not (
                _accompanies(masked, joint, other) or _shares(masked, start, joint.start(), joint.end(), end)
            ):
                return joint.start()
    return 0


def _accompanies(masked: str, joint: re.Match[str], other: re.Match[str]) -> bool:
    """Tell whether 和 says with whom or what, not what else: 在哪一年和谁结婚."""
    if joint[0] not in WITH or joint.end() < other.start():
        return False
    return understand_kind(masked[joint.end() : joint.end() + SIGHT])[0] is not AnswerType.NUMBER


def _shares(masked: str, start: int, left: int, right: int, end: int) -> bool:
    """Tell whether two interrogatives beside each other have one verb: 何时、何地举行, 哪些城市和哪些企业参加."""
    kind, asked, unit, _ = understand_kind(masked[start:left])
    other, following, _, _ = understand_kind(masked[right : min(end, right + SIGHT)])
    if asked is None or following is None or masked[right : right + following.start].strip("在由从于 "):
        return False
    rest = annotate(masked[start + asked.end + len(unit) : left].strip()).pieces
    if kind in ADVERBIAL and other in ADVERBIAL:
        return not rest and not any(map(_is_verb, annotate(masked[start : start + asked.start]).pieces))
    return asked.start == 0 and all(map(is_noun, rest))


def _is_verb(piece: str) -> bool:
    return piece in ("是", "为") or (len(piece) > 1 and not is_noun(piece))


def _asks(masked: str, start: int, end: int) -> bool:
    """Tell whether a clause holds an interrogative that asks, and more than that."""
    clause = masked[start:end]
    kind, asked, _, _ = understand_kind(clause.rstrip(MARKS))
    if asked is None:
        return _a_not_a.search(clause) is not None and bool(content_words(_bare(clause)))
    if clause[asked.end : asked.end + 1] in ("都", "也") or _indefinite.search(clause[: asked.start]):
        return False
    if clause[asked.start : asked.end] in ("何", "哪") and not _stands_as_word(clause, asked.start):
        return False
    if clause[asked.start : asked.end] == "几" and _some(clause, asked.start):
        return False
    return kind is not AnswerType.YESNO or bool(content_words(_bare(clause)))


def _stands_as_word(clause: str, at: int) -> bool:
    """Tell whether a 何 or 哪 is, or begins, a word: not that of 哪吒, 任何 or 萧何."""
    start = 0
    for piece in annotate(clause).pieces:
        if start + len(piece) > at:
            return start == at and (len(piece) == 1 or not is_noun(piece))
        start += len(piece)
    return False


def _some(clause: str, at: int) -> bool:
    """Tell whether 几 says some: no verb leads to it and there is more to come (几名工人被困, 未来几年), or 的 does."""
    before = "".join(annotate(clause[:at]).pieces[-1:])
    if clause.rstrip(MARKS).endswith(BEHIND):
        return True
    counted = len("".join(understand_kind(clause)[2:]))
    more = len(clause.rstrip(MARKS)) > at + 1 + counted
    return before[-1:] == "的" or before[-1:].isdigit() or (more and not before.endswith(tuple(LEADS_TO)))


def _completed(first: str, before: str, said: str) -> Iterator[Part]:
    """Yield the questions of a later run with what it leaves to the `first` one to say, or to that right `before`."""
    question = _question(said)
    taken_up = _pronoun.search(hidden(question)[:REACH])
    if taken_up or not content_words(_bare(question)):
        alone = question[taken_up.end() :] if taken_up and not taken_up.start() else question
        yield Part(_after(_topic(first), alone), question)
        return
    if named := _as_for.match(question):
        changed = _exchanged(before, named["other"])
        yield from _of_each(changed) or [Part(changed or question, "" if changed else question)]
        return
    whole = _after(_time(first) if _names_its_own(question, first) else _topic(first, of=question), question)
    if several := _of_each(whole):
        yield from several
    else:
        nouns = "".join(takewhile(is_noun, annotate(question).pieces))
        other = question if nouns else _after(_topic(first, whole=True), question)
        yield Part(
            whole,
            otherwise=other if other != whole else "",
            apart=bool(nouns) and len(_topic(question)) >= NAME,
        )


def _exchanged(first: str, other: str) -> str:
    """Return the `first` question about the `other` thing (育才新村呢 after 红旗里小区有多少部电梯), "" if it has no topic."""
    if at := _like(other, first):
        return f"{first[: at[0]]}{other}{first[at[1] :]}"
    old, new = annotate(first).whens(), annotate(other).whens()
    if old and new:
        return f"{first[: old[0].start]}{other}{first[old[0].end :]}"
    if at := _measure(other, first):
        return f"{first[: at[0]]}{other}{first[at[1] :]}"
    topic = _topic(first)
    if not topic or topic not in first:
        return ""
    side = parallel(f"{topic}、{other}")
    alike = side is not None and len(side.items[0]) <= 2 * len(other)
    before, _, after = first.partition(topic)
    return f"{before}{side.lead if side and alike else topic}{other}{after}"


def _question(said: str) -> str:
    return f"{_at_once.sub('', OPENING.sub('', _opening.sub('', said))).rstrip(MARKS)}？"


def _bare(clause: str) -> str:
    """Return a clause without its interrogative."""
    return _interrogative.sub(" ", clause.rstrip(MARKS))


def _like(other: str, first: str) -> tuple[int, int] | None:
    """Return where `first` has words that share half of their characters with `other`: 第一产业 for 第三产业."""
    size = len(other)
    windows = (
        (sum(a == b for a, b in zip(first[at:], other, strict=False)), -at)
        for at in range(len(first) - size + 1)
    )
    shared, at = max(windows, default=(0, 0))
    return (-at, size - at) if size <= 2 * shared < 2 * size and size > 2 else None


def _measure(other: str, first: str) -> tuple[int, int] | None:
    """Return where the measure stands that another measure takes the place of: 净利润 for 营业收入."""
    pieces = list(annotate(first).pieces)
    last = next((n for n in reversed(range(len(pieces))) if has_measure(pieces[n])), -1)
    if last < 0 or not has_measure(other):
        return None
    end = sum(map(len, pieces[: last + 1]))
    start = end - len(pieces[last])
    if end - start < len(other) and last > 0 and is_noun(pieces[last - 1]):
        start -= len(pieces[last - 1])
    return start, end


def _names_its_own(question: str, first: str) -> bool:
    """Tell whether a question names a thing that the `first` one does not: a title, a place, a name, the owner of a thing."""
    said = annotate(question)
    named = [question[place.start : place.end] for place in said.places]
    named += [question[start:end] for start, end in said.names]
    named += filter(is_named, said.pieces)
    plain = fold(first)
    owned = question.find("的")
    nouns = "".join(takewhile(is_noun, said.pieces))
    return (
        hidden(question) != question
        or any(fold(name) not in plain for name in named)
        or (owned > 1 and len(nouns) == owned and nouns not in plain)
    )


def _topic(first: str, of: str = "", *, whole: bool = False) -> str:
    """Return what a question is about: the clauses before the one that asks, and the subject of that.

    A later question `of` it that asks how it changed (同比增长多少) is about the measure, too; so is the `whole` of it.
    """
    plain = first.rstrip(MARKS)
    asked = _interrogative.search(fold(hidden(plain)))
    stem = plain if asked is None else plain[: asked.start()]
    last = max((mark.end() for mark in _clause.finditer(stem)), default=0)
    measure = whole or _of_a_measure.match(of) is not None
    subject = f"{stem[:last]}{_owner(stem[last:], measure=measure)}"
    return subject or ("" if asked is None else _object(plain[asked.end() :]))


def _time(first: str) -> str:
    """Return the time that a question opens with, "" if it names none before a comma."""
    found = next(iter(annotate(first).whens()), None)
    return (
        first[: found.end + 1]
        if found and found.start < 2 and first[found.end : found.end + 1] in "，,"
        else ""
    )


def _owner(stem: str, *, measure: bool) -> str:
    """Return the noun that a clause begins with; without `measure` what is asked of it is cut off."""
    times = annotate(stem).whens()
    plain = DONE.sub("", stem)
    if not measure and len(plain) > 2 and _is_verb_alone(annotate(plain).pieces[-1]):
        stem = plain[:-1]  # 漓湾|放了
    pieces = list(annotate(stem).pieces)
    end = len(stem)
    while pieces and not any(when.start < end <= when.end for when in times):
        if not _leads(pieces[-1], measure=measure or len(pieces) == 1):
            break
        end -= len(pieces.pop())
    noun = EACH.sub("", stem[:end])
    if pieces and is_wrong_cut(pieces[-1]) and noun[-1] in LEADS_TO:
        noun = noun[:-1]  # 丰年|塔有
    if leading := _from.search(noun, 2):
        noun = noun[: leading.start()]  # 保护站|离县城
    if len(noun) < 2:
        return stem.strip() if content_words(stem) else ""
    return noun[:at] if not measure and (at := hidden(noun).rfind("的")) > 1 else noun


def _is_verb_alone(piece: str) -> bool:
    """Tell whether a single character right before an interrogative is the verb: 拿, not 镇."""
    return len(piece) == 1 and piece.isalpha() and not is_noun(piece) and piece not in LEADS_TO


def _leads(piece: str, *, measure: bool) -> bool:
    """Tell whether a word is no part of a subject: a verb or particle, or unless `measure` what is asked of it."""
    if len(piece) == 1:
        return piece in LEADS_TO or (not piece.isalnum() and piece not in "》”」』")
    return not is_noun(piece) or (not measure and has_measure(piece))


def _object(rest: str) -> str:
    """Return what stands behind the verb: 《南方石桥》邮票 of [谁]设计了《南方石桥》邮票."""
    pieces = list(annotate(rest).pieces)
    named = (n for n, piece in enumerate(pieces) if (is_noun(piece) and len(piece) > 1) or piece in "《“")
    at = next(named, len(pieces))
    return rest[sum(map(len, pieces[:at])) :]


def _parallel(side: Parallel, nouns: str) -> bool:
    """Tell whether two things are of one kind by their last character; then the second stands in the place of the first."""
    first = side.items[0]
    return first[-1] == nouns[-1] and (bool(side.lead) or len(first) == len(nouns))


def _after(topic: str, question: str) -> str:
    """Return `question` with the topic before it, unless it names that itself."""
    if not topic or fold(topic) in fold(question):
        return question
    nouns = "".join(takewhile(is_noun, annotate(question).pieces))
    side = parallel(f"{topic}、{nouns}") if nouns else None
    if side is not None and not side.rest and _parallel(side, nouns):
        return f"{side.lead}{question}"  # 末班车 in the place of 首班车
    owned = (
        is_noun(annotate(topic).pieces[-1])
        and topic[-1] not in MARKS
        and nouns
        and len(annotate(question).pieces[0]) > 1
    )
    return f"{topic}{'的' if owned else ''}{question}"
