"""A run without an end of its own: state that is saved and taken up again, a rate that stays until it cools down.

The learning rate rises, then stays. With a cool-down it falls to zero over so many tokens from where the run is,
and then the run ends. The budget is thus decided late, and a run that was stopped, for whatever reason, goes on
with the same command.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor, nn

from . import batches
from .ema import Average
from .network import Network
from .optimization import optimizer
from .plan import save
from .stream import Stream

SAVE_EVERY_SECONDS = 240
#: Steps in which the learning rate rises, and steps between two lines of the log.
WARMUP_STEPS, NOTE_EVERY = 80, 20


def add_arguments(parser: argparse.ArgumentParser, learning_rate: float) -> None:
    """What every endless run is told."""
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base weights")
    parser.add_argument("--tokenizer", type=Path, required=True, help="tokenizer.json of the student's base")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--limit", type=int, help="so many texts of each set, no more")
    parser.add_argument("--batch-tokens", type=int, default=1024)
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--cool-down", type=int, metavar="TOKENS", help="let the rate fall over so many tokens")
    parser.add_argument("--steps", type=int, help="stop after so many steps")
    parser.add_argument("--measure-every", type=int, default=250, metavar="STEPS")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)


class EndlessRun:
    """The network, what trains it, and how far it is."""

    def __init__(self, args: argparse.Namespace, network: Network) -> None:
        self.args, self.network = args, network
        self.checkpoint, self.log = args.out / "checkpoint.pt", args.out / "train.jsonl"
        self.adam = optimizer(network, args.learning_rate, 10 * args.learning_rate)
        self.state = {"step": 0, "tokens": 0, "seconds": 0.0, "chunk": 0, "place": 0, "cooling_from": None}
        self.average = Average(network)
        self.means: dict[str, float] = {}
        if self.checkpoint.exists():
            self.resume()
        for group in self.adam.param_groups:
            group["peak"] = args.learning_rate * (10 if group["heads"] else 1)
        if args.cool_down and self.state["cooling_from"] is None:
            self.state["cooling_from"] = self.state["tokens"]
        network.train()

    def resume(self) -> None:
        """Takes up the saved state."""
        saved = torch.load(self.checkpoint, weights_only=True, mmap=True)
        self.network.load_state_dict(saved["network"])
        self.adam.load_state_dict(saved["optimizer"])
        for name, tensor in saved["average"].items():
            self.average.state[name].copy_(tensor)
        self.state.update(saved["state"])

    def save(self) -> None:
        """Writes the whole state, whole or not at all."""
        save(self.checkpoint, {"network": self.network.state_dict(), "average": self.average.state,
                               "optimizer": self.adam.state_dict(), "state": self.state})

    def rate(self) -> float:
        """Factor on the learning rate; 0 when the run is over."""
        rising = min(1.0, (self.state["step"] + 1) / WARMUP_STEPS)
        if self.state["cooling_from"] is None or not self.args.cool_down:
            return rising
        cooled = (self.state["tokens"] - self.state["cooling_from"]) / self.args.cool_down
        return rising * max(0.0, 1 - cooled)

    def learn(self, parts: dict[str, Tensor], factor: float, tokens: int) -> None:
        """One step down the sum of the losses, of so many tokens."""
        for group in self.adam.param_groups:
            group["lr"] = group["peak"] * factor
        self.adam.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        self.state["step"] += 1
        self.state["tokens"] += tokens
        self.average.update(self.state["step"])
        for name, part in parts.items():
            self.means[name] = 0.98 * self.means.get(name, part.item()) + 0.02 * part.item()

    def note(self, entry: dict) -> None:
        """Adds a line to the log."""
        line = json.dumps({"time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), **self.state, **entry})
        print(line, flush=True)
        with self.log.open("a") as file:
            file.write(line + "\n")

    def through(self, stream: Stream, step: Callable[[list[batches.Row], float], None],
                measure: Callable[[], dict[str, float]]) -> None:
        """Does `step` with each batch and the factor of the rate, until the run is over or has done its steps."""
        began = saved = time.monotonic()
        before, first = self.state["seconds"], self.state["tokens"]
        for chunk, place, batch in stream.batches(self.state["chunk"], self.state["place"]):
            factor = self.rate()
            over = factor <= 0 or bool(self.args.steps and self.state["step"] >= self.args.steps)
            if not over:
                step(batch, factor)
                self.state.update(chunk=chunk, place=place, seconds=before + time.monotonic() - began)
                if self.state["step"] % NOTE_EVERY == 0:
                    speed = (self.state["tokens"] - first) / (time.monotonic() - began)
                    self.note({"rate": factor, "tokens_per_second": round(speed, 1),
                               **{name: round(value, 4) for name, value in self.means.items()}})
            if over or time.monotonic() - saved > SAVE_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
            if over or self.state["step"] % self.args.measure_every == 0:
                self.note({"dev": measure()})
                self.network.train()
            if over:
                return
