"""A weighted mean of the weights of several runs, which must start from common weights.

Usage: `python -m heartstrings_training.average --out mean.pt 0.4=run-1/checkpoint.pt
0.3=run-2/checkpoint.pt:average 0.3=model.safetensors`. `:average` takes a run's moving average. A head that one
of them lacks is the mean over the others.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

from .plan import save

State = dict[str, Tensor]


def read(path: str) -> State:
    """The weights of a checkpoint, of its moving average, or of an exported model."""
    if path.endswith(".safetensors"):
        return {name if name.startswith("heads.") else f"encoder.{name}": tensor.float()
                for name, tensor in load_file(path).items()}
    file, _, part = path.partition(":")
    return torch.load(file, weights_only=True)[part or "network"]


def mean(parts: list[tuple[float, State]]) -> State:
    """The mean, weighted; each tensor over those that have it."""
    sums: State = {}
    for name in {name for _, state in parts for name in state}:
        having = [(weight, state[name]) for weight, state in parts if name in state]
        total = sum(weight for weight, _ in having)
        first = having[0][1]
        sums[name] = (
            sum(weight / total * tensor for weight, tensor in having)
            if first.is_floating_point() else first
        )
    return sums


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("parts", nargs="+", metavar="WEIGHT=PATH")
    args = parser.parse_args()
    split = [part.split("=", 1) for part in args.parts]
    state = mean([(float(weight), read(path)) for weight, path in split])
    save(args.out, {"network": state, "step": 0})
    print(f"{args.out}: the mean of {', '.join(args.parts)}")


if __name__ == "__main__":
    main()
