"""Cut a question into the parts that a follow-up takes up or replaces.

>>> parts("2023年厦门港的贸易额是多少？").before
'2023年厦门港的贸易额'
"""

import re
from dataclasses import dataclass

from rag.query.question_type import AnswerType, understand_kind
from rag.records import Span
from rag.text.annotation import annotate
from rag.text.characters import fold
from rag.text.lexicon import rarity
from rag.text.words import content_words, is_noun

__all__ = [
    "LOOSE",
    "MARKS",
    "MEASURING",
    "NAMING",
    "SURNAME",
    "TOTAL",
    "Parts",
    "ends_of_words",
    "parts",
    "pieces",
]

MARKS = "？?。！! "
LOOSE = "的，, "
LEADING = "在到至于从自比较由和与"
LONGEST_NAME = 20
SURNAME = "何"
"""An interrogative of old texts that is a surname more often."""
NAMING = 12.4
"""A word this rare is a name or part of one (`rag.text.lexicon.rarity`)."""
# Nouns that name a measure by their end: 出生[人口], 保有[量].
MEASURING = re.compile(
    "(?:量|额|率|值|数|费|价|款|金|温|人口|收入|利润|面积|投资|规模|比例|份额|时速|时间|产能|损失|标准|门票|总分|得分|比分|全长|总长|长度|成绩)$"
)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a question; spans are of `text`.

    `asked` is the interrogative with its unit, None where there is none; `head` the noun behind it (多少[企业]), None
    for none. `before` are the words before the interrogative up to the last one that names something or a time.
    """

    text: str
    kind: AnswerType
    asked: Span | None
    head: Span | None
    before: str

    @property
    def start(self) -> int:
        """Where `before` begins."""
        return self.text.find(self.before) if self.before else 0

    @property
    def timeless(self) -> str:
        """The words before the interrogative without times."""
        words = self.before
        for when in reversed(annotate(words).whens()):
            words = words[: when.start] + words[when.end :].removeprefix("的")
        return words.strip(LOOSE).rstrip(LEADING + LOOSE)

    def named(self, told: str) -> str:
        """Return the words that name the subject: as many as the folded text `told` has in one, else all but the last noun."""
        first = next((words for words in self._between_times() if len(words) > 1), "")
        words = first or self._behind()
        runs = _told(words, told) if told else []
        found = next(iter(runs), "") if first else max(runs, key=len, default="")
        if len(runs) > 1 and first and any(p.end - p.start == len(found) for p in annotate(found).places):
            found = words[words.find(found) : words.find(runs[1]) + len(runs[1])]
        name = TOTAL.sub("", _with_whole_names(words, found)) or _but_the_last(words)
        if _quotes(name)[0] > _quotes(name)[1] and name in words:  # “湘江|杯”
            name = words[words.find(name) : (words + "”").find("”", words.find(name) + len(name)) + 1]
        return "" if len(name) > LONGEST_NAME or re.search("[，。？！；：、,]", name) else name

    def _between_times(self) -> list[str]:
        """Return the words before the interrogative, parted at times."""
        ends = [end for when in annotate(self.before).whens() for end in (when.start, when.end)]
        pairs = zip([0, *ends[1::2]], [*ends[::2], len(self.before)], strict=True)
        return [self.before[low:high].strip(LOOSE).rstrip(LEADING + LOOSE) for low, high in pairs]

    def _behind(self) -> str:
        """Return the nouns behind an interrogative that opens the question: 谁承建了[湖口二桥]."""
        rest = self.text[self.asked.end :].rstrip(MARKS + "的了吗呢") if self.asked else ""
        words = pieces(rest)
        while words and not _names_something(words[0][1]):
            words.pop(0)
        return rest[words[0][0] :] if words else ""


def pieces(text: str) -> list[tuple[int, str]]:
    """Return the words of `text` with where each begins."""
    found, at = [], 0
    ends = sorted({end for when in annotate(text).whens() for end in (when.start, when.end)} | {len(text)})
    for end in ends:  # no word reaches into a time: 港|前十月
        for piece in annotate(text[at:end]).pieces:
            found.append((at, piece))
            at += len(piece)
    return found


def ends_of_words(text: str) -> frozenset[int]:
    """Return where words of `text` begin or end."""
    return frozenset([*(at for at, _ in pieces(text)), len(text)])


def _names_something(word: str) -> bool:
    """Tell whether a word of a question is a noun or a number, not a particle."""
    return word.isalnum() and (is_noun(word) or any(map(str.isdigit, word))) and len(word) > 1


def parts(text: str) -> Parts:
    """Cut `text` into its parts."""
    kind, asked, unit, head = understand_kind(text)
    if asked is not None and text[asked.start : asked.end] == SURNAME:
        other = understand_kind(text.replace(SURNAME, "\u6cb3"))  # a name's first character that asks nothing
        kind, asked, unit, head = other if other[1] is not None else (kind, asked, unit, head)
    end = len(text.rstrip(MARKS + "呢吗啊呀")) if asked is None else asked.start
    noun = None
    if asked is not None:
        at = text.find(head, asked.end + len(unit)) if head else -1
        noun = Span(at, at + len(head)) if at >= 0 else None
        asked = Span(asked.start, asked.end + len(unit))
    return Parts(text, kind, asked, noun, _trimmed(text[:end]))


def _trimmed(words: str) -> str:
    """Return `words` without the verbs and particles at their end."""
    said = annotate(words)
    kept = [when.end for when in said.whens()] + [end for _, end in (*said.ordinals, *said.names)]
    ends = [
        at + len(piece) for at, piece in pieces(words) if _names_something(piece) or MEASURING.search(piece)
    ]
    singles = [
        at + 1
        for at, piece in pieces(words)
        if len(piece) == 1 and is_noun(piece) and piece.isalnum() and content_words(piece)
    ]
    end = max([*kept, *ends, *singles], default=0)
    closed = end + (words[end : end + 1] in ("”", "》"))
    return words[:closed].strip("，, ")


def _told(words: str, told: str) -> list[str]:
    """Return the runs of words that a text has in one and that name something, each from a noun on."""
    folded, found = fold(words), []
    starts = [
        at for at, piece in pieces(words) if piece.isalnum() and (is_noun(piece) or content_words(piece))
    ]
    if starts[:1] == [1] and words[0] not in LEADING:  # 何|文毅
        starts.insert(0, 0)
    for start in starts:
        length = (
            next((n for n in range(1, len(words) - start + 1) if folded[start : start + n] not in told), 0)
            - 1
        )
        end = len(words) if length < 0 else start + length
        run = words[start : start + _to_a_noun(words, start, end, told)]
        if len(run) > 1 and rarity(run) > COMMON:
            found.append(run)
    return found


def _quotes(words: str) -> tuple[int, int]:
    """Return how many quotation marks open and close."""
    return words.count("“") + words.count("《"), words.count("”") + words.count("》")


def _with_whole_names(words: str, found: str) -> str:
    """Return the words that were found, with all of a name that they cut: 赵[某某]."""
    at = words.find(found)
    end = at + len(found)
    return (
        words[at : max([end, *(high for low, high in annotate(words).names if low < end < high)])]
        if found
        else ""
    )


def _to_a_noun(words: str, start: int, end: int, told: str) -> int:
    """Return how long the run is when it ends with a noun, in the question or as the text goes on; a measure at its end is left out."""
    run = fold(words[start:end])
    at = told.find(run) if run else -1
    theirs = pieces(told[at : at + len(run) + BEYOND]) if at >= 0 else []
    ours = [(low - start, piece) for low, piece in pieces(words) if low >= start]
    ends = {low + len(piece): piece for low, piece in (*theirs, *ours) if _ends_a_name(piece)}
    ends |= {high: run[low:high] for low, high in annotate(run).names}
    best = max((high for high in ends if high <= len(run)), default=0)
    if not best or not MEASURING.search(ends[best]):
        return best
    shorter = len(TOTAL.sub("", run[: best - len(ends[best])]))
    return shorter if shorter > 1 else best


def _ends_a_name(piece: str) -> bool:
    return piece.isalnum() and (is_noun(piece) or (len(piece) == 1 and bool(content_words(piece))))


# 公司, 今年: a word this common names nothing by itself.
COMMON = 9.5
BEYOND = 4
# What begins a measure that is cut apart: 总|规模.
TOTAL = re.compile("[总均净毛]$")


def _but_the_last(words: str) -> str:
    """Return the words before 的 or before the last noun, all of a single one."""
    head, of, _ = words.rpartition("的")
    if of and head and not re.search("[》”」]$", words):
        return head
    cut = pieces(words)
    if any(end == len(words) for _, end in annotate(words).names):
        return words
    if (
        len(cut) > 1
        and len(cut[-1][1]) > 1
        and (MEASURING.search(cut[-1][1]) or rarity(cut[-1][1]) < NAMING)
        and cut[-1][1].isalnum()
    ):
        return words[: cut[-1][0]]
    return words
