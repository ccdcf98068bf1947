from collections import Counter
from pathlib import Path

import pytest

from rag.errors import IngestError
from rag.ingest.articles import read_articles
from rag.records import Article, BlockKind
from rag.text.characters import squeeze
from tests.support.saved_pages import ADVERT, COMMENTS, MENU, PAGES, RELATED, Page, story


def read(path: Path, content: bytes) -> Article:
    path.write_bytes(content)
    (entry,) = read_articles(path)
    assert isinstance(entry, tuple)
    return entry[1]


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_a_saved_page_gives_its_story_and_nothing_around_it(tmp_path: Path, page: Page) -> None:
    article = read(tmp_path / "a.html", page.html.encode(page.charset))
    assert (article.title, article.published) == (page.title, page.published)
    assert article.publisher == page.publisher
    kinds = (BlockKind.BODY, BlockKind.HEADING)
    body = squeeze("".join(article.text[one.start : one.end] for one in article.blocks if one.kind in kinds))
    text = squeeze("".join(page.body))
    assert 2 * (Counter(body) & Counter(text)).total() / (len(body) + len(text)) >= 0.95
    assert not [words for words in (*RELATED, *COMMENTS, ADVERT, "".join(MENU[:3])) if words in article.text]


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("gb2312", "gb18030"), ("big5", "big5"), ("utf-8", "utf-16"), ("utf-8", "gb18030"), ("gbk", "utf-8")],
)
def test_a_page_is_decoded_also_when_it_names_the_wrong_encoding(
    tmp_path: Path, charset: str, encoding: str
) -> None:
    title, body = story(3)
    if encoding == "big5":
        title, body = (
            "臺北捷運新路線通車",
            ["臺北捷運今天宣布，新路線將於明年通車，預計每日運量達五萬人次。"] * 3,
        )
    words = "".join(f"<p>{text}</p>" for text in body)
    page = f"<html><head><meta charset={charset}><title>{title}</title></head><body><h1>{title}</h1><div>{words}</div></body></html>"
    article = read(tmp_path / "a.html", page.encode(encoding))
    assert article.title == title
    assert body[0] in article.text


def test_a_page_nested_without_end_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="nested"):
        read(tmp_path / "a.html", b"<div>" * 50_000 + "新闻。".encode() + b"</div>" * 50_000)


def test_a_date_in_the_address_is_found(tmp_path: Path) -> None:
    title, body = story(2)
    words = "".join(f"<p>{text}</p>" for text in body)
    page = f"<html><head><title>{title}</title><link rel=canonical href='http://news.example/2024/0317/c12.html'></head><body><h1>{title}</h1>{words}</body></html>"
    article = read(tmp_path / "a.html", page.encode())
    assert (article.published, article.found_by["published"]) == ("2024-03-17", "address")


def dated(tmp_path: Path, around: str, head: str = "") -> tuple[str, str]:
    title, body = story(2)
    words = "".join(f"<p>{text}</p>" for text in body)
    menu = "".join(f"<div>{word}</div>" for word in MENU * 2)
    page = f"<html><head><meta charset=utf-8><title>{title}</title>{head}</head><body>{menu}{around.format(words=words, title=title)}</body></html>"
    article = read(tmp_path / "a.html", page.encode())
    return article.published, article.found_by.get("published", "")


def test_the_line_below_the_headline_may_be_far_below_the_title(tmp_path: Path) -> None:
    around = "<h3>{title}</h3><div><span>2024-09-07 15:10:53</span> 字号：A- A A+</div>{words}"
    assert dated(tmp_path, around) == ("2024-09-07", "line below the headline")


@pytest.mark.parametrize(
    ("around", "head", "expected"),
    [
        ("{words}<div>发布时间: 2024-05-17 | 浏览次数: 12</div>", "", "2024-05-17"),
        ("{words}", '<meta itemprop="dateUpdate" content="2024-01-14 17:58:59">', "2024-01-14"),
        ("{words}", '<script>var a = {{"pubtime": "2024-09-07 19:02:26"}}</script>', "2024-09-07"),
    ],
)
def test_a_date_elsewhere_on_the_page_is_found_by_htmldate(
    tmp_path: Path, around: str, head: str, expected: str
) -> None:
    assert dated(tmp_path, around, head.replace("{{", "{").replace("}}", "}")) == (expected, "htmldate")


@pytest.mark.parametrize(
    "around",
    [
        "{words}<footer>Copyright © 2019-2024 临江日报 版权所有 2024-01-02</footer>",
        "<h3>{title}</h3>{words}<div>许可证 浙B2-20181004 浙ICP备17005035号-1</div>",
        "{words}<ul><li>会议2023年3月5日召开。</li></ul>",
        "{words}<div><img src='/upload/2023/05/06/20230506.jpg'><a href='/2023-05-06/a.html'>旧闻</a></div>",
        "{words}<div>2024年</div>",
        "{words}<div>活动时间：2024年5月1日</div>",
    ],
)
def test_dates_of_other_things_are_not_the_page_s(tmp_path: Path, around: str) -> None:
    assert dated(tmp_path, around) == ("", "")


def test_a_page_of_hundreds_of_thousands_of_tags_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="400000 tags"):
        read(tmp_path / "a.html", "<p>新闻，今天。</p>".encode() * 200_000)
