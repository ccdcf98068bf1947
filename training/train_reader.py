"""Train the span reader: joint softmax over the windows of a question, resumable, the same on one process or two.

    python -m training.train_reader --data $RAG_DATA --weights weights --out weights [--steps 400] [--processes 2]

`--weights` holds `encoder.fp16.safetensors`, `tokenizer.json` and the reader to start from, `start-reader.fp16.safetensors`. `--out` gets
`checkpoint.pt` every few minutes and `reader.fp16.safetensors` at the end; run again, it goes on from the checkpoint.
`--round 2` to `4` train on the groups of `training.second_round`; `--keep 500` leaves the weights of every 500th step, too.
A batch depends only on the seed and its number, so any number of processes sees the same ones.
"""

import argparse
import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
import torch.distributed as dist
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor
from torch.multiprocessing.spawn import spawn

from training.bert import load, logits, trained_names
from training.export_models import guarded
from training.reader_data import Group, ReaderData
from training.second_round import FifthRound, FourthRound, SecondRound, ThirdRound

__all__ = ["Plan", "Row", "encode", "loss_of", "main", "train"]

BEGIN, END = 0, 2
BATCH = 8
# Tokens that pass through the layers at once: more leave the cache, fewer cost calls.
TOKENS_AT_ONCE = 2400
# A sentence that is longer is cut: the model has 512 places, and few such sentences are worth their time.
MAX_TOKENS = 320
WARM_UP = 40
CLIP = 1.0
DECAY = 0.01
CHECKPOINT_SECONDS = 240.0


class Groups(Protocol):
    """Where groups come from: one for each number from 0 on."""

    def group(self, number: int) -> Group:
        """Return a group."""


ROUNDS: Mapping[int, Callable[[Path, int], Groups]] = {
    1: ReaderData,
    2: SecondRound,
    3: ThirdRound,
    4: FourthRound,
    5: FifthRound,
}


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the result: the rate falls to 0 at `steps`; the bottom `frozen` layers stay as they are.

    `half`: products of matrices in bfloat16; weights, sums, norms and scores stay float32.
    """

    steps: int = 400
    rate: float = 1e-4
    head_rate: float = 5e-4
    frozen: int = 6
    seed: int = 0
    joint: float = 0.5
    half: bool = False
    round: int = 1

    def share(self, step: int) -> float:
        """Return the share of the full rate at a step: up in a straight line, then down to 0 in another."""
        return min((step + 1) / WARM_UP, max(self.steps - step, 0) / max(self.steps - WARM_UP, 1), 1.0)


@dataclass(frozen=True, slots=True)
class Row:
    """The tokens of a window; the passage's begin at `skip`. Gold starts and ends count from there."""

    ids: list[int]
    skip: int
    starts: list[int]
    ends: list[int]


def encode(group: Group, tokenizer: Tokenizer) -> list[Row]:
    """Return the group's windows as the model reads them: `<s> query: Q </s> [TITLE </s>] PASSAGE </s>`."""
    asked = tokenizer.encode(f"query: {group.question}", add_special_tokens=False).ids[:64]
    found = []
    for window in group.windows:
        title = tokenizer.encode(window.title, add_special_tokens=False).ids[:32] if window.title else []
        passage = tokenizer.encode(window.text, add_special_tokens=False)
        before = [BEGIN, *asked, END, *title, *([END] if title else [])]
        spans = [_tokens_of(passage.offsets, start, end) for start, end in window.answers]
        room = MAX_TOKENS - len(before) - 1
        whole = [span for span in spans if span is not None and span[1] < room]
        starts, ends = ([first for first, _ in whole], [last for _, last in whole])
        found.append(Row([*before, *passage.ids[:room], END], len(before), starts, ends))
    return found


def _tokens_of(offsets: Sequence[tuple[int, int]], start: int, end: int) -> tuple[int, int] | None:
    """Return the first and last token that share a character with the span."""
    inside = [n for n, (a, b) in enumerate(offsets) if a < end and b > start and b > a]
    return (inside[0], inside[-1]) if inside else None


def loss_of(rows: Sequence[Row], scores: Sequence[Tensor], joint: float) -> Tensor:
    """Return the loss of one group: the shared softmax and, with weight 1 − `joint`, that of each window alone.

    All scores are differences to position 0, "not here", which has 0 then: what the reader calls its margin. The shared
    softmax (Clark & Gardner 2018) runs over the tokens of all windows and one "nowhere".
    """
    total = torch.zeros(())
    for side in (0, 1):
        margins = [
            score[row.skip : -1, side] - score[0, side] for row, score in zip(rows, scores, strict=True)
        ]
        golds = [sorted(set(row.ends if side else row.starts)) for row in rows]
        alone = [_surprise(margin, [margin[gold]]) for margin, gold in zip(margins, golds, strict=True)]
        right = [margin[gold] for margin, gold in zip(margins, golds, strict=True)]
        shared = _surprise(torch.cat(margins), right)
        total = total + joint * shared + (1 - joint) * torch.stack(alone).mean()
    return total


def _surprise(margins: Tensor, right: Sequence[Tensor]) -> Tensor:
    """Return −log of the probability of what is right; if that is nothing, of "nowhere", whose score is 0."""
    nowhere = torch.zeros(1)
    gold = torch.cat(list(right))
    everything = torch.logsumexp(torch.cat([margins, nowhere]), 0)
    return everything - (torch.logsumexp(gold, 0) if len(gold) else nowhere[0])


def batch_rows(data: Groups, tokenizer: Tokenizer, step: int, rank: int, world: int) -> list[list[Row]]:
    """Return this process's groups of a batch: dealt out by length, so that all have as much to do."""
    groups = [encode(data.group(number), tokenizer) for number in range(step * BATCH, (step + 1) * BATCH)]
    groups.sort(key=lambda rows: -sum(len(row.ids) for row in rows))
    return groups[rank::world]


def gradients(weights: dict[str, Tensor], groups: Sequence[list[Row]], plan: Plan) -> float:
    """Add the gradients of the groups, each a share of the batch, and return the loss."""
    total, held = 0.0, list[list[Row]]()
    for number, rows in enumerate(groups):
        held.append(rows)
        size = sum(len(row.ids) for group in held for row in group)
        if size < TOKENS_AT_ONCE and number + 1 < len(groups):
            continue
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=plan.half):
            scores = iter(logits(weights, [row.ids for group in held for row in group]))
        losses = [loss_of(group, [next(scores) for _ in group], plan.joint) for group in held]
        loss = torch.stack(losses).sum() / BATCH
        loss.backward()
        total, held = total + float(loss.detach()), []
    return total


class Training:
    """The weights, the optimiser and the step they are at; kept in one file."""

    def __init__(self, plan: Plan, weights: dict[str, Tensor], file: Path) -> None:
        """Take up the checkpoint in `file` if there is one."""
        self.plan, self.weights, self.file = plan, weights, file
        self.names = trained_names(weights, plan.frozen)
        self.step = 0
        self.plans: list[dict[str, Any]] = []
        for name in self.names:
            weights[name].requires_grad_(True)
        self.optimiser = torch.optim.AdamW(self._parts(), betas=(0.9, 0.98), foreach=True)
        if file.exists():
            self._load()
        if not self.plans or self.plans[-1]["plan"] != asdict(plan):
            self.plans.append({"from_step": self.step, "plan": asdict(plan)})

    def _parts(self) -> list[dict[str, Any]]:
        """Return the parameters by rate and decay: matrices decay, biases and norms do not."""
        parts = []
        for head in (False, True):
            for matrix in (False, True):
                names = [
                    n
                    for n in self.names
                    if n.startswith("o.") == head and (self.weights[n].dim() > 1) == matrix
                ]
                rate = self.plan.head_rate if head else self.plan.rate
                found = [self.weights[name] for name in names]
                parts.append(
                    {"params": found, "weight_decay": DECAY if matrix else 0.0, "lr": rate, "full": rate}
                )
        return parts

    def _load(self) -> None:
        state = torch.load(self.file, weights_only=True)
        with torch.no_grad():
            for name, value in state["weights"].items():
                self.weights[name].copy_(value)
        self.optimiser.load_state_dict(state["optimiser"])
        for part, planned in zip(self.optimiser.param_groups, self._parts(), strict=True):
            part["full"] = planned["full"]
        self.step, self.plans = state["step"], state["plans"]

    def save(self) -> None:
        """Write everything that is needed to go on, whole or not at all."""
        state = {
            "weights": {name: self.weights[name].detach() for name in self.names},
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "plans": self.plans,
        }
        part = self.file.with_suffix(".part")
        torch.save(state, part)
        part.replace(self.file)

    def advance(self, stop: bool) -> tuple[float, bool]:
        """Take a step with the gradients of all processes; return their norm and whether one of them is to stop."""
        grown = [self.weights[name] for name in self.names]
        flat = torch.cat(
            [*(p.grad.flatten() for p in grown if p.grad is not None), torch.tensor([float(stop)])]
        )
        if dist.is_initialized():
            dist.all_reduce(flat)
        norm = float(flat[:-1].norm())
        flat[:-1] *= min(1.0, CLIP / max(norm, 1e-6))
        for parameter, grad in zip(grown, flat[:-1].split([p.numel() for p in grown]), strict=True):
            parameter.grad = grad.view_as(parameter)
        for part in self.optimiser.param_groups:
            part["lr"] = part["full"] * self.plan.share(self.step)
        self.optimiser.step()
        self.optimiser.zero_grad(set_to_none=False)
        self.step += 1
        return norm, bool(flat[-1])

    def export(self, file: Path) -> None:
        """Write the layers that are not the encoder's and the head, float16."""
        layers = (n for n in self.weights if n.startswith("encoder.layer.") and int(n.split(".")[2]) >= 2)
        names = [*layers, "o.weight", "o.bias"]
        save_file({name: self.weights[name].detach().half().contiguous() for name in names}, file)


def train(
    training: Training,
    data: Groups,
    tokenizer: Tokenizer,
    until: int,
    said: Callable[[str], None],
    keep: int = 0,
) -> None:
    """Take steps until `until` or a SIGTERM; a checkpoint every few minutes and at the end, weights every `keep`."""
    rank, world = (dist.get_rank(), dist.get_world_size()) if dist.is_initialized() else (0, 1)
    stopped: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopped.append(number))
    saved = time.monotonic()
    while training.step < until:
        rows = batch_rows(data, tokenizer, training.step, rank, world)
        loss = gradients(training.weights, rows, training.plan)
        norm, stop = training.advance(bool(stopped))
        said(f"step {training.step} loss {loss * world:.3f} norm {norm:.2f} cpu {time.process_time():.0f}")
        if rank == 0 and time.monotonic() - saved > CHECKPOINT_SECONDS:
            training.save()
            saved = time.monotonic()
        if rank == 0 and keep and training.step % keep == 0:
            training.export(training.file.with_name(f"step-{training.step}.fp16.safetensors"))
        if stop:
            break
    if rank == 0:
        training.save()


def run(rank: int, options: argparse.Namespace, plan: Plan) -> None:
    """Train as one of `options.processes` processes of one thread each."""
    torch.set_num_threads(1)
    torch.manual_seed(plan.seed)
    if options.processes > 1:
        meeting = options.out / "meeting"
        dist.init_process_group(
            "gloo", f"file://{meeting.resolve()}", rank=rank, world_size=options.processes
        )
    tokenizer = Tokenizer.from_str(guarded((options.weights / "tokenizer.json").read_text("utf-8")))
    weights = load(
        options.weights / "encoder.fp16.safetensors",
        options.start or options.weights / "start-reader.fp16.safetensors",
    )
    training = Training(plan, weights, options.out / "checkpoint.pt")
    data: Groups = ROUNDS[plan.round](options.data, plan.seed)
    with (options.out / f"log{rank}.txt").open("a", encoding="utf-8") as log:

        def said(line: str) -> None:
            log.write(f"{time.strftime('%H:%M:%S')} {line}\n")
            log.flush()

        train(
            training, data, tokenizer, min(options.until_step or plan.steps, plan.steps), said, options.keep
        )
    if rank == 0:
        training.export(options.out / "reader.fp16.safetensors")
        about = {"step": training.step, "plans": training.plans, **_start(options.start)}
        record = json.dumps(about, indent=1)
        (options.out / "reader.json").write_text(record + "\n", "utf-8")


def _start(reader: Path | None) -> dict[str, Any]:
    """Return how the reader that was started from had been trained, if that is written beside it."""
    file = None if reader is None else reader.with_name("reader.json")
    return {"start": json.loads(file.read_text("utf-8"))} if file is not None and file.exists() else {}


PLAN = Plan()


def main() -> None:
    """Read the command line and train."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--start", type=Path, help="reader to start from (start-reader.fp16.safetensors of --weights)"
    )
    parser.add_argument("--round", type=int, default=PLAN.round, choices=tuple(ROUNDS), help="which groups")
    parser.add_argument("--keep", type=int, default=0, help="keep the weights of every so many steps")
    parser.add_argument("--steps", type=int, default=PLAN.steps, help="where the rate reaches 0")
    parser.add_argument("--until-step", type=int, default=0, help="stop here and keep a checkpoint")
    parser.add_argument("--frozen", type=int, default=PLAN.frozen, help="bottom layers that stay as they are")
    parser.add_argument("--half", action="store_true", help="bfloat16 products: three times as fast with AMX")
    parser.add_argument("--rate", type=float, default=PLAN.rate)
    parser.add_argument("--head-rate", type=float, default=PLAN.head_rate)
    parser.add_argument("--seed", type=int, default=PLAN.seed)
    parser.add_argument("--processes", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "meeting").unlink(missing_ok=True)
    plan = Plan(
        steps=options.steps,
        rate=options.rate,
        head_rate=options.head_rate,
        frozen=options.frozen,
        seed=options.seed,
        half=options.half,
        round=options.round,
    )
    if options.processes == 1:
        run(0, options, plan)
    else:
        spawn(run, (options, plan), options.processes)


if __name__ == "__main__":
    main()
