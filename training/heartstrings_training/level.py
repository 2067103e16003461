"""Makes finished weights blind to names, groups and places, and leaves what they say of all else as it is.

The network learns from itself: texts that differ in a name alone shall get the mean of what the finished weights say
of them, and all others what those say. A loss of its own punishes how far the scores of such texts lie apart. State is
saved as in `train.py`; started again with the same folder, it goes on where it was.
"""

from __future__ import annotations

import argparse
import random

import torch
from torch import Tensor

from . import batches, levelling, losses
from .network import load_base, start_from
from .plan import plan, read_sets
from .tokenizer import read_tokenizer
from .train import Run, add_run_arguments, schedule


def means(outputs: dict[str, Tensor]) -> dict[str, Tensor]:
    """The mean of the logits of each group of texts, for each of them."""
    def mean(logits: Tensor) -> Tensor:
        grouped = logits.view(-1, levelling.TOGETHER, logits.shape[1])
        return grouped.mean(dim=1, keepdim=True).expand_as(grouped).reshape(logits.shape)

    return {name: mean(logits) for name, logits in outputs.items()}


def level(args: argparse.Namespace) -> None:
    """Trains until the budget is spent."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    finished = load_base(str(args.base))
    start_from(finished, args.start_from)
    finished.eval()
    run, planned = Run(args), plan(args)
    tokenizer = read_tokenizer(args.base / "tokenizer.json")
    templates = levelling.slots(levelling.sentences(read_sets(args)), random.Random(args.seed))

    def said(batch: list[batches.Row]) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
        ids, mask, spans, _ = batches.collate(batch)
        run.tokens += int(mask.sum())
        with torch.no_grad():
            taught = finished(ids, mask, spans)
        return run.network(ids, mask, spans), taught

    def step(progress: float) -> None:
        parts = losses.distillation(*said(planned[run.step]))
        rng = random.Random(f"{args.seed}/{run.step}")
        outputs, taught = said(levelling.batch(tokenizer, templates, args.batch_tokens, rng))
        levelled = losses.distillation(outputs, means(taught))
        parts |= {name.replace("soft", "level"): part for name, part in levelled.items()}
        parts["apart"] = losses.apart(outputs["stars"], levelling.TOGETHER)
        run.learn(parts, schedule(progress))

    run.through(len(planned), step)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_run_arguments(parser, learning_rate=5e-5)
    args = parser.parse_args()
    if args.start_from is None:
        parser.error("say with --start-from which weights are finished")
    level(args)


if __name__ == "__main__":
    main()
