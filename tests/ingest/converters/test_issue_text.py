import io
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import docx
import pytest

from rag.ingest.articles import read_articles, source_text
from rag.text.characters import squeeze
from tests.support.page_designs import tale

TITLES = [f"{i + 1}号消息：{tale(i)[0]}" for i in range(14)]


def issue(title: str, level: str = "###") -> str:
    items = "\n\n".join(
        f"{level} {name}\n\n" + "\n\n".join(tale(i)[1]) + f"\n\n[查看原文](https://tv.example/{i}.shtml)"
        for i, name in enumerate(TITLES)
    )
    summary = "\n".join(f"{i + 1}.{name}；" for i, name in enumerate(TITLES))
    return f"# {title}\n\n## 新闻摘要\n\n本期主要内容：\n{summary}\n\n## 详细新闻\n\n{items}\n\n---\n\n(更新时间戳: 1772371357100)\n"


@pytest.mark.parametrize(
    "title", ["《晚间播报》 (20260822)", "晚间播报 2026-08-22", "2026年8月22日 晚间播报"]
)
def test_a_transcript_of_fourteen_items_is_fourteen_articles_of_its_day(tmp_path: Path, title: str) -> None:
    path = tmp_path / "稿.md"
    path.write_text(issue(title), encoding="utf-8")
    found = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert [article.title for _, article in found] == TITLES
    assert {(article.publisher, article.published) for _, article in found} == {("晚间播报", "2026-08-22")}
    assert [article.url for _, article in found] == [f"https://tv.example/{i}.shtml" for i in range(14)]
    for i, (source, article) in enumerate(found):
        assert article.text.split("\n")[1:] == tale(i)[1]
        assert squeeze(article.text.split("\n")[1]) in squeeze(source_text(path, source.line))
    kept = "".join(article.text + "".join(drop.text for drop in article.drops) for _, article in found)
    assert not Counter(squeeze(issue(title))) - Counter(squeeze(kept))


@pytest.mark.parametrize("title", ["青山市发布2026年8月22日以来防汛工作的通报", "防汛怎么办"])
def test_an_article_with_sections_is_one(tmp_path: Path, title: str) -> None:
    path = tmp_path / "稿.md"
    path.write_text(issue(title, "##"), encoding="utf-8")
    assert len(list(read_articles(path))) == 1


def test_short_headings_below_a_dated_title_are_sections(tmp_path: Path) -> None:
    path = tmp_path / "稿.md"
    sections = "".join(
        f"## {name}\n\n{tale(i)[1][0]}\n\n" for i, name in enumerate(["基本情况", "影响", "下一步", "提醒"])
    )
    path.write_text(f"# 台风最新消息（2026年8月22日）\n\n{sections}", encoding="utf-8")
    assert len(list(read_articles(path))) == 1


def told(items: int = 6) -> list[tuple[str, list[str]]]:
    return [(TITLES[i], tale(i)[1]) for i in range(items)]


def as_text(title: str, items: list[tuple[str, list[str]]]) -> bytes:
    contents = "\n".join(name for name, _ in items)
    body = "\n\n".join("\n".join([name, *(f"　　{text}" for text in texts)]) for name, texts in items)
    return f"{title}\n\n主要内容\n{contents}\n\n{body}\n".encode("gb18030")


def as_page(title: str, items: list[tuple[str, list[str]]]) -> bytes:
    body = "".join(
        f"<p><strong>{name}</strong></p>{''.join(f'<p>{t}</p>' for t in texts)}" for name, texts in items
    )
    return (
        f"<html><head><meta charset='utf-8'><title>{title}</title></head><body><h1>{title}</h1>"
        f"<div class='content'>{body}</div></body></html>"
    ).encode()


def as_word(title: str, items: list[tuple[str, list[str]]]) -> bytes:
    document = docx.Document()
    document.add_heading(title, 0)
    for name, texts in items:
        document.add_heading(name, 2)
        for text in texts:
            document.add_paragraph(text)
    document.save(written := io.BytesIO())
    return written.getvalue()


@pytest.mark.parametrize(("suffix", "write"), [("txt", as_text), ("html", as_page), ("docx", as_word)])
@pytest.mark.parametrize("title", ["《晚间播报》 (20260822)", "《晚间播报》文字稿（2026年8月22日 星期六）"])
def test_a_transcript_without_markup_is_its_items(
    tmp_path: Path, suffix: str, write: Callable[[str, list[tuple[str, list[str]]]], bytes], title: str
) -> None:
    path = tmp_path / f"稿.{suffix}"
    path.write_bytes(write(title, told()))
    found = [entry for entry in read_articles(path) if isinstance(entry, tuple)]
    assert [article.title for _, article in found] == TITLES[:6]
    assert {(article.publisher, article.published) for _, article in found} == {("晚间播报", "2026-08-22")}
    for i, (source, article) in enumerate(found):
        assert article.text.split("\n")[1:] == tale(i)[1]
        assert squeeze(article.text.split("\n")[1]) in squeeze(source_text(path, source.line))


SPEECH = [
    (f"{name}推动青山市高质量发展", tale(i)[1])
    for i, name in enumerate(["坚定信心", "真抓实干", "改革创新", "改善民生"])
]


@pytest.mark.parametrize(
    "text",
    [
        as_text("四川在线 2025年12月3日", told()),
        "\n".join(
            [
                "在全市大会上的讲话（2024年5月6日）",
                "同志们：今天召开大会，部署工作。",
                *(f"{a}\n{b[0]}" for a, b in SPEECH),
            ]
        ).encode(),
        "\n".join(
            [
                "全市工作要点（2024年5月6日）",
                *(f"{n}、{a}\n{b[0]}" for n, (a, b) in zip("一二三四", SPEECH, strict=True)),
            ]
        ).encode(),
    ],
    ids=["byline", "lead", "sections"],
)
def test_one_article_with_long_headings_is_one(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "稿.txt"
    path.write_bytes(text)
    assert len(list(read_articles(path))) == 1
