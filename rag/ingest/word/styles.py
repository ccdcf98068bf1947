"""What the styles of a Word file say of paragraphs and runs: title, hidden, numbered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

__all__ = ["Styles", "W", "is_on", "value", "whole_number"]

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
# Styles lean on one another; a longer chain goes in a circle.
LONGEST_CHAIN = 20


def value(part: Any, path: str, default: str = "") -> str:
    """Return the value of a property (pPr/pStyle) of `part`, `default` where it has none."""
    found = part.find("/".join(f"{W}{name}" for name in path.split("/")))
    return default if found is None else str(found.get(f"{W}val", default))


def whole_number(said: str, default: int) -> int:
    """Return the number written in `said`, `default` where there is none that can be read."""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 9 else default


def is_on(part: Any, path: str) -> bool | None:
    """Tell whether a property that is on or off is on, None where `part` does not have it."""
    found = part.find("/".join(f"{W}{name}" for name in path.split("/")))
    return None if found is None else found.get(f"{W}val", "true") not in ("0", "false", "off")


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of a file by id."""

    by_id: Mapping[str, Any]

    @classmethod
    def of(cls, part: Any) -> "Styles":
        """Read the part styles.xml; of two styles of one id the first counts."""
        styles: dict[str, Any] = {}
        for style in part.iterchildren(f"{W}style"):
            styles.setdefault(style.get(f"{W}styleId", ""), style)
        return cls(styles)

    def is_title(self, ident: str) -> bool:
        """Tell whether a style is that of titles: Word calls it Title in every language."""
        style = self.by_id.get(ident)
        if style is None:
            return False
        return value(style, "name") == "Title" and style.get(f"{W}type", "paragraph") == "paragraph"

    def is_heading(self, ident: str) -> bool:
        """Tell whether a style is that of section headings: it has a level in the outline."""
        return any(one.find(f"{W}pPr/{W}outlineLvl") is not None for one in self._chain(ident))

    def hides(self, ident: str) -> bool | None:
        """Tell whether a style hides its words, None where it does not say."""
        return next(
            (found for one in self._chain(ident) if (found := is_on(one, "rPr/vanish")) is not None), None
        )

    def numbering(self, ident: str) -> tuple[str, str]:
        """Return list and level ("" for what is not said) that a paragraph style gives."""
        number = level = ""
        for style in self._chain(ident):
            number = number or value(style, "pPr/numPr/numId")
            level = level or value(style, "pPr/numPr/ilvl")
        return number, level

    def _chain(self, ident: str) -> Iterator[Any]:
        """Yield a style and those it is based on."""
        for _ in range(LONGEST_CHAIN):
            style = self.by_id.get(ident)
            if style is None:
                return
            yield style
            ident = value(style, "basedOn")
