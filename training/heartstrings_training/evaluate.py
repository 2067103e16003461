"""Outputs of the network on the dev sets, and the measures made of them.

These are for choosing (temperatures, thresholds, formulas) and for the run log. The figures that
are published come from the shipped binary: `heartstrings evaluate`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from . import batches
from .labels import NEGATIVE, NEUTRAL, POSITIVE, Example
from .network import Network

#: Most tokens of a text here: one window.
WINDOW = 254


@dataclass
class Outputs:
    """Logits of each head for a list of examples, float64 arrays of shape (examples, outputs)."""

    examples: list[Example]
    heads: dict[str, np.ndarray]


def score(network: Network, tokenizer: Tokenizer, examples: list[Example]) -> Outputs:
    """Scores each example alone, cut to one window."""
    items = batches.tokenize(examples, tokenizer)
    order = sorted(range(len(items)), key=lambda i: len(items[i].ids))
    heads: dict[str, list] = {}
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(order), 32):
            chosen = order[start : start + 32]
            rows = [batches.single(items[i], None, WINDOW) for i in chosen]
            ids, mask, spans, _ = batches.collate(rows)
            for name, logits in network(ids, mask, spans).items():
                heads.setdefault(name, []).append(logits.double().numpy())
    back = np.argsort(order)
    kept = [e for e in examples if e.text.strip()]
    return Outputs(kept, {name: np.concatenate(parts)[back] for name, parts in heads.items()})


def softmax(logits: np.ndarray) -> np.ndarray:
    """Softmax over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """The logistic function."""
    return 1 / (1 + np.exp(-logits))


def sides(stars: np.ndarray) -> np.ndarray:
    """Probabilities of five stars as negative, neutral, positive."""
    return np.stack([stars[:, 0] + stars[:, 1], stars[:, 2], stars[:, 3] + stars[:, 4]], axis=1)


def side_of(stars: tuple[int, ...]) -> int | None:
    """0 negative, 1 neutral, 2 positive; None when the stars allow more than one side."""
    for index, side in enumerate((NEGATIVE, NEUTRAL, POSITIVE)):
        if stars and set(stars) <= set(side):
            return index
    return None


def measures(outputs: Outputs, temperature: float) -> dict[str, float]:
    """Accuracy of the side (two and three classes), of the stars, and their mean error."""
    stars = softmax(outputs.heads["stars"] / temperature)
    said = sides(stars)
    truth = [side_of(e.target.stars) for e in outputs.examples]
    known = np.array([t is not None for t in truth])
    if not known.any():
        return {}
    truth_known = np.array([t for t in truth if t is not None])
    said_known = said[known]
    result = {"three_class_accuracy": float((said_known.argmax(1) == truth_known).mean())}
    two = truth_known != 1
    if two.any():
        guess = np.where(said_known[two, 2] >= said_known[two, 0], 2, 0)
        result["binary_accuracy"] = float((guess == truth_known[two]).mean())
    exact = np.array([len(e.target.stars) == 1 for e in outputs.examples])
    if exact.all() and len({e.target.stars for e in outputs.examples}) > 2:
        wanted = np.array([e.target.stars[0] for e in outputs.examples])
        expected = stars @ np.arange(1, 6)
        result["stars_accuracy"] = float((stars.argmax(1) + 1 == wanted).mean())
        result["stars_mean_absolute_error"] = float(np.abs(expected - wanted).mean())
    return result


def pearson(a: np.ndarray, b: np.ndarray) -> float:
    """Pearson's r."""
    return float(np.corrcoef(a, b)[0, 1])


def regressions(outputs: Outputs) -> dict[str, float]:
    """Pearson's r of affect and intensity, by output."""
    from .labels import AFFECT, INTENSITY

    result = {}
    affect = sigmoid(outputs.heads["affect"])
    known = [i for i, e in enumerate(outputs.examples) if e.target.affect]
    for axis, name in enumerate(AFFECT):
        if known:
            wanted = np.array([outputs.examples[i].target.affect[axis] for i in known])
            result[f"{name}_pearson"] = pearson(affect[known, axis], wanted)
    intensity = sigmoid(outputs.heads["intensity"])
    for axis, name in enumerate(INTENSITY):
        known = [i for i, e in enumerate(outputs.examples) if axis in e.target.intensity]
        if known:
            wanted = np.array([outputs.examples[i].target.intensity[axis] for i in known])
            result[f"intensity_{name}_pearson"] = pearson(intensity[known, axis], wanted)
    return result
