"""Writes what the teacher says of every span of a run, for the student to learn from.

The run is the student's own: the same data, seed and budget make the same batches, and the labels stand
in their order. They are saved in parts; started again with the same folder, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import torch
from torch import Tensor

from . import batches
from .network import Network, has_bf16, load_base
from .plan import add_arguments, plan, save

#: Batches of one part.
PART = 100

#: Logits of each head for the spans of one batch.
Labels = dict[str, Tensor]


class SoftLabels:
    """The labels of a run, read part by part."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.number = -1
        self.part: list[Labels] = []

    def of(self, step: int) -> Labels:
        """The labels of the batch of a step."""
        number, place = divmod(step, PART)
        if number != self.number:
            self.part = torch.load(path_of(self.folder, number), weights_only=True)
            self.number = number
        return {name: logits.float() for name, logits in self.part[place].items()}


def path_of(folder: Path, number: int) -> Path:
    """The file of a part."""
    return folder / f"part-{number:05}.pt"


def label(network: Network, batch: list[batches.Row]) -> Labels:
    """What the teacher says of a batch's spans, in fp16: a label needs no more."""
    ids, mask, spans, _ = batches.collate(batch)
    return {name: logits.half() for name, logits in network(ids, mask, spans).items()}


def add_teacher_arguments(parser: argparse.ArgumentParser) -> None:
    """Which teacher is asked, and with how many threads."""
    parser.add_argument("--teacher-base", type=Path, required=True, help="base weights of the teacher")
    parser.add_argument("--teacher", type=Path, required=True, help="checkpoint of the teacher")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)


def load_teacher(args: argparse.Namespace) -> Network:
    """The teacher, ready to be asked."""
    torch.set_num_threads(args.threads)
    network = load_base(str(args.teacher_base))
    network.load_state_dict(torch.load(args.teacher, weights_only=True)["network"])
    network.bf16 = has_bf16()
    return network.eval()


def run(args: argparse.Namespace) -> None:
    """Labels what is not labelled yet."""
    args.out.mkdir(parents=True, exist_ok=True)
    network = load_teacher(args)
    planned = plan(args)
    began, tokens = time.monotonic(), 0
    for number, start in enumerate(range(0, len(planned), PART)):
        target = path_of(args.out, number)
        if target.exists():
            continue
        part = planned[start : start + PART]
        with torch.inference_mode():
            save(target, [label(network, batch) for batch in part])
        tokens += sum(len(row.ids) for batch in part for row in batch)
        print(json.dumps({"part": number, "parts": -(-len(planned) // PART),
                          "tokens_per_second": round(tokens / (time.monotonic() - began))}),
              flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_arguments(parser)
    add_teacher_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="folder of the labels")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
