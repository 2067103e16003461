"""Calibrates a trained network and writes the model folder that the service loads."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import BertConfig

from . import calibrate, data, evaluate
from .labels import AFFECT, EMOTIONS, INTENSITY, Example, Target
from .network import Network

ID = "heartstrings-en-1"
#: Sets that set the temperature of the stars: reviews and review sentences with known stars.
CALIBRATION = ("sst5", "yelp10k", "amazon_musical", "amazon_blitzer", "womens_clothing", "imdb")


def tensors(network: Network) -> dict[str, torch.Tensor]:
    """The weights in fp16 under the names that the service looks for."""
    named = {}
    for name, tensor in network.state_dict().items():
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


def run(args: argparse.Namespace) -> None:
    """Measures on dev, chooses, writes."""
    torch.set_num_threads(args.threads)
    network = Network(BertConfig.from_pretrained(str(args.base), attn_implementation="sdpa"))
    state = torch.load(args.checkpoint, weights_only=True)
    network.load_state_dict(state["network"])
    network = rounded(network)
    tokenizer = evaluate.load_tokenizer(args.base)
    dev = data.everything(args.data, "dev")
    outputs = {
        name: evaluate.score(network, tokenizer, found[: args.dev_limit])
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
    more, less = calibrate.read_pairs(args.pairs)
    sides = []
    for texts in (more, less):
        examples = [Example(text, Target(), "pairs") for text in texts]
        scored = evaluate.score(network, tokenizer, examples)
        sides.append(calibrate.ingredients(scored, temperature))
    formula, ordered = calibrate.intensity_formula(*sides)
    figures["intensity_pairs_ordered"] = round(ordered, 4)
    for column, name in enumerate(("arousal", "mean_emotion", "not_neutral", "extreme_star")):
        alone = float((sides[0][:, column] > sides[1][:, column]).mean())
        figures[f"intensity_pairs_ordered_by_{name}"] = round(alone, 4)
    shape = config(args.base)
    shape["heartstrings"] = {
        "format": 1,
        "id": ID,
        "languages": ["en"],
        "window_tokens": 256,
        "stars": {"temperature": round(temperature, 4)},
        "emotions": {"labels": EMOTIONS, "thresholds": thresholds,
                     "temperature": round(emotion_temperature, 4)},
        "affect": {"labels": AFFECT},
        "intensity": {"labels": INTENSITY, "formula": formula},
        "mixed": {"strong": 0.7, "share": 0.2},
        "accuracy": {"split": "dev, texts cut to one window", "steps": state["step"], **figures},
    }
    args.out.mkdir(parents=True, exist_ok=True)
    save_file(tensors(network), args.out / "model.safetensors", metadata={"format": "pt"})
    (args.out / "config.json").write_text(json.dumps(shape, indent=2) + "\n")
    tokenizer.save(str(args.out / "tokenizer.json"), pretty=False)
    print(json.dumps(shape["heartstrings"], indent=2))


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--base", type=Path, required=True)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--pairs", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--dev-limit", type=int, help="texts of each dev set; all by default")
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
