"""Queries as SQLite has them, for PostgreSQL: `?` and `?3` become `$1` and `$3`."""

import re
from functools import lru_cache

__all__ = ["numbered"]

_mark = re.compile(r"'[^']*'|\?(\d*)")


@lru_cache(512)
def numbered(query: str) -> str:
    """Return a query with its marks numbered; what stands in quotes is no mark.

    >>> numbered("SELECT '?' WHERE a = ? AND b = ?"), numbered("SELECT ?2, ?1, ?2")
    ("SELECT '?' WHERE a = $1 AND b = $2", 'SELECT $2, $1, $2')
    """
    count = 0

    def named(found: re.Match[str]) -> str:
        nonlocal count
        if found[1] is None:
            return found[0]
        count += 1
        return f"${found[1] or count}"

    return _mark.sub(named, query)
