import pytest

from rag.answering.grounding import unsupported
from rag.answering.tables.figures import figures_with_units, is_figure, is_unit, named_units, without_notes


@pytest.mark.parametrize(
    ("head", "units"),
    [
        ("产量（万吨）", ("万吨",)),
        ("产量(吨)", ("吨",)),
        ("单位：亿元", ("亿元",)),
        ("2023年各县财政收入（单位：亿元、%）", ("亿元", "%")),
        ("面积/亩", ("亩",)),
        ("单价（元/吨）", ("元/吨",)),
        ("亿千瓦时", ("亿千瓦时",)),
        ("地区生产总值（GDP）", ()),
        ("镇名", ()),
        ("-1.7%", ()),
    ],
)
def test_the_units_that_a_head_names(head: str, units: tuple[str, ...]) -> None:
    assert named_units(head) == units


@pytest.mark.parametrize(
    ("cell", "bare"),
    [
        ("13,450", True),
        ("-3.5", True),
        ("１２", True),
        ("12.4¹", True),
        ("+0.8%", False),
        ("约300", False),
        ("—", False),
    ],
)
def test_a_bare_figure(cell: str, bare: bool) -> None:
    assert is_figure(cell) is bare


def test_notes_are_no_part_of_a_figure() -> None:
    assert without_notes("12.4¹*") == "12.4"
    assert not is_unit("3.5%")


def test_a_figure_of_a_row_may_be_said_with_a_unit_of_its_head_and_with_no_other() -> None:
    quoted = "镇名\t产量（万吨）\t同比\n北岭镇\t13.45\t+0.8%"
    assert unsupported("13.45万吨", [quoted]) == []
    assert unsupported("13.45亿元", [quoted]) == ["13.45亿元"]
    assert unsupported("13.46万吨", [quoted]) == ["13.46万吨"]
    assert figures_with_units("产量（万吨）为13.45") == []
