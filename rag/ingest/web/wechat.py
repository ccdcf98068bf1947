"""Pages of WeChat accounts (mp.weixin.qq.com): their parts have names, and what shows late stands in scripts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from rag.ingest.cleaning.credits_and_captions import read_date

__all__ = ["Share", "is_wechat", "read_share", "wechat_notice"]

# The hours of China, of which WeChat gives seconds since 1970.
HOURS = timedelta(hours=8)
# A title of more characters is the text of a share without a title.
LONGEST_TITLE = 64

# A string of JavaScript. Beginning and end are those of the line: a script is one long line or many short ones.
_string = r"""(?:(?:htmlDecode|JsDecode)\(\s?)?(?:"((?:[^"\\\n]|\\.)*+)"|'((?:[^'\\\n]|\\.)*+)')"""
_variable = re.compile(
    rf"\b(?:var |window\.)(nickname|nick_name|ct|publish_time|create_time|oriCreateTime|msg_title|item_show_type)\s?=\s?{_string}"
)
_field = re.compile(
    rf"\b(nick_name|title|desc|content_noencode|create_time|ori_create_time|author)\s?:\s?{_string}"
)
_data = re.compile(r"\bcgiDataNew\s?=\s?\{")
_escape = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_controls = {"n": "\n", "r": "\r", "t": "\t"}
# So much of the data of a share (characters) is looked through.
MOST_DATA = 200_000


@dataclass(frozen=True, slots=True)
class Share:
    """What a page of WeChat says of itself; `text` is that of a share of pictures or words, which no element holds."""

    title: str
    account: str
    author: str
    published: str
    text: str


def is_wechat(tree: Any) -> bool:
    """Say whether a page is one of WeChat's."""
    if tree.xpath("boolean(//meta[@property='og:site_name'][@content='微信公众平台'])"):
        return True
    return bool(
        tree.xpath(
            "boolean(//*[@id='js_content' or @id='js_article'][//*[@id='js_name' or @id='activity-name']])"
            " or boolean(//*[contains(@class, 'weui-msg__title')])"
        )
    )


def wechat_notice(tree: Any) -> str:
    """Return what WeChat says in the place of an article: 该内容已被发布者删除, 环境异常; "" for an article."""
    if tree.xpath("boolean(//*[@id='js_content'])"):
        return ""
    found = tree.xpath("//*[contains(@class, 'weui-msg__title')]")
    return " ".join(str(found[0].text_content()).split()).rstrip("。.") if found else ""


def read_share(tree: Any) -> Share:
    """Read title, account, author, day and, where it stands in a script alone, the text."""
    said: dict[str, str] = {}
    for script in tree.iter("script"):
        for name, value in _said(str(script.text or "")):
            if value:
                said.setdefault(name, value)
    text = said.get("content_noencode") or said.get("desc", "")
    title = _title(tree) or said.get("title", "") or said.get("msg_title", "")
    if len(title) > LONGEST_TITLE and (not text or text.startswith(title[:LONGEST_TITLE])):
        title, text = "", text or title
    return Share(
        " ".join(title.split()),
        _words(tree, "js_name") or said.get("nickname", "") or said.get("nick_name", ""),
        said.get("author", "") or _tag(tree, "author"),
        next(filter(None, map(_day, _times(tree, said))), ""),
        text,
    )


def _said(script: str) -> Iterator[tuple[str, str]]:
    """Yield the variables of a script and the fields of a share's data."""
    for found in _variable.finditer(script):
        yield found[1], _plain(found[2] or found[3] or "")
    for data in _data.finditer(script):
        for found in _field.finditer(script, data.end(), data.end() + MOST_DATA):
            yield found[1], _plain(found[2] or found[3] or "")


def _plain(string: str) -> str:
    """Return a string of JavaScript as it shows, without tags."""
    shown = _escape.sub(
        lambda found: (
            chr(int(found[1] or found[2], 16)) if found[1] or found[2] else _controls.get(found[3], found[3])
        ),
        string,
    )
    shown = re.sub(r"<br ?/?>|</p>", "\n", unescape(shown))
    return unescape(re.sub(r"</?[a-zA-Z][^<>]*+>", "", shown)).replace("\xa0", " ").strip()


def _times(tree: Any, said: dict[str, str]) -> Iterator[str]:
    yield _words(tree, "publish_time")
    for name in ("ct", "oriCreateTime", "publish_time", "create_time", "ori_create_time"):
        yield said.get(name, "")


def _day(time: str) -> str:
    """Return the day of a time: seconds since 1970, or written out; “昨天” names none."""
    if time.isascii() and time.isdecimal() and len(time) == 10:
        return (datetime.fromtimestamp(int(time), UTC) + HOURS).date().isoformat()
    return read_date(time)


def _title(tree: Any) -> str:
    """Return the headline without the marks behind it (已付费)."""
    shown, tagged = _words(tree, "activity-name"), _tag(tree, "og:title")
    return tagged if tagged and shown.startswith(tagged) else shown


def _tag(tree: Any, name: str) -> str:
    found = tree.xpath("//meta[@name=$name or @property=$name]/@content", name=name)
    return " ".join(str(found[0]).split()) if found else ""


def _words(tree: Any, name: str) -> str:
    nodes = tree.xpath("//*[@id=$name]", name=name)
    return " ".join(str(nodes[0].text_content()).split()) if nodes else ""
