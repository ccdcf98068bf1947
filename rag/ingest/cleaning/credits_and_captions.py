"""Lines that tell about an article: captions with their credit, bylines, dates, sources, column names.

>>> read_byline("华西都市报·封面新闻 记者 杨芮雯")
Credit(publisher='华西都市报·封面新闻', author='杨芮雯', published='')
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from rag.ingest.cleaning.lines import REMEMBERED, Column, Line
from rag.text.characters import fold
from rag.text.lexicon import SURNAMES
from rag.text.numeral import digits, numeral

__all__ = [
    "Credit",
    "author_name",
    "find_captions",
    "is_caption",
    "is_column_name",
    "is_office",
    "is_publisher",
    "publisher_name",
    "read_byline",
    "read_date",
    "read_dateline",
]

HAN = "\u3400-\u9fff\u3007"
NAME = rf"(?:欧阳|上官|司马|诸葛|司徒|[{SURNAMES}])[{HAN}]{{1,2}}"
NAMES = rf"{NAME}(?:[ 、，,／/]*{NAME}){{0,7}}"
LOOSE_NAMES = rf"[{HAN}·]{{2,4}}(?:[ 、，,／/]+[{HAN}·]{{2,4}}){{0,7}}"
WRITER = "记者|通讯员|评论员|撰稿人|编译"
RANK = "全媒体|融媒体?|首席|特约|特派|见习|实习"
# 驻北京, 驻驻马店: a place ends where the next word of a role begins, or one 驻 could be read in many ways.
POSTED = rf"驻(?:驻马店|(?:(?!{RANK}|{WRITER}|驻)[\u4e00-\u9fff]){{1,4}})"
ROLE = rf"(?:本报|本台|本网|本刊|本社|总台|央视)?(?:{RANK}|{POSTED}){{0,5}}+(?:{WRITER})"
# 通报, 年报, … are papers of another kind.
NO_PAPER = "通预公简汇举情警播捷战喜年季申填上回"
PRESS = (
    rf"(?:大公报|(?![{NO_PAPER}])[\u4e00-\u9fff]报"
    "|周刊|新闻网?|新华社|中新社|客户端|(?<!新闻)网|[\u4e00-\u9fff]在线|电视台|之家)"
)
PUBLISHER = rf"(?:[{HAN}A-Za-z0-9]{{0,10}}{PRESS})(?:[·•\-—–/、 ]+[{HAN}A-Za-z0-9]{{0,10}}{PRESS})*"
DATE = r"((?:19|20)\d\d)(?:-|/|\.|年) ?(\d{1,2})(?:-|/|\.|月) ?(\d{1,2})(?!\d)日?"
CLOCK = r"(?:[ T]*\d{1,2}[:：]\d{2}(?:[:：]\d{2})?)?"
WIRE = "新华社|中新社|中新网|新华网|人民网|央视网|央广网|光明网|中国网|澎湃新闻|界面新闻|封面新闻|财联社|证券时报网?|第一财经"
# A caption broken at its column has no more lines and characters than this, and each line but the last fills at
# least this share of the column.
MOST_CAPTION_LINES = 8
LONGEST_CAPTION = 90
LEAST_FILLED = 0.7
# A longer paragraph (characters) that ends with a credit or begins with ▲ is a story with a caption run into it.
MOST_CAPTION = 240
OPENING = r"(?:^|(?<=[。！？”）」 ]))"

_credit = re.compile(
    rf"{OPENING}(?:"
    rf"(?:{ROLE}|(?:新华社|中新社)(?:记者|发)?)? ?(?:{NAMES}|{LOOSE_NAMES}(?= )) ?(?:摄影报道|摄影|摄|供图|绘|制图)"
    r"|(?:图据|图源|图片来源|图片据|图片由|照片由)[^。！？；]{2,40}"
    r"|(?:摄影|图片?|制图|供图|绘图) ?[:：/／丨|] ?[^。！？；]{2,30}"
    r"|[^。！？；，、]{2,24}(?:供图|资料图片?|提供图片)|(?:资料图片?|资料照片|视频截图|网络截图|AI生成图)"
    rf"|(?:新华社|中新社|视觉中国|人民视觉)(?:发|供图|图片?|照片)"
    r")[）)】。]?$"
)
_in_brackets = re.compile(
    r"[（(【][^（）()【】]{0,30}(?:摄|供图|资料图片?|图据[^（）()]+|图源[^（）()]+)[）)】]$"
)
_shows = re.compile(r"^(?:图为|图①|▲|△|▼|◀|►|\[图\]|【图】)")
_column_name = re.compile(rf"[{HAN}]{{2,8}} ?[A-Z][A-Za-z]+(?: [A-Za-z&'’.\-]+){{1,5}}")
_byline = re.compile(
    rf"[□■◎●☉○（(【]*+ ?(?:本[报台网刊]讯|《?(?P<publisher>{PUBLISHER})》?讯?)?[ \-—·:：（(]*(?P<role>{ROLE}(?:[ 、/]{{0,3}}{ROLE}){{0,7}}[ 、/]{{0,3}})"
    rf"(?P<author>[ :：]*{NAMES}|[ :：]+{LOOSE_NAMES})(?P<more>(?: ?(?:{ROLE}|实习生)(?:[ :：]*{NAMES}|[ :：]+{LOOSE_NAMES})){{0,3}})"
    rf"(?: ?(?P<place>[{HAN}]{{2,5}}))?(?: ?(?:报道|整理|综合报道|摄影报道|文/图|文/摄|图/文|图文|文))?[）)】]?"
)
_writer = re.compile(rf"(?:作者|撰文|撰稿)[ :：]+(?P<author>{NAMES})")
_masthead = re.compile(rf"(?P<publisher>{PUBLISHER})讯?")
_news = re.compile(rf"(?:本[报台网刊]|(?P<publisher>{PUBLISHER}))讯")
_label = re.compile(
    r"(?P<label>作者|文|撰文|记者|来源|稿源|信息来源|文章来源|责任编辑|责编|编辑|校对|审核|监制|统筹|发布时间|时间|发布日期|日期)"
    r" ?[:：/／] ?"
)
PUBLISHER_LABELS = ("来源", "稿源", "信息来源", "文章来源")
AUTHOR_LABELS = ("作者", "撰文", "记者", "文")
LONGEST_NAME = 30
# A label's value is a name or two, not a sentence.
LONGEST_VALUE = 30
_date = re.compile(DATE + CLOCK)
# As papers print it above a page: 二〇二四年十一月二十六日.
_han_date = re.compile(
    "([一二][〇零○一二三四五六七八九]{3})年 ?([一二三四五六七八九十]{1,2})月 ?([一二三四五六七八九十]{1,3})日"
)
# The rest of a masthead: weekday, page, and the day without its year where a weekday follows.
_day_and_page = re.compile(
    r"(?:\d{1,2}月\d{1,2}日 ?)?(?:星期|周)[一二三四五六日天]"
    rf"|第 ?[A-Z]?\d{{1,3}} ?版(?:[:：] ?[{HAN}]{{2,6}})?|(?<![\w.])[A-Z]?\d{{1,3}} ?版(?:[:：] ?[{HAN}]{{2,6}})?"
)
# The line was broken inside a date or a bracket: it is part of a sentence.
_cut_off = re.compile(r"月 ?\d{1,2}$|[（(【《][^（(【《）)】》]*+$|^[^（(）)]*+[）)]")
# What stands between name, day and author.
BARS = "|｜丨"
_bars = {ord(bar): " " for bar in BARS}
_signed = re.compile(
    rf"[{HAN}A-Za-z0-9]{{2,20}}(?:在线|新闻|发布|融媒|网|报社|社|台|局|厅|委|部|院|队|办|办公室|中心|公司|政府|协会|学校|大学|医院|银行|委员会|街道|集团|站|所|处|总会|联合会|指挥部)"
)
_outlet = re.compile(r"(?:在线|新闻|发布|融媒|网|报社|通讯社|电视台|广播电台)$")
_set_apart = re.compile(rf"[ |｜丨]{DATE}{CLOCK} ?$|^{DATE}{CLOCK}[ |｜丨]")
_day = re.compile(r"(?<= )\d{1,2}月\d{1,2}日$")
SEPARATORS = " |丨·,，、（）()[]【】《》"
_dateline = re.compile(
    rf"^(?:（|\()?(?P<publisher>{WIRE}|[{HAN}A-Za-z]{{1,8}}{PRESS})(?P<place>[{HAN}]{{2,8}})? ?"
    r"(?:(?P<year>(?:19|20)\d\d)年)?(?P<month>\d{1,2}) ?月 ?(?P<day>\d{1,2}) ?日(?:专?电|讯|消息|报道)"
)
_reporter = re.compile(
    rf"[（(](?:本报|本台|新华社|中新社)?(?:{ROLE}[ :：]*)(?P<author>[^（）()。，；]{{2,30}})[）)]"
)
_lead_reporter = re.compile(rf"^(?:{ROLE})[ :：]*(?P<author>{NAMES}) ?(?:报道|[{HAN}]{{2,4}}报道)")
_nobody = re.compile(
    r"本[报台网刊社站]|据|[\W\d_]*$|https?:|(?:网络|互联网|未知|不详|佚名|匿名|转载|原创|综合|其他|无|暂无|null|none|admin|管理员|编辑)(?:综合|整理|转载|来源)?$"
    r"|(?:作者|记者|编辑|责编|时间|日期|发布|发表|更新|浏览|点击|阅读|字号|字体|分享|评论|打印|收藏|来源|稿源)(?![\u4e00-\u9fff]{0,4}[报网社])"
    r"|.*(?:版权|copyright|©|all rights|微信公众平台)",
    re.IGNORECASE,
)
_source_label = re.compile(r"^(?:信息|文章|稿件)?(?:来源|稿源)(?:于|自)?\s?[:：]")
# 宣传科, 管委会 begin like a family name.
_office = re.compile(r"(?:科|部|处|室|组|办|局|厅|中心|委|会|员|社|网|报|院|所)$")
# 欧阳娜娜, 艾哈迈德·贾拉勒, John Smith
_people = re.compile(rf"{NAMES}|[{HAN}]{{2,6}}·[{HAN}·]{{2,10}}|[A-Z][a-z]+(?: [A-Z][a-z.]*){{1,3}}")
_roles = re.compile(rf"(?:{ROLE}|实习生|摄影报道|报道|摄影)[ :：]*")


@dataclass(frozen=True, slots=True)
class Credit:
    """Who published a text, who wrote it and when, as far as a line says so; "" for what it does not say."""

    publisher: str = ""
    author: str = ""
    published: str = ""


def is_caption(text: str) -> bool:
    """Say whether `text` is the words under a picture: it ends with a credit, or begins by showing."""
    if len(text) > MOST_CAPTION:
        return False
    tail = _simplify(text[-60:])
    return bool(_shows.match(_simplify(text[:5])) or _in_brackets.search(tail) or _credit.search(tail))


def find_captions(lines: Sequence[Line], column: Column | None) -> Iterator[tuple[int, int]]:
    """Yield the spans (first, end) of captions broken over several lines of `column`, each between blank lines."""
    starts = [i for i, line in enumerate(lines) if line.gap or i == 0]
    for first, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if column is None or not 0 < first < end - 1 or end - first > 2 * MOST_CAPTION_LINES:
            continue
        while first < end:
            below = _caption_end(lines, first, end, column)
            if below - first > 1:
                yield first, below
            first = max(below, first + 1)


def _caption_end(lines: Sequence[Line], first: int, end: int, column: Column) -> int:
    """Return where the caption ends that begins with line `first`, `first` if none does."""
    text, found = "", first
    for i in range(first, min(end, first + MOST_CAPTION_LINES)):
        text += lines[i].text
        if len(text) > LONGEST_CAPTION or not column.holds(lines[i].text):
            break
        if is_caption(text):
            found = i + 1
            if text.rstrip("）)】。")[-1] in "摄图片":
                break
        elif found > first or column.measure(lines[i]) < LEAST_FILLED * column.size:
            break
    return found


def is_column_name(text: str) -> bool:
    """Say whether `text` is the name of a newspaper's section with its English translation."""
    return _column_name.fullmatch(text) is not None


@lru_cache(REMEMBERED)
def read_byline(text: str) -> Credit | None:
    """Read a line that is only a byline, a source or a date; None if it is anything else."""
    if len(text) > 80 or _cut_off.search(text):
        return None
    left, published = _undated(text), read_date(text)
    simple = _simplify(left).translate(_bars)
    if found := _byline.fullmatch(simple):
        publisher = left[slice(*found.span("publisher"))] if found["publisher"] else ""
        return Credit(
            _own_name(publisher), _names(left[found.start("author") : found.end("more")]), published
        )
    if found := _writer.fullmatch(simple):
        return Credit(author=_names(left[slice(*found.span("author"))]), published=published)
    if found := _news.fullmatch(simple):
        return Credit(left[: found.end("publisher")] if found["publisher"] else "", published=published)
    return _read_labels(text, left, published) or _read_signature(text, left, published)


def is_office(text: str) -> bool:
    """Say whether `text` is only the name of an office, an outlet or a company: 云港市交警支队."""
    return _signed.fullmatch(_simplify(text).strip(SEPARATORS)) is not None


def _read_signature(text: str, left: str, published: str) -> Credit | None:
    """Read “云港市交警支队 2024年9月25日” and “云港发布 | 2024-09-25”: who signs, set apart from the day."""
    if not published or not _set_apart.search(_simplify(text)):
        return None
    name = _simplify(left).strip(SEPARATORS)
    barred = any(char in BARS for char in text) and re.fullmatch(rf"[{HAN}A-Za-z0-9]{{2,10}}", name)
    if not (barred or _signed.fullmatch(name)):
        return None
    return Credit(_own_name(name) if barred or _outlet.search(name) else "", published=published)


def is_publisher(text: str) -> bool:
    """Say whether `text` is only the name of a newspaper, agency or site."""
    return _masthead.fullmatch(_simplify(text).strip(SEPARATORS)) is not None


def read_date(text: str) -> str:
    """Return the ISO form of the first full date in `text`, "" if there is none.

    >>> read_date("二○二四年十一月二十六日　星期二")
    '2024-11-26'
    """
    simple = _simplify(text)
    for found in (*_date.finditer(simple), *_han_date.finditer(simple)):
        try:
            return date(*map(_whole, found.groups())).isoformat()
        except ValueError:
            continue
    return ""


def _whole(number: str) -> int:
    """Return the value of 2024, 二〇二四 or 二十六."""
    if number.isascii():
        return int(number)
    number = number.replace("○", "〇")
    return int((digits(number) if len(number) == 4 else numeral(number)) or 0)


def publisher_name(text: str) -> str:
    r"""Return the name of a publisher as a field says it, "" for what names nobody: 网络, a label, a copyright.

    >>> publisher_name("《云港日报》"), publisher_name("\\"), publisher_name("发布时间")
    ('云港日报', '', '')
    """
    name = _source_label.sub("", text.strip()).strip(" 　《》[]【】（）()<>\\\"'“”·|-—_.。、")
    return name if 1 < len(name) <= LONGEST_NAME and not _nobody.match(_simplify(name)) else ""


def author_name(text: str) -> str:
    """Return the names of people that a field says, "" for a site, a number or anything else.

    >>> author_name("李明 王芳"), author_name("网易"), author_name("未知"), author_name("104363")
    ('李明 王芳', '', '', '')
    """
    names = _roles.sub("", text).strip(SEPARATORS)
    simple = _simplify(names)
    nobody = _nobody.match(simple) or _office.search(simple) or is_publisher(names)
    return names if _people.fullmatch(simple) and not nobody else ""


def read_dateline(text: str) -> Credit:
    """Read what the first words of a body paragraph say: 新华社北京8月16日电（记者 …）, （记者…）."""
    publisher = published = author = ""
    if found := _dateline.match(text[:60]):
        publisher = _own_name(found["publisher"])
        if found["year"]:
            published = read_date(f"{found['year']}-{found['month']}-{found['day']}")
    if named := _reporter.search(text[:80]) or _lead_reporter.match(text[:60]):
        author = _names(named["author"])
    return Credit(publisher, author, published)


def _own_name(publisher: str | None) -> str:
    """Leave out 本报, which names nobody, and who is only reported (据…)."""
    return "" if not publisher or _nobody.match(_simplify(publisher)) else publisher


class _SimpleTable(dict[int, int]):
    """Code point → its simplified or half-width form; marks stay. Filled as characters are met."""

    def __missing__(self, code: int) -> int:
        char = chr(code)
        self[code] = simple = ord(fold(char)) if char > "\u3000" and char.isalnum() else code
        return simple


_simple_table = _SimpleTable()


@lru_cache(REMEMBERED)
def _simplify(text: str) -> str:
    """Return `text` in simplified characters and half-width digits with its marks as they are, of the same length."""
    return text.translate(_simple_table)


def _undated(text: str) -> str:
    """Return the line with as many spaces in place of its date, weekday and page."""
    for pattern in (_date, _day_and_page):
        for found in pattern.finditer(_simplify(text)):
            text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]
    return text.strip()


def _names(text: str) -> str:
    """Return the names as printed, without the roles between them."""
    for found in _roles.finditer(_simplify(text)):
        text = text[: found.start()] + " " * len(found[0]) + text[found.end() :]
    return " ".join(text.split()).strip(" :：")


def _read_labels(text: str, left: str, published: str) -> Credit | None:
    """Read “2024-10-20 08:15 来源：新华社 作者：李明”: dates and labels, nothing else; `left` is what is not date."""
    found = list(_label.finditer(_simplify(left)))
    ends = [*(label.start() for label in found), len(left)]
    labels = {
        label["label"]: left[label.end() : end].strip(SEPARATORS)
        for label, end in zip(found, ends[1:], strict=True)
    }
    head = _day.sub("", left[: ends[0]].rstrip()).strip(SEPARATORS)
    says_more = labels or left != text or head not in ("", text)
    if (head and not is_publisher(head)) or not says_more:
        return None
    if any(len(value) > LONGEST_VALUE or set(value) & set("。！？；，") for value in labels.values()):
        return None
    publisher = next((labels[key] for key in PUBLISHER_LABELS if key in labels), head.removesuffix("讯"))
    author = next((labels[key] for key in AUTHOR_LABELS if key in labels), "")
    return Credit(publisher_name(_own_name(publisher)), _author(author), published)


def _author(text: str) -> str:
    names = _names(text)
    return "" if _nobody.match(_simplify(names)) or is_publisher(names) else names
