"""A table as one question reads it: which cell its row and its column both name.

A reader of running text knows no columns, so cells are chosen by their heads alone: what is said of the row and of the
column must stand in the question, and what the question says besides must stand around the table.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.answering.tables.figures import is_figure, is_unit, named_units, without_notes
from rag.answering.tables.naming import RATE, Match, Naming, is_share, plain
from rag.budget import spend
from rag.query.analysis import AnswerType, Query
from rag.records import Article, Cell, Table
from rag.text.annotation import annotate
from rag.text.characters import fold, squeeze
from rag.text.lexicon import UNKNOWN, generic, names_a_thing, rarity
from rag.text.quantity import unit_class

__all__ = ["Choice", "Sheet"]

# What the reader's margin would be of an answer that it is sure of, and of one whose heads are named in part.
NAMED, PARTLY = 20.0, 10.0
# How much of what the question says may be missing around the table.
MOST_MISSING = 0.3
# Cells looked at for one question; of a larger table those near the passage that was found.
MOST_CELLS = 3000

ASKS_RATE = re.compile("同比|环比|增[长速幅加]|[涨降跌升]了?幅?|下降|变化|减少")
NO_AMOUNT = re.compile("^(?:排[名位序]|名次|位次|序号|编号|代码|年份|年度|电话|邮编|.*电话)$")
RANK = re.compile("排[名位序]|名次|位次|序号")
TOTAL = re.compile("^(?:合|总|小|累)计|^总[量数额]$|^共计$|^全[市省县区国镇乡州盟旗]")
ASKS_TOTAL = re.compile("一共|总共|合计|共计|总计|累计|总[^是有的]{0,4}|全[市省县区国镇乡州盟旗]|共有?多少")
ABSENT = re.compile(r"[—–\-―/\\…·.*×\s]*|无|暂无|无数据|未公布|暂缺|空缺|不详|n/?a", re.IGNORECASE)
FREE = re.compile("免[费票收]|不收费|无偿")
MOST = re.compile("最[高低多少大小快慢好差长短早晚强弱贵]")
_ordinal = re.compile(r"第?([一二三四五六七八九十\d]{1,3})(?:名|位)?")


@dataclass(frozen=True, slots=True)
class Choice:
    """A cell with what its row and its column match; `certain` is the margin it gets."""

    cell: Cell
    row: float
    column: float
    certain: float


class Sheet:
    """A table as one question reads it."""

    def __init__(self, query: Query, article: Article, table: Table) -> None:
        self.query, self.article, self.table = query, article, table
        self._naming = Naming(query)
        self._covering: dict[int, list[Cell]] = {}
        cells = table.cells[:MOST_CELLS]
        for cell in cells:
            spend()
            for row in range(cell.row, cell.row + cell.rows):
                self._covering.setdefault(row, []).append(cell)
        self._body = [cell for cell in cells if cell.row >= table.heads]
        self.width = max(cell.column + cell.columns for cell in cells)

    def said(self, cell: Cell) -> str:
        """Return the words of a cell."""
        return self.article.text[cell.start : cell.end]

    def row_of(self, cell: Cell) -> list[Cell]:
        """Return the cells that cover the row of a cell."""
        return self._covering.get(cell.row, [])

    def names_row(self, other: Cell, cell: Cell) -> bool:
        """Tell whether another cell of its row says which row a cell is of, as the question names it."""
        return other is not cell and self._names_row(other, cell) and self._row_match(other).share > 0

    def choices(self) -> Iterator[Choice]:
        """Yield the cells that are named best; none where another row is named as well."""
        if MOST.search(self._naming.asked) and not any(
            MOST.search(plain(self.said(c))) for c in self.table.cells
        ):
            return
        named = [one for cell in self._body if (one := self._choice(cell)) is not None]
        if not named:
            return
        best = max(one.row for one in named)
        rows = [one for one in named if one.row >= best]
        most = max(one.column for one in rows)
        chosen = [one for one in rows if one.column >= most]
        if len({squeeze(self.said(one.cell)) for one in chosen}) == 1 and not ABSENT.fullmatch(
            self.said(chosen[0].cell)
        ):
            missing = self._missing(chosen[0].cell)
            if missing <= MOST_MISSING:
                yield Choice(chosen[0].cell, best, most, chosen[0].certain - 2 * PARTLY * missing)

    def _choice(self, cell: Cell) -> Choice | None:
        if cell.columns == self.width or self._is_named_itself(cell) or not self._suits(cell):
            return None
        row, row_share = self._row(cell)
        column, column_share = self._column(cell)
        if row <= 0 or column < 0:
            return None
        return Choice(cell, row, column, NAMED if min(row_share, column_share) >= 1 else PARTLY)

    def _is_named_itself(self, cell: Cell) -> bool:
        """Tell whether the question says what the cell says: it asks for another."""
        return self._naming.match(self.said(cell)).share >= 1

    def _suits(self, cell: Cell) -> bool:
        """Tell whether a cell can be what is asked for: a number where one is, words where a name is."""
        said = self.said(cell)
        if self.query.type is AnswerType.NUMBER:
            return self.is_amount(said) or ABSENT.fullmatch(said) is not None
        if self.query.type in (AnswerType.PERSON, AnswerType.PLACE):
            return not is_figure(said)
        return True

    def is_amount(self, said: str) -> bool:
        """Tell whether a cell says how much: in figures, or that nothing is to pay where a price is asked for."""
        return any(map(str.isdecimal, said)) or (
            self.query.unit_class == "money" and FREE.match(said) is not None
        )

    def _row(self, cell: Cell) -> tuple[float, float]:
        """Return how many characters of the question name the row of a cell, and the share of its heads they are."""
        found = [
            match
            for other in self._covering[cell.row]
            if other is not cell and self._names_row(other, cell)
            if (match := self._row_match(other)).share > 0
        ]
        section = self.section(cell)
        over = self._caption() if section is None else self.said(section)
        more = max((self._naming.match(line).length for line in over.split("\n")), default=0)
        if not found:
            return 0.0, 0.0
        share = max(one.share for one in found)
        return sum(one.length for one in found if one.share == share) * share + 0.1 * more, share

    def _names_row(self, other: Cell, cell: Cell) -> bool:
        apart = other.column + other.columns <= cell.column or other.column >= cell.column + cell.columns
        return apart and other.columns < self.width

    def _row_match(self, cell: Cell) -> Match:
        """Match a cell that names a row; a figure names it where it is the asked rank, year or value."""
        said = self.said(cell)
        if any(RANK.search(plain(self.said(head))) for head in self.heads(cell)) and is_figure(said):
            return self._rank(without_notes(said))
        match = self._naming.match(said)
        if not match.share and TOTAL.search(plain(said)) and ASKS_TOTAL.search(self._naming.asked):
            return Match(1, 1.0, 0)
        return match

    def _rank(self, said: str) -> Match:
        asked = [fold(self.query.text[s:e]) for s, e in self.query.annotation.ordinals]
        same = any(
            (found := _ordinal.search(one))
            and annotate(f"第{found[1]}名").plain_ordinals == annotate(f"第{said}名").plain_ordinals
            for one in asked
        )
        return Match(2, 1.0, 0) if same else Match()

    def _column(self, cell: Cell) -> tuple[float, float]:
        """Return how well the heads of a cell's column are named, below 0 where they cannot be meant.

        Where a rate is asked for another figure is not meant, and the other way round; a column without a named head is
        meant if it is the only one that can hold the answer.
        """
        heads = self.heads(cell)
        matches = [self._naming.match(self.said(head)) for head in heads]
        length = sum(one.length * one.share for one in matches)
        share = max((one.share for one in matches), default=0.0)
        if self.query.type is AnswerType.NUMBER:
            asks = self._asks_rate()
            unnumbered = any(NO_AMOUNT.match(plain(self.said(head))) for head in heads) and not length
            if self._is_rate(cell) != asks or unnumbered or not (asks or self._in_asked_unit(cell)):
                return -1.0, 0.0
            if asks and any(RATE.search(plain(self.said(head))) for head in heads):
                length, share = length + 2, max(share, 1.0)
        if not length:
            paired = not heads and self.width == 2  # 语文教师：15人 has no head that could be named
            known = self._only_one(cell) or self._is_name(cell)
            return (0.0, 1.0 if paired else 0.8) if known else (-1.0, 0.0)
        return length, share

    def _asks_rate(self) -> bool:
        """Tell whether a share or a change in per cent is asked for; 增加了多少亿元 asks for an amount."""
        changed = ASKS_RATE.search(self._naming.asked) is not None and not self.query.unit
        return changed or self.query.unit_class == "percent"

    def _is_rate(self, cell: Cell) -> bool:
        """Tell whether a cell is a share or a change in per cent."""
        labels = [*self.heads(cell), *(c for c in self._covering[cell.row] if self._names_row(c, cell))]
        said = f"{self.said(cell)}{self.unit(cell)}"
        words = [plain(self.said(one)) for one in labels if not is_figure(self.said(one))]
        return said.endswith(("%", "％", "‰", "百分点")) or any(RATE.search(one) for one in words)

    def _is_name(self, cell: Cell) -> bool:
        """Tell whether a cell is what names its row, and such a name is asked for: 谁, 哪个镇."""
        asked = self.query.asked
        names = asked is not None and self.query.text[asked.start : asked.start + 1] in ("谁", "哪")
        columns = [
            other.column
            for other in self._covering[cell.row]
            if not is_figure(self.said(other)) and other.columns < self.width
        ]
        return names and cell.column == min(columns, default=-1)

    def _in_asked_unit(self, cell: Cell) -> bool:
        """Tell whether the unit of a cell is of the class that is asked for, where both are known."""
        asked, unit = self.query.unit_class, self.unit(cell) or self._own_unit(cell)
        if not asked or not unit or asked in ("size",):
            return True
        found = unit_class(next((q.unit for q in annotate(f"1{unit}").quantities), unit))
        counted = ("count", "people", "")
        return (
            found == asked
            or (asked in counted and found in counted)
            or {asked, found} <= {"percent", "points", "ratio"}
        )

    def _own_unit(self, cell: Cell) -> str:
        return next((q.unit for q in annotate(self.said(cell)).quantities), "")

    def _only_one(self, cell: Cell) -> bool:
        """Tell whether no other cell of the row, those that name it apart, could be the answer."""
        others = [
            other
            for other in self._covering[cell.row]
            if other is not cell
            and other.columns < self.width
            and self._suits(other)
            and not self._row_match(other).share
        ]
        if self.query.type is AnswerType.NUMBER:
            others = [
                other
                for other in others
                if not any(
                    RATE.search(plain(self.said(h))) or NO_AMOUNT.match(plain(self.said(h)))
                    for h in self.heads(other)
                )
                and not self.said(other).endswith(("%", "％"))
                and self._in_asked_unit(other)
                and not is_unit(self.said(other))
            ]
        return not others

    def heads(self, cell: Cell) -> list[Cell]:
        """Return the heads over a cell's column, titles over all columns apart, the lowest first."""
        return [
            head
            for row in range(self.table.heads - 1, -1, -1)
            for head in self._covering.get(row, ())
            if head.row == row
            and head.column < cell.column + cell.columns
            and cell.column < head.column + head.columns
            and head.columns < self.width
        ]

    def section(self, cell: Cell) -> Cell | None:
        """Return the line over all columns below which a row stands, None without any."""
        above = [c for c in self._body if c.row < cell.row and c.columns == self.width]
        return above[-1] if above else None

    def _missing(self, cell: Cell) -> float:
        """Return the share of what the question says that stands neither in the heads nor anywhere outside of the table."""
        text = self.article.text
        span = self.table.span
        heads = " ".join(
            self.said(one)
            for one in [*self._covering[cell.row], *(c for c in self.table.cells if c.row < self.table.heads)]
        )
        section = self.section(cell)
        around = annotate(
            "\n".join(
                (
                    self.article.title,
                    heads,
                    self.said(section) if section else "",
                    text[: span.start][-2000:],
                    text[span.end :][:500],
                )
            )
        )
        weights = {term: self.query.weights[term] for term in self.query.terms if not self._is_generic(term)}
        lost = [term for term in weights if not around.has(term) and not self._is_pieced(term, around.folded)]
        if any(names_a_thing(term) or rarity(term) >= UNKNOWN for term in lost if term not in generic()):
            return 1.0
        total = sum(weights.values())
        return sum(weights[term] for term in lost) / total if total else 0.0

    def _is_pieced(self, term: str, around: str) -> bool:
        """Tell whether every character of a word stands in `around` beside its neighbour in the question: 市前 is cut wrongly."""
        asked = self.query.folded
        at = asked.find(term)
        return at >= 0 and all(
            asked[max(0, i - 1) : i + 1] in around or asked[i : i + 2] in around
            for i in range(at, at + len(term))
        )

    def _is_generic(self, term: str) -> bool:
        return bool(
            RATE.search(term) or ASKS_RATE.search(term) or ASKS_TOTAL.fullmatch(term) or is_unit(term)
        )

    def unit(self, cell: Cell) -> str:
        """Return the unit that belongs to a bare figure: that of its head, its row, the row's own column of units, the caption."""
        if not is_figure(self.said(cell)):
            return ""
        heads = self.heads(cell)
        row = [c for c in self._covering[cell.row] if c is not cell and not is_figure(self.said(c))]
        rate = any(is_share(plain(self.said(head))) for head in heads)
        # What a row says of itself goes before what is said of all: 生猪出栏（万头） in a table in 万吨.
        for one in heads if rate else (*row, *heads):
            if units := named_units(self.said(one)):
                return units[0]
        labels = [plain(self.said(head)) for head in heads]
        if any(NO_AMOUNT.match(label) for label in labels):
            return ""
        rate = rate or any(is_share(plain(self.said(one))) for one in row)
        said = self._captions()
        found = [unit for unit in named_units(said) if (unit in ("%", "％", "‰")) == rate]
        return found[0] if len(found) == 1 else ""

    def _captions(self) -> str:
        """Return the caption and the titles over all columns."""
        titles = [
            self.said(c) for c in self.table.cells if c.row < self.table.heads and c.columns == self.width
        ]
        return "\n".join((self._caption(), *titles))

    def _caption(self) -> str:
        caption = self.table.caption
        return "" if caption is None else self.article.text[caption.start : caption.end]
