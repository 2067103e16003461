"""What the teacher says of sentences, kept in one small file: stars, by a digest of a sentence's tokens.

A teacher takes hours where the student takes minutes, and its weights are too large to keep; its opinions are not, and
they hold no text. Any run can learn from them, whatever its batches, and a sentence without one is left out. They are of
the sentences that are labelled already and of others, cut out of reviews that are labelled as a whole: on those the
teacher is worth most, since nobody else says anything of them.

Usage: `python -m heartstrings_training.opinions --data DATA --base BASE --teacher-base MPNET --teacher
checkpoint.pt --out opinions.npz`. Started again, it goes on where it was.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import batches, cuttings
from .label import add_teacher_arguments, load_teacher
from .network import Network
from .plan import read_sets
from .tokenizer import read_tokenizer

#: Sets of single sentences whose opinions are asked for.
SENTENCES = ("sst5", "mr", "cr", "absa")
#: Sentences between two savings, tokens of a batch.
PART, BATCH_TOKENS = 1_500, 1_024


def key(ids: np.ndarray) -> int:
    """The digest of a sentence's tokens, [CLS] and [SEP] left away."""
    bare = ids[(ids != batches.CLS) & (ids != batches.SEP)].astype("<i4")
    return int.from_bytes(hashlib.blake2b(bare.tobytes(), digest_size=8).digest(), "little")


class TeacherStars:
    """A file of opinions."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stars: dict[int, np.ndarray] = {}
        if path.exists():
            with np.load(path) as file:
                self.stars = dict(zip(file["keys"].tolist(), file["stars"]))

    def save(self) -> None:
        """Writes the file whole or not at all."""
        partial = self.path.with_suffix(".partial.npz")
        keys = sorted(self.stars)
        np.savez_compressed(partial, keys=np.array(keys, dtype=np.uint64),
                            stars=np.array([self.stars[one] for one in keys], dtype=np.float16))
        os.replace(partial, self.path)

    def of(self, rows: list[batches.Row]) -> Tensor:
        """Logits of the stars of each span, in the order of `batches.collate`; NaN where there is no opinion."""
        unknown = np.full(5, np.nan, dtype=np.float16)
        found = [self.stars.get(key(row.ids[start:end]), unknown) for row in rows for start, end, _ in row.spans]
        return torch.from_numpy(np.array(found, dtype=np.float32))


def ask(network: Network, asked: list[batches.Item]) -> dict[int, np.ndarray]:
    """What the teacher says of each sentence, alone in its row, by the sentence's digest."""
    left = sorted(asked, key=lambda item: len(item.ids))
    said: dict[int, np.ndarray] = {}
    while left:
        fit = max(1, BATCH_TOKENS // (len(left[-1].ids) + 2))
        left, chosen = left[:-fit], left[-fit:]
        ids, mask, spans, _ = batches.collate([batches.single(item, None, len(item.ids)) for item in chosen])
        with torch.inference_mode():
            stars = network(ids, mask, spans)["stars"].half().numpy()
        said.update(zip((key(item.ids) for item in chosen), stars))
    return said


def run(args: argparse.Namespace) -> None:
    """Asks for what has not been asked for yet."""
    network, sets = load_teacher(args), read_sets(args)
    examples = [example for name in SENTENCES for example in sets[name]] + cuttings.of_reviews(sets)
    # Wherever it is stopped, it has asked about some of all.
    random.Random(cuttings.SEED).shuffle(examples)
    items = batches.tokenize(examples, read_tokenizer(args.base / "tokenizer.json"))
    opinions = TeacherStars(args.out)
    by_key = {one: item for item in items if (one := key(item.ids)) not in opinions.stars}
    asked = list(by_key.values())
    began, tokens = time.monotonic(), 0
    for start in range(0, len(asked), PART):
        part = asked[start : start + PART]
        opinions.stars.update(ask(network, part))
        opinions.save()
        tokens += sum(len(item.ids) + 2 for item in part)
        print(json.dumps({"sentences": start + len(part), "of": len(asked),
                          "tokens_per_second": round(tokens / (time.monotonic() - began))}), flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the student's base weights")
    parser.add_argument("--limit", type=int, help="so many texts of each set, no more")
    add_teacher_arguments(parser)
    parser.add_argument("--out", type=Path, required=True, help="the file of opinions")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
