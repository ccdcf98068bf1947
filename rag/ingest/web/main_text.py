"""The article among the lines of a page: a run of sentences below the headline, dense in words outside of links."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rag.ingest.cleaning.credits_and_captions import read_date
from rag.ingest.web.page_lines import PageLine
from rag.ingest.web.regions import COMMENTS
from rag.ingest.web.titles import letters
from rag.text.characters import fold

__all__ = ["MainText", "find_main_text"]

# A run ends where this much (characters of links and labels) stands against it since its last sentence.
MOST_AGAINST = 160
# What a line of links, a part of the site and a short line count against a run.
LINK, REGION, SHORT = 10, 30, 4
# The article is the first run that has this share of the longest one's sentences.
LEAST_SHARE = 0.25
# Fewer characters of sentences were found by chance.
LEAST_PROSE = 40
# Below its last sentence the article goes on in the same element up to so much of that.
MOST_AFTER = 30
# The editor's name ends the article if this share of its sentences stands above.
MOST_SAID = 0.7

INFO = "line about the article"
LINKS = "links"
APART = "apart from the article"
SITE = "notice of the site"

_clock = r"\d{1,2}:\d{2}"
# Who said something when: what stands over a reader's comment.
_comment_head = re.compile(
    rf"(?:发表于|回复于|发布于)\s?\d|(?:\d{{1,3}}|[几半])(?:秒|分钟|小时|天|个月|年)前|(?:昨天|前天|今天)\s*{_clock}"
    rf"|(?:19|20)\d\d[-/.]\d\d?[-/.]\d\d?\s+{_clock}|^(?:沙发|板凳|地板|\d{{1,4}}\s?[楼#])"
)
_info = re.compile(
    r"来源\s*[:：]|发布(?:时间|日期)|发表(?:时间|于)|更新时间|时间\s*[:：]|日期\s*[:：]|作者\s*[:：]|编辑\s*[:：]|责编|字号|字体|浏览|点击|阅读量? ?[:：]? ?\d|分享|打印|收藏|"
    r"访问量|扫一扫|评论\(?\d|参与\(?\d|人参与|位置\s*[:：]|次数\s*[:：]"
)
# The foot of a page: nothing below it is the article's.
_imprint = re.compile(
    r"ICP备|版权所有|公网安备|all rights reserved|Powered by|关于(?:我们|本站|本网).{0,40}(?:联系|招聘|声明|广告)|网站标识码",
    re.IGNORECASE,
)
# The last line of an article on the web.
_editor = re.compile(r"^[（(【\[\s]*(?:责任编辑|责编|编辑|本文编辑|文字编辑|值班编辑)\s*[:：/丨|]")
_site = re.compile(
    r"^[（(【*※\s]*(?:(?:免责|版权|郑重|特别|本站|本网)?(?:声明|提示)|免责条款)\s*[:：】]"
    r"|未经.{0,20}(?:授权|许可|同意).{0,16}(?:转载|复制|使用)|(?:如有|若有|如果|如涉|涉及).{0,20}(?:侵权|版权).{0,30}(?:联系|删除|告知)"
    r"|^[（(【\[<\s]*(?:打印|关闭|返回|收藏|分享|顶部|纠错|字号|上一[篇页条]|下一[篇页条]|扫一扫|微信扫|长按|点击上方|点击下方|点赞|返回搜狐|举报|复制链接|欢迎关注|关注我们|关注公众号)"
    r"|^(?:打开|下载|进入)[^，。]{0,8}(?:app|客户端)",
    re.IGNORECASE,
)
LONGEST_INFO = 100


@dataclass(frozen=True, slots=True)
class _Run:
    """Lines `first` to `end` and the characters of sentences in them."""

    first: int
    end: int
    prose: int


@dataclass(frozen=True, slots=True)
class MainText:
    """The numbers of the lines that are the article, and of its headline above them (-1 without one)."""

    numbers: tuple[int, ...]
    headline: int


def find_main_text(lines: Sequence[PageLine], title: str, within: Any = None) -> MainText:
    """Return which lines are the article, and say of each other line why it is none (`rule`).

    `within` is the element that holds the whole article, where the site names it.
    """
    headline = _headline(lines, title)
    runs = list(_runs(lines, headline + 1))
    best = max((run.prose for run in runs), default=0)
    share = LEAST_SHARE if headline >= 0 else 1
    chosen = next((run for run in runs if run.prose >= share * best), None)
    if chosen is None or best < LEAST_PROSE:
        above = max(_runs(lines, 0), key=lambda run: run.prose, default=None)
        if above is not None and above.prose > 2 * best:
            headline, chosen = -1, above
    if chosen is None:
        chosen = _below_headline(lines, headline) if headline >= 0 else _Run(0, len(lines), 0)
    kept = _kept(lines, chosen, headline, within)
    for at, line in enumerate(lines):
        if at not in kept:
            line.rule = line.rule or (INFO if _is_info(line) else LINKS if line.mostly_linked else APART)
    return MainText(tuple(sorted(kept)), headline)


def _below_headline(lines: Sequence[PageLine], headline: int) -> _Run:
    """Return the lines up to the first link or part of the site: a page of few words and no sentence."""
    end = headline + 1
    while end < len(lines) and not lines[end].rule and not lines[end].mostly_linked:
        end += 1
    return _Run(headline + 1, end, 0)


def _headline(lines: Sequence[PageLine], title: str) -> int:
    """Return the line that is the headline, -1 if none is: the last one with sentences below it that is most like it."""
    plain = letters(title)
    total = sum(line.prose for line in lines if not line.rule)
    above, best, found = 0, 0, -1
    for at, line in enumerate(lines):
        above += 0 if line.rule else line.prose
        likeness = _like_title(line, plain) if plain and 3 * (total - above) >= total else 0
        if likeness and likeness >= best:
            best, found = likeness, at
    return found


def _like_title(line: PageLine, title: str) -> int:
    """Return 0 for a line that is not the title, more for the whole of it and for a heading."""
    if line.mostly_linked and not line.heading:
        return 0
    text = letters(line.text) if len(line.text) < 2 * len(title) + 20 else ""
    short, long = sorted((text, title), key=len)
    same = text == title
    return (same or (len(short) > 8 and short in long and 2 * len(short) > len(long))) * (
        1 + 2 * same + line.heading
    )


def _runs(lines: Sequence[PageLine], first: int) -> Iterator[_Run]:
    """Yield the runs of sentences in order: each ends where links, labels or a comment's head stand against it."""
    start, end, prose, against = -1, -1, 0, 0
    for at in range(first, len(lines)):
        line = lines[at]
        if not line.rule and line.prose and not _ends(line):
            if start < 0:
                start = at
            end, prose, against = at + 1, prose + line.prose, 0
        elif start >= 0:
            against += _against(line)
            if against > min(MOST_AGAINST, prose):
                yield _Run(start, end, prose)
                start, prose, against = -1, 0, 0
    if start >= 0:
        yield _Run(start, end, prose)


def _against(line: PageLine) -> int:
    if _ends(line):
        return 2 * MOST_AGAINST
    if line.rule:
        return REGION
    return LINK if line.mostly_linked else SHORT


def _ends(line: PageLine) -> bool:
    """Say whether nothing below is the article's: the head of a reader's comment, or the foot of the page."""
    if len(line.text) > 2 * LONGEST_INFO:
        return False
    if _imprint.search(line.text):
        return True
    return line.rule == COMMENTS or (not line.prose and _comment_head.search(fold(line.text)) is not None)


def _kept(lines: Sequence[PageLine], run: _Run, headline: int, within: Any) -> set[int]:
    """Return the numbers of the article's lines: those of the run, and its neighbours in the same element."""
    inside = [
        at for at in range(run.first, run.end) if not lines[at].rule and (lines[at].prose or not run.prose)
    ]
    if within is None:
        within = _common([lines[at] for at in inside])
    places = {node for at in inside for node in _around(lines[at])}
    blocks = {_shape(lines[at].block) for at in inside}
    kept: set[int] = set()
    said = against = 0
    for at in range(headline + 1, len(lines)):
        line, outside = lines[at], not run.first <= at < run.end
        if outside and not any(node is within or node in places for node in line.above):
            continue
        against = against + _against(line) if outside else 0
        if at >= run.end and against > MOST_AFTER:
            break
        if line.rule or _is_furniture(line, outside, blocks):
            continue
        kept.add(at)
        said += line.prose
        if said >= MOST_SAID * run.prose and _editor.search(fold(line.text)) and not line.prose:
            break
    return kept


def _common(lines: Sequence[PageLine]) -> Any:
    """Return the smallest element around lines, None if that is all of the page; around one line its parent."""
    paths = [line.above if line.block.tag in ("td", "th") else line.above[:-1] for line in lines]
    shared = [nodes[0] for nodes in zip(*paths, strict=False) if all(node is nodes[0] for node in nodes)]
    return shared[-1] if shared and shared[-1].tag not in ("html", "body") else None


def _around(line: PageLine) -> list[Any]:
    """Return the block of a line and the element around it, unless that is all of a page or a row of a layout."""
    nodes = line.above[-1:] if line.block.tag in ("td", "th") else line.above[-2:]
    return [node for node in nodes if node.tag not in ("body", "html")]


def _shape(block: Any) -> tuple[str, str]:
    return block.tag, block.get("class") or ""


def _is_furniture(line: PageLine, edge: bool, blocks: set[tuple[str, str]]) -> bool:
    """Say whether a line beside the sentences is links or a line about the article, and note why."""
    if line.mostly_linked:
        whole = line.finished and _shape(line.block) in blocks and len(line.text) > 40
        line.rule = "" if whole else LINKS
    elif _site.search(fold(line.text)) and len(line.text) < 2 * LONGEST_INFO:
        line.rule = SITE
    elif edge and _is_info(line):
        line.rule = INFO
    return bool(line.rule)


def _is_info(line: PageLine) -> bool:
    short = len(line.text) <= LONGEST_INFO and "。" not in line.text
    return short and bool(_info.search(fold(line.text)) or (read_date(line.text) and len(line.text) < 40))
