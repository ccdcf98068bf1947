"""Write the one sentence of an answer: the question with its interrogative replaced by the quoted words."""

import re
from itertools import accumulate

from rag.answering.grounding import unsupported
from rag.answering.quotes import DEPENDENT
from rag.query.analysis import AnswerType, Query
from rag.query.opening import OPENING
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import generic
from rag.text.quantity import unit_class
from rag.text.time_words import FORECAST, OUTLOOK
from rag.text.words import is_noun

__all__ = ["items", "statement"]

ENDINGS = re.compile(r"(?:呢|呀|啊|吗|来着)[？?。！!\s]*+$|(?<![？?。！!\s])[？?。！!\s]*+$")
# What is said with such a word says by itself that it is no fact.
NO_FACT = re.compile(rf"{OUTLOOK}|拟|将|到\d{{4}}年")
# The longest answer that reads well in the place of an interrogative.
SHORT = 25
# A run of so many characters of the answer that the question has, too, would be said twice.
TWICE = 3
# Characters before the answer that must not have its first two: 设计时速是|时速80公里.
SEAM = 5
# What still asks when one interrogative is replaced: 从[A站]到哪里, 从2330元涨到多少.
ASKING = re.compile(
    "[哪谁吗呢几啥]|什么|多少|怎么|怎样|如何|为何|何时|是否|是不是|有没有|多[大高长宽远深重快久]"
)
# A number that brings its verb with it follows no other: 是[突破4300亿元].
STATED = re.compile("突破|达|约为|增至|降至|升至|为")
# What may stand behind its measure: 29公里长.
DIMENSIONS = "长高宽深远厚重"
MARKS = "？?。！! "
# A sentence that leans on the one before it.
LEANING = re.compile("其中|[这那该此它他她]")
# Words that say nothing of their own.
PLAIN = frozenset("是有为在的由达共")
# A time with a word of its own does not stand behind BOUND: 到|至1月, 是|1月以前.
TIMED = re.compile("^(?:[自从到至]|截至)|(?:以前|以后|[前后])$")
BOUND = tuple("是为在到至从自于")
# A time from which on something is so is no answer to when it happened: 寒潮7日起|结束.
SINCE = re.compile("(?:以来|起)$")
FIGURES = (AnswerType.NUMBER, AnswerType.TIME)
# A place with a verb of its own stands behind none: 在|位于镇中.
LOCATED = re.compile("位于|地处|坐落|处于|在")
# In [a place or a time] 发生的爆炸案: a noun is no sentence.
PLACED = (AnswerType.PLACE, AnswerType.TIME)
# 在哪[里]进行 and 哪里人 keep what is behind.
WHERE = ("里", "儿", "处", "地")
# A number of persons counts no noun behind it: 700人|电焊工.
PERSONS = re.compile("人次?$")
# A number that says so by itself needs no verb: 总量[有]超650万人.
ABOUT = re.compile("[超约近逾]|不足|不到")
# A time that says on its own when it was: no 今年, 4日晚, 年内.
ABSOLUTE = re.compile(r"(?:\d{4}|[〇零一二三四五六七八九]{4}) ?年|[0-9一二十] ?月|世纪|\d(?:时|点|:)")
# What the words behind a number or a time make of it: 11月底|前, 7日|起, 300人|左右.
CUT = re.compile("以?[前后]|以[上下内来]|左右|上下|起|多|余|不等")
# The first of where, it must be said: 全球|首个.
FOREMOST = re.compile("首|第一|最|唯一")
# An event to come is not told as one that is.
TO_COME = frozenset({"将", "拟", "将要", "即将", "料将", "有望", "争取", "力争"})
REPLACED = frozenset(AnswerType) - {AnswerType.REASON, AnswerType.MANNER, AnswerType.YESNO, AnswerType.OTHER}


def statement(
    query: Query, answer: str, as_of: str, quoted: str, sentence: str, outlook: str, title: str = ""
) -> str:
    """Return one readable sentence made of asked and quoted words, without a final mark.

    `quoted` is everything that is quoted: a number or date that is not in it may not be said, nor a word that neither it
    nor the `title` of its article has; then the article's own `sentence` stands in quotation marks, as it does where a
    follow-up was completed: such a reading finds, but need not be good Chinese. `outlook` tells what is no fact: 目标, 预计 or "".
    """
    asked = query.type in REPLACED and _is_typed(query) and 0 < len(answer) <= SHORT
    said = _replaced(query, answer) if asked and _is_whole(query, answer, sentence, bool(outlook)) else ""
    told = f"{fold(quoted)}\n{fold(title)}"
    said = said if said and _reads_well(query, answer, said) and _says_only(said, answer, told) else ""
    said = said if _keeps_scope(said, sentence) else ""
    dated = as_of and as_of not in said and ABSOLUTE.search(as_of) and _opens(as_of, sentence, answer)
    if said and dated and not annotate(said).whens() and query.type is AnswerType.NUMBER:
        said = f"{as_of}，{said}"
    if said and outlook and not NO_FACT.search(said):
        said = f"（{outlook}）{said}"
    if not outlook and re.search(FORECAST, query.text):
        said = ""  # a fact is not told as a forecast
    if not said or unsupported(said, [quoted]):
        said = f"“{sentence}”"
    return said


def _is_typed(query: Query) -> bool:
    """Tell whether the question stands as it was typed, courtesies before it and marks apart."""
    return fold(query.question).rstrip(MARKS).endswith(fold(query.text).rstrip(MARKS))


def _is_whole(query: Query, answer: str, sentence: str, planned: bool) -> bool:
    """Tell whether the answer says all by itself: a whole number, a time one can place, a name; no event to come as a fact."""
    before, _, behind = sentence.partition(answer)
    if query.type in FIGURES:
        if CUT.match(behind):
            return False
        if query.type is AnswerType.TIME and (
            not ABSOLUTE.search(answer) or before.endswith("年")
        ):  # 次年|1月9日
            return False
    elif planned or not _on_words(sentence, answer) or not _is_name(query, answer, before, behind):
        return False  # an aim is said of figures and times alone
    clause = re.split("[，；。：]", before)[-1]
    return planned or TO_COME.isdisjoint(annotate(clause).pieces)


def _is_name(query: Query, answer: str, before: str, behind: str) -> bool:
    """Tell whether what is asked with 什么 or 哪个 is answered by a name, or by what it is said to be, and not by part of one."""
    said = annotate(answer)
    if query.type is AnswerType.WHAT:
        if query.head and fold(behind.removeprefix("的")).startswith(fold(query.head)):
            return False  # 抑制什么生长: not 头发, of 头发的生长
        defined = before.endswith("是") and behind[:1] in ("", "，", "。", "；")
        return defined or all(map(is_noun, said.pieces))
    if query.type is not AnswerType.WHICH:
        return True
    begins = is_noun(said.pieces[0]) or any(start == 0 for start, _ in said.expressions)  # no 通过向苹果等
    return begins and is_noun(said.pieces[-1])  # no GIF逐渐取代


def _on_words(sentence: str, answer: str) -> bool:
    """Tell whether an answer begins and ends where words of its sentence do: no 蓬佩奥通|过."""
    ends = {0, *accumulate(map(len, annotate(sentence).pieces))}
    at = sentence.find(answer)
    return at < 0 or (at in ends and at + len(answer) in ends)


def _says_only(said: str, answer: str, told: str) -> bool:
    """Tell whether every word around the answer is told, times and the plainest words apart."""
    before, _, after = said.partition(answer)
    return all(
        fold(piece) in told or piece in PLAIN or not piece.strip()
        for part in (before, after)
        for piece in annotate(_timeless(part)).pieces
    )


def _keeps_scope(said: str, sentence: str) -> bool:
    """Tell whether what is said to be the first or the most is so of the same place: 首个 of 全球首个 is not said alone."""
    text, told = annotate(sentence), fold(said)
    foremost = ((place, FOREMOST.match(text.folded, place.end)) for place in text.places)
    return all(
        text.folded[place.start : place.end] in told
        for place, most in foremost
        if most is not None and most[0] in told
    )


def _timeless(text: str) -> str:
    for when in reversed(annotate(text).whens()):
        text = text[: when.start] + text[when.end :]
    return text


def _opens(as_of: str, sentence: str, answer: str) -> bool:
    """Tell whether the time opens the clause of the answer: at its beginning, or before its only comma; or is one until which all is counted."""
    at, behind = sentence.find(as_of), sentence.find(answer)
    if as_of.startswith("截"):  # 截至 holds for all that is counted behind it, 其中 in the next sentence too
        return 0 <= at < behind or (at < 0 and DEPENDENT.match(sentence) is not None)
    if at < 0 or behind < at:
        return False
    between = sentence[at + len(as_of) : behind]
    opened = at == 0 or sentence[at - 1] in "，；。："
    return opened and not re.search("[，；。：]", between[1:] if between[:1] == "，" else between)


def _reads_well(query: Query, answer: str, whole: str) -> bool:
    """Tell whether a newspaper would print it: nothing is asked any more, nothing said twice, no clause taken for a name."""
    before, _, after = whole.partition(answer)
    if not _ends_a_word(answer, after):
        return False
    if (
        ASKING.search(before + after)
        or re.search(r"[。；！？;!?]|[\u4e00-\u9fff] ", whole)
        or re.search("[，,]", after + answer)
        or LEANING.match(before)
        or (after.endswith("的") and not before.endswith("是"))
        or (after.startswith("的") and query.type is AnswerType.PLACE)
        or ("的" in after and query.type in PLACED and "是" not in before + after)
        or (before[-1:] == answer[:1] and not answer[:1].isdigit())
        or (len(answer) > 2 and answer[:2] in before[-SEAM:])
    ):
        return False
    if PERSONS.search(answer) and annotate(after).pieces[:1] and is_noun(annotate(after).pieces[0]):
        return False  # no 700人电焊工
    if query.type is AnswerType.PLACE and LOCATED.match(answer) and before.endswith(BOUND):
        return False
    if query.type is AnswerType.TIME and SINCE.search(answer):
        return False
    if query.type is AnswerType.TIME and TIMED.search(answer) and before.endswith(BOUND):
        return False
    if query.type in (AnswerType.NUMBER, AnswerType.TIME):
        return STATED.match(answer) is None or not before.endswith(("是", "为", "有", "在"))
    around, said = fold(f"{before}\n{after}"), fold(answer)
    return not any(said[at : at + TWICE] in around for at in range(len(said) - TWICE + 1))


def _ends_a_word(answer: str, after: str) -> bool:
    """Tell whether a word ends where the answer does, no single character being left behind: no 开行36|列车."""
    if len(after) < 2:
        return not after or after in DIMENSIONS
    return annotate(answer[-1:] + after).pieces[0] == fold(answer[-1:])


def _replaced(query: Query, answer: str) -> str:
    """Return the question as a statement, "" if there is nothing to replace."""
    text, asked = query.text, query.asked
    if asked is None:  # keywords make no sentence
        return ""
    before, after = OPENING.sub("", text[: asked.start]), text[asked.end :]
    before = before[: len(before) - _repeated(query, before, answer)]
    swallowed = _swallowed(query, after, answer)
    if not swallowed and _is_left_over(query, after):
        return ""
    after = after[swallowed:]
    after = ENDINGS.sub("", after)
    if re.search(r"[？?！!。]", before + after):
        return ""
    if fold(text[asked.start : asked.end]) == "为何":  # 官方语言|为何
        before = f"{before}{text[asked.start]}"
    size = _dimension(query, answer)
    if before.endswith("有") and (after or not ABOUT.match(answer)):
        return f"{before}{answer}{size}{after}"
    before = before.removesuffix("有") if query.type is AnswerType.NUMBER and not after else before
    return f"{before}{size}{answer}{after}"


def _is_left_over(query: Query, after: str) -> bool:
    """Tell whether the noun that the interrogative stands before would stand behind the answer: 尼禄|著名暴君的老师."""
    asked = "" if query.asked is None else fold(query.text[query.asked.start : query.asked.end])
    kinds = (AnswerType.WHICH, AnswerType.WHAT, AnswerType.LIST, AnswerType.PERSON)
    named = query.type in kinds and not asked.endswith(("谁", *WHERE))
    return named and bool(query.head) and bool(ENDINGS.sub("", after))


def _dimension(query: Query, answer: str) -> str:
    """Return what is measured where only that was asked: 多长 by 长29公里 or, behind 有, by 29公里长."""
    asked = "" if query.asked is None else query.text[query.asked.start : query.asked.end + 1]
    said = re.fullmatch(f"多([{DIMENSIONS}])", asked)
    return said[1] if said and answer[-1:] != said[1] and query.type is AnswerType.NUMBER else ""


def _swallowed(query: Query, after: str, answer: str) -> int:
    """Return how many characters after the interrogative the answer takes the place of."""
    if query.type is AnswerType.NUMBER:
        bare = query.asked is not None and query.text[query.asked.start : query.asked.end] == "多"
        unit = "" if _is_lost(query.unit, answer) else query.unit
        asked = unit or ("".join(re.findall("^[大高长宽远深重快久厚]", after)) if bare else "")
    else:
        asked = _replaced_noun(query, ENDINGS.sub("", after), answer)
    length = len(asked) if fold(after).startswith(fold(asked)) else 0
    return length + _shared(answer, after[length:])


def _is_lost(unit: str, answer: str) -> bool:
    """Tell whether a noun that is counted would not be said any more: 多少[企业] by 412家."""
    return len(unit) > 1 and is_noun(unit) and unit_class(unit) in ("", "count") and not answer.endswith(unit)


def _repeated(query: Query, before: str, answer: str) -> int:
    """Return how many characters the answer says again: 突破[多少] + 突破800亿元; one alone only of a number, 超."""
    shared = _shared(before, answer)
    return shared if shared > 1 or query.type is AnswerType.NUMBER else 0


def _replaced_noun(query: Query, after: str, answer: str) -> str:
    """Return the noun after 哪家, 哪些, … if the answer says it, it says nothing (哪些[地方]) or it ends the question."""
    noun = next(iter(annotate(query.head).pieces), "") if query.head else ""
    if answer.endswith("等"):
        return ""
    if len(after) > 1 and fold(after) in fold(answer):  # 哪些[手机应用] by 59款手机应用程序
        return after
    asked = "" if query.asked is None else fold(query.text[query.asked.start : query.asked.end])
    if asked.endswith(WHERE):
        return ""
    if asked.endswith("哪") and fold(after).startswith("国"):  # 哪[国]选手
        return after[:1]
    timed = query.type is AnswerType.TIME  # 什么时候[投入使用] and 何时[开始] keep it
    ends = not timed and fold(after) == noun and is_noun(noun)
    said = fold(answer)[-2:] if len(noun) == 1 else fold(answer)[-len(noun) :]
    empty = noun in generic() and (is_noun(noun) or not timed)
    return noun if ends or empty or noun in said else ""


def _shared(first: str, second: str) -> int:
    """Return the length of the longest end of `first` that `second` begins with: 10个城市 + 城市上榜."""
    return next((n for n in range(min(len(first), len(second)), 0, -1) if first.endswith(second[:n])), 0)


def items(answer: str) -> tuple[str, ...]:
    """Split a list as it is written (甲、乙和丙) into its items."""
    parts = re.split(r"、|，|；|(?<=[\u4e00-\u9fff》”])(?:以及|和|及|与)(?=[\u4e00-\u9fff《“])", answer)
    return tuple(part.strip() for part in parts if part.strip())
