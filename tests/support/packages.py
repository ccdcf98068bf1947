"""Small files of the kinds that are packages, made by hand: slides, books, archives of pages."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["epub", "pptx", "web_archive", "zipped"]

_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"


def zipped(path: Path, parts: Mapping[str, str | bytes]) -> Path:
    """Write a package of these parts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def _relations(targets: Mapping[str, str]) -> str:
    found = "".join(
        f'<Relationship Id="{ident}" Type="t" Target="{target}"/>' for ident, target in targets.items()
    )
    return f'<Relationships xmlns="{_RELATIONS}">{found}</Relationships>'


def _shape(kind: str, words: str) -> str:
    said = "".join(f"<a:p><a:r><a:t>{line}</a:t></a:r></a:p>" for line in words.split("\n"))
    place = f'<p:ph type="{kind}"/>' if kind else ""
    return f"<p:sp><p:nvSpPr><p:nvPr>{place}</p:nvPr></p:nvSpPr><p:txBody>{said}</p:txBody></p:sp>"


def _table(rows: Sequence[Sequence[str]]) -> str:
    cells = "".join(
        "<a:tr>"
        + "".join(
            f"<a:tc><a:txBody><a:p><a:r><a:t>{cell}</a:t></a:r></a:p></a:txBody></a:tc>" for cell in row
        )
        + "</a:tr>"
        for row in rows
    )
    return f"<p:graphicFrame><a:graphic><a:graphicData><a:tbl>{cells}</a:tbl></a:graphicData></a:graphic></p:graphicFrame>"


def pptx(
    path: Path,
    slides: Sequence[tuple[str, str]],
    *,
    table: Sequence[Sequence[str]] = (),
    notes: str = "",
    hidden: int = 0,
    beside: Mapping[str, str] | None = None,
) -> Path:
    """Write a presentation of slides (title, text); the last has a table and notes, number `hidden` is hidden.

    `beside` are parts (charts/chart1.xml) to which the last slide is related.
    """
    parts: dict[str, str | bytes] = {}
    ids = "".join(f'<p:sldId id="{255 + n}" r:id="rId{n}"/>' for n in range(1, len(slides) + 1))
    parts["ppt/presentation.xml"] = (
        f"<p:presentation {_P} {_R}><p:sldIdLst>{ids}</p:sldIdLst></p:presentation>"
    )
    # The order of the parts' names is not that of the slides.
    names = {f"rId{n}": f"slides/slide{len(slides) + 1 - n}.xml" for n in range(1, len(slides) + 1)}
    parts["ppt/_rels/presentation.xml.rels"] = _relations(names)
    for number, (title, words) in enumerate(slides, 1):
        name = names[f"rId{number}"]
        last = number == len(slides)
        shapes = _shape("body", words) + _shape("title", title) + _shape("sldNum", f"{number}")
        shapes += _table(table) if last and table else ""
        show = ' show="0"' if number == hidden else ""
        parts[f"ppt/{name}"] = (
            f"<p:sld {_A} {_P}{show}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
        )
        others = dict(beside or {}) if last else {}
        parts.update({f"ppt/{part}": content for part, content in others.items()})
        if last and (notes or others):
            named = {f"rId{at}": f"../{part}" for at, part in enumerate(others, 2)}
            parts[f"ppt/slides/_rels/{name[7:]}.rels"] = _relations({"rId1": "../notesSlides/n.xml", **named})
            parts["ppt/notesSlides/n.xml"] = f"<p:notes {_A} {_P}>{_shape('body', notes)}</p:notes>"
    return zipped(path, parts)


def epub(
    path: Path,
    chapters: Sequence[tuple[str, str]],
    *,
    date: str = "",
    publisher: str = "",
    locked: bool = False,
) -> Path:
    """Write a book of chapters (heading, paragraphs parted by line breaks)."""
    parts: dict[str, str | bytes] = {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
        '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
    }
    items, spine = "", ""
    for number, (heading, words) in enumerate(chapters, 1):
        text = "".join(f"<p>{line}</p>" for line in words.split("\n"))
        items += f'<item id="c{number}" href="text/c%20{number}.xhtml" media-type="application/xhtml+xml"/>'
        spine += f'<itemref idref="c{number}"/>'
        parts[f"OEBPS/text/c {number}.xhtml"] = (
            '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><head>'
            f"<title>书名</title><style>p {{}}</style></head><body><h2>{heading}</h2>{text}</body></html>"
        )
    parts["OEBPS/nav.xhtml"] = "<html><head><title>书</title></head><body><nav>目录</nav></body></html>"
    items += '<item id="n" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    meta = f"<dc:title>书名</dc:title><dc:publisher>{publisher}</dc:publisher><dc:date>{date}</dc:date>"
    parts["OEBPS/book.opf"] = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<metadata>{meta}</metadata><manifest>{items}</manifest><spine><itemref idref="n"/>{spine}</spine></package>'
    )
    if locked:
        parts["META-INF/encryption.xml"] = (
            '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><e:CipherReference '
            'xmlns:e="http://www.w3.org/2001/04/xmlenc#" URI="OEBPS/text/c%201.xhtml"/></encryption>'
        )
    return zipped(path, parts)


def web_archive(page: str, address: str, charset: str = "utf-8") -> bytes:
    """Return a page with a picture as browsers save them in one file."""
    from email.mime.image import MIMEImage
    from email.mime.multipart import MIMEMultipart
    from email.mime.text import MIMEText

    whole = MIMEMultipart("related")
    whole["From"] = "<Saved by a browser>"
    whole["Snapshot-Content-Location"] = address
    whole.attach(MIMEText(page, "html", charset))
    whole.attach(MIMEImage(b"\x89PNG\r\n", "png"))
    return whole.as_bytes()
