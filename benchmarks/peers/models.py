"""Write weights as folders that peers can load: `python models.py WEIGHTS READER OUT` (in the peers' environment).

OUT/encoder is a sentence-transformers model with the prompts of E5, OUT/reader-float and OUT/reader-ours are transformers
models that answer questions. The first two have the starting weights in their precision; the last has those of the reader
that we ship, as READER (`python -m training.import_reader`) has them from its int8 graph.
"""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer
from sentence_transformers.models import Normalize, Pooling, Transformer
from tokenizers import Tokenizer
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertForQuestionAnswering, BertModel, PreTrainedTokenizerFast

TOKENS = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "cls_token": "<s>",
    "sep_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "mask_token": "<mask>",
}
PROMPTS = {"query": "query: ", "passage": "passage: ", "document": "passage: "}


def tokenizer(weights: Path, out: Path, *, pairs: bool) -> None:
    """Write the tokenizer; with `pairs` a question and its text are parted by one mark, as the reader learnt them."""
    inner = Tokenizer.from_file(str(weights / "tokenizer.json"))
    if pairs:
        marks = [("<s>", inner.token_to_id("<s>")), ("</s>", inner.token_to_id("</s>"))]
        inner.post_processor = TemplateProcessing(
            single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=marks
        )
    names = ["input_ids", "attention_mask"]
    PreTrainedTokenizerFast(
        tokenizer_object=inner, model_max_length=512, model_input_names=names, **TOKENS
    ).save_pretrained(out)


def encoder(weights: Path, out: Path) -> None:
    """Write the encoder as a sentence-transformers folder."""
    plain = out.with_name("encoder-plain")
    config = BertConfig.from_json_file(str(weights / "config.json"))
    model = BertModel(config, add_pooling_layer=False)
    model.load_state_dict(_floats(weights / "encoder.fp16.safetensors"))
    model.save_pretrained(plain)
    tokenizer(weights, plain, pairs=False)
    words = Transformer(str(plain), max_seq_length=512)
    parts = [words, Pooling(config.hidden_size, pooling_mode="mean"), Normalize()]
    SentenceTransformer(modules=parts, prompts=PROMPTS, device="cpu").save(str(out))


def reader(weights: Path, own_weights: Path, out: Path) -> None:
    """Write a reader, the encoder with its own layers and head, as a transformers folder for question answering."""
    model = BertForQuestionAnswering(BertConfig.from_json_file(str(weights / "config.json")))
    own = _floats(own_weights)
    head = {"qa_outputs.weight": own.pop("o.weight"), "qa_outputs.bias": own.pop("o.bias")}
    body = {
        f"bert.{name}": value for name, value in (_floats(weights / "encoder.fp16.safetensors") | own).items()
    }
    model.load_state_dict(body | head)
    model.save_pretrained(out)
    tokenizer(weights, out, pairs=True)


def _floats(path: Path) -> dict[str, torch.Tensor]:
    return {name: value.float() for name, value in load_file(path).items()}


if __name__ == "__main__":
    weights, ours, out = map(Path, sys.argv[1:])
    out.mkdir(parents=True, exist_ok=True)
    encoder(weights, out / "encoder")
    reader(weights, weights / "start-reader.fp16.safetensors", out / "reader-float")
    reader(weights, ours, out / "reader-ours")
    print(json.dumps({"folders": sorted(path.name for path in out.iterdir())}))
