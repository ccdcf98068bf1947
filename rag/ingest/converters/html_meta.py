"""What a web page says of its story: title, publisher, author, date, address, each with the place that said so."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lxml import html

from rag.ingest.cleaning.credits_and_captions import author_name, publisher_name, read_byline, read_date
from rag.ingest.web.main_text import MainText
from rag.ingest.web.page_lines import PageLine
from rag.ingest.web.titles import meta_tags

__all__ = ["page_meta"]

DATES = (
    "article:published_time",
    "og:published_time",
    "publishdate",
    "pubdate",
    "publish_date",
    "publish-date",
    "publishtime",
    "datepublished",
    "dc.date",
    "weibo:article:create_at",
    "firstpublishedtime",
)
PUBLISHERS = ("contentsource", "source", "mediaid", "publisher", "og:site_name")
AUTHORS = ("author", "article:author")
# The line below a headline that tells date and source stands within so many lines, and is no longer than this.
NEAR_HEADLINE = 12
LONGEST_INFO = 120
# htmldate reads so long a page in less than a second; saved pages have 20,000 to 200,000 characters.
LONGEST_PAGE = 400_000

# A line below the article that tells its date or source stands within so many lines.
NEAR_END = 6

_author = re.compile(r"(?:作者|记者|記者|撰文|撰稿)\s*[:：]\s*([\u3400-\u9fff·A-Za-z 、]{2,20})")
# A source ends at a space, a mark or the label of something else.
_source = re.compile(
    r"(?:来源|稿源|信息来源|文章来源|來源)(?:于|自)?\s?[:：]\s{0,3}([^\s|丨,，。；;:：]{2,40}?)"
    r"(?=[\s|丨,，。；;]|$|(?:作者|记者|编辑|责编|时间|日期|字号|责任编辑|(?:发布|更新)(?:时间|日期)|浏览次数|点击数|阅读数)\s?[:：])"
)
# 发布时间：, 时间：, but not 活动时间：.
_label = re.compile(
    r"(?:发布|发表|发稿|发文|刊发|更新|成文|提交|录入|添加|上传|公布|公开|印发|生成|出版)(?:时间|日期)?\s?[:：]"
    r"|(?<![\u4e00-\u9fff])(?:时间|日期)\s?[:：]"
)
_other_label = re.compile(r"(?:时间|日期|截止)\s?[:：]")
# "pubtime": "2019-09-07 …", itemprop="dateUpdate" content="2019-10-08 …"
_in_source = re.compile(
    r"""(?:pub|date|time)\w{0,20}["']?\s?(?:content)?\s?[:=]\s?["']((?:19|20)\d\d-\d\d?-\d\d?)""",
    re.IGNORECASE,
)
# The foot of a page: its numbers and years are no dates of the story.
_imprint = re.compile(r"ICP|备案|许可证|版权所有|©|copyright", re.IGNORECASE)
_neighbour = re.compile(r"上一[篇条页]|下一[篇条页]")
_published = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_address = re.compile(r"/((?:19|20)\d\d)[-/]?(0[1-9]|1[0-2])[-/]?([0-2]\d|3[01])(?!\d)")


def page_meta(
    tree: Any, lines: Sequence[PageLine], title: tuple[str, str], main: MainText
) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values by field, and the rules that found them; `title` is the headline and its rule."""
    tags = meta_tags(tree)
    values, rules = {}, {}
    info = list(_info(lines, main))
    address = _first([tags.get("og:url", ""), *tree.xpath("//link[@rel='canonical']/@href")])
    below = "line below the headline"
    found = {
        "title": [title],
        "published": _dates(tree, tags, info, address, [line.text for line in lines]),
        "publisher": [
            *((publisher_name(found[1]), below) for line in info if (found := _source.search(line))),
            *((credit.publisher, below) for line in info if (credit := read_byline(line))),
            *((publisher_name(tags.get(name, "")), "meta tag") for name in PUBLISHERS),
        ],
        "author": [
            *((author_name(tags.get(name, "")), "meta tag") for name in AUTHORS),
            *((author_name(found[1]), below) for line in info if (found := _author.search(line))),
        ],
        "url": [(address, "address")],
    }
    for name, candidates in found.items():
        value, rule = next(((value, rule) for value, rule in candidates if value), ("", ""))
        if value:
            values[name], rules[name] = value, rule
    return values, rules


def _info(lines: Sequence[PageLine], main: MainText) -> Iterator[str]:
    """Yield the short lines around the article: date and source stand there, above it or below."""
    first = main.numbers[0] if main.numbers else len(lines)
    end = main.numbers[-1] + 1 if main.numbers else 0
    begin = main.headline + 1 if 0 <= main.headline < first else max(0, first - NEAR_HEADLINE)
    above = range(max(begin, first - 2 * NEAR_HEADLINE), min(first + 2, len(lines)))
    close = range(max(0, begin - 4), begin)
    for at in (*above, *close, *range(max(first + 2, end - 3), min(end + NEAR_END, len(lines)))):
        text = lines[at].text
        if (
            not lines[at].mostly_linked
            and not _neighbour.match(text)
            and len(text) <= LONGEST_INFO
            and "。" not in text
            and not _imprint.search(text)
        ):
            yield text


def _dates(
    tree: Any, tags: Mapping[str, str], info: Sequence[str], address: str, lines: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for name in DATES:
        yield _day(tags.get(name, "")), "meta tag"
    for node in tree.xpath("//script[@type='application/ld+json']"):
        found = _published.search(str(node.text_content()))
        yield (_day(found[1]) if found else ""), "structured data"
    own = [line for line in info if _label.search(line) or not _other_label.search(line)]
    for line in sorted(own, key=lambda line: _label.search(line) is None):
        yield read_date(line), "line below the headline"
    for node in tree.xpath("//time[@datetime]"):
        yield _day(node.get("datetime")), "time element"
    found = _address.search(address)
    yield (_day("-".join(found.groups())) if found else ""), "address"
    yield _elsewhere(tree, lines), "htmldate"


def _elsewhere(tree: Any, lines: Sequence[str]) -> str:
    """Return the date that htmldate finds, if the page states it as its own.

    htmldate also takes dates of related stories, of pictures and out of long numbers, and 1 January for a bare year.
    So the date must be written out: beside a label, in the first line with a date, or as a date in the source.
    """
    import htmldate  # a quarter of a second, and most folders hold no page without a date

    page = str(html.tostring(tree, encoding="unicode"))
    if len(page) > LONGEST_PAGE:
        return ""
    day = htmldate.find_date(tree, extensive_search=False, original_date=True) or ""
    dated = [line for line in lines if read_date(line) and not _imprint.search(line)]
    stated = [line for line in dated[:1] if "。" not in line and not _other_label.search(line)]
    stated += [line for line in dated if _label.search(line)]
    if day and day in map(read_date, stated):
        return day
    return day if any(_day(found[1]) == day for found in _in_source.finditer(page)) else ""


def _day(text: str) -> str:
    return read_date(re.sub(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)", r"\1-\2-\3", text.replace("T", " ")))


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
