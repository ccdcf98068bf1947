"""Youju beside LangChain, LlamaIndex, Haystack and txtai: `python -m benchmarks.peers --python PEERS_PYTHON [--write]`.

    python3 -m venv /tmp/peers && /tmp/peers/bin/pip install -r benchmarks/peers/requirements.txt
    python -m benchmarks.peers --python /tmp/peers/bin/python --write

Everyone searches the same passages of the same articles for the same questions (`pools.py`); what each peer is set to
is said in `peer.py`. What was measured is kept under `--cache`: a peer's by its name, the pool and the encoder, ours
also by the digest of the program, so that after a change only ours is measured again. `--only NAME` measures one and
prints no table; a stopped run goes on where it was.
"""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.peers import ours, table
from benchmarks.peers.pools import POOLS, Pool, passages_file
from benchmarks.peers.process import measured
from benchmarks.peers.scores import Result, scored
from benchmarks.quality_sets import DATA
from rag.config import MODELS
from rag.models.runtime import ModelFolder

CACHE = Path.home() / ".cache" / "youju" / "peers"
HERE = Path(__file__).resolve().parent
WEIGHTS = DATA.parent / "models"
PEERS = ("LangChain", "LlamaIndex", "Haystack", "txtai")
ENCODERS = ("float", "ours")


def models(python: Path, cache: Path) -> Path:
    """Write the folders that the peers load, once for each reader of ours."""
    out = cache / "models" / ModelFolder.open(MODELS / "reader").name
    if not (out / "reader-ours" / "config.json").exists():
        measured([sys.executable, "-m", "training.import_reader", "--weights", WEIGHTS, "--out", out])
        measured([python, HERE / "models.py", WEIGHTS, out / "reader.fp16.safetensors", out])
    return out


def run(python: Path, name: str, pools: Sequence[Pool], cache: Path) -> None:
    """Measure a peer on all pools, with the encoder in floating point and with ours, unless that was done."""
    files = [cache / f"{pool.name}.json" for pool in pools]
    given = [*files, "--models", models(python, cache), "--cache", cache, "--out", cache / "results"]
    command = [python, HERE / "peer.py", name, *given]
    if not all(result_of(pool, name, encoder, cache).exists() for pool in pools for encoder in ENCODERS):
        print(f"{name} …", file=sys.stderr)
        measured(command)
    if not first_of(name, cache).exists():
        first_of(name, cache).write_text(json.dumps(measured([*command, "--cold"])), encoding="utf-8")


def result_of(pool: Pool, name: str, encoder: str, cache: Path) -> Path:
    """Return the file of what a peer did."""
    return cache / "results" / f"{pool.name}-{name}-{encoder}.json"


def first_of(name: str, cache: Path) -> Path:
    """Return the file of what the first answer of a new process took."""
    return cache / "results" / f"{name}.first.json"


def results(pools: Sequence[Pool], names: Sequence[str], cache: Path) -> Mapping[str, Mapping[str, Result]]:
    """Return for each pool what everyone did, scored."""
    found: dict[str, dict[str, Result]] = {}
    for pool in pools:
        own = ours.result(pool, cache)
        rows = found[pool.name] = {
            "Youju": own,
            "Youju, sure answers alone": own.strict(),
            "Youju, never refusing": ours.result(pool, cache, refusing=False),
        }
        with pool.open(cache) as bot:
            for name in names:
                for encoder, label in zip(ENCODERS, (name, f"{name}, our models"), strict=True):
                    path = result_of(pool, name, encoder, cache)
                    rows[label] = scored(path, first_of(name, cache), pool, bot)
                    if name == "Haystack":
                        rows[f"{label}, no_answer"] = rows[label].strict()
    return found


def main() -> None:
    """Measure, print, and write if told to."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", type=Path, required=True, help="the peers' python, see requirements.txt")
    parser.add_argument("--pool", nargs="+", default=[pool.name for pool in POOLS])
    parser.add_argument("--peer", nargs="+", choices=PEERS, default=PEERS)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--measure-only", action="store_true", help="run the peers and print no table")
    parser.add_argument(
        "--write", action="store_true", help="put the tables and the plot into benchmarks/peers/"
    )
    options = parser.parse_args()
    if not DATA.exists():
        sys.exit(f"{DATA} does not exist: set RAG_DATA to the folder of the question sets.")
    pools = [pool for pool in POOLS if pool.name in options.pool]
    for pool in pools:
        with pool.open(options.cache) as bot:
            passages_file(pool, bot, options.cache)
    for name in options.peer:
        run(options.python, name, pools, options.cache)
    if options.measure_only:
        return
    found = results(pools, options.peer, options.cache)
    said = table.report(found)
    print(said)
    if options.write:
        table.write(said, found)


if __name__ == "__main__":
    main()
