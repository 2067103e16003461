"""Calibrates a trained network and writes the model folder that the service loads."""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from transformers import BertConfig

from . import calibrate, contrasts, data, evaluate
from .batches import DOCUMENTS
from .labels import AFFECT, EMOTIONS, INTENSITY, Example, Target
from .network import ASPECT_HEADS, HEADS, Network
from .tokenizer import read_tokenizer

ID = "heartstrings-en-1"
#: Sets that set the temperature of the stars: reviews and review sentences with known stars.
CALIBRATION = ("sst5", "yelp10k", "amazon_musical", "amazon_blitzer", "womens_clothing", "imdb")

#: Made contrasts that set the gate of `mixed`, of a seed that no run trains on.
CONTRASTS, CONTRAST_SEED = 400, 7_001


def tensors(network: Network, with_aspects: bool) -> dict[str, torch.Tensor]:
    """The weights in fp16 under the names that the service looks for."""
    named = {}
    left_out = () if with_aspects else tuple(f"heads.{name}." for name in ASPECT_HEADS)
    for name, tensor in network.state_dict().items():
        if name.startswith(left_out):
            continue
        name = name.removeprefix("encoder.") if name.startswith("encoder.") else name
        if not name.endswith("position_ids"):
            named[name] = tensor.half().contiguous()
    return named


def rounded(network: Network) -> Network:
    """The network as it will be read back: weights that went through fp16."""
    state = {name: t.half().float() if t.is_floating_point() else t
             for name, t in network.state_dict().items()}
    network.load_state_dict(state)
    return network


def config(base: Path) -> dict:
    """The encoder's shape, as the service's loader reads it."""
    shape = BertConfig.from_pretrained(str(base)).to_dict()
    wanted = ("hidden_act", "attention_probs_dropout_prob", "hidden_dropout_prob", "hidden_size",
              "initializer_range", "intermediate_size", "layer_norm_eps", "max_position_embeddings",
              "num_attention_heads", "num_hidden_layers", "type_vocab_size", "vocab_size")
    return {"model_type": "bert", **{name: shape[name] for name in wanted}}


def limit(args: argparse.Namespace, name: str) -> int | None:
    """Texts of a dev set: whole reviews are dear, and fewer of them do."""
    return args.document_limit or args.dev_limit if name in DOCUMENTS else args.dev_limit


def split(args: argparse.Namespace) -> str:
    """What the figures were measured on."""
    some = args.document_limit or args.dev_limit
    return "dev, texts cut to one window" + (f", {some} of each set of whole reviews" if some else "")


def run(args: argparse.Namespace) -> None:
    """Measures on dev, chooses, writes."""
    torch.set_num_threads(args.threads)
    network = Network(BertConfig.from_pretrained(str(args.base), attn_implementation="sdpa"))
    state = torch.load(args.checkpoint, weights_only=True)
    network.load_state_dict(state["average" if args.average else "network"])
    network = rounded(network)
    tokenizer = read_tokenizer(args.base / "tokenizer.json")
    dev = data.everything(args.data, "dev")
    outputs = {
        name: evaluate.score(network, tokenizer, data.sampled(found, limit(args, name)))
        for name, found in dev.items()
    }
    temperature = calibrate.star_temperature([outputs[name] for name in CALIBRATION])
    figures = {}
    for name, one in outputs.items():
        found = {**evaluate.measures(one, temperature), **evaluate.regressions(one)}
        figures.update({f"{name}_{measure}": round(value, 4) for measure, value in found.items()})
    emotion_temperature, thresholds, macro_f1 = calibrate.emotion_calibration(
        outputs["goemotions"]
    )
    figures["goemotions_macro_f1"] = round(macro_f1, 4)
    def ingredients(use: str) -> list[np.ndarray]:
        scored = [
            evaluate.score(network, tokenizer, [Example(text, Target(), "pairs") for text in texts])
            for texts in calibrate.read_pairs(args.pairs, use)
        ]
        return [calibrate.ingredients(one, temperature) for one in scored]

    sides, held = ingredients("choose"), ingredients("held")
    formula, ordered = calibrate.intensity_formula(*sides)
    figures["intensity_pairs_ordered"] = round(ordered, 4)
    more, less = (calibrate.apply_formula(formula, values) for values in held)
    figures["intensity_pairs_held_out_ordered"] = round(float((more > less).mean()), 4)
    rng = random.Random(CONTRAST_SEED)
    made = evaluate.score(network, tokenizer, contrasts.examples(CONTRASTS, [], rng))
    gate = calibrate.mixed_gate(outputs["absa"], made, temperature)
    if not gate:
        print("export: no gate keeps the head `mixed` from calling one-sided sentences mixed; "
              "it is never believed", file=sys.stderr)
        gate = {"threshold": 1.0, "sure": 0.5}
    two_sided = {"threshold": gate.pop("threshold"), "sure": gate.pop("sure")}
    figures.update({f"mixed_{name}": round(value, 4) for name, value in gate.items()})
    for column, name in enumerate(("arousal", "mean_emotion", "not_neutral", "extreme_star")):
        alone = float((sides[0][:, column] > sides[1][:, column]).mean())
        figures[f"intensity_pairs_ordered_by_{name}"] = round(alone, 4)
    shape = config(args.base)
    shape["heartstrings"] = {
        "format": 1,
        "id": ID,
        "languages": ["en"],
        "window_tokens": 256,
        "heads": list(HEADS | ASPECT_HEADS) if args.aspects else list(HEADS),
        "stars": {"temperature": round(temperature, 4)},
        "emotions": {"labels": EMOTIONS, "thresholds": thresholds,
                     "temperature": round(emotion_temperature, 4)},
        "affect": {"labels": AFFECT},
        "intensity": {"labels": INTENSITY, "formula": formula},
        "mixed": {"strong": 0.7, "share": 0.2, "verdict": 0.8, "two_sided": two_sided},
        "accuracy": {"split": split(args), **figures},
    }
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors(network, args.aspects), args.out / "model.safetensors", metadata={"format": "pt"})
    (args.out / "config.json").write_text(json.dumps(shape, indent=2) + "\n")
    tokenizer.save(str(args.out / "tokenizer.json"), pretty=False)
    if args.log:
        with args.log.open("a") as file:
            file.write(json.dumps(shape["heartstrings"]) + "\n")
    print(json.dumps(shape["heartstrings"], indent=2))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--average", action="store_true",
                        help="the moving average of the run, not its last weights")
    parser.add_argument("--aspects", action="store_true", help="write the heads of aspects too")
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--log", type=Path, help="file that gets a line with every figure")
    parser.add_argument("--dev-limit", type=int, help="texts of each dev set; all by default")
    parser.add_argument("--document-limit", type=int, help="reviews of each dev set of reviews")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
