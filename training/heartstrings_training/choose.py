"""Compares candidates for the weights on dev data: runs, their moving averages, means of them.

Usage: `python -m heartstrings_training.choose --data DATA --base BASE --log choose.jsonl NAME:SPEC...`, where
SPEC is what `average.py` takes, joined by commas: `0.5=a/checkpoint.pt,0.5=b/checkpoint.pt:average`. Writes
one line a candidate, and at the end the mean rank over all measures.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import numpy as np
import torch
from transformers import BertConfig

from . import average, calibrate, contrasts, data, evaluate, swaps
from .export import CALIBRATION, CONTRAST_SEED, CONTRASTS, rounded
from .labels import SIDES, Example, Target
from .network import Network
from .tokenizer import read_tokenizer

#: Texts of each set; enough to tell candidates apart by a point.
LIMIT = {"imdb": 150, "yelp10k": 150, "amazon_musical": 150, "amazon_blitzer": 150,
         "womens_clothing": 150, "goemotions": 1500, "emobank": 600, "ei_reg_dev": 800, "subj": 200,
         "product_tweets": 300}
REVIEWS = ("yelp10k", "amazon_musical", "amazon_blitzer", "womens_clothing")
#: Measures of which less is better.
LOWER = {"sst5_error", "reviews_error", "swaps_moved", "swaps_span"}


def load(spec: str, base: Path) -> Network:
    """The network of a candidate, with weights as they come out of an export."""
    parts = [part.split("=", 1) for part in spec.split(",")]
    network = Network(BertConfig.from_pretrained(str(base), attn_implementation="sdpa"))
    state = average.mean([(float(weight), average.read(path)) for weight, path in parts])
    network.load_state_dict(state, strict=False)
    return rounded(network)


def unseen(path: Path) -> list[Example]:
    """Our own hard texts; the label stands in the source."""
    return [Example(row["text"], Target(stars=SIDES[row["label"]]), f"{row['kind']}/{row['label']}")
            for row in data.rows(path)]


def measure(network: Network, dev: dict[str, list[Example]], hard: list[Example],
            tokenizer) -> dict[str, float]:
    """All measures of one candidate."""
    def score(examples: list[Example]) -> evaluate.Outputs:
        return evaluate.score(network, tokenizer, examples)

    outputs = {name: score(data.sampled(found, LIMIT.get(name))) for name, found in dev.items()}
    heat = calibrate.star_temperature([outputs[name] for name in CALIBRATION])
    said = {name: {**evaluate.measures(one, heat), **evaluate.regressions(one)}
            for name, one in outputs.items()}

    def mean(names: tuple[str, ...], measure: str) -> float:
        return float(np.mean([said[name][measure] for name in names]))

    made = score(contrasts.examples(CONTRASTS, [], random.Random(CONTRAST_SEED)))
    gate = calibrate.mixed_gate(outputs["absa"], made, heat)
    result = {
        "sst2": said["sst2"]["binary_accuracy"], "sst5": said["sst5"]["stars_accuracy"],
        "sst5_error": said["sst5"]["stars_mean_absolute_error"],
        "sst5_three": said["sst5"]["three_class_accuracy"],
        "imdb": said["imdb"]["binary_accuracy"], "reviews": mean(REVIEWS, "binary_accuracy"),
        "reviews_error": mean(REVIEWS, "stars_mean_absolute_error"),
        "cr": said["cr"]["binary_accuracy"], "subj": said["subj"]["three_class_accuracy"],
        "tweets": said["product_tweets"]["three_class_accuracy"],
        "goemotions": calibrate.emotion_calibration(outputs["goemotions"])[2],
        **{axis: said["emobank"][f"{axis}_pearson"] for axis in ("valence", "arousal", "dominance")},
        "ei_reg": float(np.mean([said["ei_reg_dev"][f"intensity_{name}_pearson"]
                                 for name in ("anger", "fear", "joy", "sadness")])),
        "v_reg": said["v_reg_dev"]["intensity_valence_pearson"],
        "mixed": gate.get("recall", 0.0),
    }
    return {**result, **hard_texts(score(hard), heat, gate), **moved(score, heat)}


def hard_texts(outputs: evaluate.Outputs, heat: float, gate: dict[str, float]) -> dict[str, float]:
    """Accuracy of the four labels on our own hard texts, read as one sentence each."""
    stars = evaluate.softmax(outputs.heads["stars"] / heat)
    sides = evaluate.sides(stars)
    two_sided = evaluate.sigmoid(outputs.heads["mixed"])[:, 0] >= gate.get("threshold", 2.0)
    two_sided &= sides[:, [0, 2]].max(axis=1) < gate.get("sure", 0.0)
    words = np.array(["negative", "neutral", "positive"])[sides.argmax(axis=1)]
    words[two_sided] = "mixed"
    wanted = np.array([e.source.split("/")[1] for e in outputs.examples])
    return {"unseen": float((words == wanted).mean())}


def moved(score, heat: float) -> dict[str, float]:
    """How far the scores of swapped texts lie apart."""
    texts = swaps.texts()
    outputs = score([Example(text, Target(), "swaps") for _, _, text in texts])
    scores = evaluate.softmax(outputs.heads["stars"] / heat) @ np.linspace(-1, 1, 5)
    groups: dict[str, list[float]] = {}
    for (group, _, _), value in zip(texts, scores):
        groups.setdefault(group, []).append(value)
    spans = np.array([max(values) - min(values) for values in groups.values()])
    far = [abs(value - np.median(values)) > 0.1 for values in groups.values() for value in values]
    return {"swaps_span": float(spans.mean()), "swaps_moved": float(np.mean(far))}


def ranks(found: dict[str, dict[str, float]]) -> dict[str, float]:
    """Mean rank of each candidate over all measures; 1 is best."""
    names = list(found)
    total = np.zeros(len(names))
    measures = list(found[names[0]])
    for key in measures:
        values = np.round([found[name][key] for name in names], 4)
        values = values if key in LOWER else -values
        total += [(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values]
    return {name: round(float(t / len(measures)), 2) for name, t in zip(names, total)}


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--unseen", type=Path, default=Path("unseen.tsv"))
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("candidates", nargs="*", metavar="NAME:SPEC")
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    tokenizer = read_tokenizer(args.base / "tokenizer.json")
    dev = data.everything(args.data, "dev") if args.candidates else {}
    hard = unseen(args.unseen)
    for candidate in args.candidates:
        name, spec = candidate.split(":", 1)
        said = measure(load(spec, args.base), dev, hard, tokenizer)
        entry = {"name": name, "spec": spec, **{key: round(value, 4) for key, value in said.items()}}
        with args.log.open("a") as file:
            file.write(json.dumps(entry) + "\n")
        print(json.dumps(entry), flush=True)
    entries = [json.loads(line) for line in args.log.read_text().splitlines()]
    found = {entry.pop("name"): {k: v for k, v in entry.items() if k != "spec"} for entry in entries}
    print(json.dumps(ranks(found), indent=1))


if __name__ == "__main__":
    main()
