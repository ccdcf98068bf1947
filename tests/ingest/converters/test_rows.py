import json
from pathlib import Path
from typing import Any

import pytest

from rag.errors import IngestError
from rag.ingest.articles import Refused, read_articles
from rag.ingest.converters.row_dates import row_date
from rag.ingest.converters.row_fields import field_of
from rag.records import Article

TEXT = "松河市今年新建口袋公园26座，其中12座已经开放。"


def save(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def parted(path: Path) -> tuple[list[Article], list[str]]:
    found = list(read_articles(path))
    return (
        [one[1] for one in found if isinstance(one, tuple)],
        [one.reason for one in found if isinstance(one, Refused)],
    )


def read_row(folder: Path, **row: Any) -> tuple[list[Article], list[str]]:
    return parted(save(folder, "a.jsonl", json.dumps(row, ensure_ascii=False)))


@pytest.mark.parametrize(
    ("head", "field"),
    [
        ("新闻标题", "title"),
        ("标题名称", "title"),
        ("Article_Title", "title"),
        ("标题（必填）", "title"),
        ("articleBody", "text"),
        ("新聞內容", "text"),
        ("文章正文", "text"),
        ("pub_date", "date"),
        ("publishedAt", "date"),
        ("datePublished", "date"),
        ("見報日期", "date"),
        ("发稿时间", "date"),
        ("媒体名称", "publisher"),
        ("site", "publisher"),
        ("公众号名称", "publisher"),
        ("稿件来源", "source"),
        ("记者姓名", "author"),
        ("原文链接", "url"),
        ("article-id", "id"),
        ("版面", "edition"),
        ("crawl_time", None),
        ("抓取时间", None),
        ("更新时间", None),
        ("content_type", None),
        ("编辑", None),
        ("阅读量", None),
        ("摘要", None),
    ],
)
def test_a_heading_names_its_field(head: str, field: str | None) -> None:
    found = field_of(head)
    assert (found and found[0]) == field


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("20240502", "2024-05-02"),
        ("20240502093000", "2024-05-02"),
        ("1714608000", "2024-05-02"),
        ("1714608000000", "2024-05-02"),
        ("2024-05-02T10:00:00+08:00", "2024-05-02"),
        ("2024-05-01T16:30:00.000Z", "2024-05-02"),
        ("2024/5/2 8:00", "2024-05-02"),
        ("二〇二四年五月二日", "2024-05-02"),
        ("Thu, 02 May 2024 10:00:00 GMT", "2024-05-02"),
        ("May 2, 2024", "2024-05-02"),
        ("25/12/2024", "2024-12-25"),
        ("03/04/2024", ""),
        ("2025-13-45", ""),
        ("20241345", ""),
        ("昨天", ""),
        ("99999999999999", ""),
    ],
)
def test_a_date_is_read_as_programs_write_it(written: str, day: str) -> None:
    assert row_date(written) == day


def test_rows_of_programs_are_read_whatever_their_fields_are_called(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"title": "一", "content": TEXT, "pub_time": "2024-05-02 10:00:00", "site": "松河网"},
        {"Title": "二", "Text": TEXT, "Media": {"name": "松河网"}, "PublishDate": 20240502},
        {"title": "三", "text": [TEXT, "全年计划建成40座。"], "date": 1714608000, "source": "松河网"},
        {"title": "四", "articleBody": TEXT, "publishedAt": "2024-05-01T23:00:00Z", "来源": "松河网"},
        {
            "title": "五",
            "text": "<p>松河市今年新建<b>口袋公园</b>26座，</p><script>x=1</script><p>其中12座&nbsp;已经开放。</p>",
            "ptime": "2024-05-02",
            "source": "松河网",
        },
    ]
    articles, refused = parted(save(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert not refused
    assert {article.published for article in articles} == {"2024-05-02"}
    assert {article.publisher for article in articles} == {"松河网"}
    assert all("口袋公园26座" in article.text for article in articles)
    assert "<" not in articles[4].text
    assert ("x=1", "script, style or comment") in [(drop.text, drop.rule) for drop in articles[4].drops]


def test_the_parts_of_a_text_that_are_pictures_are_listed(tmp_path: Path) -> None:
    parts = [
        {"type": "text", "content": TEXT},
        {"type": "image", "url": "a.jpg"},
        {"text": "全年计划建成40座。"},
    ]
    (article,), refused = read_row(tmp_path, title="一", text=parts, author=["李明", "王芳"])
    assert not refused
    assert [article.text[one.start : one.end] for one in article.blocks[1:]] == [TEXT, "全年计划建成40座。"]
    assert "a.jpg" in article.drops[0].text
    assert article.author == "李明 王芳"


def test_a_date_that_is_none_is_named_and_the_article_read(tmp_path: Path) -> None:
    (article,), (reason,) = read_row(tmp_path, title="一", text=TEXT, date="2025-13-45")
    assert (article.title, article.published) == ("一", "")
    assert '"date"' in reason
    assert "2025-13-45" in reason


@pytest.mark.parametrize("month", ["2024-05", "2024年5月", "2024/5"])
def test_a_month_is_no_day_and_is_said_so(tmp_path: Path, month: str) -> None:
    (article,), (reason,) = read_row(tmp_path, title="一", text=TEXT, date=month)
    assert article.published == ""
    assert f"{month!r} names a month and no day" in reason


def test_a_field_that_says_nothing_is_no_fault(tmp_path: Path) -> None:
    (article,), refused = read_row(
        tmp_path, text=TEXT, date="0000-00-00", author="无", source=None, url="-", tags=[]
    )
    assert not refused
    assert not article.author
    assert not article.drops


def test_a_column_of_no_field_is_listed_with_its_article(tmp_path: Path) -> None:
    (article,), refused = read_row(tmp_path, title="一", text=TEXT, 摘要="公园开放", clicks=318)
    assert not refused
    assert [drop.text for drop in article.drops] == ["摘要: 公园开放", "clicks: 318"]


def test_a_row_without_text_names_the_fields_it_has(tmp_path: Path) -> None:
    _, (reason,) = read_row(tmp_path, title="一", 分类="城建")
    assert "title, 分类" in reason


def test_a_text_under_an_unknown_heading_is_found_by_its_length(tmp_path: Path) -> None:
    path = save(tmp_path, "a.csv", f"标题,栏目,稿\n口袋公园开放,城建,{TEXT}\n")
    (article,), _ = parted(path)
    assert TEXT in article.text
    assert article.found_by["text"] == "the longest column (稿)"


@pytest.mark.parametrize("wrap", ["{}", '{{"code": 0, "data": {{"list": {}}}}}', "\ufeff{}"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl"])
def test_a_list_in_json_is_read(tmp_path: Path, wrap: str, name: str) -> None:
    rows = [{"title": "一", "text": TEXT}, {"title": "二", "text": "松河市图书馆延长开放至22时。"}]
    path = save(tmp_path, name, wrap.format(json.dumps(rows, indent=1)))
    if name == "a.jsonl" and wrap.startswith("{{"):
        return  # no file of lines
    found = list(read_articles(path))
    assert [(one[0].line, one[1].title) for one in found if isinstance(one, tuple)] == [(1, "一"), (2, "二")]


def test_one_article_in_json_and_lines_misnamed_as_json_are_read(tmp_path: Path) -> None:
    row = json.dumps({"title": "一", "text": TEXT})
    assert len(parted(save(tmp_path, "a.json", row))[0]) == 1
    assert len(parted(save(tmp_path, "b.json", f"{row}\n{row}\n"))[0]) == 2


@pytest.mark.parametrize("content", ["[1, 2]", "3", "{", "[" * 100_000])
def test_json_that_holds_no_article_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    with pytest.raises(IngestError, match="JSON"):
        list(read_articles(save(tmp_path, "a.json", content)))


def test_headings_below_a_title_are_found_and_the_title_is_named(tmp_path: Path) -> None:
    path = save(
        tmp_path, "a.csv", f"五月报道汇总,,\n新闻标题,新闻内容,发布日期\n口袋公园,{TEXT},2024-05-02\n"
    )
    (article,), (reason,) = parted(path)
    assert (article.title, article.published) == ("口袋公园", "2024-05-02")
    assert "五月报道汇总" in reason


def test_a_table_that_lists_no_articles_is_one_article_a_line_a_row(tmp_path: Path) -> None:
    path = save(tmp_path, "各镇粮食产量.csv", "乡镇,产量（吨）,同比\n梨园镇,4450,3.1%\n北坡镇,13450,-1.2%\n")
    (article,), refused = parted(path)
    assert not refused
    assert article.title == "各镇粮食产量"
    assert [article.text[one.start : one.end].split() for one in article.blocks[1:]] == [
        ["乡镇", "产量（吨）", "同比"],
        ["梨园镇", "4450", "3.1%"],
        ["北坡镇", "13450", "-1.2%"],
    ]


@pytest.mark.parametrize(
    "text", ["<div>" * 100_000 + "新闻。", "<b" + " a=1" * 50_000 + ">新闻。", "<!--" * 50_000 + "<p>新闻。"]
)
def test_markup_without_end_in_a_field_is_read_or_refused(tmp_path: Path, text: str) -> None:
    articles, refused = read_row(tmp_path, text=text)
    assert len(articles) + len(refused) == 1


def test_a_table_in_a_field_keeps_its_rows_and_columns(tmp_path: Path) -> None:
    table = "<table><tr><td>乡镇</td><td>补贴（万元）</td></tr><tr><td>南坡乡</td><td>120</td></tr></table>"
    articles, _ = read_row(
        tmp_path, title="发放补贴", content=f"<div>{TEXT}</div>{table}<script>x()</script>"
    )
    (kept,) = articles[0].tables
    assert [articles[0].text[cell.start : cell.end] for cell in kept.cells] == [
        "乡镇",
        "补贴（万元）",
        "南坡乡",
        "120",
    ]
    assert [drop.text for drop in articles[0].drops] == ["x()"]


def test_a_field_with_nothing_but_a_raised_digit_is_markup(tmp_path: Path) -> None:
    articles, _ = read_row(
        tmp_path, title="水质", content="每升含菌1.2×10<sup>4</sup>个，面积3km<sup>2</sup>。"
    )
    assert "1.2×10⁴个，面积3km²" in articles[0].text
