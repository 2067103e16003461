"""What the teacher says of texts, read from the folder that `label.py` writes.

A text is found by a digest of its tokens, so any run can learn from the labels, whatever its batches: alone in a
row, packed with others, or as a window. A text without a label is left out of the loss. No text is kept.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from . import batches
from .network import ASPECT_HEADS, HEADS

MANIFEST = "manifest.json"


def key(ids: np.ndarray) -> int:
    """The digest of a text's tokens, [CLS] and [SEP] left away."""
    bare = ids[(ids != batches.CLS) & (ids != batches.SEP)].astype("<i4")
    return int.from_bytes(hashlib.blake2b(bare.tobytes(), digest_size=8).digest(), "little")


@dataclass
class Part:
    """One file of labels, read from disk where it is needed."""

    heads: dict[str, np.ndarray]
    starts: np.ndarray


class TeacherLabels:
    """A folder of labels."""

    def __init__(self, folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text())
        self.teacher = manifest["teacher"]
        self.parts: list[Part] = []
        self.places: dict[int, tuple[int, int]] = {}
        for number, entry in enumerate(manifest["parts"]):
            with np.load(folder / entry["file"]) as file:
                self.parts.append(Part({name: file[name] for name in (*HEADS, *ASPECT_HEADS)}, file["starts"]))
                self.places.update((one, (number, at)) for at, one in enumerate(file["keys"].tolist()))

    def __len__(self) -> int:
        return len(self.places)

    def of(self, rows: list[batches.Row]) -> dict[str, Tensor]:
        """What the teacher says of the spans of rows, in the order of `batches.collate`: logits of each head
        (spans, outputs), and of each token `tags` (rows, length, 7) and `aspects` (rows, length, 3); NaN where
        it says nothing."""
        length = batches.padded(max(len(row.ids) for row in rows))
        said: dict[str, list[np.ndarray]] = {name: [] for name in HEADS}
        tokens = {name: np.full((len(rows), length, size), np.nan, dtype=np.float32)
                  for name, size in ASPECT_HEADS.items()}
        for index, row in enumerate(rows):
            for start, end, _ in row.spans:
                place = self.places.get(key(row.ids[start:end]))
                if place is None:
                    for name, size in HEADS.items():
                        said[name].append(np.full(size, np.nan, dtype=np.float32))
                    continue
                part, at = self.parts[place[0]], place[1]
                for name in HEADS:
                    said[name].append(part.heads[name][at].astype(np.float32))
                first, last = part.starts[at], part.starts[at + 1]
                begin = start + (row.ids[start] == batches.CLS)
                for name, found in tokens.items():
                    found[index, begin : begin + last - first] = part.heads[name][first:last]
        return {**{name: torch.from_numpy(np.stack(found)) for name, found in said.items()},
                **{name: torch.from_numpy(found) for name, found in tokens.items()}}
