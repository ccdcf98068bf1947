"""Compare a given answer with the expected ones: as CMRC 2018 does, and with numerals normalised."""

import re
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction

from rag.evaluation.questions import Question
from rag.text.characters import fold, is_cjk, squeeze
from rag.text.quantity import quantities, same_value

__all__ = [
    "contains",
    "exact",
    "expected",
    "f1",
    "holds",
    "holds_answer",
    "holds_folded",
    "right",
    "same_numerals",
    "segments",
    "states_answer",
    "states_part",
]

# The marks that the script of CMRC 2018 leaves out of the comparison.
MARKS = frozenset("-:_*^/\\~`+=，。：？！“”；’《》…·、「」（）－～『』")
# A given answer that shares this much with an expected one, and its numbers, is the same answer with other ends:
# 天主教河内总教区宗座署理 for 被擢升为天主教河内总教区宗座署理.
ALIKE = 0.6
ORDINAL = "第"
_number = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
_words = re.compile(r"(?:\w|(?<=\d)[.,](?=\d))+|[^\w\s]")
_digits = re.compile(r"\d+(?:\.\d+)?")


def segments(text: str) -> list[str]:
    """Return what CMRC 2018 compares: Chinese characters one by one, other words whole, no marks and no space."""
    parts: list[str] = []
    run = ""
    for char in f"{text.lower()}\n":
        if char in MARKS:
            continue
        if is_cjk(char) or char.isspace():
            parts += _words.findall(run)
            parts += [char] if is_cjk(char) else []
            run = ""
        else:
            run += char
    return parts


def exact(given: str, answers: Iterable[str]) -> float:
    """Return 1 if the answer equals an expected one without marks and space, else 0 (exact match of CMRC 2018)."""
    bare = _bare(given)
    return float(bool(bare) and any(_bare(answer) == bare for answer in answers))


def f1(given: str, answers: Iterable[str]) -> float:
    """Return the largest F1 over the expected answers, from the longest common run of segments (CMRC 2018)."""
    own = segments(given)
    return max((_f1(own, segments(answer)) for answer in answers), default=0.0)


def expected(question: Question) -> tuple[str, ...]:
    """Return all that counts as an answer; of groups the first of each in one list, and answers that hold them all."""
    if not (groups := question.answer_groups):
        return question.answers
    whole = [answer for answer in question.answers if holds_answer([answer], question)]
    return (*whole, "、".join(group[0] for group in groups))


def same_numerals(given: str, answers: Iterable[str]) -> float:
    """Return 1 if the answer equals an expected one, or states the same amounts about the same thing.

    5.2万, 52000 and 五万二千 are one number, 10.84亿元 is 108400万元; bound words (超, 约) are not compared.
    """
    return float(any(exact(given, [answer]) or _same_amounts(given, answer) for answer in answers))


def contains(given: str, question: Question) -> float:
    """Return 1 if the answer holds an expected one (one of every group where there are groups), else 0."""
    return float(holds_answer([given], question))


def right(given: str, question: Question) -> float:
    """Return 1 if the short answer is right, else 0.

    It is if it holds an expected one (one of every group), states the same amounts, or is one with other ends: F1 at
    least `ALIKE` with the same numbers in it; half of a list is no list with other ends.
    """
    alike = not question.answer_groups and any(
        f1(given, [answer]) >= ALIKE and _numbers(given) == _numbers(answer) for answer in expected(question)
    )
    return float(alike or contains(given, question) or same_numerals(given, expected(question)))


def holds_answer(texts: Sequence[str], question: Question) -> bool:
    """Tell whether the texts hold an expected answer: any one, or one of every group; white space apart."""
    return holds_folded([squeeze(fold(text)) for text in texts], question)


def holds_folded(folded: Sequence[str], question: Question) -> bool:
    """Tell the same of texts that are folded and without white space already."""
    return _each_group(folded, question, holds)


def states_answer(texts: Sequence[str], question: Question) -> bool:
    """Tell whether the texts hold an expected answer, or state it: 52000 in 5.2万个, 第31届 in 第三十一届.

    For the few quotes of an answer; through an archive it would find any amount that is as large.
    """
    return _each_group([squeeze(fold(text)) for text in texts], question, _holds_or_states)


def states_part(texts: Sequence[str], question: Question) -> bool:
    """Tell whether the texts hold or state an expected answer; of groups one of any is enough."""
    folded = [squeeze(fold(text)) for text in texts]
    answers = [answer for group in question.answer_groups or (question.answers,) for answer in group]
    return any(_holds_or_states(text, answer) for text in folded for answer in answers)


def _holds_or_states(folded: str, answer: str) -> bool:
    return holds(folded, answer) or _states(folded, answer)


def _each_group(folded: Sequence[str], question: Question, found: Callable[[str, str], bool]) -> bool:
    groups = question.answer_groups or (question.answers,)
    return bool(groups[0]) and all(
        any(found(text, answer) for text in folded for answer in group) for group in groups
    )


def _states(folded: str, answer: str) -> bool:
    """Tell whether a text states the number, or the ordinal, that an answer is, in whatever digits."""
    wanted = squeeze(fold(answer))
    if _number.fullmatch(wanted):
        return any(found.number == Fraction(wanted) and found.unit != ORDINAL for found in quantities(folded))
    own = quantities(wanted)
    if len(own) != 1 or own[0].unit != ORDINAL or own[0].core_start:
        return False
    counted = wanted[own[0].core_end :]  # 届 of 第31届
    return any(
        (found.unit, found.number) == (ORDINAL, own[0].number) and folded.startswith(counted, found.core_end)
        for found in quantities(folded)
    )


def holds(folded: str, answer: str) -> bool:
    """Tell whether `answer` stands in a folded text without white space; 8万个 does not stand in 18万个."""
    words = squeeze(fold(answer))
    at = folded.find(words) if words else -1
    while at >= 0:
        if not _cuts_number(folded, at, words):
            return True
        at = folded.find(words, at + 1)
    return False


def _cuts_number(text: str, at: int, words: str) -> bool:
    end = at + len(words)
    before = words[0].isdigit() and re.search(r"\d\.?$", text[:at][-2:])
    after = words[-1].isdigit() and re.match(r"\.?\d", text[end : end + 2])
    return bool(before or after)


def _bare(text: str) -> str:
    return "".join(char for char in text.lower() if char not in MARKS and not char.isspace())


def _f1(given: Sequence[str], answer: Sequence[str]) -> float:
    common = _longest_run(given, answer)
    if not common:
        return 0.0
    precision, recall = common / len(given), common / len(answer)
    return 2 * precision * recall / (precision + recall)


def _longest_run(a: Sequence[str], b: Sequence[str]) -> int:
    """Return the length of the longest run of segments that both have."""
    longest, above = 0, [0] * (len(b) + 1)
    for one in a:
        here = [0] + [above[j] + 1 if one == other else 0 for j, other in enumerate(b)]
        longest, above = max(longest, *here), here
    return longest


def _same_amounts(given: str, answer: str) -> bool:
    """Tell whether both state the same amounts, and what is left of one, if anything, is in what is left of the other."""
    ours, theirs = quantities(given), quantities(answer)
    if not ours or len(ours) != len(theirs):
        return False
    left, other = _rest(given), _rest(answer)
    return all(map(same_value, ours, theirs)) and (left in other or other in left)


def _rest(text: str) -> str:
    """Return the words of `text` that belong to no amount, folded."""
    kept = list(fold(text))
    for found in quantities(text):
        kept[found.start : found.end] = [" "] * (found.end - found.start)
    return _bare("".join(kept))


def _numbers(text: str) -> list[str]:
    """Return the numbers of a text in order: amounts by their value, other digits (dates) as they stand."""
    amounts = quantities(text)
    kept = list(fold(text))
    for found in amounts:
        kept[found.start : found.end] = [" "] * (found.end - found.start)
    return [str(found.number) for found in amounts] + _digits.findall("".join(kept))
