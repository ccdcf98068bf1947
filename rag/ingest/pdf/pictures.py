"""Files of pictures → the pictures in them, as whoever recognises their words wants them."""

from io import BytesIO
from pathlib import Path
from typing import Any

from rag.errors import IngestError
from rag.ingest.pdf.scan import LONGEST_SIDE

__all__ = ["read_pictures"]

# More pixels than this are no page; one with a side shorter than this is a photograph or a symbol beside one.
MOST_PIXELS = 150_000_000
SHORTEST = 500
MOST_PAGES = 1000


def read_pictures(path: Path, content: bytes) -> list[Any]:
    """Return the pictures of a file, each `(height, width, 3)` bytes in the order blue, green, red.

    Raises IngestError for one that is damaged, too large, or too small to be a page.
    """
    from PIL import Image, ImageSequence, UnidentifiedImageError

    found: list[Any] = []
    try:
        with Image.open(BytesIO(content)) as file:
            if file.width * file.height > MOST_PIXELS or getattr(file, "n_frames", 1) > MOST_PAGES:
                raise IngestError(f"{path} has {file.width} × {file.height} points: no page is so large.")
            if min(file.size) < SHORTEST:
                raise IngestError(
                    f"{path} has {file.width} × {file.height} points: it is too small for a page whose words can be recognised."
                )
            found = [_pixels(frame) for frame in ImageSequence.Iterator(file)]
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError, EOFError):
        raise IngestError(f"{path} is not a picture, or it is damaged.") from None
    return found


def _pixels(frame: Any) -> Any:
    """Return a picture upright, on white where it is transparent, and no larger than a page is recognised."""
    import numpy as np
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(frame).convert("RGBA")
    white = Image.new("RGBA", upright.size, "white")
    plain = Image.alpha_composite(white, upright).convert("RGB")
    plain.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return np.asarray(plain)[:, :, ::-1]
