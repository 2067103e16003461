"""Trains the teacher: all tasks and aspects, for as long as its measures rise.

The run has no end of its own. The learning rate rises, then stays, and the stream of texts goes on
(`stream.py`). With `--cool-down TOKENS` the rate falls to zero over so many tokens from where the run is, and
then it ends; without, the same command goes on where the run was stopped. The whole state is written every
few minutes, and a stop loses what came after the last write. The measures, and all who read the teacher,
take the moving average of the weights, which is what a cool-down would come to.

Word vectors stay as they are: each is met too rarely to be learnt, and they are a fifth of what an optimiser
would have to carry. All layers learn; `--lower-every 2` leaves the lower half out of every second step, which
is a sixth cheaper.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from pathlib import Path

import torch
from torch import nn

from . import batches, losses, mixture
from .dev_slices import DevSlices
from .ema import Average
from .network import has_bf16, load_base
from .optimization import optimizer
from .plan import read_sets, save
from .stream import Stream
from .teacher_sets import add_extra
from .tokenizer import read_tokenizer

SAVE_EVERY_SECONDS = 240
#: Steps in which the learning rate rises.
WARMUP_STEPS = 80


def lower_half(encoder: nn.Module) -> list[nn.Parameter]:
    """The parameters of the lower half of the layers, and those that the gradient reaches only through it.
    MPNet's table of positions is among them: it is added to the attention of all layers, the lowest too."""
    half = encoder.config.num_hidden_layers // 2
    names = ("embeddings.", "encoder.relative_attention_bias.", *(f"encoder.layer.{i}." for i in range(half)))
    return [parameter for name, parameter in encoder.named_parameters()
            if parameter.requires_grad and name.startswith(names)]


class TeacherRun:
    """The network, what trains it, and how far it is."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.checkpoint, self.log = args.out / "checkpoint.pt", args.out / "train.jsonl"
        self.network = load_base(str(args.base))
        self.network.bf16 = has_bf16()
        self.network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
        self.adam = optimizer(self.network, args.learning_rate, 10 * args.learning_rate)
        self.state = {"step": 0, "tokens": 0, "seconds": 0.0, "chunk": 0, "place": 0, "cooling_from": None}
        self.average = Average(self.network)
        self.means: dict[str, float] = {}
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint, weights_only=True, mmap=True)
            self.network.load_state_dict(saved["network"])
            self.adam.load_state_dict(saved["optimizer"])
            for name, tensor in saved["average"].items():
                self.average.state[name].copy_(tensor)
            self.state.update(saved["state"])
        for group in self.adam.param_groups:
            group["peak"] = args.learning_rate * (10 if group["heads"] else 1)
        if args.cool_down and self.state["cooling_from"] is None:
            self.state["cooling_from"] = self.state["tokens"]
        self.lower = lower_half(self.network.encoder)
        self.network.train()

    def save(self) -> None:
        """Writes the whole state."""
        save(self.checkpoint, {"network": self.network.state_dict(), "average": self.average.state,
                               "optimizer": self.adam.state_dict(), "state": self.state})

    def rate(self) -> float:
        """Factor on the learning rate; 0 when the run is over."""
        rising = min(1.0, (self.state["step"] + 1) / WARMUP_STEPS)
        if self.state["cooling_from"] is None or not self.args.cool_down:
            return rising
        cooled = (self.state["tokens"] - self.state["cooling_from"]) / self.args.cool_down
        return rising * max(0.0, 1 - cooled)

    def step(self, batch: list[batches.Row], factor: float) -> None:
        """One step down the sum of the losses."""
        skips = self.args.lower_every > 1 and self.state["step"] % self.args.lower_every != 0
        for parameter in self.lower:
            parameter.requires_grad_(not skips)
        ids, mask, spans, targets = batches.collate(batch)
        parts = losses.all_heads(self.network(ids, mask, spans, targets["aspects"]), targets)
        for group in self.adam.param_groups:
            group["lr"] = group["peak"] * factor
        self.adam.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        self.state["step"] += 1
        self.state["tokens"] += int(mask.sum())
        self.average.update(self.state["step"])
        for name, part in parts.items():
            self.means[name] = 0.98 * self.means.get(name, part.item()) + 0.02 * part.item()

    def note(self, entry: dict) -> None:
        """Adds a line to the log."""
        line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **self.state, **entry})
        print(line, flush=True)
        with self.log.open("a") as file:
            file.write(line + "\n")


def items_of(args: argparse.Namespace) -> dict[str, list[batches.Item]]:
    """All sets, those made by rule among them, tokenized."""
    tokenizer = read_tokenizer(args.tokenizer)
    examples = read_sets(args)
    rng = random.Random(args.seed)
    mixture.add_made(examples, rng)
    add_extra(examples, args.data, "train", rng)
    return {name: batches.tokenize(found, tokenizer) for name, found in examples.items()}


def train(args: argparse.Namespace) -> None:
    """Trains until it is stopped, cooled down, or has done its steps."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    dev = DevSlices(args.data, read_tokenizer(args.tokenizer), args.limit)
    stream = Stream(items_of(args), args.seed, args.batch_tokens)
    run = TeacherRun(args)
    began = saved = time.monotonic()
    before, first = run.state["seconds"], run.state["tokens"]
    for chunk, place, batch in stream.batches(run.state["chunk"], run.state["place"]):
        factor = run.rate()
        over = factor <= 0 or (args.steps and run.state["step"] >= args.steps)
        if not over:
            run.step(batch, factor)
            run.state.update(chunk=chunk, place=place, seconds=before + time.monotonic() - began)
            if run.state["step"] % 20 == 0:
                speed = (run.state["tokens"] - first) / (time.monotonic() - began)
                run.note({"rate": factor, "tokens_per_second": round(speed, 1),
                          **{name: round(value, 4) for name, value in run.means.items()}})
        if over or time.monotonic() - saved > SAVE_EVERY_SECONDS:
            run.save()
            saved = time.monotonic()
        if over or run.state["step"] % args.measure_every == 0:
            run.note({"dev": dev.measure(run.network, run.average.state)})
            run.network.train()
        if over:
            return


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the teacher's base weights")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the student's base")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--limit", type=int, help="so many texts of each set, no more")
    parser.add_argument("--batch-tokens", type=int, default=1024)
    parser.add_argument("--learning-rate", type=float, default=3e-5)
    parser.add_argument("--lower-every", type=int, default=1, metavar="STEPS",
                        help="train the lower half of the layers once in so many steps")
    parser.add_argument("--cool-down", type=int, metavar="TOKENS", help="let the rate fall over so many tokens")
    parser.add_argument("--steps", type=int, help="stop after so many steps")
    parser.add_argument("--measure-every", type=int, default=250, metavar="STEPS")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
