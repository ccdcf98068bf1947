"""Tables of our own with questions: sixteen designs as reports have them, each in seven kinds of files with other names.

The questions were written with the designs, before any was asked.
"""

import csv
import html
import io
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import docx

from tests.support.papers import Printed, save, size_of

__all__ = ["FORMATS", "Asked", "Sheet", "sheets", "write"]

FORMATS = ("docx", "html", "md", "csv", "ruled.pdf", "three_lines.pdf", "unruled.pdf")
"""docx to csv, and PDF files with all lines, with those above and below the head and at the end, and without any"""
FIRST = "东西南北上下青白黄红金银石木长大新永安平"
SECOND = "河山溪林桥湖岭岗泉塘坪湾岩沙江浦井关渡丘"
SURNAMES = "赵钱孙李周吴郑王冯陈卫蒋沈韩杨朱秦许何吕"
GIVEN = ("建国", "明", "丽华", "志强", "秀英", "文博", "海燕", "晓东", "雅琴", "立新", "国栋", "芳")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its right answers; none where it must be refused."""

    question: str
    answers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A cell over several rows or columns."""

    text: str
    columns: int = 1
    rows: int = 1


Row = Sequence[str | Part]


@dataclass(frozen=True, slots=True)
class Sheet:
    """An article with its tables: caption, rows, how many of them are the head."""

    title: str
    lead: str
    tables: tuple[tuple[str, int, tuple[Row, ...]], ...]
    questions: tuple[Asked, ...]
    tail: str = ""
    design: str = field(default="", compare=False)


class Names:
    """Names that no other table has, drawn in a fixed order."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        pairs = [a + b for a in FIRST for b in SECOND if a != b]
        self.random.shuffle(pairs)
        self._pairs = iter(pairs)
        people = [a + b for a in SURNAMES for b in GIVEN]
        self.random.shuffle(people)
        self._people = iter(people)

    def place(self, kind: str) -> str:
        """Return a new place."""
        return next(self._pairs) + kind

    def places(self, kind: str, count: int) -> list[str]:
        """Return several new places."""
        return [self.place(kind) for _ in range(count)]

    def person(self) -> str:
        """Return a new person."""
        return next(self._people)

    def number(self, low: int, high: int) -> str:
        """Return a whole number."""
        return str(self.random.randrange(low, high))

    def decimal(self, low: int, high: int, places: int = 1) -> str:
        """Return a number with decimals."""
        return f"{self.random.uniform(low, high):.{places}f}"

    def rate(self) -> str:
        """Return a rate with its sign."""
        return f"{self.random.choice('+-')}{self.random.uniform(0.3, 9.8):.1f}%"


def _towns(n: Names) -> Sheet:
    county, towns, absent = n.place("县"), n.places("镇", 4), n.place("镇")
    rows = [(town, n.number(3000, 90000), n.rate()) for town in towns]
    return Sheet(
        f"{county}公布各镇粮食产量",
        f"{county}农业农村局1月5日公布各镇2023年粮食产量。",
        (("", 1, (("镇名", "产量（吨）", "同比"), *rows)),),
        (
            Asked(f"{towns[2]}的粮食产量是多少？", (f"{rows[2][1]}吨",)),
            Asked(f"{towns[0]}粮食产量同比变化多少？", (rows[0][2],)),
            Asked(f"{absent}的粮食产量是多少？"),
        ),
        f"{county}将继续扩大种植面积。",
    )


def _merged_head(n: Names) -> Sheet:
    city, parts = n.place("市"), n.places("区", 4)
    rows = [(p, n.decimal(20, 900), n.rate(), n.decimal(20, 900), n.rate()) for p in parts]
    head: tuple[Row, ...] = (
        (Part("区", rows=2), Part("2022年", 2), Part("2023年", 2)),
        ("工业产值（亿元）", "增速", "工业产值（亿元）", "增速"),
    )
    return Sheet(
        f"{city}两年工业产值一览",
        f"{city}统计局公布了近两年各区的工业产值。",
        (("", 2, (*head, *rows)),),
        (
            Asked(f"2023年{parts[1]}的工业产值是多少？", (f"{rows[1][3]}亿元",)),
            Asked(f"2022年{parts[3]}工业产值的增速是多少？", (rows[3][2],)),
            Asked(f"2020年{parts[0]}的工业产值是多少？"),
        ),
    )


def _caption_unit(n: Names) -> Sheet:
    city, parts, absent = n.place("市"), n.places("县", 4), n.place("县")
    rows = [(p, n.decimal(5, 90, 2), n.decimal(1, 50, 2)) for p in parts]
    total = ("合计", "312.46", "166.08")
    return Sheet(
        f"{city}上半年财政收入情况",
        f"{city}财政局发布2024年上半年财政收入情况。",
        (("2024年上半年各县财政收入（单位：亿元）", 1, (("县", "财政收入", "税收收入"), *rows, total)),),
        (
            Asked(f"{parts[2]}上半年财政收入是多少？", (f"{rows[2][1]}亿元",)),
            Asked(f"{parts[0]}税收收入有多少？", (f"{rows[0][2]}亿元",)),
            Asked(f"{city}各县财政收入合计多少？", ("312.46亿元",)),
            Asked(f"{absent}上半年财政收入是多少？"),
        ),
    )


def _ranks(n: Names) -> Sheet:
    province, cities = n.place("省"), n.places("市", 5)
    rows = [(str(i + 1), c, n.decimal(60, 99, 2)) for i, c in enumerate(cities)]
    return Sheet(
        f"{province}营商环境评价结果公布",
        f"{province}近日公布了营商环境评价结果。",
        (("", 1, (("排名", "城市", "得分"), *rows)),),
        (
            Asked(f"{province}营商环境评价排名第二的是哪个城市？", (cities[1],)),
            Asked(f"{cities[3]}营商环境评价排名第几？", ("4", "第4", "第四")),
            Asked(f"{cities[2]}营商环境评价得分是多少？", (rows[2][2], f"{rows[2][2]}分")),
        ),
    )


def _transposed(n: Names) -> Sheet:
    city, parts, absent = n.place("市"), n.places("县", 3), n.place("县")
    rows = [
        ("常住人口（万人）", *(n.decimal(10, 90, 2) for _ in parts)),
        ("城镇化率（%）", *(n.decimal(40, 80) for _ in parts)),
        ("地区生产总值（亿元）", *(n.decimal(90, 900) for _ in parts)),
    ]
    return Sheet(
        f"{city}三县基本情况对比",
        f"{city}统计局公布了2023年三县的基本情况。",
        (("", 1, (("指标", *parts), *rows)),),
        (
            Asked(f"{parts[1]}的常住人口有多少？", (f"{rows[0][2]}万人",)),
            Asked(f"{parts[2]}的城镇化率是多少？", (f"{rows[1][3]}%",)),
            Asked(f"{parts[0]}2023年地区生产总值是多少？", (f"{rows[2][1]}亿元",)),
            Asked(f"{absent}的常住人口有多少？"),
        ),
    )


def _years(n: Names) -> Sheet:
    city = n.place("市")
    rows = [
        ("旅游收入（亿元）", *(n.decimal(30, 300) for _ in range(4))),
        ("接待游客（万人次）", *(n.decimal(300, 3000) for _ in range(4))),
        ("星级酒店（家）", *(n.number(10, 99) for _ in range(4))),
    ]
    return Sheet(
        f"{city}历年旅游数据",
        f"{city}文旅局整理了历年旅游数据。",
        (("", 1, (("指标", "2020年", "2021年", "2022年", "2023年"), *rows)),),
        (
            Asked(f"{city}2021年旅游收入是多少？", (f"{rows[0][2]}亿元",)),
            Asked(f"2023年{city}接待游客多少人次？", (f"{rows[1][4]}万人次",)),
            Asked(f"2022年{city}有多少家星级酒店？", (f"{rows[2][3]}家",)),
            Asked(f"2018年{city}旅游收入是多少？"),
        ),
    )


def _unit_column(n: Names) -> Sheet:
    city = n.place("市")
    rows = [
        ("地区生产总值", "亿元", n.decimal(300, 900), n.decimal(1, 9) + "%"),
        ("社会消费品零售总额", "亿元", n.decimal(90, 300), n.decimal(1, 9) + "%"),
        ("全社会用电量", "亿千瓦时", n.decimal(20, 90), n.decimal(1, 9) + "%"),
        ("城镇新增就业", "万人", n.decimal(1, 9), n.decimal(1, 9) + "%"),
    ]
    title: Row = (Part(f"{city}2024年前三季度主要指标", 4),)
    return Sheet(
        f"{city}公布前三季度主要指标",
        f"{city}统计局10月20日公布前三季度数据。",
        (("", 2, (title, ("指标", "单位", "数值", "同比增长"), *rows)),),
        (
            Asked(f"{city}前三季度社会消费品零售总额是多少？", (f"{rows[1][2]}亿元",)),
            Asked(f"{city}前三季度地区生产总值同比增长多少？", (rows[0][3],)),
            Asked(f"{city}前三季度城镇新增就业多少人？", (f"{rows[3][2]}万人",)),
            Asked(f"{city}前三季度房地产开发投资是多少？"),
        ),
    )


def _hours(n: Names) -> Sheet:
    city, museum, library, hall = n.place("市"), n.place("博物馆"), n.place("图书馆"), n.place("科技馆")
    rows = [
        (museum, "9:00—17:00（周一闭馆）", "免费", f"{n.number(3000000, 9000000)}"),
        (library, "8:30—21:00", "免费", f"{n.number(3000000, 9000000)}"),
        (hall, "9:30—16:30", f"{n.number(20, 80)}元", f"{n.number(3000000, 9000000)}"),
    ]
    return Sheet(
        f"{city}国庆期间场馆开放时间",
        f"{city}公布国庆期间各场馆开放安排。",
        (("", 1, (("场馆", "开放时间", "门票", "咨询电话"), *rows)),),
        (
            Asked(f"{library}国庆期间的开放时间是什么？", ("8:30—21:00",)),
            Asked(f"{hall}门票多少钱？", (rows[2][2],)),
            Asked(f"{museum}的咨询电话是多少？", (rows[0][3],)),
        ),
    )


def _notice(n: Names) -> Sheet:
    school = n.place("中学")
    quota = n.number(3, 40)
    rows = [
        ("招聘岗位", "物理教师"),
        ("招聘人数", f"{quota}人"),
        ("学历要求", "硕士研究生及以上"),
        ("报名时间", "4月8日至4月15日"),
        ("报名地点", f"{school}行政楼203室"),
    ]
    return Sheet(
        f"{school}招聘教师公告",
        f"{school}面向社会公开招聘教师，有关事项公告如下。",
        (("", 1, (("项目", "内容"), *rows)),),
        (
            Asked(f"{school}招聘教师的人数是多少？", (f"{quota}人",)),
            Asked(f"{school}招聘教师的报名时间是什么时候？", ("4月8日至4月15日",)),
            Asked(f"{school}招聘教师的报名地点在哪里？", (f"{school}行政楼203室",)),
        ),
    )


def _jobs(n: Names) -> Sheet:
    hospital = n.place("医院")
    rows = [
        ("内科医师", n.number(2, 20), "硕士及以上", "内科学"),
        ("护士", n.number(20, 60), "大专及以上", "护理学"),
        ("放射技师", n.number(2, 9), "本科及以上", "医学影像技术"),
    ]
    return Sheet(
        f"{hospital}公开招聘工作人员",
        f"{hospital}今年计划公开招聘工作人员，岗位见下表。",
        (("招聘岗位一览表", 1, (("岗位", "招聘人数（人）", "学历要求", "专业"), *rows)),),
        (
            Asked(f"{hospital}招聘护士多少人？", (f"{rows[1][1]}人",)),
            Asked(f"{hospital}的放射技师岗位学历要求是什么？", ("本科及以上",)),
            Asked(f"{hospital}招聘内科医师要求什么专业？", ("内科学",)),
            Asked(f"{hospital}招聘药剂师多少人？"),
        ),
    )


def _officials(n: Names) -> Sheet:
    district, people = n.place("区"), [n.person() for _ in range(4)]
    rows = [
        (people[0], "区长", "主持区政府全面工作"),
        (people[1], "常务副区长", "财政、税务"),
        (people[2], "副区长", "教育、卫生健康"),
        (people[3], "副区长", "农业农村、水利"),
    ]
    return Sheet(
        f"{district}政府领导分工公布",
        f"{district}政府日前公布了领导分工。",
        (("", 1, (("姓名", "职务", "分管工作"), *rows)),),
        (
            Asked(f"{district}的{people[2]}分管什么工作？", ("教育、卫生健康",)),
            Asked(f"{district}的常务副区长是谁？", (people[1],)),
            Asked(f"{people[0]}担任什么职务？", ("区长",)),
        ),
    )


def _sections(n: Names) -> Sheet:
    city = n.place("市")
    crop, fruit, pig, sheep = (n.decimal(10, 90) for _ in range(4))
    rows: tuple[Row, ...] = (
        (Part("一、种植业", 3),),
        ("粮食", f"{crop}", n.rate()),
        ("水果", f"{fruit}", n.rate()),
        (Part("二、畜牧业", 3),),
        ("生猪出栏（万头）", f"{pig}", n.rate()),
        ("羊出栏（万只）", f"{sheep}", n.rate()),
    )
    return Sheet(
        f"{city}前三季度农业生产情况",
        f"{city}农业农村局发布前三季度农业生产情况。",
        (("", 1, (("品种", "产量（万吨）", "同比"), *rows)),),
        (
            Asked(f"{city}前三季度水果产量是多少？", (f"{fruit}万吨",)),
            Asked(f"{city}前三季度生猪出栏多少万头？", (f"{pig}万头", f"{pig}万吨")[:1]),
            Asked(f"{city}前三季度粮食产量同比变化多少？", (str(rows[1][2]),)),
        ),
    )


def _buses(n: Names) -> Sheet:
    city = n.place("市")
    lines = [str(k) for k in n.random.sample(range(3, 90), 3)]
    rows = [
        (f"{lines[0]}路", "6:00", "21:30", "2元"),
        (f"{lines[1]}路", "6:20", "22:00", "1元"),
        (f"{lines[2]}路", "5:50", "20:40", "3元"),
    ]
    return Sheet(
        f"{city}公交线路运营时间调整",
        f"{city}公交集团11月起调整部分线路运营时间。",
        (("", 1, (("线路", "首班车", "末班车", "票价"), *rows)),),
        (
            Asked(f"{city}{lines[1]}路公交首班车是几点？", ("6:20",)),
            Asked(f"{city}公交{lines[0]}路末班车几点？", ("21:30",)),
            Asked(f"{city}{lines[2]}路公交票价多少钱？", ("3元",)),
        ),
    )


def _tall_keys(n: Names) -> Sheet:
    district, one, other = n.place("区"), n.place("小学"), n.place("小学")
    seats = [n.number(40, 400) for _ in range(4)]
    rows: tuple[Row, ...] = (
        (Part(one, rows=2), "一年级", seats[0]),
        ("七年级", seats[1]),
        (Part(other, rows=2), "一年级", seats[2]),
        ("七年级", seats[3]),
    )
    return Sheet(
        f"{district}公布招生计划",
        f"{district}教育局公布2024年秋季招生计划。",
        (("", 1, (("学校", "年级", "招生人数（人）"), *rows)),),
        (
            Asked(f"{other}一年级招生多少人？", (f"{seats[2]}人",)),
            Asked(f"{one}七年级招生人数是多少？", (f"{seats[1]}人",)),
            Asked(f"{other}七年级招生多少人？", (f"{seats[3]}人",)),
        ),
    )


def _gaps(n: Names) -> Sheet:
    county, towns = n.place("县"), n.places("乡", 3)
    rows = [
        (towns[0], n.number(1000, 9000), "—"),
        (towns[1], "—", n.number(100, 900)),
        (towns[2], n.number(1000, 9000), n.number(100, 900)),
    ]
    return Sheet(
        f"{county}各乡茶叶生产统计",
        f"{county}统计了各乡茶叶种植面积和产量。",
        (("", 1, (("乡", "种植面积（亩）", "产量（吨）"), *rows)),),
        (
            Asked(f"{towns[0]}茶叶种植面积是多少？", (f"{rows[0][1]}亩",)),
            Asked(f"{towns[0]}茶叶产量是多少？"),
            Asked(f"{towns[1]}茶叶种植面积是多少？"),
            Asked(f"{towns[2]}茶叶产量有多少吨？", (f"{rows[2][2]}吨",)),
        ),
    )


def _two_tables(n: Names) -> Sheet:
    county, towns = n.place("县"), n.places("镇", 3)
    grain = [(town, n.number(5000, 50000)) for town in towns]
    fruit = [(town, n.number(500, 5000)) for town in towns]
    return Sheet(
        f"{county}农产品产量公布",
        f"{county}公布2023年主要农产品产量。",
        (
            ("表1 各镇小麦产量", 1, (("镇", "产量（吨）"), *grain)),
            ("表2 各镇苹果产量", 1, (("镇", "产量（吨）"), *fruit)),
        ),
        (
            Asked(f"{towns[1]}的小麦产量是多少？", (f"{grain[1][1]}吨",)),
            Asked(f"{towns[2]}的苹果产量是多少？", (f"{fruit[2][1]}吨",)),
            Asked(f"{towns[0]}的棉花产量是多少？"),
        ),
    )


DESIGNS: tuple[Callable[[Names], Sheet], ...] = (
    _towns,
    _merged_head,
    _caption_unit,
    _ranks,
    _transposed,
    _years,
    _unit_column,
    _hours,
    _notice,
    _jobs,
    _officials,
    _sections,
    _buses,
    _tall_keys,
    _gaps,
    _two_tables,
)


def sheets(seed: int) -> Iterator[tuple[str, str, Sheet]]:
    """Yield format, design and table of every file."""
    names = Names(seed)
    for kind in FORMATS:
        for design in DESIGNS:
            yield kind, design.__name__.strip("_"), design(names)


def write(sheet: Sheet, kind: str, folder: Path) -> Path:
    """Write a file of one of the formats; where a format has no merged cells their words are repeated."""
    path = folder / f"{sheet.title}.{kind}"
    if kind.endswith(".pdf"):
        return save(path, [_printed(sheet, kind.partition(".")[0])])
    writer = {"docx": _docx, "html": _html, "md": _markdown, "csv": _csv}[kind]
    path.write_bytes(writer(sheet))
    return path


def _html(sheet: Sheet) -> bytes:
    def cell(one: str | Part, tag: str) -> str:
        part = one if isinstance(one, Part) else Part(one)
        spans = (
            f' colspan="{part.columns}" rowspan="{part.rows}"' if (part.columns, part.rows) != (1, 1) else ""
        )
        return f"<{tag}{spans}>{html.escape(part.text)}</{tag}>"

    def table(caption: str, heads: int, rows: Sequence[Row]) -> str:
        lines = "".join(f"<tr>{''.join(cell(c, 'td') for c in row)}</tr>" for row in rows)
        return f"<table>{f'<caption>{caption}</caption>' if caption else ''}{lines}</table>"

    body = "".join(table(*one) for one in sheet.tables)
    return (
        f'<html><head><meta charset="utf-8"><title>{sheet.title}</title></head><body><h1>{sheet.title}</h1>'
        f'<div class="article"><p>{sheet.lead}</p>{body}<p>{sheet.tail or "以上数据以正式发布为准。"}</p></div></body></html>'
    ).encode()


def _flat(rows: Sequence[Row], heads: int) -> list[list[str]]:
    """Return rows of as many cells as there are columns: merged cells are said again, merged heads joined."""
    grid: list[list[str]] = []
    held: dict[int, tuple[str, int]] = {}
    for row in rows:
        line: list[str] = []
        cells = iter(row)
        while True:
            if len(line) in held:
                text, left = held.pop(len(line))
                if left > 1:
                    held[len(line)] = text, left - 1
                line.append(text)
                continue
            one = next(cells, None)
            if one is None:
                break
            part = one if isinstance(one, Part) else Part(one)
            for _ in range(part.columns):
                if part.rows > 1:
                    held[len(line)] = part.text, part.rows - 1
                line.append(part.text)
        grid.append(line)
    wide = [row for row in grid[:heads] if len(set(row)) > 1]
    head = ["".join(dict.fromkeys(column)) for column in zip(*wide, strict=True)]
    return [head, *([row[0], *[""] * (len(row) - 1)] if len(set(row)) == 1 else row for row in grid[heads:])]


def _markdown(sheet: Sheet) -> bytes:
    lines = [f"# {sheet.title}", "", sheet.lead, ""]
    for caption, heads, rows in sheet.tables:
        flat = _flat(rows, heads)
        lines += [*([caption, ""] if caption else []), _piped(flat[0]), _piped(["---"] * len(flat[0]))]
        lines += [*map(_piped, flat[1:]), ""]
    return "\n".join([*lines, sheet.tail]).encode()


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _csv(sheet: Sheet) -> bytes:
    written = io.StringIO()
    out = csv.writer(written)
    for caption, heads, rows in sheet.tables:
        out.writerows([[caption]] if caption else [])
        out.writerows(_flat(rows, heads))
    return written.getvalue().encode("utf-8-sig")


def _docx(sheet: Sheet) -> bytes:
    document = docx.Document()
    document.add_heading(sheet.title, 0)
    document.add_paragraph(sheet.lead)
    for caption, _, rows in sheet.tables:
        if caption:
            document.add_paragraph(caption)
        flat = _spread(rows)
        table = document.add_table(len(flat), len(flat[0]))
        done: set[int] = set()
        for r, row in enumerate(flat):
            for c, part in enumerate(row):
                if id(part) in done:
                    continue
                done.add(id(part))
                cell = table.cell(r, c)
                if (part.rows, part.columns) != (1, 1):
                    cell = cell.merge(table.cell(r + part.rows - 1, c + part.columns - 1))
                cell.text = part.text
    if sheet.tail:
        document.add_paragraph(sheet.tail)
    document.save(written := io.BytesIO())
    return written.getvalue()


def _spread(rows: Sequence[Row]) -> list[list[Part]]:
    """Return the cell at every row and column."""
    held: dict[tuple[int, int], Part] = {}
    for r, row in enumerate(rows):
        c = 0
        for one in row:
            while (r, c) in held:
                c += 1
            part = Part(one) if isinstance(one, str) else Part(one.text, one.columns, one.rows)
            held.update(((r + i, c + j), part) for i in range(part.rows) for j in range(part.columns))
    height, width = max(r for r, _ in held) + 1, max(c for _, c in held) + 1
    return [[held.get((r, c)) or Part("") for c in range(width)] for r in range(height)]


LEFT, WIDTH, SIZE, HEIGHT = 60.0, 475.0, 10.5, 22.0


def _printed(sheet: Sheet, lines: str) -> Printed:
    """Return a page with the tables: all their lines, three of them, or none."""
    page = Printed(595, 842)
    page.write(LEFT + 40, 60, 18, sheet.title)
    page.write(LEFT + 21, 110, SIZE, sheet.lead)
    top = 140.0
    for caption, heads, rows in sheet.tables:
        if caption:
            page.write(LEFT + (WIDTH - SIZE * size_of(caption)) / 2, top, SIZE, caption)
            top += 20
        top = _print_table(page, top, _spread(rows), heads, lines) + 24
    page.write(LEFT + 21, top, SIZE, sheet.tail or "以上数据以正式发布为准。")
    return page


def _print_table(page: Printed, top: float, rows: Sequence[Sequence[Part]], heads: int, lines: str) -> float:
    """Draw a table whose columns are as wide as their words need; return where it ends."""
    needed = [
        max(size_of(p.text) for p in column if p.columns == 1) + 2 for column in zip(*rows, strict=True)
    ]
    scale = WIDTH / sum(needed)
    sides = [LEFT + scale * sum(needed[:at]) for at in range(len(needed) + 1)]
    edges = [top + HEIGHT * at for at in range(len(rows) + 1)]
    done: set[int] = set()
    for r, row in enumerate(rows):
        for c, part in enumerate(row):
            if id(part) in done:
                continue
            done.add(id(part))
            left, right = sides[c], sides[c + part.columns]
            upper, lower = edges[r], edges[r + part.rows]
            free = right - left - SIZE * size_of(part.text)
            # Words are centred, those of the first column and of sections stand at its left.
            at_left = c == 0 and r >= heads
            page.write(left + (4 if at_left else free / 2), (upper + lower - SIZE) / 2, SIZE, part.text)
            if lines == "ruled":
                page.frame(left, upper, right - left, lower - upper)
            elif lines == "three_lines" and r + 1 < heads and 1 < part.columns < len(row):
                page.rule(left + 3, lower, right - 3, lower)
    if lines == "three_lines":
        for edge in (edges[0], edges[heads], edges[-1]):
            page.rule(LEFT, edge, LEFT + WIDTH, edge)
    return edges[-1]
