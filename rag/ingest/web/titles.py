"""The headline of a page: a line of it that the page's <title> names too, without the name of the site."""

import re
from collections.abc import Iterator, Mapping, Sequence
from html import unescape
from typing import Any

from rag.ingest.web.page_lines import PageLine

__all__ = ["letters", "meta_tags", "page_title"]

TITLES = ("articletitle", "og:title", "twitter:title")
# The title of a page tells the headline within so many characters; no headline is longer, few are shorter.
LONGEST_TITLE = 1000
LONGEST_HEADLINE = 120
SHORTEST_HEADLINE = 6
# The title's first part may be shorter where a heading of the page says it, too.
SHORTEST_HEADING = 4
# A line is the headline if it is this share of what the title says: 南京 is none of “南京发布新规-南京日报”.
LEAST_SHARE = 0.5
LONGEST_SITE = 20

_BETWEEN = r"_|\||｜|--+|——|–|－|-|—|·|«|»|>"
_between = re.compile(_BETWEEN)
# A run of white space is read from its beginning alone, or a long one would be read from each of its places.
_site = re.compile(r"(?<!\s)\s++(?:_|\||｜|--+|——|–|－|(?<= )- )\s*+|(?:_|\||｜|--+|——|–|－)\s*+")
_outlet = re.compile(r"(?:网|报|社|台|在线|新闻|频道|政府|门户|官网|日报|晚报|客户端|中心|委员会|局|厅|部)$")


def meta_tags(tree: Any) -> Mapping[str, str]:
    """Return the meta tags by name, the first of each."""
    tags: dict[str, str] = {}
    for node in tree.iter("meta"):
        name = (node.get("name") or node.get("property") or node.get("itemprop") or "").lower()
        content = _tidy(node.get("content") or "")
        if name and content:
            tags.setdefault(name, content)
    return tags


def page_title(tree: Any, lines: Sequence[PageLine], tags: Mapping[str, str]) -> tuple[str, str]:
    """Return the headline and the rule that found it, ("", "") without one."""
    whole = _tidy(next((str(node.text_content()) for node in tree.iter("title")), ""))[:LONGEST_TITLE]
    tagged = next((tags[name] for name in TITLES if tags.get(name)), "")[:LONGEST_TITLE]
    shown = [line for line in lines if (line.heading or not line.mostly_linked)]
    named = (line for said in (tagged, whole) if said for line in _named(shown, said))
    if found := max(named, key=lambda line: (line.heading, len(line.text)), default=None):
        return _without_outlet(found.text, tags), "heading" if found.heading else "line that the title names"
    if tagged or whole:
        return _without_site(tagged or whole, tags), "meta tag" if tagged else "title of the page"
    headings = [line.text for line in shown if line.heading and len(line.text) >= SHORTEST_HEADLINE]
    return (headings[0], "heading") if headings else ("", "")


def _named(lines: Sequence[PageLine], said: str) -> Iterator[PageLine]:
    """Yield the lines that are the title, or a part of it between marks; the marks themselves may differ."""
    plain = letters(said)
    split = [letters(part) for part in _between.split(said)]
    parts = set(split)
    for line in lines:
        first = line.heading and letters(line.text) == split[0]
        shortest = SHORTEST_HEADING if first else SHORTEST_HEADLINE
        if not shortest <= len(line.text) <= LONGEST_HEADLINE or line.text[-1] in "。；，":
            continue
        text = letters(line.text)
        much = len(text) >= LEAST_SHARE * len(plain) and line.text in said
        if text and (text == plain or text in parts or (much and _is_whole(line.text, said))):
            yield line


def letters(text: str) -> str:
    """Return the letters and digits of a headline: quotes and spaces differ between a page and its <title>."""
    return "".join(char for char in text if char.isalnum())


def _is_whole(text: str, said: str) -> bool:
    """Say whether a mark or an end stands on either side of a text within a title."""
    at = said.find(text)
    before, after = said[:at], said[at + len(text) :]
    return (not before or not before[-1].isalnum()) and (not after or not after[0].isalnum())


def _tidy(text: str) -> str:
    """Return a title without white space and marks at its ends, and without &nbsp; that was escaped twice."""
    text = " ".join(unescape(text).split())
    return re.sub(r"^[\s|_｜\-—]++|(?<![\s|_｜\-—])[\s|_｜\-—]++$", "", text)


def _without_site(title: str, tags: Mapping[str, str]) -> str:
    """Leave out the names of site and section behind (seldom before) a headline."""
    parts = [part for part in _site.split(title) if part]
    if len(parts) < 2:
        return _without_outlet(title, tags)
    longest = max(parts, key=len)
    kept = len(parts)
    while kept > 1 and parts[kept - 1] != longest and len(parts[kept - 1]) <= LONGEST_SITE:
        kept -= 1
    ends = [found.start() for found in _site.finditer(title)]
    cut = title[: ends[kept - 1]] if kept <= len(ends) else title
    site = tags.get("og:site_name", "")
    if parts[0] != longest and site:
        cut = cut.removeprefix(site).strip(" _-|—")
    return _without_outlet(cut, tags)


def _without_outlet(title: str, tags: Mapping[str, str]) -> str:
    """Leave out “-云港网”: behind a mere hyphen only what names a medium or an office."""
    before, mark, last = title.rpartition("-")
    named = last.strip() == tags.get("og:site_name") or _outlet.search(last.strip())
    return (
        before.rstrip(" -_|")
        if mark and len(before) >= SHORTEST_HEADLINE and len(last) <= LONGEST_SITE and named
        else title
    )
