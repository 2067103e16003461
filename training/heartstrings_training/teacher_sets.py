"""The sets that the teacher and its student learn beside those of `data.py`: aspects, and behaviours by rule."""

from __future__ import annotations

import random
from collections.abc import Iterable
from pathlib import Path

from . import aspects, behaviours, data
from .labels import Example

#: Sets whose texts name things and judge nothing: in them no token is part of what is judged.
PLAIN = ("facts", "subj")

#: Made texts of behaviours, and made pages.
BEHAVIOURS, LENGTHS = 16_000, 3_000


def add_extra(sets: dict[str, list[Example]], root: Path, split: str, rng: random.Random,
              limit: int | None = None) -> None:
    """Adds what is marked with aspects and, for training, behaviours; and says of plain texts that nothing in
    them is judged."""
    if (root / "aspects").exists():
        found = aspects.splits(root)
        for example in found[split]:
            sets.setdefault(example.source, []).append(example)
        if split == "train":
            sets["absa"] = without(sets["absa"], {aspects.key(example.text) for example in found["dev"]})
    if split == "train":
        sets["behaviours"] = behaviours.examples(BEHAVIOURS, rng)
        sets["lengths"] = behaviours.long_texts(LENGTHS, rng)
    for name in list(sets):
        if name.startswith("aspects_") or name in ("behaviours", "lengths"):
            sets[name] = data.sampled(sets[name], limit)
    for name in PLAIN:
        for example in sets.get(name, []):
            example.target.marks = ()


def without(examples: Iterable[Example], keys: set[str]) -> list[Example]:
    """The examples whose text is not among the keys."""
    return [example for example in examples if aspects.key(example.text) not in keys]

