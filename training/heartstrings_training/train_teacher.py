"""Trains the teacher: all tasks and aspects, for as long as its measures rise.

The run has no end of its own (`endless.py`); the stream of texts goes on (`stream.py`). The measures, and all
who read the teacher, take the moving average of the weights, which is about what a cool-down would come to.

Word vectors stay as they are: each is met too rarely to be learnt, and they are a fifth of what an optimiser
would have to carry. All layers learn; `--lower-every 2` leaves the lower half out of every second step, which
is a sixth cheaper.
"""

from __future__ import annotations

import argparse
import random

import torch
from torch import nn

from . import batches, endless, losses, mixture
from .dev_slices import DevSlices
from .network import has_bf16, load_base
from .plan import read_sets
from .stream import Stream
from .teacher_sets import add_extra
from .tokenizer import read_tokenizer


def lower_half(encoder: nn.Module) -> list[nn.Parameter]:
    """The parameters of the lower half of the layers, and those that the gradient reaches only through it.
    MPNet's table of positions is among them: it is added to the attention of all layers, the lowest too."""
    half = encoder.config.num_hidden_layers // 2
    names = ("embeddings.", "encoder.relative_attention_bias.", *(f"encoder.layer.{i}." for i in range(half)))
    return [parameter for name, parameter in encoder.named_parameters()
            if parameter.requires_grad and name.startswith(names)]


def items_of(args: argparse.Namespace) -> dict[str, list[batches.Item]]:
    """All sets, those made by rule among them, tokenized."""
    tokenizer = read_tokenizer(args.tokenizer)
    examples = read_sets(args)
    rng = random.Random(args.seed)
    mixture.add_made(examples, rng)
    add_extra(examples, args.data, "train", rng, args.limit)
    return {name: batches.tokenize(found, tokenizer) for name, found in examples.items()}


def train(args: argparse.Namespace) -> None:
    """Trains until it is stopped, cooled down, or has done its steps."""
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    args.out.mkdir(parents=True, exist_ok=True)
    dev = DevSlices(args.data, read_tokenizer(args.tokenizer), args.limit)
    stream = Stream(items_of(args), args.seed, args.batch_tokens)
    network = load_base(str(args.base))
    network.bf16 = has_bf16()
    network.encoder.embeddings.word_embeddings.weight.requires_grad_(False)
    run = endless.EndlessRun(args, network)
    lower = lower_half(network.encoder)

    def step(batch: list[batches.Row], factor: float) -> None:
        skips = args.lower_every > 1 and run.state["step"] % args.lower_every != 0
        for parameter in lower:
            parameter.requires_grad_(not skips)
        ids, mask, spans, targets = batches.collate(batch)
        parts = losses.all_heads(network(ids, mask, spans, targets["aspects"]), targets)
        run.learn(parts, factor, int(mask.sum()))

    run.through(stream, step, lambda: dev.measure(network, run.average.state))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    endless.add_arguments(parser, learning_rate=3e-5)
    parser.add_argument("--lower-every", type=int, default=1, metavar="STEPS",
                        help="train the lower half of the layers once in so many steps")
    train(parser.parse_args())


if __name__ == "__main__":
    main()
