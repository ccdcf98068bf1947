"""Questions, and a reader of no cost, with which all that is done besides reading is measured; served: `python -m`."""

import sys
from collections.abc import Sequence
from pathlib import Path

from rag.bot import Bot
from rag.config import Settings, read_settings
from rag.index.store import Store
from rag.records import Reading
from rag.server.app import create_app
from rag.server.listener import bind, serve
from tests.support.fakes import FakeEmbedder

__all__ = ["CITIES", "FILES", "LARGE_FILES", "QUESTIONS", "QuickReader", "quick_bot"]

CITIES = "北京上海广州深圳成都"
QUESTIONS = {
    "cities": CITIES * 100,
    "numbers to numbers": "1至" * 500,
    "digits": "9" * 1000,
    "units": "5亿元" * 250,
    "years": "2023年" * 200,
    "days": "2023年5月6日" * 100,
    "days in characters": "二〇二三年五月" * 140,
    "quotes": "“成都”" * 250,
    "titles, all different": "".join(f"《成都{i}号》" for i in range(125)),
    "Latin names, all different": " ".join(f"GPT-{i}" for i in range(140)),
    "one Latin word": "a" * 1000,
    "lists": "成都和重庆、" * 160,
    "ordinals, all different": "".join(f"第{i}批" for i in range(1, 210)),
    "traditional characters": "臺灣經濟發展與產業轉型" * 90,
    "marks": "。？！，；" * 199 + "成都",
    "emoji": "成都😀" * 333,
    "interrogatives": "什么多少个哪一年" * 125,
    "scores": "3:2比" * 250,
    "ranges of years": "2019至2023年" * 110,
    "one character": "哈" * 1000,
    "every character another": "".join(map(chr, range(0x4E00, 0x4E00 + 1000))),
    "particles": "了的在和与" * 200,
    "nested quotes": "“" * 333 + "成都" + "”" * 333,
    "relative times": "去年今年前年上个月昨天" * 90,
}
"""By their kind; what is over 1,000 characters is cut off."""
FILES = {
    "44 × 驻.txt": "成都日报的一天\n" + "驻" * 44 + "\n今天天气很好。\n",
    "19 × 驻.txt": ("驻" * 19 + "\n") * 3_500,
    "one line.txt": "成" * 300_000,
    "numbers.txt": "1至" * 150_000 + "。",
    "digits.txt": "1" * 900_000,
    "spaces.txt": "成" + " " * 900_000 + "都",
    "quotes.txt": "“成都”" * 80_000,
    "hashes.md": "# " * 200_000 + "\n成都",
    "comments.md": "<!-- " * 150_000 + "成都",
    "headings.txt": "\n\n".join(f"第{i}个标题没有正文" for i in range(8_000)),
}
"""Each once held up a build."""
LARGE_FILES = {
    "short lines.txt": "\n".join(f"新园{i:04}" for i in range(47_000)),
    "one character a line.txt": "新\n" * 250_000,
    "headings, a MB.txt": "\n\n".join(f"第{i}个标题没有正文" for i in range(30_000)),
    "lines of eleven.txt": "\n".join(f"第{i:05}个公园在成都" for i in range(30_000)),
    "sentences.txt": "临江市今年新建图书馆十二座，投资三亿元。\n" * 16_000,
    "rows.jsonl": '{"text": "临江市今年新建图书馆十二座，投资三亿元。"}\n' * 10_000,
}
"""Of a MB; each takes some seconds."""


class QuickReader:
    """Marks every third word of a text: what is measured is all that is done with its marks."""

    name = "quick"

    def read(
        self, question: str, texts: Sequence[str], *, best: int = 3, titles: Sequence[str] = ()
    ) -> list[list[Reading]]:
        return [
            [Reading(at, at + 4, 2.0 - at / 50) for at in range(0, min(12 * best, len(text) - 4), 12)]
            for text in texts
        ]


def quick_bot(settings: Settings) -> Bot:
    """Open the index, which a `FakeEmbedder` made, with the quick reader; the first question is over."""
    embedder = FakeEmbedder()
    store = Store.open(settings.index, embedder.name, embedder.dim)
    bot = Bot(store, embedder, QuickReader(), settings)
    bot.ask("成都有多少5G基站？")
    return bot


def main(index: Path, state: Path) -> None:
    """Serve the quick bot as `rag.server.run` serves the whole."""
    settings = read_settings({"RAG_INDEX": str(index), "RAG_STATE": str(state)}, port=0)
    with bind(settings) as taken:
        serve(create_app(quick_bot(settings), settings), settings, taken)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:3]))
