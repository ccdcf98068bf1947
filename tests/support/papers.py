"""Newspaper pages as PDF files, written by hand: stories in columns, boxes, pictures, in any drawing order."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.support.wraps import NO_LINE_START

PAGE = (1080.0, 1540.0)
MARGIN = 48.0


@dataclass(frozen=True)
class Told:
    """A story as it should be read again."""

    title: str
    paragraphs: Sequence[str]
    captions: Sequence[str] = ()


@dataclass
class Printed:
    """A page while it is drawn; y grows downwards as in the tests."""

    width: float = PAGE[0]
    height: float = PAGE[1]
    strings: list[tuple[float, float, float, str, float]] = field(default_factory=list)
    drawings: list[str] = field(default_factory=list)
    enlarged: float = 1.0
    """how often the sizes of type that the file names are enlarged by a matrix, as some programs do"""

    def write(self, left: float, top: float, size: float, text: str, space: float = 0.0) -> None:
        """Put a line with its upper left corner at a place, `space` points wider after each character."""
        self.strings.append((left, self.height - top - 0.88 * size, size, text, space))

    def rule(self, left: float, top: float, right: float, bottom: float) -> None:
        """Draw a thin line."""
        self.drawings.append(
            f"0.5 w {left:.2f} {self.height - top:.2f} m {right:.2f} {self.height - bottom:.2f} l S"
        )

    def frame(self, left: float, top: float, width: float, height: float) -> None:
        """Draw a rectangle."""
        self.drawings.append(f"{left:.2f} {self.height - top - height:.2f} {width:.2f} {height:.2f} re S")

    def picture(self, left: float, top: float, width: float, height: float) -> None:
        """Put a grey picture."""
        self.drawings.append(
            f"q {width:.2f} 0 0 {height:.2f} {left:.2f} {self.height - top - height:.2f} cm /Im Do Q"
        )


def size_of(text: str) -> float:
    """Return the width of a text in type sizes."""
    return sum(0.5 if char.isascii() else 1.0 for char in text)


def break_lines(text: str, width: float, indent: int = 2) -> list[str]:
    """Break a paragraph into lines of `width` type sizes; no line begins with a mark."""
    lines, here = [], "　" * indent
    for char in re.findall(r"[A-Za-z0-9.%]+|.", text):
        if size_of(here + char) > width and not (char in NO_LINE_START and size_of(here) <= width):
            lines.append(here)
            here = ""
        here += char
    return [*lines, here]


@dataclass(frozen=True)
class Area:
    """A place for text: a column of a story."""

    left: float
    top: float
    width: float
    height: float


class Teller:
    """Makes stories of sentences that occur once."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.count = 0

    def sentence(self) -> str:
        """Return a sentence that no other story has."""
        rng = self.random
        self.count += 1
        place = rng.choice(["青山", "临江", "白云", "东湖", "石桥", "南岭", "北川", "西塘"]) + rng.choice(
            "市县区镇"
        )
        thing = rng.choice(
            ["图书馆", "污水处理厂", "公交线路", "养老服务站", "农贸市场", "托育中心", "充电站", "文化广场"]
        )
        verb = rng.choice(["建成启用", "完成改造", "扩大规模", "提前投运", "通过验收", "面向居民开放"])
        more = rng.choice(
            ["预计每年服务群众", "比上年增加", "总投资约", "覆盖周边居民", "日均接待", "今后三年还将新增"]
        )
        return f"{place}第{self.count}处{thing}近日{verb}，{more}{rng.randint(11, 9899)}{rng.choice(['人次', '万元', '户', '人'])}。"

    def title(self, length: int) -> str:
        """Return a headline of about so many characters."""
        rng = self.random
        self.count += 1
        words = [
            "民生工程",
            "惠及万家",
            "加快建设",
            "新老城区",
            "绿色发展",
            "乡村振兴",
            "百姓点赞",
            "提质增效",
            "稳步推进",
            "再添动能",
        ]
        return ("第" + str(self.count) + "批" + "".join(rng.sample(words, 8)))[:length]

    def fill(self, lines: int, width: float, indent: int = 2) -> list[str]:
        """Return paragraphs that fill so many lines of `width` type sizes, or one or two less."""
        found: list[str] = []
        left = lines
        while left > 0:
            text = "".join(self.sentence() for _ in range(self.random.randint(1, 4)))
            needed = len(break_lines(text, width, indent))
            if needed > left:
                text = self.sentence()
                needed = len(break_lines(text, width, indent))
                if needed > left:
                    break
            found.append(text)
            left -= needed
        return found


@dataclass
class Paper:
    """Pages with what stands on them."""

    teller: Teller
    pages: list[Printed] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    body: float = 10.0
    leading: float = 1.5
    indent: int = 2
    name: str = ""
    day: str = ""

    def page(self, width: float = PAGE[0], height: float = PAGE[1]) -> Printed:
        """Begin a page."""
        self.pages.append(Printed(width, height))
        return self.pages[-1]

    def story(
        self,
        title: Sequence[str],
        at: tuple[float, float],
        size: float,
        areas: Sequence[tuple[Printed, Area]],
        *,
        kicker: str = "",
        subtitle: str = "",
        captions: Sequence[str] = (),
        share: float = 1.0,
    ) -> None:
        """Print a story: the lines of its headline at a place, its text flowing through areas."""
        page, top = areas[0][0], at[1]
        if kicker:
            page.write(at[0], top, 0.55 * size, kicker)
            top += 0.55 * size * 1.4
        for line in title:
            page.write(at[0], top, size, line)
            top += size * 1.3
        if subtitle:
            page.write(at[0], top, 0.6 * size, subtitle)
        room = [int(area.height // (self.body * self.leading)) for _, area in areas]
        width = areas[0][1].width / self.body
        paragraphs = self.teller.fill(int(sum(room) * share), width, self.indent)
        lines = [line for text in paragraphs for line in break_lines(text, width, self.indent)]
        at_line = 0
        for (sheet, area), rows in zip(areas, room, strict=True):
            for row in range(rows):
                if at_line < len(lines):
                    line = lines[at_line]
                    lead = size_of(line) - size_of(line.lstrip("　"))
                    sheet.write(
                        area.left + lead * self.body,
                        area.top + row * self.body * self.leading,
                        self.body,
                        line.lstrip("　"),
                    )
                    at_line += 1
        self.told.append(Told("".join(title), paragraphs, captions))

    def running_head(self, name: str, day: str, number: int) -> None:
        """Print the paper's name, the date and the page's number on the last page."""
        page = self.pages[-1]
        page.write(MARGIN, 20, 9, name)
        page.write(page.width - MARGIN - 160, 20, 9, f"{day} 星期三　第{number:02d}版")
        page.write(page.width / 2 - 20, page.height - 28, 9, f"— {number} —")


def save(path: Path, pages: Sequence[Printed], order: str = "written", seed: int = 0) -> Path:
    """Write a PDF; `order` is that of drawing: written, rows (line by line across the page), shuffled or letters."""
    objects: list[bytes] = []

    def add(content: bytes) -> int:
        objects.append(content)
        return len(objects)

    add(b"<< /Type /Catalog /Pages 2 0 R >>")
    add(b"")
    add(
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UTF16-H /DescendantFonts [4 0 R] >>"
    )
    add(
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /W [1 95 500 814 939 500] "
        b"/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 4 >> /FontDescriptor 5 0 R >>"
    )
    add(
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        b"/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>"
    )
    add(
        b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Length 1 >>\nstream\n\x80\nendstream"
    )
    kids = []
    for page in pages:
        content = "\n".join([*page.drawings, *_strings(page, order, seed)]).encode("ascii")
        stream = add(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content))
        kids.append(
            add(
                b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R "
                b"/Resources << /Font << /F 3 0 R >> /XObject << /Im 6 0 R >> >> >>"
                % (page.width, page.height, stream)
            )
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (
        len(kids),
        b" ".join(b"%d 0 R" % kid for kid in kids),
    )
    path.write_bytes(_assembled(objects))
    return path


def _strings(page: Printed, order: str, seed: int) -> Iterator[str]:
    strings = list(page.strings)
    if order == "rows":
        strings.sort(key=lambda string: (-round(string[1]), string[0]))
    elif order in ("shuffled", "letters"):
        Random(seed).shuffle(strings)
    for left, base, size, text, space in strings:
        if order != "letters":
            yield _shown(left, base, size, text, space, page.enlarged)
            continue
        for char in text:
            yield _shown(left, base, size, char)
            left += size_of(char) * size + space


def _shown(
    left: float, base: float, size: float, text: str, space: float = 0.0, enlarged: float = 1.0
) -> str:
    code = text.encode("utf-16-be").hex()
    return (
        f"BT /F {size / enlarged:.2f} Tf {space / enlarged:.3f} Tc {enlarged} 0 0 {enlarged} {left:.2f} {base:.2f} Tm "
        f"<{code}> Tj ET"
    )


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)
