"""The batches of a run, which follow from its seed, and files that are written whole."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable
from pathlib import Path

import torch
from tokenizers import Tokenizer

from . import batches, data, mixture, twins


def read_tokenizer(args: argparse.Namespace) -> Tokenizer:
    """The tokenizer of the run, which neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(args.tokenizer or args.base / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def plan(args: argparse.Namespace) -> list[list[batches.Row]]:
    """The batches of the run, cut to its budget of tokens."""
    tokenizer = read_tokenizer(args)
    examples = data.everything(args.data, "train")
    rng = random.Random(args.seed)
    mixture.add_made(examples, rng)
    items = {name: batches.tokenize(found, tokenizer) for name, found in examples.items()}
    chosen, budget = [], args.tokens
    while budget > 0:
        rows = mixture.rows(items, mixture.RECIPES[args.recipe], rng)
        for batch in batches.batched(rows, args.batch_tokens, rng):
            budget -= sum(len(row.ids) for row in batch)
            if budget <= 0:
                break
            chosen.append(batch)
    return chosen


def twin_batches(args: argparse.Namespace) -> Callable[[int], list[batches.Row]]:
    """The batch of twins that follows a step: always the same for a seed and a step."""
    tokenizer = read_tokenizer(args)
    sets = data.everything(args.data, "train")
    sentences = twins.short([e for name in mixture.CLEAN for e in sets[name] if e.text.strip()])
    size = args.batch_tokens // 2
    return lambda step: twins.batch(tokenizer, sentences, size, random.Random(f"{args.seed}/{step}"))


def save(path: Path, state: dict) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)
