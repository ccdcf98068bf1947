"""Word's equations → the characters one would type for them: (a+b)/c, x^2, √(n)."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["M", "equation_text"]

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
# What stands over a letter unless it is said; what a sum is unless it is said.
HAT, INTEGRAL = "\u0302", "∫"
# Equations in equations go no deeper than this where they were written by people.
DEEPEST = 60


def equation_text(part: Any, depth: int = 0) -> str:
    """Return an equation, or a part of one, on one line; characters with a place of their own are marked by ^, _ and /."""
    if depth > DEEPEST:
        return "".join(one.text or "" for one in part.iter(f"{M}t"))
    said = []
    for child in part:
        if child.tag == f"{M}t":
            said.append(child.text or "")
        elif isinstance(child.tag, str) and not child.tag.endswith(("Pr", "}del", "}moveFrom")):
            write = _FORMS.get(child.tag.rpartition("}")[2]) if child.tag.startswith(M) else None
            said.append(write(child, depth + 1) if write else equation_text(child, depth + 1))
    return "".join(said)


def _part(holder: Any, name: str, depth: int) -> str:
    found = holder.find(f"{M}{name}")
    return "" if found is None else equation_text(found, depth)


def _sign(holder: Any, name: str, usual: str) -> str:
    """Return a character that the properties of a form name; one that is there and empty is none."""
    found = holder.find(f"{M}{holder.tag[len(M) :]}Pr/{M}{name}")
    return usual if found is None else str(found.get(f"{M}val", ""))


def _held(words: str) -> str:
    """Return words that a sign beside them takes as one."""
    return words if len(words) < 2 or words.isalnum() else f"({words})"


def _raised(words: str, mark: str) -> str:
    return f"{mark}{_held(words)}" if words else ""


def _fraction(part: Any, depth: int) -> str:
    return f"{_held(_part(part, 'num', depth))}/{_held(_part(part, 'den', depth))}"


def _scripts(part: Any, depth: int) -> str:
    below, above = (_part(part, name, depth) for name in ("sub", "sup"))
    return f"{_held(_part(part, 'e', depth))}{_raised(below, '_')}{_raised(above, '^')}"


def _root(part: Any, depth: int) -> str:
    return f"{_part(part, 'deg', depth)}√{_held(_part(part, 'e', depth))}"


def _sum(part: Any, depth: int) -> str:
    below, above = (_part(part, name, depth) for name in ("sub", "sup"))
    return (
        f"{_sign(part, 'chr', INTEGRAL)}{_raised(below, '_')}{_raised(above, '^')} {_part(part, 'e', depth)}"
    )


def _brackets(part: Any, depth: int) -> str:
    inside = _sign(part, "sepChr", "|").join(equation_text(one, depth) for one in part.iterchildren(f"{M}e"))
    return f"{_sign(part, 'begChr', '(')}{inside}{_sign(part, 'endChr', ')')}"


def _limit(part: Any, depth: int) -> str:
    mark = "^" if part.tag == f"{M}limUpp" else "_"
    return f"{_part(part, 'e', depth)}{_raised(_part(part, 'lim', depth), mark)} "


def _function(part: Any, depth: int) -> str:
    name = _part(part, "fName", depth)
    return f"{name}{'' if name.endswith(' ') else ' '}{_part(part, 'e', depth)}"


def _accent(part: Any, depth: int) -> str:
    return f"{_part(part, 'e', depth)}{_sign(part, 'chr', HAT)}"


def _lines(part: Any, depth: int) -> str:
    return "; ".join(equation_text(one, depth) for one in part.iterchildren(f"{M}e"))


def _matrix(part: Any, depth: int) -> str:
    rows = (row.iterchildren(f"{M}e") for row in part.iterchildren(f"{M}mr"))
    return "; ".join(", ".join(equation_text(one, depth) for one in row) for row in rows)


_FORMS: Mapping[str, Callable[[Any, int], str]] = {
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "rad": _root,
    "nary": _sum,
    "d": _brackets,
    "limLow": _limit,
    "limUpp": _limit,
    "func": _function,
    "acc": _accent,
    "eqArr": _lines,
    "m": _matrix,
}
