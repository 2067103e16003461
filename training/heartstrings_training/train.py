"""Trains a network on the mixture of all tasks.

State is saved every few minutes; started again with the same folder, it goes on where it was.
The order of the batches follows from the seed, so a run that was interrupted sees what it would
have seen.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import torch

from . import batches, losses
from .label import SoftLabels
from .network import Network, freeze, has_bf16, load_base
from .plan import plan, save

SAVE_EVERY_SECONDS = 180


def schedule(step: int, steps: int) -> float:
    """Factor on the learning rate: a warm-up of 6 % of the steps, then linear to zero."""
    warmup = max(1, int(0.06 * steps))
    return min((step + 1) / warmup, max(0.0, (steps - step) / max(1, steps - warmup)))


def optimizer(network: Network, encoder_rate: float, head_rate: float) -> torch.optim.Optimizer:
    """AdamW; biases and layer norms are not decayed."""
    groups = []
    for module, rate in ((network.encoder, encoder_rate), (network.heads, head_rate)):
        parameters = [p for p in module.parameters() if p.requires_grad]
        groups.append({"params": [p for p in parameters if p.dim() > 1], "lr": rate,
                       "weight_decay": 0.01})
        groups.append({"params": [p for p in parameters if p.dim() <= 1], "lr": rate,
                       "weight_decay": 0.0})
    for group in groups:
        group["peak"] = group["lr"]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)


def run(args: argparse.Namespace) -> None:
    """Trains until the budget is spent."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    checkpoint, log = args.out / "checkpoint.pt", args.out / "train.jsonl"
    network = load_base(str(args.base))
    network.bf16 = {"bf16": True, "fp32": False}.get(args.precision, has_bf16())
    if args.freeze is not None:
        freeze(network, args.freeze)
    adam = optimizer(network, args.learning_rate, 10 * args.learning_rate)
    planned = plan(args)
    soft = SoftLabels(args.soft) if args.soft else None
    start = 0
    if args.start_from and not checkpoint.exists():
        state = torch.load(args.start_from, weights_only=True)
        network.load_state_dict(state["network"])
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(state["network"])
        adam.load_state_dict(state["optimizer"])
        start = state["step"]
    network.train()
    began = saved = time.monotonic()
    tokens, means = 0, {}
    for step in range(start, len(planned)):
        for group in adam.param_groups:
            group["lr"] = group["peak"] * schedule(step, len(planned))
        ids, mask, spans, targets = batches.collate(planned[step])
        outputs = network(ids, mask, spans)
        parts = losses.all_heads(outputs, targets)
        if soft is not None:
            parts.update(losses.distillation(outputs, soft.of(step)))
        adam.zero_grad(set_to_none=True)
        sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        adam.step()
        tokens += int(mask.sum())
        for name, part in parts.items():
            means[name] = 0.98 * means.get(name, part.item()) + 0.02 * part.item()
        last = step + 1 == len(planned)
        if (step + 1) % 20 == 0 or last:
            entry = {"step": step + 1, "steps": len(planned),
                     "tokens_per_second": round(tokens / (time.monotonic() - began)),
                     **{name: round(value, 4) for name, value in means.items()}}
            print(json.dumps(entry), flush=True)
            with log.open("a") as file:
                file.write(json.dumps(entry) + "\n")
        if last or time.monotonic() - saved > SAVE_EVERY_SECONDS:
            save(checkpoint, {"network": network.state_dict(), "optimizer": adam.state_dict(),
                              "step": step + 1})
            saved = time.monotonic()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base weights")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json, if not that of the base")
    parser.add_argument("--out", type=Path, required=True, help="folder of this run")
    parser.add_argument("--start-from", type=Path, help="checkpoint of an earlier run")
    parser.add_argument("--tokens", type=int, default=7_000_000, help="budget of the run")
    parser.add_argument("--batch-tokens", type=int, default=2_048)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--freeze", type=int, metavar="LAYERS",
                        help="keep the embeddings and this many of the lowest layers as they are")
    parser.add_argument("--soft", type=Path, help="folder of the teacher's labels of this very run")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--seed", type=int, default=1)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
