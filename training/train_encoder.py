"""Fine-tune the encoder on questions and passages of sets that allow it.

    python -m training.train_encoder --weights FOLDER --out FOLDER [--data ../shared/data]

FOLDER holds `encoder.fp16.safetensors` and `tokenizer.json` (made by `training.build_encoder`). The examples are
written to `OUT/examples.jsonl`, checkpoints beside them; what is there already is not made again, so a stopped run
goes on where it was. For each share of `--blend` the weights share × new + (1 − share) × old are written to
`OUT/blend-SHARE/`, ready for `training.export_models` (Wortsman et al. 2022: a blend forgets less of what the
encoder knew).
"""

import argparse
import json
import random
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from safetensors.numpy import load_file, save_file
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.base.modules import Normalize, Transformer
from sentence_transformers.sentence_transformer import losses
from sentence_transformers.sentence_transformer.modules import Pooling
from sentence_transformers.sentence_transformer.training_args import BatchSamplers
from transformers import BertConfig, PreTrainedTokenizerFast

from rag.models.embedder import OnnxEncoder
from training.encoder_pairs import Example, Pair, cut, mine, neighbours, pairs_of
from training.measure_models import rows

__all__ = ["blend", "examples", "freeze", "main", "spread", "torch_model"]

# How many pairs of each set a run of 2,000 takes: questions of news first.
SHARES = {"chronoqa": 0.4, "cmrc2018": 0.18, "drcd": 0.14, "xinwenlianbo": 0.18, "qbqtc": 0.1}
# The longest text learnt from, in characters: what is longer costs more than it teaches.
LONGEST = 240
MAX_TOKENS = 160
# Cosines of this encoder lie between .7 and 1: a softmax over them needs a large factor (its own training had 100).
SCALE = 50.0
WEIGHTS = "encoder.fp16.safetensors"
CHECKPOINTS = "checkpoints"


def examples(data: Path, size: int, mined: int, seed: int) -> list[Example]:
    """Return about `size` examples of all sets in a seeded order.

    The negatives of a question lie in its own set, among the passages of at most `mined` articles.
    """
    encoder = OnnxEncoder(threads=1)
    found: list[Example] = []
    for source, share in SHARES.items():
        file = data / source / "articles.jsonl"
        pieces = cut(file) if file.exists() else []
        pairs = [pair for pair in pairs_of(source, data, pieces) if len(pair.positive) <= LONGEST]
        random.Random(seed).shuffle(pairs)
        chosen = spread(pairs)[: round(size * share)]
        searched = set(list(dict.fromkeys(pair.articles[0] for pair in chosen))[:mined])
        around = [piece for piece in pieces if piece.article in searched]
        found += mine(chosen, around, encoder, seed) if around else neighbours(chosen)
    random.Random(seed).shuffle(found)
    return found


def spread(pairs: Sequence[Pair]) -> list[Pair]:
    """Return the pairs with those of an article already asked at the end: the first are spread over all articles."""
    seen: dict[str, int] = {}
    turns = []
    for pair in pairs:
        turns.append(seen.get(pair.articles[0], 0))
        seen[pair.articles[0]] = turns[-1] + 1
    return [pairs[i] for i in sorted(range(len(pairs)), key=lambda i: turns[i])]


def torch_model(weights: Path, folder: Path) -> SentenceTransformer:
    """Return the float32 model of `weights` as sentence-transformers trains it; its files are written to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    parameters = {name: value.astype(np.float32) for name, value in load_file(weights / WEIGHTS).items()}
    save_file(parameters, folder / "model.safetensors", {"format": "pt"})
    vocabulary, width = parameters["embeddings.word_embeddings.weight"].shape
    layers = sum(name.endswith("output.dense.bias") and ".attention." not in name for name in parameters)
    config = BertConfig(
        vocab_size=vocabulary,
        hidden_size=width,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=4 * width,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
    )
    config.architectures = ["BertModel"]
    config.save_pretrained(folder)
    tokenizer: Any = PreTrainedTokenizerFast
    tokenizer(
        tokenizer_file=str(weights / "tokenizer.json"),
        bos_token="<s>",
        eos_token="</s>",
        cls_token="<s>",
        sep_token="</s>",
        pad_token="<pad>",
        unk_token="<unk>",
        model_input_names=["input_ids", "attention_mask"],
    ).save_pretrained(folder)
    # The backward pass of torch's fused attention is several times as slow on a CPU.
    bert = Transformer(str(folder), max_seq_length=MAX_TOKENS, model_kwargs={"attn_implementation": "eager"})
    return SentenceTransformer(modules=[bert, Pooling(width, "mean"), Normalize()], device="cpu")


def freeze(model: SentenceTransformer, layers: int) -> None:
    """Keep the embeddings, the lowest `layers` layers and the pooler, which nothing uses, as they are."""
    bert: Any = model[0].auto_model
    for part in (bert.embeddings, *bert.encoder.layer[:layers], bert.pooler):
        part.requires_grad_(False)


def train(model: SentenceTransformer, found: Sequence[Example], options: argparse.Namespace) -> None:
    """Teach `model`, going on from the last checkpoint if there is one."""
    data = Dataset.from_dict(
        {
            "anchor": [f"query: {one.question}" for one in found],
            "positive": [f"passage: {one.positive}" for one in found],
            "negative": [f"passage: {one.negative}" for one in found],
        }
    )
    loss: Any = losses.MultipleNegativesRankingLoss(model, scale=SCALE)
    if options.mini_batch < options.batch:  # the same loss for less memory and more time
        loss = losses.CachedMultipleNegativesRankingLoss(
            model, scale=SCALE, mini_batch_size=options.mini_batch
        )
    trainer = SentenceTransformerTrainer(model=model, args=_arguments(options), train_dataset=data, loss=loss)
    trainer.train(resume_from_checkpoint=any((options.out / CHECKPOINTS).glob("checkpoint-*")))


def _arguments(options: argparse.Namespace) -> SentenceTransformerTrainingArguments:
    return SentenceTransformerTrainingArguments(
        output_dir=str(options.out / CHECKPOINTS),
        num_train_epochs=options.epochs,
        per_device_train_batch_size=options.batch,
        learning_rate=options.rate,
        lr_scheduler_type="linear",
        warmup_steps=0.1,
        weight_decay=0.01,
        batch_sampler=BatchSamplers.NO_DUPLICATES,
        save_steps=20,
        save_total_limit=1,
        logging_steps=1,
        seed=options.seed,
        use_cpu=True,
        bf16=options.half,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=False,
    )


def blend(old: Mapping[str, Any], new: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Return share × new + (1 − share) × old of every tensor, in half precision."""
    return {
        name: (share * new[name].astype(np.float32) + (1 - share) * value.astype(np.float32)).astype(
            np.float16
        )
        for name, value in old.items()
    }


def _learnt(model: SentenceTransformer) -> dict[str, Any]:
    bert: Any = model[0].auto_model
    return {name: value.detach().numpy() for name, value in bert.state_dict().items()}


def _examples_kept(options: argparse.Namespace) -> list[Example]:
    """Return the examples of an earlier run, made now if there are none."""
    path = options.out / "examples.jsonl"
    if not path.exists():
        found = examples(options.data, options.size, options.mined, options.seed)
        lines = [json.dumps(asdict(one), ensure_ascii=False) for one in found]
        path.write_text("\n".join(lines) + "\n", "utf-8")
    return [Example(**row) for row in rows(path)]


def main() -> None:
    """Read the command line, train and write the blends."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--size", type=int, default=2000, help="examples, about")
    parser.add_argument(
        "--mined", type=int, default=300, help="articles of a set that negatives are sought in"
    )
    parser.add_argument("--epochs", type=float, default=1)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument(
        "--mini-batch", type=int, default=32, help="less than --batch: less memory, more time"
    )
    parser.add_argument("--frozen", type=int, default=8, help="layers that stay as they are, from below")
    parser.add_argument("--rate", type=float, default=5e-5)
    parser.add_argument("--blend", type=float, nargs="+", default=[0.5, 1.0])
    parser.add_argument("--half", action="store_true", help="bfloat16 products: faster with AMX")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    found = _examples_kept(options)
    model = torch_model(options.weights, options.out / "start")
    freeze(model, options.frozen)
    train(model, found, options)
    old, new = load_file(options.weights / WEIGHTS), _learnt(model)
    for share in options.blend:
        folder = options.out / f"blend-{share:g}"
        folder.mkdir(exist_ok=True)
        save_file(blend(old, new, share), folder / WEIGHTS)
        shutil.copy(options.weights / "tokenizer.json", folder)


if __name__ == "__main__":
    main()
