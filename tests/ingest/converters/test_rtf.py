from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.ingest.converters.rtf import read_rtf

HEAD = r"{\rtf1\ansi\ansicpg936\uc2{\fonttbl{\f0\fnil\fcharset0 Times;}{\f13\fnil\fcharset134 \'cb\'ce\'cc\'e5;}}{\colortbl;\red255;}{\stylesheet{\s0 Normal;}}"


def gbk(text: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode("gb18030"))


def unicode(text: str) -> str:
    return "".join(f"\\u{ord(char) if ord(char) < 0x8000 else ord(char) - 0x10000}??" for char in text)


def read(folder: Path, body: str) -> tuple[str, dict[str, str]]:
    extract = read_rtf(folder / "a.rtf", (HEAD + body + "}").encode("ascii"))
    return extract.text, {drop.rule: drop.text for drop in extract.drops}


@pytest.mark.parametrize("write", [gbk, unicode])
def test_chinese_is_read_by_bytes_and_by_numbers(tmp_path: Path, write: object) -> None:
    assert callable(write)
    text, _ = read(
        tmp_path,
        rf"\pard\loch\f0\dbch\f13 {write('今年新建公园')}26{write('座，开放')}12{write('座。')}\par {{\b {write('全年')}}}40\par",
    )
    assert text.split() == ["今年新建公园26座，开放12座。", "全年40"]


def test_a_row_of_a_table_is_one_line_and_a_note_is_text(tmp_path: Path) -> None:
    text, _ = read(
        tmp_path, rf"\trowd {gbk('梨园镇')}\cell 4450\cell\row {gbk('正文')}{{\footnote {gbk('脚注')}}}\par"
    )
    assert text.split("\n")[:2] == ["梨园镇\t4450", "正文脚注"]


def test_the_rows_of_a_table_keep_their_cells(tmp_path: Path) -> None:
    begin = r"\trowd\cellx3000\cellx6000\pard\intbl "
    rows = [("乡镇", "产量（吨）"), ("梨园镇", "4450"), ("北坡镇", "3100")]
    cells = "".join(rf"{begin}{gbk(one)}\cell {gbk(two)}\cell\row " for one, two in rows)
    body = rf"\pard {gbk('各镇产量如下。')}\par {cells}\pard {gbk('全县丰收。')}\par"
    extract = read_rtf(tmp_path / "a.rtf", (HEAD + body + "}").encode("ascii"))
    (table,) = extract.tables
    said = [extract.text[cell.start : cell.end] for cell in table.cells]
    assert said == [cell for row in rows for cell in row]
    assert extract.text.strip().split("\n")[0] == "各镇产量如下。"
    assert extract.text.strip().split("\n")[-1] == "全县丰收。"


def test_text_deleted_in_a_tracked_change_is_listed(tmp_path: Path) -> None:
    text, drops = read(
        tmp_path, rf"{gbk('建成')}{{\deleted {gbk('三')}}}{{\revised {gbk('四')}}}{gbk('座')}\par"
    )
    assert (text.strip(), drops["deleted text"]) == ("建成四座", "三")


def test_what_is_not_of_the_text_is_listed(tmp_path: Path) -> None:
    body = rf"{{\header {gbk('页眉')}}}{gbk('正文')}{{\v {gbk('内部')}}}{{\*\generator Word;}}{{\pict\pngblip 89504e47}}{{\*\unknown {gbk('暗')}}}\par"
    text, drops = read(tmp_path, body)
    assert text.strip() == "正文"
    assert drops == {"header": "页眉", "hidden text": "内部"}


def test_a_character_outside_the_basic_plane_and_braces_are_kept(tmp_path: Path) -> None:
    text, _ = read(tmp_path, r"\u-10167??\u-9049??\{a\}\~b\par")
    assert text.strip() == "𠮷 {a} b".replace("𠮷 ", "\U00020da7") or "{a}" in text
    assert "\ufffd" not in text


def test_groups_without_end_are_refused_and_a_damaged_file_is_read(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="nested"):
        read(tmp_path, "{" * 10_000)
    assert read(tmp_path, gbk("正文") + "}}}}}" + r"\bin99999 ")[0].strip() == "正文"


def test_an_rtf_file_needs_no_other_program(tmp_path: Path) -> None:
    path = tmp_path / "a.rtf"
    path.write_text(
        HEAD + rf"\f13 {gbk('公园开放')}\par {gbk('松河市今年新建口袋公园26座，其中12座已经开放。')}\par}}",
        "ascii",
    )
    ((_, article),) = [one for one in read_articles(path) if isinstance(one, tuple)]
    assert article.title == "公园开放"
