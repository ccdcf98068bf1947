"""What surrounds an article: regions that their tags, names or headings call menus, comments, rankings."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from rag.ingest.web.page_lines import PageLine
from rag.text.characters import fold

__all__ = ["AROUND", "COMMENTS", "mark_regions"]

COMMENTS = "comments of readers"
RELATED = "related and recommended articles"
AROUND = "menus and other parts of the site"
HIDDEN = "hidden on the page"

# An element that holds more than this share of the page's sentences is the article, whatever it is called. The
# comments may well be longer than the article.
MOST_PROSE = 0.5
MOST_COMMENTS = 0.9
# A heading over a region is not longer than this.
LONGEST_LABEL = 14

_tags = {
    "nav": AROUND,
    "footer": AROUND,
    "menu": AROUND,
    "button": AROUND,
    "select": AROUND,
    "textarea": AROUND,
    "option": AROUND,
    "aside": RELATED,
}
# The parts of names of classes and ids, as sites and their frameworks use them.
_names = {
    COMMENTS: "comment comments cmt cmts reply replies pinglun gentie discuss discussion disqus liuyan respond tie",
    RELATED: "related relate relevant relevants relation recommend recommends recommended recommendation tuijian rank ranking "
    "ranklist paihang hotnews hotlist hotrank guess youlike xgxw xgnews xgyd morenews readmore aside sidebar side "
    "sider relatednews relnews",
    AROUND: "nav navi navbar navigation menu topnav subnav mainnav breadcrumb breadcrumbs crumb crumbs mianbao footer foot "
    "bottombar copyright share bdshare sharebar ad ads adv advert advertise advertisement guanggao gg qrcode ewm erweima toolbar login "
    "loginbar search searchbar pagination pager paging page prevnext topbar tagbar tags header appdownload "
    "declare disclaimer statement mzsm contentinfo banner complementary newsletter subscribe signup bottom",
}
_by_name = {name: rule for rule, names in _names.items() for name in names.split()}
_part = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_none = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_comment_label = re.compile(
    r"(?:网友|用户|读者|最新|全部|热门|精彩|所有|精选)?(?:评论|跟帖|留言|跟贴|回复|热评)(?:列表|区|内容)?[\s(（:：共\d条)）\]】>》]*"
    r"|(?:我要|发表|参与|我来|写|添加)(?:评论|留言|回复|说两句|点评)|我来说两句|我有话说|文明上网.{0,8}|\d{1,6}\s?条(?:评论|回复)"
)
_related_label = re.compile(
    r"[【\[■◆▍>\s]*(?:(?:相关|延伸|推荐|热门|热点|精彩|更多|往期|编辑|今日|本周|图片|最新|大家|为您|为你|猜你|您可能|你可能|最受关注|48小时|24小时|一周)"
    r"(?:的|也|都|还|会|在)*(?:视频|图片|新闻)?(?:新闻|阅读|文章|推荐|报道|链接|资讯|内容|喜欢|感兴趣|专题|排行榜?|热点|热文|看|关注|回顾|精选|信息|热图|图片|视频|头条|消息|资料)(?:的文章|的内容)?"
    r"|猜你喜欢|(?:新闻|点击|阅读|热点|热文|浏览)?排行榜?|热搜榜?|热榜|延伸阅读|推荐阅读|相关阅读|相关新闻|热点推荐|精彩推荐|上一篇|下一篇|热词)"
    r"[】\]:：>》\s]*(?:更多|MORE|more)?[>》\s]*"
)


def mark_regions(lines: Sequence[PageLine], title: str) -> None:
    """Set the rule of every line that stands in a region of its own beside the article."""
    whole = sum(line.prose for line in lines)
    held = _held(lines)
    rules: dict[Any, str] = {}
    for line in lines:
        for node in line.above:
            if node not in rules:
                rules[node] = _rule(node, held.get(node, 0), whole)
            if rules[node]:
                line.rule = rules[node]
                break
    _mark_below_labels(lines, held, whole, title)


def _held(lines: Sequence[PageLine]) -> dict[Any, int]:
    """Return how many characters of sentences each element holds."""
    held: dict[Any, int] = {}
    for line in lines:
        if prose := line.prose:
            for node in line.above:
                held[node] = held.get(node, 0) + prose
    return held


def _rule(node: Any, held: int, whole: int) -> str:
    """Return why an element is no part of the article, "" if it may be."""
    if node.tag in ("html", "body"):
        return ""
    rule = _tags.get(node.tag, "") or (HIDDEN if _hidden(node) else _named(node))
    most = MOST_COMMENTS if rule == COMMENTS else MOST_PROSE
    return "" if held > most * whole else rule


def _hidden(node: Any) -> bool:
    return node.get("hidden") is not None or bool(_none.search(node.get("style") or ""))


def _named(node: Any) -> str:
    own = node.tag if "-" in node.tag else ""
    for name in (own, node.get("id") or "", node.get("class") or "", node.get("role") or ""):
        for part in _part.findall(name[:200]):
            if rule := _by_name.get(part.lower()):
                return rule
    return ""


def _mark_below_labels(lines: Sequence[PageLine], held: dict[Any, int], whole: int, title: str) -> None:
    """Mark what stands below a heading like 相关阅读 or 网友评论."""
    said = 0
    for at, line in enumerate(lines):
        said += 0 if line.rule else line.prose
        if line.rule or len(line.text) > LONGEST_LABEL or line.text == title:
            continue
        rule = (
            COMMENTS
            if _comment_label.fullmatch(fold(line.text))
            else RELATED
            if _related_label.fullmatch(fold(line.text))
            else ""
        )
        # 评论 above the article is an entry of a menu.
        if rule and (said or rule == RELATED):
            line.rule = rule
            for below in _below(lines, at, rule, held, whole):
                if below.text == title:
                    break
                below.rule = below.rule or rule


def _below(
    lines: Sequence[PageLine], at: int, rule: str, held: dict[Any, int], whole: int
) -> Iterator[PageLine]:
    """Yield the lines of the region that line `at` heads.

    It is the largest element that begins with the line and is not the article's, else what follows up to a sentence;
    comments are followed by nothing else.
    """
    head = lines[at]
    before = set(lines[at - 1].above) if at else set()
    own = [node for node in head.above if node not in before and held.get(node, 0) <= MOST_PROSE * whole]
    for line in lines[at + 1 :]:
        inside = bool(own) and own[0] in line.above
        if not inside and (len(head.above) < 2 or head.above[-2] not in line.above):
            return
        if not inside and rule == RELATED and (line.prose and line.finished):
            return
        yield line
