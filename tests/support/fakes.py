"""Stand-ins for models and news: deterministic, and open to inspection."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np

from rag.records import FloatArray

__all__ = ["FakeEmbedder", "news", "write_news"]


class FakeEmbedder:
    """Embed by hashing pairs of neighbouring characters: texts that share pairs are near.

    `batches` keeps what was embedded, one list of texts for each call.
    """

    def __init__(self, name: str = "fake", dim: int = 64) -> None:
        self.name = name
        self.dim = dim
        self.batches: list[list[str]] = []

    @property
    def texts(self) -> list[str]:
        """All passages embedded, in order."""
        return [text for batch in self.batches for text in batch]

    def embed(self, texts: Sequence[str], *, kind: Literal["query", "passage"]) -> FloatArray:
        """Return `(n, dim)` unit vectors in the order of `texts`."""
        if kind == "passage":
            self.batches.append(list(texts))
        return (
            np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dim), np.float32)
        )

    def _vector(self, text: str) -> FloatArray:
        vector = np.zeros(self.dim, np.float32)
        for pair in {text[i : i + 2] for i in range(len(text))}:
            digest = hashlib.blake2b(f"{self.name}{pair}".encode(), digest_size=4).digest()
            vector[int.from_bytes(digest[:3]) % self.dim] += 1 if digest[3] & 1 else -1
        vector[0] += 1e-3  # never all zero
        unit: FloatArray = vector / np.linalg.norm(vector)
        return unit


PLACES = ("成都", "绵阳", "德阳", "宜宾", "泸州", "南充", "达州", "乐山")
THINGS = ("基站", "产线", "仓库", "学校", "医院", "公园", "充电桩", "图书馆")


def news(count: int, start: int = 0) -> list[dict[str, str]]:
    """Return rows of a JSONL file: articles that all differ, of three paragraphs each."""
    return [_story(number) for number in range(start, start + count)]


def _story(number: int) -> dict[str, str]:
    place, thing = PLACES[number % 8], THINGS[number // 8 % 8]
    paragraphs = [
        f"记者从{place}市获悉，截至2023年底，当地第{number}期建成{thing}{number * 7 + 3}个，比上年多{number % 9 + 1}个。",
        f"“{thing}要方便群众。”项目负责人说，第{number}期总投资{number * 3 + 1}万元，由{place}市统筹安排，分{number % 4 + 2}批交付。"
        * 3,
        f"下一步，{place}市计划在{2024 + number % 5}年再建{thing}{number + 11}个，其中{number % 6 + 1}个位于新区。",
    ]
    return {
        "id": f"n{number}",
        "title": f"{place}第{number}期{thing}建成投用",
        "text": "\n".join(paragraphs),
        "date": f"2024-{number % 12 + 1:02d}-{number % 28 + 1:02d}",
        "publisher": "四川晚报" if number % 2 else "蜀都日报",
        "url": f"https://news.example/{number}",
    }


def write_news(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write rows as a JSONL file and return its path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(json.dumps(row, ensure_ascii=False).encode() + b"\n" for row in rows))
    return path
