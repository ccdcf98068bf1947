"""Where the material of the tests lies."""

from pathlib import Path

__all__ = ["ARTICLES", "DATA", "GATE", "ROOT", "SEEDS"]

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT / "seeds"
DATA = ROOT / "tests" / "data"
ARTICLES = DATA / "articles"
GATE = ROOT / "tests" / "gate"
