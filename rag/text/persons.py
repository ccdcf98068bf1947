"""Names of people as a text writes them: 何文毅, 赵某某.

>>> from rag.text.annotation import annotate
>>> [name for _, name in persons(annotate("决定任命何文毅为副市长"))]
['何文毅']
"""

import re
from collections.abc import Iterator

from rag.text.annotation import Annotation
from rag.text.characters import is_cjk
from rag.text.lexicon import SURNAMES, UNKNOWN, rarity
from rag.text.places import places

__all__ = ["persons"]

# Family name and given name; two family names make four.
LONGEST = 4
# The family names of four in five people; the rarer ones begin more other words than names (门急诊, 华西).
COMMON_SURNAMES = SURNAMES[:100]
_withheld = re.compile(f"[{SURNAMES}]某某?(?![些个种类项])")


def persons(said: Annotation) -> Iterator[tuple[int, str]]:
    """Yield where a name begins and the name, folded, in order: a family name with what no dictionary has, or 赵某某."""
    found = {match.start(): match.group() for match in _withheld.finditer(said.folded)}
    start = 0
    for piece in said.pieces:
        if start not in found and _is_person(piece):
            found[start] = piece
        start += len(piece)
    yield from sorted(found.items())


def _is_person(piece: str) -> bool:
    if not 1 < len(piece) <= LONGEST or piece[0] not in COMMON_SURNAMES or not all(map(is_cjk, piece)):
        return False
    return rarity(piece) >= UNKNOWN and not places(piece)
