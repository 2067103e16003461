"""Fits the head `mixed` anew on the encoder as it came out of averaging.

The mean of several runs has an encoder that none of them trained a head on. For a head as rare as this one that costs
much, and a logistic regression over the sentence vectors is done in a minute. All other weights stay as they are.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from . import batches, choose, contrasts, data, facts, judgements
from .labels import Example
from .network import Network
from .plan import save
from .tokenizer import read_tokenizer

#: Made sentences, of a seed of their own, beside those of the ABSA train files.
CONTRASTS, OTHERS, SEED = 4_000, 600, 77
#: How much large weights cost.
DECAY = 1e-3
#: A mixed sentence counts this much more.
WEIGHT = 2.0


def vectors(network: Network, examples: list[Example], tokenizer) -> tuple[Tensor, Tensor]:
    """Mean token vectors, shape (examples, hidden), and whether each is mixed."""
    items = [item for item in batches.tokenize(examples, tokenizer) if item.target.mixed is not None]
    items.sort(key=lambda item: len(item.ids))
    means = []
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(items), 32):
            rows = [batches.single(item, None, 128) for item in items[start : start + 32]]
            ids, mask, spans, _ = batches.collate(rows)
            means.append(network.pooled(ids, mask, spans))
    return torch.cat(means).clone(), torch.tensor([item.target.mixed for item in items])


def fit(inputs: Tensor, truth: Tensor, head: torch.nn.Linear) -> None:
    """Logistic regression, from where the head is."""
    descent = torch.optim.LBFGS(head.parameters(), max_iter=200, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        descent.zero_grad()
        nats = F.binary_cross_entropy_with_logits(
            head(inputs)[:, 0], truth, pos_weight=torch.tensor(WEIGHT))
        total = nats + DECAY * head.weight.square().sum()
        total.backward()
        return total

    descent.step(loss)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the checkpoint to write")
    parser.add_argument("--limit", type=int, help="labelled sentences")
    args = parser.parse_args()
    network = choose.load(f"1={args.checkpoint}", args.base)
    rng = random.Random(SEED)
    absa = data.sampled(data.absa(args.data, "train"), args.limit)
    made = [*contrasts.examples(CONTRASTS, absa, rng), *judgements.examples(OTHERS, rng),
            *facts.examples(OTHERS, rng)]
    inputs, truth = vectors(network, absa + data.sampled(made, args.limit),
                            read_tokenizer(args.base / "tokenizer.json"))
    fit(inputs, truth, network.heads["mixed"])
    save(args.out, {"network": network.state_dict(), "step": 0})
    print(f"{args.out}: the head mixed, fitted to {len(truth)} sentences")


if __name__ == "__main__":
    main()
