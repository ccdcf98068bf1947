"""How a question names the heads of a table: by their words, one of their names, their beginning, the time they say."""

import re
from dataclasses import dataclass

from rag.answering.tables.figures import is_unit, named_units, without_notes
from rag.query.analysis import Query
from rag.text.annotation import annotate
from rag.text.characters import fold

__all__ = ["RATE", "Match", "Naming", "is_share", "plain"]

# A head of which this share is named is meant; a shorter beginning may be that of others, too.
LEAST_NAMED = 0.5

RATE = re.compile("同比|环比|增[长速幅]|增减|涨跌|[涨降跌升]幅|比上年|较上年|比去年|变化|±")
_lead = re.compile(r"^(?:其中[:：]?|[#＃]|[（(]?[一二三四五六七八九十\d]{1,2}[)）、.．]\s?)+")
_tail = re.compile(r"[（(][^（）()]*[)）]")
_marks = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Match:
    """How a head is named: the characters of the question that name it, and the share of the head that they are."""

    length: int = 0
    share: float = 0.0
    end: int = 0


class Naming:
    """Finds what one question says of heads; what it said of one is kept."""

    def __init__(self, query: Query) -> None:
        self.query, self.asked = query, plain(query.text)
        self._matches: dict[str, Match] = {}

    def match(self, said: str) -> Match:
        """Return how the question names a head."""
        if said not in self._matches:
            self._matches[said] = self._matched(said)
        return self._matches[said]

    def _matched(self, said: str) -> Match:
        """Return how the question names a head: by all of its words, one of its names, or where it begins or ends."""
        best = Match()
        for name in _names(said):
            at = self.asked.find(name)
            if at >= 0 and not self._in_number(name, at):
                best = max(
                    best, Match(len(name), 1.0, at + len(name)), key=lambda one: (one.share, one.length)
                )
        return best if best.share else self._in_time(said) or self._in_part(said)

    def _in_number(self, name: str, at: int) -> bool:
        """Tell whether a name begins or ends inside a number of the question: 7路 is not named by 27路."""
        end = at + len(name)
        before, after = self.asked[max(0, at - 1) : at], self.asked[end : end + 1]
        return (name[0].isdecimal() and before.isdecimal()) or (name[-1].isdecimal() and after.isdecimal())

    def _in_time(self, said: str) -> Match | None:
        """Match a head that is the asked time: 2022年 for 去年."""
        asked = self.query.period
        if asked is None or asked.first is None or asked.last is None:
            return None
        plain = fold(without_notes(said))
        written = f"{plain}年" if re.fullmatch(r"(?:19|20)\d\d", plain) else plain
        for when in annotate(written).whens(self.query.today):
            if (when.first, when.last) == (asked.first, asked.last):
                return Match(4, 1.0, asked.end)
        return None

    def _in_part(self, said: str) -> Match:
        """Match the beginning or the end of a head: 杏林 for 杏林乡, 居民人均收入 for 全市居民人均收入."""
        name = next(iter(_names(said)), "")
        for length in range(len(name) - 1, 1, -1):
            if length < LEAST_NAMED * len(name):
                break
            for part in (name[:length], name[-length:]):
                at = self.asked.find(part)
                if at >= 0 and self._alone(name, part):
                    return Match(length, length / len(name), at + length)
        return Match()

    def _alone(self, name: str, part: str) -> bool:
        """Tell whether a part of a name is said where the name itself could be: before it stands no other name's beginning."""
        if name.startswith(part):
            return True
        at = self.asked.find(part)
        return (
            at == 0
            or not re.search(r"[\u4e00-\u9fff]$", self.asked[max(0, at - 1) : at])
            or self.asked[at - 1] in "的是在市县区省镇乡"
        )


def is_share(label: str) -> bool:
    """Tell whether a head is that of shares or changes."""
    return RATE.search(label) is not None or label.endswith(("率", "比重", "占比", "比例"))


def plain(text: str) -> str:
    """Return the words as they are compared: folded, without marks and white space."""
    return _marks.sub("", fold(without_notes(text)))


def _names(said: str) -> list[str]:
    """Return the names that a head gives: without what stands in brackets, that alone, and all of it."""
    text = _lead.sub("", without_notes(said))
    inside = [
        part
        for part in re.findall(r"[（(]([^（）()]*)[)）]", text)
        if not is_unit(part) and not named_units(f"（{part}）")
    ]
    stroke = re.split(r"[/／]", _tail.sub("", text))
    outside = stroke[0] if len(stroke) == 2 and is_unit(stroke[1]) else _tail.sub("", text)
    found = [plain(one) for one in (outside, *inside, text)]
    return list(dict.fromkeys(name for name in found if (name and not name.isdecimal()) or len(name) > 3))
