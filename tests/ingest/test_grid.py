import pytest

from rag.ingest.grid import Box, Grid, arrange, head_rows, is_table, lays_out, refine, with_sections


def places(grid: Grid) -> list[tuple[str, int, int, int, int]]:
    return [(box.text, box.row, box.column, box.rows, box.columns) for box in grid.boxes]


def rows(*lines: str) -> Grid:
    return arrange([[Box(text) for text in line.split("|")] for line in lines])


def test_cells_stand_beside_those_that_reach_down() -> None:
    grid = arrange([[Box("学校", rows=2), Box("年级")], [Box("一年级")], [Box("乙"), Box("二年级")]])
    assert places(grid) == [
        ("学校", 0, 0, 2, 1),
        ("年级", 0, 1, 1, 1),
        ("一年级", 1, 1, 1, 1),
        ("乙", 2, 0, 1, 1),
        ("二年级", 2, 1, 1, 1),
    ]


def test_a_cell_reaches_no_further_than_the_table() -> None:
    (box,) = arrange([[Box("甲", rows=9_999, columns=9_999)]]).boxes
    assert (box.rows, box.columns) == (1, 63)


def test_a_table_inside_a_cell_parts_its_row_and_column() -> None:
    inner = arrange([[Box("小学"), Box("12")], [Box("初中"), Box("8")]])
    grid = refine(arrange([[Box("岗位"), Box("人数")], [Box("数学"), Box("其中", inner=inner)]]))
    assert places(grid) == [
        ("岗位", 0, 0, 1, 1),
        ("人数", 0, 1, 1, 2),
        ("数学", 1, 0, 3, 1),
        ("其中", 1, 1, 1, 2),
        ("小学", 2, 1, 1, 1),
        ("12", 2, 2, 1, 1),
        ("初中", 3, 1, 1, 1),
        ("8", 3, 2, 1, 1),
    ]


@pytest.mark.parametrize(
    ("grid", "heads"),
    [
        (rows("镇名|产量", "东镇|120", "西镇|90"), 1),
        (rows("指标|2021年|2022年", "产量|120|90", "面积|12|9"), 1),
        (rows("东镇|120|3", "西镇|90|2"), 0),
        (arrange([[Box("主要指标", columns=2)], [Box("指标"), Box("数值")], [Box("产量"), Box("12")]]), 2),
        (
            arrange(
                [
                    [Box("区", rows=2), Box("2022年", columns=2)],
                    [Box("产值"), Box("增速")],
                    [Box("东区"), Box("12"), Box("3%")],
                ]
            ),
            2,
        ),
    ],
)
def test_the_rows_at_the_head(grid: Grid, heads: int) -> None:
    assert head_rows(grid) == heads


def test_the_head_that_a_file_declares_counts() -> None:
    assert head_rows(rows("甲|1", "乙|2", "丙|3"), 2) == 2


def test_what_lays_out_a_page_is_no_table() -> None:
    assert is_table(rows("镇名|产量", "东镇|120"))
    assert not is_table(rows("首页|新闻"))
    assert not is_table(rows("左栏", "右栏"))
    assert not is_table(rows("图|" + "临江市新建图书馆十二座。" * 30, "图|" + "读者可以免费借书。" * 30))
    assert lays_out(rows("左", "右"))


def test_a_line_with_one_word_stands_over_the_rows_below_it() -> None:
    grid = with_sections([["品种", "产量"], ["一、种植业", ""], ["粮食", "12"]])
    assert ("一、种植业", 1, 0, 1, 2) in places(grid)
