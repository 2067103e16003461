"""Asks the teacher about every unit of `label_units.py` and writes what it says, in parts.

A folder belongs to one teacher. Its `manifest.json` says which (the SHA-256 of the checkpoint), and of each part
the file with its SHA-256, the digest of the tokens that were asked about, and their number. Started again with
the same folder it goes on after the last part; a part whose units have changed since is asked anew.

Usage: `python -m heartstrings_training.label --data DATA --base BASE --teacher-base MPNET --teacher snapshot.pt
--out FOLDER`, where `snapshot.pt` holds weights alone, as `average.py` writes them.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import os
import time
from pathlib import Path

import numpy as np
import torch

from . import batches, label_units
from .batches import Item
from .network import HEADS, Network, has_bf16, load_base
from .teacher_labels import MANIFEST, key
from .tokenizer import read_tokenizer

#: Units of a part, tokens of a batch.
PART, BATCH_TOKENS = 4_000, 2_048


def sha256(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def ask(network: Network, items: list[Item]) -> dict[str, np.ndarray]:
    """What the teacher says of each item, alone in its row, in fp16.

    `keys` (n,), a row for each head (n, outputs), `starts` (n + 1,) and, of all tokens one after the other,
    `tags` (tokens, 7) and `aspects` (tokens, 3). The heads are linear, so that what is said of a span is the
    mean of what is said of its tokens.
    """
    order = sorted(range(len(items)), key=lambda at: len(items[at].ids))
    heads: dict[str, list] = {name: [None] * len(items) for name in (*HEADS, "tags", "aspects")}
    while order:
        fit = max(1, BATCH_TOKENS // (len(items[order[-1]].ids) + 2))
        order, chosen = order[:-fit], order[-fit:]
        rows = [batches.single(items[at], None, batches.LONGEST) for at in chosen]
        ids, mask, spans, _ = batches.collate(rows)
        with torch.inference_mode():
            hidden = network.hidden(ids, mask)
            outputs = network.read(hidden, spans)
            tokens = {name: network.heads[name](hidden).half().numpy() for name in ("tags", "aspects")}
        for place, at in enumerate(chosen):
            for name in HEADS:
                heads[name][at] = outputs[name][place].half().numpy()
            for name, said in tokens.items():
                heads[name][at] = said[place, 1 : len(rows[place].ids) - 1]
    lengths = [len(item.ids) for item in items]
    return {"keys": np.array([key(item.ids) for item in items], dtype=np.uint64),
            "starts": np.cumsum([0, *lengths]).astype(np.int64),
            **{name: np.stack(heads[name]) for name in HEADS},
            **{name: np.concatenate(heads[name]) for name in ("tags", "aspects")}}


class Folder:
    """The folder of the labels of one teacher."""

    def __init__(self, path: Path, teacher: str) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.manifest = {"format": 1, "teacher": teacher, "parts": []}
        if (path / MANIFEST).exists():
            self.manifest = json.loads((path / MANIFEST).read_text())
            if self.manifest["teacher"] != teacher:
                raise SystemExit(f"{path} holds the labels of another teacher ({self.manifest['teacher']}); "
                                 "take another folder, or remove it")

    def has(self, number: int, digest: str) -> bool:
        """Whether a part is there and was asked about the same tokens."""
        parts = self.manifest["parts"]
        return number < len(parts) and parts[number]["digest"] == digest

    def add(self, number: int, items: list[Item], digest: str, said: dict[str, np.ndarray]) -> None:
        """Writes a part, then the manifest that names it."""
        name = f"part-{number:05}.npz"
        partial = self.path / f"{name}.partial"
        with partial.open("wb") as file:
            np.savez(file, **said)
        os.replace(partial, self.path / name)
        entry = {"file": name, "sha256": sha256(self.path / name), "digest": digest, "units": len(items),
                 "tokens": int(said["starts"][-1])}
        self.manifest["parts"][number:number + 1] = [entry]
        partial = self.path / f"{MANIFEST}.partial"
        partial.write_text(json.dumps(self.manifest, indent=1) + "\n")
        os.replace(partial, self.path / MANIFEST)


def run(args: argparse.Namespace) -> None:
    """Asks about what was not asked about yet, until the units or the budget are at an end."""
    torch.set_num_threads(args.threads)
    network = load_base(str(args.teacher_base))
    network.load_state_dict(torch.load(args.teacher, weights_only=True)["network"])
    network.bf16 = has_bf16()
    network.eval()
    folder = Folder(args.out, sha256(args.teacher))
    stream = label_units.units(args, read_tokenizer(args.base / "tokenizer.json"))
    began, asked, total = time.monotonic(), 0, 0
    for number in itertools.count():
        items = list(itertools.islice(stream, PART))
        if not items or (args.tokens and total >= args.tokens):
            break
        digest = label_units.digest(items)
        tokens = sum(len(item.ids) for item in items)
        total += tokens
        if folder.has(number, digest):
            continue
        folder.add(number, items, digest, ask(network, items))
        asked += tokens
        print(json.dumps({"part": number, "tokens": total,
                          "tokens_per_second": round(asked / (time.monotonic() - began))}), flush=True)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--base", type=Path, required=True, help="folder of the student's base weights")
    parser.add_argument("--limit", type=int, help="so many texts of each set, no more")
    parser.add_argument("--teacher-base", type=Path, required=True, help="folder of the teacher's base weights")
    parser.add_argument("--teacher", type=Path, required=True, help="weights of the teacher")
    parser.add_argument("--tokens", type=int, help="stop after so many tokens")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--out", type=Path, required=True, help="folder of the labels")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
