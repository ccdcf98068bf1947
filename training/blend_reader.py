"""Average two readers of one run: `python -m training.blend_reader --old FOLDER --new FOLDER --out FOLDER [--share 0.6]`.

Each folder holds `reader.fp16.safetensors` and `reader.json` as `training.train_reader` writes them; `--out` gets share × new
+ (1 − share) × old, ready for `training.export_models`. The mean of two points of a run that both came to rest answers
more questions of other kinds than either (Wortsman et al. 2022, https://arxiv.org/abs/2203.05482).
"""

import argparse
import json
from pathlib import Path

from safetensors.numpy import load_file, save_file

from training.train_encoder import blend

WEIGHTS, CARD = "reader.fp16.safetensors", "reader.json"


def main() -> None:
    """Read the command line and write the average."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--old", type=Path, required=True)
    parser.add_argument("--new", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--share", type=float, default=0.6)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    old, new = (json.loads((folder / CARD).read_text("utf-8")) for folder in (options.old, options.new))
    found = blend(load_file(options.old / WEIGHTS), load_file(options.new / WEIGHTS), options.share)
    save_file(found, options.out / WEIGHTS)
    named = {"with": old["imported_from"]} if "imported_from" in old else {}
    new["blend"] = {"with_step": old["step"], **named, "share": options.share}
    (options.out / CARD).write_text(json.dumps(new, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
