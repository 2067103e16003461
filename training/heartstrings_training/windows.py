"""Ways to combine the windows of long reviews, compared on dev data.

Usage: `python -m heartstrings_training.windows --data DATA --base BASE --weights 1=model.safetensors`. Reviews of
one window say nothing of this and are left out of the comparison; a line gives accuracy of two classes, the mean error in
stars and minus the mean logarithm of the right star's probability. What wins is written by hand into
`src/model/src/postprocess/aggregate.rs`. The weights of `pooling.py` are learnt first, on long reviews of the train files.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from . import batches, choose, data, evaluate, pooling
from .labels import Example
from .tokenizer import read_tokenizer

#: Most tokens of a window, without the two that frame it.
MOST = 254
#: Windows that go through the network together.
TOGETHER = 16

#: Logits of the stars (windows, 5), tokens (windows,) and vectors (windows, hidden) of one review.
Windows = tuple[np.ndarray, np.ndarray, np.ndarray]
#: The sets of whole reviews among which many need more than one window.
LONG = ("imdb", "yelp10k")


def cut(text: str, tokenizer: Tokenizer) -> list[list[int]]:
    """As few windows of whole sentences as can be, about equally full, as the service cuts them."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if s]
    pieces = []
    for encoding in tokenizer.encode_batch(sentences, add_special_tokens=False):
        pieces += [encoding.ids[at : at + MOST] for at in range(0, len(encoding.ids), MOST)]
    total = sum(map(len, pieces))
    windows: list[list[int]] = [[]]
    capacity = min(MOST, total / max(1, -(-total // MOST)) + 20)
    for piece in pieces:
        if windows[-1] and len(windows[-1]) + len(piece) > capacity:
            windows.append([])
        windows[-1] = windows[-1] + piece
    return windows


def read(network, tokenizer: Tokenizer, examples: list[Example]) -> list[Windows]:
    """What the network says of the windows of each review."""
    found = [cut(example.text, tokenizer) for example in examples]
    flat = [(window, (i, place)) for i, windows in enumerate(found) for place, window in enumerate(windows)]
    flat.sort(key=lambda pair: len(pair[0]))
    said: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    network.eval()
    with torch.inference_mode():
        for start in range(0, len(flat), TOGETHER):
            chunk = flat[start : start + TOGETHER]
            rows = []
            for window, _ in chunk:
                framed = np.array([batches.CLS, *window, batches.SEP])
                rows.append(batches.Row(framed, [(0, len(framed), batches.Target())]))
            ids, mask, spans, _ = batches.collate(rows)
            pooled = network.pooled(ids, mask, spans)
            stars = network.heads["stars"](pooled)
            places = [place for _, place in chunk]
            said.update(zip(places, zip(stars.double().numpy(), pooled.double().numpy())))
    result = []
    for review, windows in enumerate(found):
        logits, vectors = zip(*(said[review, place] for place in range(len(windows))))
        tokens = np.array([len(window) for window in windows], dtype=float)
        result.append((np.stack(logits), tokens, np.stack(vectors)))
    return result


def weighted(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Weighted mean over windows."""
    return weights @ values / weights.sum()


def certainty(stars: np.ndarray) -> np.ndarray:
    """How far from the middle each window's sides are."""
    return np.abs(stars[:, 3:].sum(axis=1) - stars[:, :2].sum(axis=1)) + 0.05


#: From logits, tokens and vectors of the windows of one review to probabilities of its stars.
Way = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


def ways(heat: float, learnt: pooling.Pooling) -> dict[str, Way]:
    """The ways, by what they do."""
    def probabilities(logits: np.ndarray) -> np.ndarray:
        return evaluate.softmax(logits / heat)

    def ends(count: int, last: float) -> np.ndarray:
        return np.array([*[1.0] * (count - 1), last])

    return {
        "mean of probabilities, by tokens": lambda z, n, _: weighted(probabilities(z), n),
        "mean of logits, by tokens": lambda z, n, _: probabilities(weighted(z, n)[None])[0],
        "mean of probabilities, by certainty": lambda z, n, _: weighted(
            probabilities(z), n * certainty(probabilities(z))),
        "mean of probabilities, last window twice": lambda z, n, _: weighted(
            probabilities(z), n * ends(len(n), 2.0)),
        "mean of logits, last window twice": lambda z, n, _: probabilities(
            weighted(z, n * ends(len(n), 2.0))[None])[0],
        "mean of logits, last window three times": lambda z, n, _: probabilities(
            weighted(z, n * ends(len(n), 3.0))[None])[0],
        "mean of logits, by certainty": lambda z, n, _: probabilities(
            weighted(z, n * certainty(probabilities(z)))[None])[0],
        "mean of logits, by learnt weights": lambda z, n, h: probabilities(
            weighted(z, learnt.weights(n * certainty(probabilities(z)), h))[None])[0],
        "first window only": lambda z, n, _: probabilities(z)[0],
        "last window only": lambda z, n, _: probabilities(z)[-1],
    }


def compare(
    name: str, examples: list[Example], found: list[Windows], heat: float, learnt: pooling.Pooling
) -> None:
    """Prints a line a way."""
    long = [(e, w) for e, w in zip(examples, found) if len(w[1]) > 1]
    print(f"{name}: {len(long)} of {len(found)} reviews have more than one window")
    for way, combine in ways(heat, learnt).items():
        said = np.stack([combine(*windows) for _, windows in long])
        truth = np.array([example.target.stars[0] for example, _ in long])
        known = truth != 3
        right = (said[:, 3:].sum(axis=1) >= said[:, :2].sum(axis=1)) == (truth > 3)
        error = np.abs(said @ np.arange(1, 6) - truth).mean()
        likely = -np.log(np.clip(said[np.arange(len(truth)), truth - 1], 1e-9, 1)).mean()
        print(f"  {way:<44} {right[known].mean():.4f} {error:.4f} {likely:.4f}")


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--weights", required=True, help="as `average.py` takes them")
    parser.add_argument("--temperature", type=float, default=1.1352, help="of the stars, from config.json")
    parser.add_argument("--limit", type=int, help="long reviews of each set")
    parser.add_argument("--train-limit", type=int, default=1_200,
                        help="long reviews of each set on which weights are learnt")
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    network = choose.load(args.weights, args.base)
    tokenizer = read_tokenizer(args.base / "tokenizer.json")

    def long(split: str, name: str, most: int | None) -> tuple[list[Example], list[Windows]]:
        # A review of few words is one window; it need not be read.
        examples = [e for e in data.stars(args.data, split)[name] if e.text.count(" ") > 200]
        examples = data.sampled(examples, most)
        return examples, read(network, tokenizer, examples)

    parts = [part for name in LONG for part in zip(*long("train", name, args.train_limit))]
    parts = [(e.target.stars[0], w) for e, w in parts if len(w[1]) > 1]
    learnt = pooling.fit(
        [stars for stars, _ in parts],
        [(z, n * certainty(evaluate.softmax(z / args.temperature)), h) for _, (z, n, h) in parts],
        args.temperature,
    )
    for name in LONG:
        compare(name, *long("dev", name, args.limit), args.temperature, learnt)


if __name__ == "__main__":
    main()
