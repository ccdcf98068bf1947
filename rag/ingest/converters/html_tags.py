"""The start tags of a web page, counted before it is parsed."""

import re

__all__ = ["most_attributes"]

# A start or end tag, a comment, or what counts as one up to the next >.
_tag = re.compile(rb"<(?:!--|/?[a-z]|[!?]|/[^a-z>])", re.IGNORECASE)
_comment_end = re.compile(rb"--!?>")
_name = re.compile(rb"[^\s/>]*+")
# As HTML reads one: a value in quotes may hold anything, a quote that is never closed takes the rest of the page.
_attribute = re.compile(rb"""[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"?+|'[^']*+'?+|[^\s>]*+))?+""")
# Our parser takes an element that ends so for an empty one, whatever it is called.
_empty = re.compile(rb"[\s/]*+(?<=/)>")
# Elements whose content is no markup until they are closed.
RAW = (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes")
_ends = {name: re.compile(b"</" + name + rb"[\s/>]") for name in RAW}


def most_attributes(page: bytes, enough: int) -> int:
    """Return the number of attributes of the tag that has most; the count ends when one has more than `enough`."""
    at, most, lower = 0, 0, page.lower()
    while most <= enough and (found := _tag.search(page, at)):
        if found[0] == b"<!--":
            # <!--> and <!---> are whole comments.
            closing = _comment_end.search(page, found.start() + 2)
            at = closing.end() if closing else len(page)
            continue
        if not found[0][-1:].isalpha():
            end = page.find(b">", found.start())
            at = end if end >= 0 else len(page)
            continue
        name = _name.match(lower, found.end() - 1)
        assert name
        at, count = name.end(), 0
        while count <= enough and (attribute := _attribute.match(page, at)):
            at, count = attribute.end(), count + 1
        most = max(most, count)
        if name[0] in RAW and not found[0].startswith(b"</") and not _empty.match(page, at):
            closing = _ends[name[0]].search(lower, at)
            at = closing.start() if closing else len(page)
    return most
