"""Small fixed slices of the dev sets, measured while a run goes on: enough to see whether it still learns."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer
from torch import Tensor

from . import aspect_measures, calibrate, data, evaluate
from .labels import Example
from .network import Network
from .teacher_sets import add_extra

#: Texts of each slice.
SLICES = {"sst2": 436, "sst5": 300, "cr": 200, "imdb": 40, "yelp10k": 40, "amazon_blitzer": 40, "goemotions": 400,
          "emobank": 250, "ei_reg_dev": 200, "v_reg_dev": 100, "absa": 150, "product_tweets": 100}
ASPECTS = {"aspects_semeval14": 160, "aspects_mams": 60, "aspects_semeval16": 80, "aspects_oats": 60,
           "aspects_dmaste": 20}
#: What is written down of all that `evaluate` says.
KEPT = re.compile(r"binary|stars|pearson|three_class")


class DevSlices:
    """The slices, and their measures on the weights of a run."""

    def __init__(self, root: Path, tokenizer: Tokenizer, limit: int | None = None) -> None:
        self.tokenizer = tokenizer
        sets = data.everything(root, "dev")
        add_extra(sets, root, "dev", random.Random(1))
        chosen = SLICES | ASPECTS
        self.sets: dict[str, list[Example]] = {
            name: data.sampled(sets[name], min(count, limit or count))
            for name, count in chosen.items() if name in sets}

    def measure(self, network: Network, weights: dict[str, Tensor]) -> dict[str, float]:
        """Measures on `weights`; the network has its own again afterwards."""
        own = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        network.load_state_dict(weights)
        said: dict[str, float] = {}
        network.eval()
        for name, examples in self.sets.items():
            if name.startswith("aspects_"):
                said |= aspect_measures.measure(network, self.tokenizer, examples, name)
                continue
            outputs = evaluate.score(network, self.tokenizer, examples)
            found = {**evaluate.measures(outputs, 1.0), **evaluate.regressions(outputs)}
            said |= {f"{name}_{key}": value for key, value in found.items() if KEPT.search(key)}
            if name == "goemotions":
                said["goemotions_macro_f1"] = calibrate.emotion_calibration(outputs)[2]
            if name == "absa":
                said["mixed_average_precision"] = average_precision(outputs)
        network.load_state_dict(own)
        return {name: round(float(value), 4) for name, value in said.items()}


def average_precision(outputs: evaluate.Outputs) -> float:
    """Mean precision over the places at which a mixed sentence stands, most mixed first."""
    truth = np.array([e.target.mixed or 0.0 for e in outputs.examples])
    order = np.argsort(-outputs.heads["mixed"][:, 0])
    hits = truth[order] > 0
    precision = hits.cumsum() / np.arange(1, len(hits) + 1)
    return float(precision[hits].mean()) if hits.any() else float("nan")
