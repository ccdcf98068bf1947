"""Newspaper layouts of several kinds: each makes a paper of stories that were never set before."""

from collections.abc import Callable

from tests.support.papers import MARGIN, Area, Paper, Printed, Teller

GUTTER = 18.0


def grid(
    page: Printed, count: int, top: float, height: float, gutter: float = GUTTER
) -> list[tuple[Printed, Area]]:
    """Return the columns of a page between two heights."""
    width = (page.width - 2 * MARGIN - (count - 1) * gutter) / count
    return [(page, Area(MARGIN + i * (width + gutter), top, width, height)) for i in range(count)]


def _left(areas: list[tuple[Printed, Area]]) -> float:
    return areas[0][1].left


def one_column(seed: int) -> Paper:
    """Three stories below one another, each over the whole width."""
    paper = Paper(Teller(seed))
    page = paper.page(595, 842)
    for top in (60, 310, 560):
        paper.story([paper.teller.title(16)], (MARGIN, top), 16, grid(page, 1, top + 28, 190))
    paper.running_head("临江晚报", "2024年3月6日", 2)
    return paper


def two_columns_flow(seed: int) -> Paper:
    """Stories follow one another down the columns, over the page's end."""
    paper = Paper(Teller(seed), body=10.5)
    first, second = paper.page(595, 842), paper.page(595, 842)
    a, b = grid(first, 2, 60, 700)
    c, d = grid(second, 2, 60, 700)
    title = paper.teller.title(22)
    paper.story(
        [title[:14], title[14:]], (a[1].left, 60), 15, [(first, Area(a[1].left, 110, a[1].width, 380))]
    )
    paper.story(
        [paper.teller.title(13)],
        (a[1].left, 520),
        15,
        [(first, Area(a[1].left, 550, a[1].width, 210)), (first, Area(b[1].left, 60, b[1].width, 290))],
    )
    paper.story(
        [paper.teller.title(14)],
        (b[1].left, 380),
        15,
        [(first, Area(b[1].left, 410, b[1].width, 350)), (second, Area(c[1].left, 60, c[1].width, 200))],
    )
    paper.story(
        [paper.teller.title(14)],
        (c[1].left, 290),
        15,
        [(second, Area(c[1].left, 320, c[1].width, 440)), (second, Area(d[1].left, 60, d[1].width, 640))],
    )
    paper.pages = [first]
    paper.running_head("青山周报", "2024年3月6日", 1)
    paper.pages = [second]
    paper.running_head("青山周报", "2024年3月6日", 2)
    paper.pages = [first, second]
    return paper


def three_columns_spanning(seed: int) -> Paper:
    """A story below a headline over three columns, then one over two beside one over one."""
    paper = Paper(Teller(seed))
    page = paper.page()
    paper.running_head("临江日报", "2024年5月8日", 3)
    top = grid(page, 3, 140, 560)
    paper.story([paper.teller.title(20)], (MARGIN, 80), 36, top)
    low = grid(page, 3, 800, 600)
    paper.story([paper.teller.title(18)], (_left(low), 745), 28, low[:2])
    paper.story([paper.teller.title(12)], (low[2][1].left, 750), 20, low[2:])
    return paper


def four_columns_quarters(seed: int) -> Paper:
    """Four stories of two columns each, two above and two below; headlines of two lines with kicker and subtitle."""
    paper = Paper(Teller(seed), body=9.5)
    page = paper.page()
    paper.running_head("东湖日报", "2024年7月2日", 5)
    for top in (70.0, 800.0):
        areas = grid(page, 4, top + 130, 540)
        for at in (0, 2):
            title = paper.teller.title(26)
            paper.story(
                [title[:15], title[15:]],
                (areas[at][1].left, top),
                26,
                areas[at : at + 2],
                kicker="我市扎实推进重点领域改革",
                subtitle="今年前三季度完成投资过半",
            )
    return paper


def five_columns(seed: int) -> Paper:
    """A broadsheet: lead over five columns, below it stories of two, one and two columns."""
    paper = Paper(Teller(seed), body=10)
    page = paper.page()
    paper.running_head("南岭时报", "2024年9月9日", 1)
    paper.story([paper.teller.title(22)], (MARGIN + 120, 70), 38, grid(page, 5, 130, 520, 14))
    low = grid(page, 5, 780, 680, 14)
    paper.story([paper.teller.title(14)], (low[0][1].left, 720), 26, low[:2])
    title = paper.teller.title(14)
    paper.story([title[:8], title[8:]], (low[2][1].left, 715), 18, low[2:3])
    paper.story([paper.teller.title(14)], (low[3][1].left + 30, 720), 26, low[3:])
    return paper


def box_between(seed: int) -> Paper:
    """A framed story stands in the middle of another one's columns."""
    paper = Paper(Teller(seed))
    page = paper.page()
    paper.running_head("西塘晚报", "2024年4月1日", 7)
    full = grid(page, 4, 140, 1300)
    upper = grid(page, 4, 140, 400)
    lower = grid(page, 4, 980, 460)
    paper.story(
        [paper.teller.title(20)], (MARGIN, 75), 34, [full[0], upper[1], lower[1], upper[2], lower[2], full[3]]
    )
    left, right = full[1][1].left, full[2][1].left + full[2][1].width
    page.frame(left, 560, right - left, 400)
    width = (right - left - 24 - GUTTER) / 2
    inside = [(page, Area(left + 12 + i * (width + GUTTER), 620, width, 325)) for i in range(2)]
    paper.story([paper.teller.title(12)], (left + 12, 575), 22, inside)
    return paper


def pictures(seed: int) -> Paper:
    """Pictures with captions interrupt the columns."""
    paper = Paper(Teller(seed))
    page = paper.page()
    paper.running_head("北川日报", "2024年6月18日", 4)
    columns = grid(page, 3, 140, 500)
    low = grid(page, 3, 1010, 420)
    wide = columns[1][1].left + columns[1][1].width - MARGIN
    page.picture(MARGIN, 660, wide, 300)
    page.write(MARGIN, 966, 8, "市民在新建成的文化广场散步")
    tall = grid(page, 3, 140, 1290)
    paper.story(
        [paper.teller.title(20)],
        (MARGIN, 75),
        34,
        [columns[0], low[0], columns[1], low[1], tall[2]],
        captions=["市民在新建成的文化广场散步"],
    )
    return paper


def around_the_corner(seed: int) -> Paper:
    """A story runs down the third column beside another one that stands below its first two."""
    paper = Paper(Teller(seed))
    page = paper.page()
    paper.running_head("石桥日报", "2024年8月8日", 6)
    upper, tall, low = grid(page, 3, 140, 500), grid(page, 3, 140, 1300), grid(page, 3, 760, 680)
    paper.story([paper.teller.title(24)], (MARGIN, 75), 38, [*upper[:2], tall[2]])
    paper.story([paper.teller.title(16)], (MARGIN, 690), 28, low[:2])
    return paper


def narrow_headline(seed: int) -> Paper:
    """Headlines that do not reach over all the columns of their story."""
    paper = Paper(Teller(seed))
    page = paper.page()
    paper.running_head("白云日报", "2024年10月10日", 2)
    paper.story([paper.teller.title(9)], (MARGIN, 75), 30, grid(page, 3, 140, 560))
    low = grid(page, 3, 820, 600)
    paper.story([paper.teller.title(9)], (MARGIN + 340, 750), 30, low)
    return paper


def first_page(seed: int) -> Paper:
    """The first page with its masthead, paragraphs without indent, a tight gutter."""
    paper = Paper(Teller(seed), indent=0, leading=1.4)
    page = paper.page(800, 1100)
    page.write(60, 40, 60, "临江日报")
    page.write(420, 60, 10, "2024年12月3日　星期二　农历甲辰年十一月初三")
    page.write(420, 80, 10, "国内统一刊号 CN51-0001　今日8版")
    paper.story([paper.teller.title(18)], (MARGIN, 130), 30, grid(page, 4, 190, 380, 10))
    low = grid(page, 4, 640, 400, 10)
    paper.story([paper.teller.title(16)], (MARGIN, 595), 22, low[:2])
    paper.story([paper.teller.title(16)], (low[2][1].left, 595), 22, low[2:])
    return paper


LAYOUTS: dict[str, Callable[[int], Paper]] = {
    layout.__name__: layout
    for layout in (
        one_column,
        two_columns_flow,
        three_columns_spanning,
        four_columns_quarters,
        five_columns,
        box_between,
        pictures,
        around_the_corner,
        narrow_headline,
        first_page,
    )
}
