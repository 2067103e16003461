"""Spans out of tags, and how well they and their sentiments agree with the marks of people."""

from __future__ import annotations

import numpy as np
import torch
from tokenizers import Tokenizer

from . import batches
from .labels import TAGS, Example
from .network import Network
from .tags import Span

#: Kinds of spans by the index of the tag that begins them; the one that continues comes after it.
KINDS = {TAGS.index(f"begin_{kind}"): kind for kind in ("aspect", "whole", "mention")}
#: Most tokens of a text here.
WINDOW = 254


def decode(tags: np.ndarray) -> list[tuple[int, int, str]]:
    """Spans of a row of tag indices: first token, past the last, kind. An inside without a begin begins one."""
    spans: list[tuple[int, int, str]] = []
    start, kind = 0, 0
    for at, tag in enumerate([*tags.tolist(), 0]):
        opened = tag if tag in KINDS else tag - 1 if tag - 1 in KINDS else 0
        if kind and tag != kind + 1:
            spans.append((start, at, KINDS[kind]))
            kind = 0
        if opened and not (kind == opened and tag == kind + 1):
            start, kind = at, opened
    return spans


def read(network: Network, tokenizer: Tokenizer,
         examples: list[Example]) -> list[tuple[batches.Row, np.ndarray, np.ndarray]]:
    """Of each text its row, its tags (length,), and the sentiment of its marked spans (spans, 3)."""
    items = sorted(batches.tokenize(examples, tokenizer), key=lambda item: len(item.ids))
    found = []
    with torch.inference_mode():
        for start in range(0, len(items), 16):
            rows = [batches.single(item, None, WINDOW) for item in items[start : start + 16]]
            ids, mask, spans, targets = batches.collate(rows)
            outputs = network(ids, mask, spans, targets["aspects"])
            tags, at = outputs["tags"].argmax(dim=2).numpy(), 0
            for index, row in enumerate(rows):
                until = at + len(row.aspects)
                found.append((row, tags[index, : len(row.ids)], outputs["aspects"][at:until].numpy()))
                at = until
    return found


def truth_of(row: batches.Row) -> list[tuple[int, int, str, Span]]:
    """The marked spans of a row with their kinds."""
    assert row.tags is not None
    result = []
    for span in row.aspects:
        bits = int(row.tags[span.start])
        kinds = [kind for tag, kind in KINDS.items() if bits == 1 << tag]
        result.append((span.start, span.end, kinds[0] if kinds else "open", span))
    return result


def measure(network: Network, tokenizer: Tokenizer, examples: list[Example], name: str) -> dict[str, float]:
    """F1 of all spans that are marked, of those that are judged, and the accuracy of the sentiment of given
    spans. A found span that lies where marks leave it open counts neither way."""
    counts = {kind: np.zeros(3) for kind in ("any", "judged")}
    right, total = 0, 0
    for row, tags, sentiments in read(network, tokenizer, examples):
        truth = truth_of(row)
        unclear = {(start, end) for start, end, kind, _ in truth if kind == "open"}
        marked = {(start, end): kind for start, end, kind, _ in truth if kind != "open"}
        guessed = {(start, end): kind for start, end, kind in decode(tags) if (start, end) not in unclear}
        for which, keep in (("any", lambda kind: True), ("judged", lambda kind: kind != "mention")):
            wanted = {span for span, kind in marked.items() if keep(kind)}
            said = {span for span, kind in guessed.items() if keep(kind)}
            counts[which] += (len(wanted & said), len(said), len(wanted))
        for (_, _, _, span), logits in zip(truth, sentiments):
            if max(span.sentiment) == 1.0:
                total += 1
                right += int(np.argmax(logits) == int(np.argmax(span.sentiment)))
    f1 = {which: 2 * hits / max(1.0, said + wanted) for which, (hits, said, wanted) in counts.items()}
    return {f"{name}_f1_{which}": value for which, value in f1.items()} | {
        f"{name}_sentiment": right / max(1, total)}
