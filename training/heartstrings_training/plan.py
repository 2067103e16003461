"""The batches of a run, which follow from its seed, and files that are written whole."""

from __future__ import annotations

import argparse
import os
import random
from pathlib import Path

import torch
from tokenizers import Tokenizer

from . import batches, data, facts, mixture


def plan(args: argparse.Namespace) -> list[list[batches.Row]]:
    """The batches of the run, cut to its budget of tokens."""
    tokenizer = Tokenizer.from_file(str(args.tokenizer or args.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    examples = data.everything(args.data, "train")
    rng = random.Random(args.seed)
    examples["facts"] = facts.examples(mixture.FACTS, rng)
    items = {}
    for name, found in examples.items():
        items[name] = batches.tokenize(found, tokenizer)
    chosen, budget = [], args.tokens
    while budget > 0:
        for batch in batches.batched(mixture.rows(items, rng), args.batch_tokens, rng):
            budget -= sum(len(row.ids) for row in batch)
            if budget <= 0:
                break
            chosen.append(batch)
    return chosen


def save(path: Path, state: dict) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)
