"""Trains a network on the mixture of all tasks.

State is saved every few minutes; started again with the same folder, it goes on where it was.
The order of the batches follows from the seed, so a run that was interrupted sees what it would
have seen.

A run ends when its budget of tokens is spent, or its minutes, whichever is first; the learning
rate follows the one that is further, so that it always ends near zero.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor

from . import batches, losses
from .ema import Average
from .network import freeze, has_bf16, load_base, start_from
from .teacher_labels import TeacherLabels
from .optimization import optimizer
from .plan import add_arguments, plan, save, pair_batches

SAVE_EVERY_SECONDS = 180
#: One batch of counterfactual pairs after so many steps; more often in the last fifth of a run, since all that comes
#: after them makes names matter again.
PAIRS_EVERY, PAIRS_EVERY_AT_LAST, LAST = 12, 4, 0.8
#: Share of a run in which the learning rate rises.
WARMUP = 0.06


def schedule(progress: float) -> float:
    """Factor on the learning rate by the share of the run that is done: up, then linear to zero."""
    return min((progress + 1e-3) / WARMUP, max(0.0, (1 - progress) / (1 - WARMUP)))


class Run:
    """A network, what trains it and how far it is."""

    def __init__(self, args: argparse.Namespace) -> None:
        self.args = args
        self.checkpoint, self.log = args.out / "checkpoint.pt", args.out / "train.jsonl"
        self.network = load_base(str(args.base))
        self.network.bf16 = {"bf16": True, "fp32": False}.get(args.precision, has_bf16())
        if args.freeze is not None:
            freeze(self.network, args.freeze)
        self.adam = optimizer(self.network, args.learning_rate, 10 * args.learning_rate)
        self.step, self.seconds, self.tokens = 0, 0.0, 0
        self.means: dict[str, float] = {}
        if self.checkpoint.exists():
            self.resume()
        else:
            if args.start_from:
                start_from(self.network, args.start_from)
            self.average = Average(self.network)
        self.network.train()

    def resume(self) -> None:
        """Takes up the saved state."""
        state = torch.load(self.checkpoint, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.adam.load_state_dict(state["optimizer"])
        self.average = Average(self.network)
        self.average.state = state["average"]
        self.step, self.seconds = state["step"], state["seconds"]

    def save(self) -> None:
        """Saves the state."""
        save(self.checkpoint, {"network": self.network.state_dict(), "step": self.step,
                               "average": self.average.state, "seconds": self.seconds,
                               "optimizer": self.adam.state_dict()})

    def progress(self, steps: int) -> float:
        """Share of the run that is done, of its steps or of its minutes."""
        by_time = self.seconds / (60 * self.args.minutes) if self.args.minutes else 0.0
        return max(self.step / steps, by_time)

    def learn(self, parts: dict[str, Tensor], factor: float) -> None:
        """One step down the sum of the losses."""
        for group in self.adam.param_groups:
            group["lr"] = group["peak"] * factor
        self.adam.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.adam.step()
        for name, part in parts.items():
            self.means[name] = 0.98 * self.means.get(name, part.item()) + 0.02 * part.item()

    def through(self, steps: int, step: Callable[[float], None]) -> None:
        """Does `step` with the progress, 0 to 1, until the budget of steps or of minutes is spent. Saves the
        state every few minutes, and at the end."""
        before, began = self.seconds, time.monotonic()
        saved = began
        while (progress := self.progress(steps)) < 1:
            step(progress)
            self.step += 1
            self.average.update(self.step)
            self.seconds = before + time.monotonic() - began
            if self.step % 20 == 0:
                self.note(steps, began)
            if time.monotonic() - saved > SAVE_EVERY_SECONDS:
                self.save()
                saved = time.monotonic()
        self.note(steps, began)
        self.save()

    def parts(self, batch: list[batches.Row], are_pairs: bool) -> tuple[dict[str, Tensor], dict]:
        """The losses on a batch, and what the heads said."""
        ids, mask, spans, targets = batches.collate(batch)
        self.tokens += int(mask.sum())
        outputs = self.network(ids, mask, spans, targets["aspects"])
        parts = losses.all_heads(outputs, targets)
        if are_pairs:
            parts = {"pairs": losses.pairs(outputs["stars"]), "pair_stars": parts["stars"]}
        return parts, outputs

    def note(self, steps: int, began: float) -> None:
        """Adds a line to the log."""
        entry = {"step": self.step, "steps": steps, "progress": round(self.progress(steps), 3),
                 "tokens": self.tokens, "seconds": round(self.seconds),
                 "tokens_per_second": round(self.tokens / (time.monotonic() - began)),
                 **{name: round(value, 4) for name, value in self.means.items()}}
        print(json.dumps(entry), flush=True)
        with self.log.open("a") as file:
            file.write(json.dumps(entry) + "\n")


def train(args: argparse.Namespace) -> None:
    """Trains until the budget is spent."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    run = Run(args)
    planned, pairs_after = plan(args), pair_batches(args)
    teacher_labels = TeacherLabels(args.teacher_labels) if args.teacher_labels else None

    def step(progress: float) -> None:
        parts, outputs = run.parts(planned[run.step], are_pairs=False)
        if teacher_labels is not None:
            parts |= losses.distillation(outputs, teacher_labels.of(planned[run.step]))
        run.learn(parts, schedule(progress))
        if run.step % (PAIRS_EVERY_AT_LAST if progress > LAST else PAIRS_EVERY) == 0:
            parts, _ = run.parts(pairs_after(run.step), are_pairs=True)
            run.learn(parts, schedule(progress))

    run.through(len(planned), step)


def add_run_arguments(parser: argparse.ArgumentParser, learning_rate: float) -> None:
    """What a run is told beside its batches; see `plan.add_arguments`."""
    add_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--start-from", type=Path,
                        help="checkpoint of an earlier run, or an exported model.safetensors")
    parser.add_argument("--minutes", type=float, help="budget of time, beside that of tokens")
    parser.add_argument("--learning-rate", type=float, default=learning_rate)
    parser.add_argument("--freeze", type=int, metavar="LAYERS",
                        help="keep the embeddings and this many of the lowest layers as they are")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser, learning_rate=1e-4)
    parser.add_argument("--teacher-labels", type=Path, help="folder of what the teacher says; see label.py")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
