"""Weights of windows that are learnt: how much the network's vector of a window and its place say it matters.

The head of the stars is linear, so a weighted mean of window vectors and one of their logits are the same thing. A window
weighs what it weighs in the service, times the exponential of a linear function of its vector and its place, which starts
at nothing. How strongly that function is held back is chosen on a fifth of the reviews.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

#: Of each review: logits of the stars, weights in the service, vectors; one row a window.
Review = tuple[np.ndarray, np.ndarray, np.ndarray]

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
STEPS = 400


def features(vectors: np.ndarray) -> np.ndarray:
    """The vectors with where each window stands: whether first, whether last."""
    first, last = np.zeros(len(vectors)), np.zeros(len(vectors))
    first[0] = last[-1] = 1
    return np.column_stack([vectors, first, last])


class Pooling:
    """A linear function of a window's features."""

    def __init__(self, slope: np.ndarray) -> None:
        self.slope = slope

    def weights(self, usual: np.ndarray, vectors: np.ndarray) -> np.ndarray:
        """Weights of the windows of one review, from those that they usually have."""
        return usual * np.exp(features(vectors) @ self.slope)


def loss(slope: Tensor, stars: list[int], reviews: list[Review], heat: float) -> Tensor:
    """Minus the mean logarithm of the probability of the right star."""
    owner = torch.tensor(np.repeat(np.arange(len(reviews)), [len(r[1]) for r in reviews]))
    logits, usual = (torch.tensor(np.concatenate([r[i] for r in reviews])) for i in (0, 1))
    known = torch.tensor(np.concatenate([features(r[2]) for r in reviews]))
    weights = usual * torch.exp(known @ slope)
    sums = torch.zeros(len(reviews), 5, dtype=torch.double).index_add(0, owner, weights[:, None] * logits)
    totals = torch.zeros(len(reviews), dtype=torch.double).index_add(0, owner, weights)
    wanted = torch.tensor(stars) - 1
    return torch.nn.functional.cross_entropy(sums / totals[:, None] / heat, wanted)


def slope(stars: list[int], reviews: list[Review], heat: float, penalty: float) -> Tensor:
    """The function that fits these reviews best, held back by the penalty."""
    value = torch.zeros(reviews[0][2].shape[1] + 2, dtype=torch.double, requires_grad=True)
    optimizer = torch.optim.Adam([value], lr=0.02)
    for _ in range(STEPS):
        optimizer.zero_grad()
        (loss(value, stars, reviews, heat) + penalty * value.square().sum()).backward()
        optimizer.step()
    return value.detach()


def fit(stars: list[int], reviews: list[Review], heat: float) -> Pooling:
    """The function, with the penalty that is best on every fifth review."""
    held = [i % 5 == 0 for i in range(len(reviews))]

    def part(which: bool) -> tuple[list[int], list[Review]]:
        chosen = [i for i, is_held in enumerate(held) if is_held == which]
        return [stars[i] for i in chosen], [reviews[i] for i in chosen]

    tried = {}
    for penalty in PENALTIES:
        found = slope(*part(False), heat, penalty)
        tried[penalty] = float(loss(found, *part(True), heat))
    usual = float(loss(torch.zeros_like(found), *part(True), heat))
    print(f"learnt weights, {len(reviews)} reviews; loss held out by penalty {tried}, as usual {usual:.4f}")
    return Pooling(slope(stars, reviews, heat, min(tried, key=tried.get)).numpy())
