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


def test_a_page_of_hundreds_of_thousands_of_tags_is_refused_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(IngestError, match="400000 tags"):
        read(tmp_path / "a.html", "<p>新闻，今天。</p>".encode() * 200_000)
