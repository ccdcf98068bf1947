from collections.abc import Sequence

from rag.records import Article
from tests.support.hand import NEEDED, SURE, KnownFiles, candidate, make, query, replied

TOLD = "青泽湖湿地记录鸟类216种，其中一级保护鸟类9种。"
FIRST = make(
    TOLD, "今年还将新建3处观鸟台。", title="青泽湖湿地鸟类增加", published="2025-03-20", publisher="泽州日报"
)
COPY = make(
    TOLD, "更多候鸟在路上。", title="青泽湖湿地鸟类增至216种", published="2025-03-21", publisher="中原网"
)
OTHER = make(
    "据省林业局，青泽湖湿地记录鸟类216种。",
    title="全省湿地盘点",
    published="2025-04-02",
    publisher="绿色周刊",
)


class Copies(KnownFiles):
    """Knows that two of the three are one story."""

    def versions(self, article_id: str) -> Sequence[str]:
        return [one.id for one in (FIRST, COPY) if one.id != article_id and article_id != OTHER.id]

    def article(self, article_id: str) -> Article:
        return next(one for one in (FIRST, COPY, OTHER) if one.id == article_id)


def cited(*found: tuple[Article, float]) -> list[str]:
    candidates = [candidate(article, "216种", margin) for article, margin in found]
    hits = [one.hit for one in candidates]
    said = replied(query("青泽湖湿地记录鸟类多少种？"), hits, candidates, Copies(), NEEDED, SURE)
    assert said.answer == "216种"
    assert [len(one.values) for one in said.variants] in ([], [len(said.citations)])
    return [one.publisher for one in said.citations]


def test_copies_are_one_source_and_the_first_is_cited() -> None:
    assert cited((COPY, 9.0), (FIRST, 8.0)) == ["泽州日报"]
    assert cited((COPY, 9.0)) == ["泽州日报"]  # found or not


def test_another_story_is_a_source_of_its_own() -> None:
    assert cited((COPY, 9.0), (FIRST, 8.5), (OTHER, 8.0)) == ["泽州日报", "绿色周刊"]
