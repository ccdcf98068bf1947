from collections import Counter
from pathlib import Path

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
