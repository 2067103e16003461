"""Temperatures, thresholds and the intensity formula, all chosen on dev data."""

from __future__ import annotations

import csv
import itertools
from pathlib import Path

import numpy as np

from .evaluate import Outputs, sigmoid, softmax
from .labels import EMOTIONS


def star_temperature(outputs: list[Outputs]) -> float:
    """The temperature under which the allowed stars are likeliest, each set counting the same."""
    candidates = np.exp(np.linspace(np.log(0.5), np.log(3.0), 60))

    def loss(temperature: float) -> float:
        nats = []
        for one in outputs:
            probabilities = softmax(one.heads["stars"] / temperature)
            allowed = np.array(
                [[s in e.target.stars for s in range(1, 6)] for e in one.examples]
            )
            known = allowed.any(axis=1)
            inside = (probabilities * allowed).sum(axis=1)[known]
            nats.append(-np.log(np.clip(inside, 1e-9, 1)).mean())
        return float(np.mean(nats))

    return float(min(candidates, key=loss))


def emotion_calibration(outputs: Outputs) -> tuple[float, list[float], float]:
    """Temperature of the emotions, a threshold for each, and the macro-F1 they reach.

    The training loss counts present emotions more than absent ones, so probabilities come out too
    high; one temperature cannot undo that for all, and the thresholds take up the rest.
    """
    known = [i for i, e in enumerate(outputs.examples) if e.target.emotions is not None]
    logits = outputs.heads["emotions"][known]
    present = np.array(
        [[i in outputs.examples[k].target.emotions for i in range(len(EMOTIONS))] for k in known]
    )

    def loss(temperature: float) -> float:
        p = np.clip(sigmoid(logits / temperature), 1e-7, 1 - 1e-7)
        return float(-(present * np.log(p) + (1 - present) * np.log(1 - p)).mean())

    temperature = float(min(np.exp(np.linspace(np.log(0.4), np.log(2.5), 60)), key=loss))
    probabilities = sigmoid(logits / temperature)
    thresholds, f1s = [], []
    for index in range(len(EMOTIONS)):
        # Neutral is no emotion that a page spreads thin.
        lowest = 1.0 if EMOTIONS[index] == "neutral" else LOWEST
        threshold, f1 = emotion_threshold(probabilities[:, index], present[:, index], lowest)
        thresholds.append(threshold)
        f1s.append(f1)
    return temperature, thresholds, float(np.mean(f1s))


#: Share of the best F1 below which no threshold is taken, and share of the threshold that reaches it.
ENOUGH_F1, LOWEST = 0.97, 0.8
#: Standard deviation, in thresholds of 0.01, of the kernel that smooths F1 before it is compared.
SMOOTHING = 2


def emotion_threshold(probabilities: np.ndarray, present: np.ndarray,
                      lowest: float) -> tuple[float, float]:
    """The threshold of one emotion and the F1 it has on the texts it was chosen on, which are those given,
    shape (texts,).

    F1 is nearly flat over a wide range, and its highest point in there is chance. So it is smoothed, and of
    the thresholds down to the share `lowest` of the best one that are nearly as good the lowest is taken: in
    a review of a page an emotion is spread thinner than in the one sentence that most comments are.
    """
    grid = np.arange(0.05, 0.905, 0.01)
    said = probabilities[:, None] >= grid
    hits = (said & present[:, None]).sum(axis=0)
    f1 = 2 * hits / np.maximum(1, said.sum(axis=0) + present.sum())
    reach = 4 * SMOOTHING + 2
    kernel = np.exp(-0.5 * (np.arange(-reach, reach + 1) / SMOOTHING) ** 2)
    smooth = np.convolve(np.pad(f1, reach, "edge"), kernel / kernel.sum(), "valid")
    good = (smooth >= ENOUGH_F1 * smooth.max()) & (grid >= lowest * grid[smooth.argmax()] - 1e-9)
    # A threshold that a handful of comments chose is kept away from the floor.
    chosen = max(int(good.argmax()), 5)
    return float(round(grid[chosen], 2)), float(f1[chosen])


def ingredients(outputs: Outputs, temperature: float) -> np.ndarray:
    """What intensity is made of, one row a text: arousal, mean emotion intensity, 1 - P(three
    stars), P(one or five stars)."""
    stars = softmax(outputs.heads["stars"] / temperature)
    return np.stack(
        [
            sigmoid(outputs.heads["affect"])[:, 1],
            sigmoid(outputs.heads["intensity"])[:, :4].mean(axis=1),
            1 - stars[:, 2],
            stars[:, 0] + stars[:, 4],
        ],
        axis=1,
    )


def intensity_formula(more: np.ndarray, less: np.ndarray) -> tuple[dict[str, float], float]:
    """Weights under which the more intense of each pair scores higher.

    more, less: ingredients, shape (pairs, 4). Each ingredient is first brought to the same spread;
    of all mixes on a coarse grid the one that orders most pairs wins, and among those the one with
    the widest mean gap. Bias and scale then put the 5th percentile of all texts at 0.12 and the
    95th at 0.88. Returns the formula and the share of pairs it orders.
    """
    spread = np.concatenate([more, less]).std(axis=0)
    gaps = (more - less) / spread
    best = max(
        (
            (float((gaps @ mix > 0).mean()), float((gaps @ mix).mean()), tuple(mix))
            for mix in map(np.array, itertools.product((0, 1, 2, 3), repeat=4))
            # No ingredient alone: each is blind to something, and no more than half of it.
            if mix.sum() > 0 and mix.max() <= mix.sum() / 2
        ),
    )
    weights = np.array(best[2]) / spread
    values = np.concatenate([more, less]) @ weights
    low, high = np.percentile(values, [5, 95])
    scale = 0.76 / (high - low)
    names = ("arousal", "mean_emotion", "not_neutral", "extreme_star")
    formula = {name: round(float(w * scale), 4) for name, w in zip(names, weights)}
    formula["bias"] = round(float(0.12 - low * scale), 4)
    return formula, best[0]


def read_pairs(path: Path, use: str) -> tuple[list[str], list[str]]:
    """The pairs of texts as (more intense, less intense): those to choose the formula on ("choose") or
    those that are held out ("held")."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    rows = [row for row in rows if row["use"] == use]
    return [row["more"] for row in rows], [row["less"] for row in rows]


def apply_formula(formula: dict[str, float], values: np.ndarray) -> np.ndarray:
    """Intensity of texts from their ingredients, shape (texts, 4)."""
    names = ("arousal", "mean_emotion", "not_neutral", "extreme_star")
    return np.clip(values @ np.array([formula[name] for name in names]) + formula["bias"], 0, 1)


#: Largest share of sentences with one side that may be called mixed.
FALSE_MIXED = 0.04
#: Largest share of contrasts with a verdict that may be called mixed.
FALSE_VERDICT = 0.04


def mixed_gate(absa: Outputs, contrasts: Outputs, temperature: float) -> dict[str, float]:
    """The gate of the head `mixed` and what it reaches.

    absa: held-out sentences with `mixed` known; contrasts: made ones, of which those that are not mixed have
    a verdict. Of all gates that keep the two shares of false ones small, the one that finds most.
    """
    parts = []
    for one in (absa, contrasts):
        stars = softmax(one.heads["stars"] / temperature)
        side = np.maximum(stars[:, :2].sum(axis=1), stars[:, 3:].sum(axis=1))
        truth = np.array([e.target.mixed == 1.0 for e in one.examples])
        parts.append((sigmoid(one.heads["mixed"])[:, 0], side, truth))
    best: dict[str, float] = {}
    for threshold in np.arange(0.3, 0.96, 0.02):
        for sure in np.arange(0.5, 1.0, 0.02):
            said = [(mixed >= threshold) & (side < sure) for mixed, side, _ in parts]
            found = [float(s[truth].mean()) for s, (_, _, truth) in zip(said, parts)]
            false = [float(s[~truth].mean()) for s, (_, _, truth) in zip(said, parts)]
            if false[0] > FALSE_MIXED or false[1] > FALSE_VERDICT:
                continue
            if not best or found[0] > best["recall"]:
                best = {"threshold": round(float(threshold), 2), "sure": round(float(sure), 2),
                        "recall": found[0], "false": false[0], "contrast_recall": found[1],
                        "contrast_false": false[1]}
    return best
