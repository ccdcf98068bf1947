"""Another way to read a page: where two disagree greatly, somebody should look."""

from collections import Counter
from typing import Any

from rag.text.characters import squeeze

__all__ = ["disagreement"]

# Less agreement (F1 over characters) than this is worth a look.
LEAST_AGREEMENT = 0.5


def disagreement(page: str, text: str) -> str:
    """Return a clause that says how trafilatura reads the page if that is quite another text, else ""."""
    import trafilatura  # half a second

    found: Any = trafilatura.bare_extraction(page, include_comments=False, with_metadata=False)
    other = squeeze((found.text or "") if found else "")
    ours = squeeze(text)
    shared = (Counter(ours) & Counter(other)).total()
    if 2 * shared >= LEAST_AGREEMENT * (len(ours) + len(other)):
        return ""
    return f"look at this page: {len(ours)} characters were read, trafilatura would read {len(other)}"
