"""Tables of PDF pages as cells: with all their lines, with three, with none; columns of running text are none."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.newspaper_pdf import read
from rag.records import Article, BlockKind
from tests.support.papers import Printed, save

CROPS = (
    ("镇名", "面积（亩）", "产量（吨）"),
    ("梨园镇", "1,820", "4450"),
    ("北坡镇", "5,310", "13450"),
    ("东沟镇", "960", "2208"),
)


def page_of(title: str = "") -> Printed:
    page = Printed(595, 842)
    if title:
        page.write(60, 60, 18, title)
        page.write(81, 110, 10, "全市粮食生产总体平稳，各镇情况如下表，总产量比上年增长。")
    return page


def put(page: Printed, top: float, rows: Sequence[Sequence[str]], rules: Sequence[int] = ()) -> float:
    """Write rows in columns, the first at the left and the others centred, with rules above rows of these numbers."""
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            width = sum(5 if char.isascii() else 10 for char in cell)
            left = 64 if column == 0 else 200 + 150 * (column - 1) + (150 - width) / 2
            page.write(left, top + 20 * at + 5, 10, cell)
    for at in rules:
        page.rule(60, top + 20 * at, 510, top + 20 * at)
    return top + 20 * len(rows)


def cells(article: Article, number: int = 0) -> list[list[str]]:
    """Return the words at every row and column of a table; a cell over several stands in each."""
    table = article.tables[number]
    height = max(cell.row + cell.rows for cell in table.cells)
    width = max(cell.column + cell.columns for cell in table.cells)
    found = [[""] * width for _ in range(height)]
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.rows):
            for column in range(cell.column, cell.column + cell.columns):
                found[row][column] = article.text[cell.start : cell.end]
    return found


@pytest.mark.parametrize("rules", [(), (0, 1, 4), (0, 1, 2, 3, 4), (0, 4)], ids=str)
def test_columns_without_lines_down_are_cells(tmp_path: Path, rules: tuple[int, ...]) -> None:
    page = page_of("松河市粮食生产情况")
    end = put(page, 140, CROPS, rules)
    page.write(81, end + 20, 10, "市农业农村局表示，秋粮收购已经开始，农户可到镇上登记。")
    (article,) = read(save(tmp_path / "a.pdf", [page], "shuffled", 3))
    assert cells(article) == [list(row) for row in CROPS]
    assert article.tables[0].heads == 1
    rows = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.ROW]
    assert rows == ["\t".join(row) for row in CROPS]
    assert article.text.endswith("农户可到镇上登记。")


def test_cells_between_which_no_line_was_drawn_are_one(tmp_path: Path) -> None:
    page = page_of("松河市工业生产情况")
    boxes = [(60, 140, 100, 60, "区"), (160, 140, 200, 30, "2022年"), (360, 140, 200, 30, "2023年")]
    boxes += [(160 + 100 * at, 170, 100, 30, said) for at, said in enumerate(("产值", "增速") * 2)]
    for row, words in enumerate(
        (("东区", "31.5", "2.1%", "33.0", "4.8%"), ("西区", "18.2", "1.0%", "18.6", "2.2%"))
    ):
        boxes += [(60 + 100 * at, 200 + 30 * row, 100, 30, one) for at, one in enumerate(words)]
    for left, top, width, height, said in boxes:
        page.frame(left, top, width, height)
        page.write(left + width / 2 - 10, top + height / 2 - 5, 10, said)
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert cells(article)[:3] == [
        ["区", "2022年", "2022年", "2023年", "2023年"],
        ["区", "产值", "增速", "产值", "增速"],
        ["东区", "31.5", "2.1%", "33.0", "4.8%"],
    ]
    assert article.tables[0].heads == 2


def test_a_head_over_several_columns_and_a_key_beside_several_rows(tmp_path: Path) -> None:
    page = page_of("松河市招生计划")
    put(
        page,
        140,
        (
            ("学校", "年级", "人数"),
            ("", "一年级", "120"),
            ("", "七年级", "80"),
            ("", "一年级", "45"),
            ("", "七年级", "60"),
        ),
        (0, 1, 5),
    )
    page.write(64, 175, 10, "城东学校")
    page.write(64, 215, 10, "河西学校")
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert [row[0] for row in cells(article)] == ["学校", "城东学校", "城东学校", "河西学校", "河西学校"]


def test_words_that_go_on_in_the_next_line_are_of_one_cell(tmp_path: Path) -> None:
    page = page_of("松河市粮食储备情况")
    for at, (name, more, tons) in enumerate(
        (
            ("单位", "", "储备（吨）"),
            ("梨园镇粮食", "储备中心", "4450"),
            ("北坡镇粮站", "", "1200"),
            ("东沟镇粮食", "购销公司", "980"),
        )
    ):
        top = 140 + 40 * at
        page.write(64, top + (0 if more else 6), 10, name)
        page.write(64, top + 12, 10, more)
        page.write(300, top + 6, 10, tons)
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert [row[0] for row in cells(article)] == [
        "单位",
        "梨园镇粮食储备中心",
        "北坡镇粮站",
        "东沟镇粮食购销公司",
    ]


def test_a_table_goes_on_on_the_next_page(tmp_path: Path) -> None:
    first, second = page_of("松河市粮食生产情况"), page_of()
    put(first, 140, CROPS, (0, 1, 4))
    more = (("西岭镇", "720", "1530"), ("南湖镇", "2,040", "5120"), ("石桥镇", "310", "640"))
    end = put(second, 60, more, (0, 3))
    second.write(81, end + 20, 10, "市农业农村局表示，秋粮收购已经开始。")
    (article,) = read(save(tmp_path / "a.pdf", [first, second]))
    assert len(article.tables) == 1
    assert cells(article) == [list(row) for row in (*CROPS, *more)]


def test_columns_of_running_text_between_rules_are_no_table(tmp_path: Path) -> None:
    page = page_of()
    page.write(60, 40, 20, "松河市加快城市更新")
    lines = (
        "去年全市改造老旧小区",
        "31个，惠及居民1.2万",
        "户，今年再改造28个。",
        "市住建局负责人表示，",
        "工程已开工15处，预计",
        "9月底前全部完工，",
        "投资3.6亿元。",
    )
    for column in range(4):
        for at in range(28):
            page.write(60 + 120 * column, 80 + 15 * at, 10, lines[(at + 2 * column) % len(lines)])
    page.rule(60, 74, 530, 74)
    page.rule(60, 505, 530, 505)
    articles = read(save(tmp_path / "a.pdf", [page]))
    assert not [table for article in articles for table in article.tables]


def test_columns_of_words_of_different_kinds_are_cells(tmp_path: Path) -> None:
    rows = (
        ("姓名", "职务", "分管工作"),
        ("张建国", "区长", "主持区政府工作"),
        ("李明", "常务副区长", "财政、税务"),
        ("王丽华", "副区长", "教育、卫生健康"),
    )
    page = page_of("松河区政府领导分工")
    put(page, 140, rows)
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert cells(article) == [list(row) for row in rows]


def test_a_list_of_words_alone_is_no_table_of_facts(tmp_path: Path) -> None:
    page = page_of("松河市表彰劳动模范")
    put(
        page,
        140,
        (
            ("张建国", "李明", "王丽华"),
            ("赵志强", "钱秀英", "孙文博"),
            ("周海燕", "吴晓东", "郑雅琴"),
            ("冯国栋", "陈立新", "卫芳"),
        ),
    )
    (article,) = read(save(tmp_path / "a.pdf", [page]))
    assert article.tables == ()
    assert "吴晓东" in article.text
