"""Newspaper pages that no hand laid out: bands of one to five columns, cut into stories at random, in many habits of setting."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.support.papers import Area, Paper, Printed, Teller, Told, break_lines, size_of

SIZES = ((595, 842), (800, 1100), (842, 1191), (1080, 1540))
HEADS = (
    ("临江日报", "2024年5月8日 星期三", "第03版", "2024-05-08"),
    ("青山晚报", "二〇二四年十一月二十六日 星期二", "A12", "2024-11-26"),
    ("东湖时报", "2023-12-31", "第一版 要闻", "2023-12-31"),
    ("南岭商报", "2024.09.10 星期二 农历八月初八", "4版", "2024-09-10"),
    ("石桥周报", "二○二三年十月三十日", "06 版 · 民生", "2023-10-30"),
)
FEET = ("— {} —", "{}", "第{}页", "责任编辑：王敏　美编：李强　校对：张华", "")
REPORTERS = ("王小明", "李国强", "张晓红", "刘建军", "陈思远", "赵雅琴")


@dataclass(frozen=True)
class Habits:
    """How a paper is set: what stays the same on all its pages."""

    body: float
    leading: float
    indent: int
    gutter: float
    margin: float
    centred: bool
    rules: bool
    bylines: bool
    justified: bool
    headline: float
    """the size of a headline over one column, in sizes of the text"""


@dataclass(frozen=True)
class Place:
    """The columns of one story: their left edges, width, and the heights between which they stand."""

    lefts: Sequence[float]
    width: float
    top: float
    bottom: float

    @property
    def right(self) -> float:
        """Where the last column ends."""
        return self.lefts[-1] + self.width


def random_habits(rng: Random) -> Habits:
    """Return one of many ways to set a paper."""
    body = rng.choice([8.5, 9, 9.5, 10, 10.5, 11])
    return Habits(
        body=body,
        leading=rng.choice([1.3, 1.4, 1.5, 1.7]),
        indent=rng.choice([2, 2, 2, 2, 0]),
        gutter=rng.choice([0.9, 1.2, 1.6, 2.2]) * body,
        margin=rng.choice([30, 40, 56]),
        centred=rng.random() < 0.4,
        rules=rng.random() < 0.4,
        bylines=rng.random() < 0.5,
        justified=rng.random() < 0.5,
        headline=rng.choice([1.5, 1.7, 2.0]),
    )


def random_paper(seed: int) -> Paper:
    """Return a paper of one to three pages."""
    rng = Random(seed)
    habits = random_habits(rng)
    width, height = rng.choice(SIZES)
    paper = Paper(Teller(seed), body=habits.body, leading=habits.leading, indent=habits.indent)
    head, foot = rng.choice(HEADS), rng.choice(FEET)
    paper.day, paper.name = head[3], head[0]
    for number in range(1, rng.randint(1, 3) + 1):
        page = paper.page(width, height)
        top = _furniture(page, habits, head, foot.format(number), rng)
        _bands(paper, page, habits, top, height - 52, rng)
    return paper


def _furniture(page: Printed, habits: Habits, head: Sequence[str], foot: str, rng: Random) -> float:
    """Print what stands at the edges; return where the text may begin."""
    name, day, edition, _ = head
    size = 9.0
    if rng.random() < 0.5:
        page.write(habits.margin, 22, size, name)
        words = f"{day}　{edition}"
        page.write(page.width - habits.margin - size_of(words) * size, 22, size, words)
    else:
        page.write(habits.margin, 22, 1.4 * size, edition)
        page.write(page.width / 2 - 40, 24, size, day)
        page.write(page.width - habits.margin - size_of(name) * 1.4 * size, 22, 1.4 * size, name)
    if rng.random() < 0.6:
        page.rule(habits.margin, 40, page.width - habits.margin, 40)
    if foot:
        page.write(page.width / 2 - size_of(foot) * size / 2, page.height - 30, size, foot)
    return 58.0


def _bands(paper: Paper, page: Printed, habits: Habits, top: float, bottom: float, rng: Random) -> None:
    line = habits.body * habits.leading
    while bottom - top > 16 * line:
        height = rng.uniform(0.3, 0.6) * (page.height - 110)
        end = bottom if bottom - top - height < 16 * line else top + height
        _band(paper, page, habits, top, end, rng)
        top = end + 1.2 * line
        if habits.rules and bottom - top > 16 * line:
            page.rule(habits.margin, top - 0.5 * line, page.width - habits.margin, top - 0.5 * line)


def _band(paper: Paper, page: Printed, habits: Habits, top: float, bottom: float, rng: Random) -> None:
    """Cut a band into columns, and those into stories."""
    room = page.width - 2 * habits.margin
    most = max(1, int((room + habits.gutter) // (11 * habits.body + habits.gutter)))
    count = rng.randint(1, min(5, most))
    width = (room - (count - 1) * habits.gutter) / count
    at = 0
    while at < count:
        taken = rng.randint(1, count - at)
        lefts = [habits.margin + i * (width + habits.gutter) for i in range(at, at + taken)]
        if habits.rules and at:
            page.rule(lefts[0] - habits.gutter / 2, top, lefts[0] - habits.gutter / 2, bottom)
        _story(paper, page, habits, Place(lefts, width, top, bottom), rng)
        at += taken


def _story(paper: Paper, page: Printed, habits: Habits, place: Place, rng: Random) -> None:
    body, line = habits.body, habits.body * habits.leading
    if rng.random() < 0.15 and len(place.lefts) * place.width > 200:
        page.frame(place.lefts[0] - 1, place.top, place.right - place.lefts[0] + 2, place.bottom - place.top)
        inner = (place.right - place.lefts[0] - 2 * body - (len(place.lefts) - 1) * habits.gutter) / len(
            place.lefts
        )
        lefts = [place.lefts[0] + body + i * (inner + habits.gutter) for i in range(len(place.lefts))]
        place = Place(lefts, inner, place.top + body, place.bottom - body)
    title, top = _headline(paper, page, habits, place, rng)
    areas = [Area(left, top, place.width, place.bottom - top) for left in place.lefts]
    captions = []
    if rng.random() < 0.25 and place.bottom - top > 24 * line:
        at = rng.randrange(len(areas))
        high = 8 * line
        caption = f"{title[:5]}现场。{rng.choice(REPORTERS)} 摄"
        above = rng.random() < 0.5
        page.picture(
            areas[at].left, top if above else place.bottom - high - 1.6 * body, place.width, high - body
        )
        page.write(
            areas[at].left,
            top + high - 0.6 * body if above else place.bottom - 1.6 * body,
            0.85 * body,
            caption,
        )
        captions.append(caption)
        areas[at] = Area(
            areas[at].left,
            top + (high + 1.4 * body if above else 0),
            place.width,
            areas[at].height - high - 2.4 * body,
        )
    _text(paper, page, habits, areas, title, captions, rng)


def _headline(paper: Paper, page: Printed, habits: Habits, place: Place, rng: Random) -> tuple[str, float]:
    """Print a headline of one to three lines over the columns; return it with the height below it."""
    room = place.right - place.lefts[0]
    size = habits.headline * habits.body * (1 + 0.25 * (len(place.lefts) - 1))
    fits = int(room / size)
    lines = rng.choice([1, 1, 2] if fits >= 9 else [2, 3])
    words = paper.teller.title(max(7, min(int(fits * (lines - 0.3)), 24)))
    rows = [words[i : i + fits] for i in range(0, len(words), fits)]
    top = place.top
    if rng.random() < 0.2:
        small = max(0.55 * size, 1.1 * habits.body)
        _put(page, habits, place, top, small, f"全市第{rng.randint(2, 99)}次专题会议侧记"[:fits])
        top += 1.5 * small
    for row in rows:
        _put(page, habits, place, top, size, row)
        top += 1.25 * size
    return words, top + 0.4 * habits.body


def _put(page: Printed, habits: Habits, place: Place, top: float, size: float, words: str) -> None:
    shift = (place.right - place.lefts[0] - size_of(words) * size) / 2 if habits.centred else 0
    page.write(place.lefts[0] + shift, top, size, words)


def _text(
    paper: Paper,
    page: Printed,
    habits: Habits,
    areas: Sequence[Area],
    title: str,
    captions: Sequence[str],
    rng: Random,
) -> None:
    body, step = habits.body, habits.body * habits.leading
    room = [max(0, int((area.height + step - body) // step)) for area in areas]
    width = areas[0].width / body
    byline = [f"□本报记者 {rng.choice(REPORTERS)}"] if habits.bylines else []
    told = paper.teller.fill(sum(room) - len(byline), width, habits.indent)
    lines = [(row, False) for row in byline]
    for text in told:
        broken = break_lines(text, width, habits.indent)
        lines += [(row, at < len(broken) - 1) for at, row in enumerate(broken)]
    slots = [(area, row) for area, rows in zip(areas, room, strict=True) for row in range(rows)]
    for (area, row), (text, full) in zip(slots, lines, strict=False):
        words = text.lstrip("　")
        lead = size_of(text) - size_of(words)
        left = width - lead - size_of(words)
        space = left * body / (len(words) - 1) if habits.justified and full and 0 < left < 2 else 0.0
        page.write(area.left + lead * body, area.top + row * step, body, words, space)
    paper.told.append(Told(title, told, captions))
