"""Questions about who holds an office, when and where something was, and why, made from the sentences of news texts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from rag.text.places import places

__all__ = ["Event", "ask", "events"]

# Characters that foreign names are spelled with.
SPELLED = (
    "阿埃艾安奥巴班鲍贝本比彼别波伯勃布查达戴德迪蒂丁杜顿多厄恩尔法菲费弗福夫盖甘戈哥格古哈海汉赫亨霍基吉加贾杰金卡凯康柯科克肯库奎拉莱赖"
    "兰朗劳勒雷蕾里丽利莉连廉林琳龙卢鲁路伦罗洛马玛迈曼梅门蒙米密敏明莫姆穆纳娜南内尼涅宁纽努诺欧帕潘佩皮普齐奇契恰乔切琼瑞萨塞桑森沙莎舍申史"
    "施斯松苏索塔泰坦汤特图托瓦万威韦维魏温文沃乌武西希锡夏谢辛休雅亚扬耶叶伊因英尤约宰赞泽扎詹兹佐蓬朴默惠拜登内塔尼亚胡泽连"
)
OFFICES = (
    "第一副总理|副总理|总理|副总统|总统|副首相|首相|副主席|主席|副外长|外长|副议长|议长|国防部副部长|国防部长|防长|外交部长|外交大臣|财政部长|"
    "副书记|书记|副省长|省长|副市长|市长|副部长|部长|副局长|局长|副司长|司长|副秘书长|秘书长|总干事|副院长|院长|副校长|校长|总书记|国王|"
    "副董事长|董事长|副总经理|总经理|总裁|副主任|主任|副会长|会长|发言人|总工程师|副总设计师|总设计师|副总指挥|总指挥|司令|首席科学家|研究员"
)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方任袁柳史唐薛雷贺汤罗毕郝常于傅齐康余顾孟黄萧尹姚邵汪毛宋熊纪舒项祝董梁杜阮蓝闵季贾江郭梅林钟徐邱骆高夏蔡田樊胡凌霍万柯管卢莫房丁邓洪石崔龚程陆翁"
AFTER = r"(?=\d|今天|当天|昨天|昨晚|当地|表示|说|称|在|会见|举行|宣布|强调|指出|和|与|，|。|、|同|对|出席|主持|访问|抵达|发表|介绍|致辞|就|（|：|将|一行)"
PERSON = re.compile(
    rf"(?:^|[，。、；：\n]|会见|和|同|与|据)(?P<office>[一-龥]{{1,9}}?(?:{OFFICES}))(?P<name>[{SPELLED}·]{{3,9}}|[{SURNAMES}][一-龥]{{1,2}}){AFTER}"
)
DAY = r"(?:20\d\d年)?\d{1,2}月\d{1,2}日(?:凌晨|上午|中午|下午|晚上|晚间|晚)?"
OPENING = re.compile(rf"^(?P<day>{DAY})，?(?P<rest>[一-龥A-Za-z0-9“”《》·]{{8,30}})(?=[，。])")
INSIDE = re.compile(
    rf"(?:^|[。，])(?P<who>[一-龥“”]{{3,16}})今天（(?P<day>{DAY})）(?P<rest>[一-龥“”《》0-9]{{4,24}})(?=[，。])"
)
HELD = "举行|开幕|召开|会见|正式启动|落幕|闭幕|举办|成功发射|揭幕|启动|开赛|签署|开工|投产|交付|下线|开机|揭牌|成立|发布|首飞"
PLACE = re.compile(
    rf"(?:^|[。，])(?P<who>[一-龥0-9A-Za-z“”《》—]{{2,26}}?)(?:在|于)(?P<place>[一-龥]{{2,9}}?)(?P<held>{HELD})(?P<rest>[一-龥“”《》·]{{0,14}})(?=[，。])"
)
REASON = re.compile(
    r"(?:^|[。，])(?:由于|因为|因(?![时地此势人果素应]))(?P<why>[一-龥0-9“”、%.]{4,26})，(?P<what>[一-龥0-9“”、]{6,26})(?=[，。])"
)
SAYING = re.compile(
    "(?:显示|表示|称|说|获悉|指出|了解到|认为|透露|决定|介绍|从◇起.*|[从自至到于在]◇.*|◇[的起至].*|\\d月.*|[至到]◇.*)$"
)
NO_NAME = re.compile("[等在将就说和与的为是应]$")
TODAY = re.compile(r"今天|今日|昨天|昨晚|日前|近日|今年|当天|当地时间|此|该|其|这|他|她|我们|记者")


@dataclass(frozen=True, slots=True)
class Event:
    """A part of a sentence that answers: `said` is the rest of it, with ◇ where the interrogative may stand."""

    kind: str
    said: str
    start: int
    end: int


def events(line: str) -> list[Event]:
    """Return what may be asked of a line."""
    found = [
        event for event in _found(line) if not TODAY.search(event.said) and not SAYING.search(event.said)
    ]
    return [
        event for event in found if event.kind != "who" or not NO_NAME.search(line[event.start : event.end])
    ]


def _found(line: str) -> Iterator[Event]:
    for match in PERSON.finditer(line):
        office = match["office"]
        if (
            not re.search("^(?:副|第一|前|时任|和|同|与|应|据|由|让|请|向|对|经|原|被)", office)
            and len(office) > 2
            and not re.search("[同和与向对给及]", office)
        ):
            yield Event("who", office, *match.span("name"))
    if (first := OPENING.search(line)) and not re.search(r"\d日|\d月", first["rest"]):
        yield Event("when", f"◇{first['rest']}", *first.span("day"))
    for match in INSIDE.finditer(line):
        yield Event("when", f"{match['who']}◇{match['rest']}", *match.span("day"))
    for match in PLACE.finditer(line):
        if any(place.start == 0 for place in places(match["place"])):
            who = re.sub(rf"^{DAY}|\d{{1,2}}日(?:上午|下午|晚)?", "", match["who"])
            yield Event("where", f"{who}◇{match['held']}{match['rest']}", *match.span("place"))
    for match in REASON.finditer(line):
        yield Event("why", f"◇{match['what']}", *match.span("why"))


def ask(event: Event, random: Random) -> str:
    """Return a question for the event, in one of several forms."""
    said = event.said
    plain = said.replace("◇", "")
    forms = {
        "who": (
            f"{said}是谁",
            f"{said}叫什么名字",
            f"谁是{said}",
            f"{said}叫啥",
            f"{said}",
            f"{said}是哪位",
            f"现任{said}是谁",
        ),
        "when": (
            *(said.replace("◇", word) for word in ("什么时候", "哪天", "何时", "是什么时候")),
            *(f"{plain}{word}" for word in ("是什么时候", "是哪天", "是几月几号", "的时间", "是哪一天")),
        ),
        "where": (
            *(said.replace("◇", word) for word in ("在哪里", "在哪", "在什么地方", "在哪个城市", "在何处")),
            *(f"{plain}{word}" for word in ("的地点", "是在哪里", "在哪儿")),
        ),
        "why": (
            f"为什么{plain}",
            f"{plain}的原因是什么",
            f"{plain}是因为什么",
            f"为何{plain}",
            f"{plain}，为啥",
            f"{plain}原因",
        ),
    }
    return random.choice(forms[event.kind]) + random.choice(("？", "？", "", "", "?", "呢？"))
