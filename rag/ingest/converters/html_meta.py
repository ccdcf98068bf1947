"""What a web page says of its story: title, publisher, author, date, address, each with the place that said so."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from lxml import html

from rag.ingest.cleaning.credits_and_captions import read_byline, read_date

__all__ = ["page_meta"]

TITLES = ("articletitle", "og:title", "twitter:title")
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
PUBLISHERS = ("contentsource", "source", "mediaid", "publisher", "og:site_name", "copyright")
AUTHORS = ("author", "article:author")
# The line below a headline that tells date and source stands within so many lines, and is no longer than this.
NEAR_HEADLINE = 12
LONGEST_INFO = 120
LONGEST_NAME = 20
# The headline is among so many headings, and the title of the page tells it within so many characters.
MOST_HEADINGS = 100
LONGEST_TITLE = 1000
# htmldate reads so long a page in less than a second; saved pages have 20,000 to 200,000 characters.
LONGEST_PAGE = 400_000

_BETWEEN = r"_|\||｜|--+|——|–|－"
# A run of white space is read from its beginning alone, or a long one would be read from each of its places.
_site = re.compile(rf"(?<!\s)\s++(?:{_BETWEEN}|(?<= )- )\s*+|(?:{_BETWEEN})\s*+")
_source = re.compile(r"(?:来源|稿源|信息来源|文章来源|來源)\s*[:：]\s*([^\s|丨,，。；;:：]{2,20})")
_author = re.compile(r"(?:作者|记者|記者)\s*[:：]\s*([\u3400-\u9fff·]{2,4})(?![\u3400-\u9fff])")
# 发布时间：, 时间：, but not 活动时间：.
_label = re.compile(r"(?:发布|发表|发稿|发文|刊发|更新)(?:时间|日期)?\s*[:：]|^(?:时间|日期)\s*[:：]")
_other_label = re.compile(r"(?:时间|日期|截止)\s*[:：]")
# "pubtime": "2019-09-07 …", itemprop="dateUpdate" content="2019-10-08 …"
_in_source = re.compile(
    r"""(?:pub|date|time)\w{0,20}["']?\s?(?:content)?\s?[:=]\s?["']((?:19|20)\d\d-\d\d?-\d\d?)""",
    re.IGNORECASE,
)
# The foot of a page: its numbers and years are no dates of the story.
_imprint = re.compile(r"ICP|备案|许可证|版权所有|©|copyright", re.IGNORECASE)
_published = re.compile(r'"datePublished"\s*:\s*"([^"]{8,40})"')
_address = re.compile(r"/((?:19|20)\d\d)[-/]?(0[1-9]|1[0-2])[-/]?([0-2]\d|3[01])(?!\d)")


def page_meta(tree: Any, lines: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values by field, and the rules that found them; `lines` are the words of the page."""
    tags = _tags(tree)
    values, rules = {}, {}
    title = _title(tree, tags)
    info = list(_info(lines, title[0]))
    address = _first([tags.get("og:url", ""), *tree.xpath("//link[@rel='canonical']/@href")])
    found = {
        "title": [title],
        "published": _dates(tree, tags, info, address, lines),
        "publisher": [
            *(
                (_name(found[1]), "line below the headline")
                for line in info
                if (found := _source.search(line))
            ),
            *(
                (credit.publisher, "line below the headline")
                for line in info
                if (credit := read_byline(line))
            ),
            *((_name(tags.get(name, "")), "meta tag") for name in PUBLISHERS),
        ],
        "author": [
            *(
                (tags.get(name, ""), "meta tag")
                for name in AUTHORS
                if len(tags.get(name, "")) <= LONGEST_NAME
            ),
            *((found[1], "line below the headline") for line in info if (found := _author.search(line))),
        ],
        "url": [(address, "address")],
    }
    for name, candidates in found.items():
        value, rule = next(((value, rule) for value, rule in candidates if value), ("", ""))
        if value:
            values[name], rules[name] = value, rule
    return values, rules


def _tags(tree: Any) -> Mapping[str, str]:
    """Return the meta tags by name, the first of each."""
    tags: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("name") or node.get("property") or node.get("itemprop") or "").lower()
        content = " ".join((node.get("content") or "").split())
        if name and content:
            tags.setdefault(name, content)
    return tags


def _title(tree: Any, tags: Mapping[str, str]) -> tuple[str, str]:
    """Return the headline; the page's <title> usually names the site after it."""
    every = (
        " ".join(str(node.text_content()).split()) for level in ("h1", "h2") for node in tree.iter(level)
    )
    headings = list(islice((words for words in every if words), MOST_HEADINGS))
    whole = " ".join(_first(str(node.text_content()) for node in tree.iter("title")).split())
    tagged = _first(tags.get(name, "") for name in TITLES)
    said = (whole[:LONGEST_TITLE], tagged[:LONGEST_TITLE])
    for heading in headings:
        if len(heading) >= 6 and (heading in said[0] or heading in said[1]):
            return heading, "heading"
    if tagged:
        return _without_site(tagged, tags), "meta tag"
    if whole:
        return _without_site(whole, tags), "title of the page"
    return (headings[0], "heading") if headings else ("", "")


def _without_site(title: str, tags: Mapping[str, str]) -> str:
    """Leave out the names of site and section behind (seldom before) a headline."""
    parts = [part for part in _site.split(title) if part]
    if len(parts) < 2:
        return title
    longest = max(parts, key=len)
    kept = len(parts)
    while kept > 1 and parts[kept - 1] != longest and (len(parts[kept - 1]) <= LONGEST_NAME):
        kept -= 1
    ends = [found.start() for found in _site.finditer(title)]
    cut = title[: ends[kept - 1]] if kept <= len(ends) else title
    site = tags.get("og:site_name", "")
    return cut.removeprefix(site).strip(" _-|—") if parts[0] != longest and site else cut


def _info(lines: Sequence[str], title: str) -> Iterator[str]:
    """Yield the short lines around the headline: date and source stand there.

    The first line that is the headline may be the page's <title>, far above where the story begins.
    """
    plain = "".join(title.split())
    places = [i for i, line in enumerate(lines) if plain and "".join(line.split()) == plain] or [0]
    for at in (*places[1:2], places[0]):
        for line in (*lines[at + 1 : at + 1 + NEAR_HEADLINE], *lines[max(0, at - 3) : at]):
            if len(line) <= LONGEST_INFO and "。" not in line and not _imprint.search(line):
                yield line


def _dates(
    tree: Any, tags: Mapping[str, str], info: Iterable[str], address: str, lines: Sequence[str]
) -> Iterator[tuple[str, str]]:
    for name in DATES:
        yield _day(tags.get(name, "")), "meta tag"
    for node in tree.xpath("//script[@type='application/ld+json']"):
        found = _published.search(str(node.text_content()))
        yield (_day(found[1]) if found else ""), "structured data"
    for line in info:
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
    import htmldate  # a quarter of a second; trafilatura, which reads the text of pages, imports it too

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


def _name(text: str) -> str:
    name = text.strip(" 《》[]（）()")
    return name if 1 < len(name) <= LONGEST_NAME and not name.startswith("http") else ""


def _first(values: Iterable[str]) -> str:
    return next((value for value in values if value), "")
