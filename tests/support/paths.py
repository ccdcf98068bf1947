"""Where the material of the tests lies."""

from pathlib import Path

__all__ = ["ARTICLES", "DATA", "GATE", "ROOT", "SEEDS", "open_to_all"]

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
DATA = ROOT / "tests" / "data"
ARTICLES = DATA / "articles"
GATE = ROOT / "tests" / "gate"


def open_to_all(folder: Path) -> None:
    """Let other users reach a temporary folder: pytest closes it and those above it, each worker's own among them."""
    folder.chmod(0o755)
    for above in folder.parents:
        if above.name.startswith(("pytest-", "popen-")):
            above.chmod(0o755)
