"""Where an index lies: in a folder of its own, or in a PostgreSQL of which the folder holds this machine's copy."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rag.config import Settings

__all__ = ["Place", "place_of"]


@dataclass(frozen=True, slots=True)
class Place:
    """An index; with `database`, the address of a PostgreSQL, it is written there and read from the copy in `folder`."""

    folder: Path
    database: str = field(default="", repr=False)
    local_vectors: bool = True
    """Whether the copy holds the vectors; otherwise the database searches them."""

    @classmethod
    def of(cls, index: "Path | Place") -> "Place":
        """Return the place; a folder alone is an index of its own."""
        return index if isinstance(index, Place) else cls(index)

    def __str__(self) -> str:
        """Return what messages call it: no name and no password of anybody."""
        if not self.database:
            return str(self.folder)
        found = urlsplit(self.database)
        port = f":{found.port}" if found.port else ""
        return f"{found.scheme}://{found.hostname or ''}{port}{found.path}"


def place_of(settings: Settings) -> Place:
    """Return the place that the settings name."""
    return Place(settings.index, settings.database, settings.vectors == "local")
