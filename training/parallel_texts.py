"""Short texts with several values of one kind, filled from parallel_texts.txt: questions that they answer and that they do not."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

__all__ = ["Made", "made"]

FILE = Path(__file__).parent / "parallel_texts.txt"
FAMILY = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹苏潘葛范彭鲁马方任袁柳唐薛雷贺汤罗毕郝于傅齐康余顾孟黄萧尹姚邵汪毛宋"
GIVEN = "伟芳敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建国文斌博宇浩然思雨子涵志远海燕晓东春梅立新永安国庆佳怡天宇成林雪峰长青少华"
FIRST = "清白青金龙石双云松柳安平和永新东西南北长大高临丰泰兴宁德福林桐梅桃杏竹梧柏枫岭秀河"
SECOND = "河水山江湖溪原川阳陵城州岭泉湾口坪塘港安平宁昌丰屏"
LAST = ("县", "市", "区", "镇", "乡", "村", "")
BODIES = [
    "市统计局",
    "省农业农村厅",
    "县融媒体中心",
    "市交通运输局",
    "省文化和旅游厅",
    "市场监管局",
    "海关",
    "铁路部门",
    "市教育局",
    "市第一医院",
    "市卫健委",
    "交投集团",
    "城建公司",
    "大学附属医院",
    "行业协会",
    "省图书馆",
    "水务集团",
    "景区管委会",
    "市体育局",
    "农商银行",
    "市民政局",
    "供电公司",
    "科技园管委会",
]
TIMES = [
    "今年上半年",
    "前三季度",
    "2023年",
    "2024年",
    "去年",
    "今年1至10月",
    "国庆假期",
    "8月份",
    "今年以来",
    "截至6月底",
    "2025年",
    "一季度",
    "上周",
    "春运期间",
    "2022年",
    "今年第三季度",
    "全年",
]
# With fewer names of places than this all are invented.
ENOUGH = 20
DAYS = ("5月12日", "昨天", "9月28日上午", "本周三", "11月3日", "今天", "近日", "2月18日")
NAME = re.compile(r"[a-z]\d?")
# A question for one of these is left out where the text says it, or may mean it.
TIMES_ASKED = re.compile("去年|明年|后年|全年|上半年|四季度|8月|10月|春节|三季度|前三季度|上轮|前任")
ENDS = ("？", "？", "", "", "", "?", "呢", "啊")
FILLERS = (
    "有关负责人表示，下一步将继续做好各项工作。",
    "这项工作得到了当地群众的欢迎。",
    "记者在现场看到，各项工作正在有序推进。",
    "专家认为，这一变化值得关注。",
    "具体安排将另行公布。",
)


@dataclass(frozen=True, slots=True)
class Made:
    """A text with a question: the spans that answer it, none if nothing does."""

    kind: str
    title: str
    text: str
    question: str
    answers: tuple[tuple[int, int], ...]


@dataclass(slots=True)
class _Kind:
    name: str
    fills: list[tuple[list[str], list[list[str]]]] = field(default_factory=list)
    numbers: list[tuple[list[str], int, int, bool]] = field(default_factory=list)
    say: list[str] = field(default_factory=list)
    ask: dict[str, list[str]] = field(default_factory=dict)
    none: list[str] = field(default_factory=list)


@cache
def _kinds() -> list[_Kind]:
    found: list[_Kind] = []
    for line in FILE.read_text("utf-8").splitlines():
        head, _, rest = line.partition(": ")
        if line.startswith("["):
            found.append(_Kind(line.strip("[]")))
        elif head.startswith("fill "):
            found[-1].fills.append((head[5:].split("/"), [one.split("/") for one in rest.split()]))
        elif head.startswith("num "):
            low, high = rest.rstrip(".").split("-")
            found[-1].numbers.append((head[4:].split(), int(low), int(high), rest.endswith(".")))
        elif head == "say":
            found[-1].say.append(rest)
        elif head.startswith("ask "):
            found[-1].ask[head[4:]] = rest.split("|")
        elif head == "none":
            found[-1].none = rest.split("|")
    return found


def made(random: Random, places: Sequence[str], unanswerable: bool) -> Made:
    """Return a text and a question; `places` are names to use beside invented ones."""
    kind = random.choice(_kinds())
    values = _values(kind, random, places)
    said = random.choice(kind.say)
    names = [name for name in kind.ask if all(f"{{{part}}}" in said for part in NAME.findall(name))]
    key = "" if unanswerable or not names else random.choice(names)
    text = said.format(**values)
    asked = random.choice(kind.ask[key] if key else [one for one in kind.none if _is_new(one, text)])
    if random.random() < 0.4:
        text = text + random.choice(FILLERS) if random.random() < 0.7 else random.choice(FILLERS) + text
    answers = _answers(said, key, values, text) if key else ()
    subject = values.get("m") or values.get("n") or values["k"]
    title = f"{values['a']}{subject}" + random.choice(("有关情况公布", "最新消息", "", "引关注", "数据出炉"))
    return Made(kind.name, title, text, asked.format(**values) + random.choice(ENDS), answers)


def _is_new(asked: str, text: str) -> bool:
    """Tell whether the text says nothing of the time that is asked for."""
    times = TIMES_ASKED.findall(asked)
    return not any(time in text or re.search(r"20\d\d年|去年", text) for time in times)


def _answers(said: str, key: str, values: dict[str, str], text: str) -> tuple[tuple[int, int], ...]:
    """Return where the value stands, with the unit that follows it."""
    value = "".join(values.get(part, part) for part in re.findall(r"[a-z]\d?|[^a-z\d]+", key))
    unit = next(
        iter(re.findall(rf"\{{{key}\}}((?:\{{u\}}|%|亿元|公里|点|座|个|万人次)?)", said)), ""
    ).replace("{u}", values.get("u", ""))
    whole = re.escape(value + unit)
    bound = r"(?<![\d.])" if value[0].isdigit() else ""
    return tuple(
        match.span() for match in re.finditer(bound + whole + (r"(?![\d.])" if not unit else ""), text)
    )


def _values(kind: _Kind, random: Random, places: Sequence[str]) -> dict[str, str]:
    found = dict(zip("abcd", _places(random, places), strict=True))
    found |= dict(zip("pqrs", _distinct(lambda: _person(random), 4), strict=True))
    found |= {
        "k": random.choice(("", found["a"])) + random.choice(BODIES),
        "t": random.choice(TIMES),
        "t2": random.choice(DAYS),
    }
    for names, rows in kind.fills:
        found |= dict(zip(names, random.choice(rows), strict=True))
    taken: set[str] = set()
    for names, low, high, decimal in kind.numbers:
        found |= _numbers(names, low, high, decimal, taken, random)
    return found


def _numbers(
    names: Sequence[str], low: int, high: int, decimal: bool, taken: set[str], random: Random
) -> dict[str, str]:
    """Return different numbers for the names; those marked < come in rising order after the first."""
    whole = decimal and random.random() < 0.3
    drawn: list[float] = []
    while len(drawn) < len(names):
        number = random.randint(low, high) + (
            round(random.random(), random.choice((1, 2))) if decimal and not whole else 0
        )
        said = _said(number)
        if said not in taken:
            taken.add(said)
            drawn.append(number)
    if any(name.endswith("<") for name in names):
        drawn.sort()
    return {name.rstrip("<"): _said(number) for name, number in zip(names, drawn, strict=True)}


def _said(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _places(random: Random, places: Sequence[str]) -> list[str]:
    last = random.choice(LAST)
    real = len(places) > ENOUGH and random.random() < 0.5
    return _distinct(
        lambda: random.choice(places) if real else random.choice(FIRST) + random.choice(SECOND) + last, 4
    )


def _person(random: Random) -> str:
    return random.choice(FAMILY) + "".join(random.sample(GIVEN, random.choice((1, 2, 2))))


def _distinct(draw: Callable[[], str], count: int) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        one = draw()
        if not any(one in other or other in one for other in found):
            found.append(one)
    return found
