"""The publisher that a search is restricted to: one that prints nothing here is a mistake, not an empty library."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Protocol

from rag.errors import AskError
from rag.text.characters import media_name

__all__ = ["Publishers", "check_publisher"]

NAMED = 3
"""Publishers that the sentence names."""
EVERY = 1_000_000


class Publishers(Protocol):
    """What is needed of `rag.index.catalogue.Catalogue`."""

    def publishers(self, limit: int, /) -> list[str]:
        """Return the publishers, those with most articles first."""
        ...


def check_publisher(lists: Publishers, name: str) -> None:
    """Raise AskError where no article is of the publisher `name` ("" is none asked for), with those of a like name."""
    if not name:
        return
    known = {media_name(one): one for one in lists.publishers(EVERY)}
    asked = media_name(name)
    if asked in known:
        return
    holding = [one for key, one in known.items() if asked and (asked in key or key in asked)]
    near = (holding or [known[key] for key in get_close_matches(asked, known, NAMED)] or [*known.values()])[
        :NAMED
    ]
    raise AskError(
        f"publisher {name[:40]!r} is none of this library: {_listed(near, ', ') or 'no article names one'}.",
        f"库中没有来源“{name[:40]}”"
        + (f"，有的是：{_listed(near, '、')} 等。" if near else "，报道都没有标明来源。"),
        field="publisher",
    )


def _listed(names: Sequence[str], mark: str) -> str:
    return mark.join(names)
