"""The batches of a run, which follow from its seed, and files that are written whole."""

from __future__ import annotations

import argparse
import os
import random
from collections.abc import Callable
from pathlib import Path

import torch

from . import counterfactual_pairs, batches, data, mixture
from .labels import Example
from .teacher_sets import add_extra
from .tokenizer import read_tokenizer


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the batches of a run follow from: the same for training and for labelling."""
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the base weights")
    parser.add_argument("--tokenizer", type=Path, help="tokenizer.json, if not that of the base")
    parser.add_argument("--tokens", type=int, default=7_000_000, help="budget of the run")
    parser.add_argument("--batch-tokens", type=int, default=2_048)
    parser.add_argument("--recipe", choices=tuple(mixture.RECIPES), default="all",
                        help="how much of each set; see mixture.py")
    parser.add_argument("--limit", type=int, help="so many texts of each set, no more")
    parser.add_argument("--seed", type=int, default=1)


def read_sets(args: argparse.Namespace) -> dict[str, list[Example]]:
    """The training sets, as many texts of each as asked for."""
    sets = data.everything(args.data, "train")
    return {name: data.sampled(examples, args.limit) for name, examples in sets.items()}


def plan(args: argparse.Namespace) -> list[list[batches.Row]]:
    """The batches of the run, cut to its budget of tokens."""
    tokenizer = read_tokenizer(args.tokenizer or args.base / "tokenizer.json")
    examples = read_sets(args)
    rng = random.Random(args.seed)
    mixture.add_made(examples, rng)
    add_extra(examples, args.data, "train", rng, args.limit)
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


def pair_batches(args: argparse.Namespace) -> Callable[[int], list[batches.Row]]:
    """The batch of counterfactual pairs that follows a step: always the same for a seed and a step."""
    tokenizer = read_tokenizer(args.tokenizer or args.base / "tokenizer.json")
    sets = read_sets(args)
    sentences = counterfactual_pairs.short([e for name in mixture.CLEAN for e in sets[name] if e.text.strip()])
    size = args.batch_tokens // 2
    return lambda step: counterfactual_pairs.batch(tokenizer, sentences, size, random.Random(f"{args.seed}/{step}"))


def save(path: Path, state: dict) -> None:
    """Writes a file whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)
