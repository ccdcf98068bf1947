"""Word files made from the XML of their parts."""

import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

__all__ = ["DRAWN", "paragraph", "run", "save_word", "table"]

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
WPS = 'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
DRAWN = (
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:c="http://schemas.openxmlformats.org/drawingml/2006/chart" '
    'xmlns:dgm="http://schemas.openxmlformats.org/drawingml/2006/diagram"'
)
"""What parts with drawings declare."""
SPACES = f"{W} {MC} {WPS} {M} {DRAWN}"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml"
STYLES = (
    '<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="List"><w:name w:val="List"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Lower"><w:name w:val="Lower"/><w:basedOn w:val="List"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/><w:pPr><w:outlineLvl w:val="0"/></w:pPr></w:style>'
    '<w:style w:type="character" w:styleId="Secret"><w:name w:val="Secret"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


def run(text: str, properties: str = "") -> str:
    """Return a run of words."""
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*parts: str, style: str = "", properties: str = "") -> str:
    """Return a paragraph of runs; what is no XML is the words of one."""
    runs = "".join(part if part.startswith("<") else run(part) for part in parts)
    styled = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{styled}{properties}</w:pPr>{runs}</w:p>"


def table(*rows: tuple[str, ...]) -> str:
    """Return a table; a cell that is no XML is its words, one that begins with <w:tcPr> has paragraphs behind it."""
    cells = ("".join(f"<w:tc>{c if c.startswith('<') else paragraph(c)}</w:tc>" for c in row) for row in rows)
    return f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in cells)}</w:tbl>"


def save_word(
    path: Path,
    *body: str,
    styles: str = STYLES,
    beside: Mapping[str, tuple[str, str | bytes]] | None = None,
    **parts: str,
) -> Path:
    """Write a Word file with this body; `parts` are the inner XML of footnotes, endnotes, numbering, header, ….

    `beside` are whole parts by the id of their relation: its kind and their content.
    """
    beside = beside or {}
    roots = {"styles": "styles", "header": "hdr", "footer": "ftr", "settings": "settings"}
    inner = {"document": f"<w:body>{''.join(body)}</w:body>", "styles": styles, **parts}
    relations = "".join(
        f'<Relationship Id="r{n}" Type="{RELATED}/{kind}" Target="{kind}.xml"/>'
        for n, kind in enumerate(inner)
        if kind != "document"
    )
    relations += "".join(
        f'<Relationship Id="{ident}" Type="{RELATED}/{kind}" Target="beside/{ident}.bin"/>'
        for ident, (kind, _) in beside.items()
    )
    types = '<Default Extension="bin" ContentType="application/octet-stream"/>' + "".join(
        f'<Override PartName="/word/{kind}.xml" ContentType="{MAIN}.{kind}{".main" if kind == "document" else ""}+xml"/>'
        for kind in inner
    )
    written = BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{types}</Types>',
        )
        package = '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
        whole = f'<Relationship Id="r1" Type="{RELATED}/officeDocument" Target="word/document.xml"/>'
        archive.writestr("_rels/.rels", package.format(whole))
        archive.writestr("word/_rels/document.xml.rels", package.format(relations))
        for kind, content in inner.items():
            root = roots.get(kind, kind)
            archive.writestr(f"word/{kind}.xml", f"<w:{root} {SPACES}>{content}</w:{root}>")
        for ident, (_, part) in beside.items():
            archive.writestr(f"word/beside/{ident}.bin", part)
    path.write_bytes(written.getvalue())
    return path
