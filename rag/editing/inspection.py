"""What a file that waits would become: what `youju doctor` says of it, its articles, and whether they are known."""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from rag.errors import IngestError
from rag.ingest.doctor import SHOWN, examine
from rag.records import Article, BlockKind

__all__ = ["FIELDS", "Inspection", "Known", "Seen", "inspect"]

FIELDS = ("title", "published", "publisher", "author")
"""What an editor may say otherwise than the file does."""
SECONDS = 120.0
"""To look at a file of many articles: a larger one is for the command line."""
EXCERPT = 240
"""Characters of an article that are shown before it is taken in."""
MOST_REFUSED = 50
"""Reasons that are shown of what could not be read."""

Known = Literal["", "held", "removed"]
"""Whether the index holds an article already, or somebody took it out."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An article of a file: what was found of it and by which rule, and how it begins."""

    ident: str
    external_id: str
    fields: Mapping[str, str]
    rules: Mapping[str, str]
    characters: int
    excerpt: str
    known: Known = ""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found in a file: `articles` counts them, `seen` has the first, `refused` says why others are none."""

    articles: int
    seen: tuple[Seen, ...] = ()
    encoding: str = ""
    confidence: float = 0.0
    layout: str = ""
    suspicious: Mapping[str, int] = field(default_factory=dict)
    refused: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Inspection":
        """Return what `to_json` gave."""
        seen = tuple(Seen(**one) for one in fields["seen"])
        return cls(**{**fields, "seen": seen, "refused": tuple(fields["refused"])})


def inspect(path: Path, known: Callable[[str], Known]) -> Inspection:
    """Read a file as a build would; `known` tells what the index knows of an id.

    Every article is read, so that nothing is refused only after it was accepted.
    """
    end, seen, late = time.monotonic() + SECONDS, list[Seen](), list[str]()

    def heard(article: Article) -> None:
        if len(seen) < SHOWN:
            seen.append(_seen(article, known))
        if time.monotonic() > end:
            late.append(article.id)
            raise IngestError(
                f"{path.name} takes more than {SECONDS:g} seconds to read: put it into a folder and run `youju build`."
            )

    found = examine(path, heard)
    reasons = [_without_folder(reason, path) for reason in found.refused]
    more = len(reasons) - MOST_REFUSED
    return Inspection(
        0 if late else found.articles,
        tuple(seen),
        found.encoding,
        found.confidence,
        found.layout,
        dict(found.suspicious),
        (*reasons[:MOST_REFUSED], *([f"and {more} more"] if more > 0 else [])),
    )


def _seen(article: Article, known: Callable[[str], Known]) -> Seen:
    body = [article.text[one.start : one.end] for one in article.blocks if one.kind is BlockKind.BODY]
    fields = {name: str(getattr(article, name)) for name in FIELDS}
    return Seen(
        article.id,
        article.external_id,
        fields,
        {name: article.found_by[name] for name in FIELDS if name in article.found_by},
        sum(map(len, body)),
        "\n".join(body)[:EXCERPT],
        known(article.id),
    )


def _without_folder(reason: str, path: Path) -> str:
    """Name the file in a sentence without where it waits."""
    return reason.replace(f"{path.parent}/", "").replace(str(path.parent), "")
