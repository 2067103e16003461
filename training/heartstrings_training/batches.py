"""From examples to batches of token ids.

Three kinds of rows, all through the same network:

- single: one text between [CLS] and [SEP], scored as a whole;
- packed: several unrelated sentences in one row, each scored by its own tokens. It teaches the
  network to score a sentence within a window, and wastes nothing on padding;
- made: plots of neutral sentences, alone or followed by a verdict, so that what is told does not
  count as what is felt.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .labels import EMOTIONS, INTENSITY, NEGATIVE, NEUTRAL, POSITIVE, Example, Target
from .normal_form import normalize
from .tags import Span, of_tokens

#: Rows are padded to a multiple of this.
STEP = 8
#: Tokens of a row of packed sentences.
PACKED = 96
#: Most tokens of a row without [CLS] and [SEP]: one window of the service.
LONGEST = 254
#: Most tokens of a made plot.
PLOT = 200
CLS, SEP = 101, 102

#: Most tokens of a set's texts in training. Long ones are cut to a run of this length: what is
#: dear is tokens, and a verdict shows in half a review nearly as well as in all of it.
CAPS = {"imdb": 224, "yelp10k": 192, "amazon_blitzer": 192, "amazon_musical": 128,
        "womens_clothing": 128, "aspects_dmaste": 144, "lengths": 200}
#: Sets of whole reviews; all others are single sentences, which may be packed.
DOCUMENTS = frozenset(CAPS)


@dataclass
class Item:
    """A tokenized example: ids without [CLS] and [SEP].

    tags: for each token a bit set of the tags that it may have, 0 where nothing is known; None for a text
    without marks. spans: the marked spans, in tokens.
    """

    ids: np.ndarray
    target: Target
    source: str
    tags: np.ndarray | None = None
    spans: tuple[Span, ...] = ()


@dataclass
class Row:
    """What the encoder reads: ids with [CLS] and [SEP], and the spans to score.

    tags: as those of an item, of the length of `ids`. aspects: the marked spans, in tokens.
    """

    ids: np.ndarray
    spans: list[tuple[int, int, Target]]
    tags: np.ndarray | None = None
    aspects: list[Span] = field(default_factory=list)


def tokenize(examples: list[Example], tokenizer: Tokenizer) -> list[Item]:
    """Tokenizes examples, whole."""
    # A text with marks stays as it is, since its offsets count its own letters.
    texts = [e.text for e in examples]
    if any(e.target.marks is None for e in examples):
        normal = normalize(texts)
        texts = [e.text if e.target.marks else text for e, text in zip(examples, normal)]
    encodings = tokenizer.encode_batch(texts, add_special_tokens=False)
    items = []
    for example, encoding in zip(examples, encodings):
        if encoding.ids:
            ids = np.array(encoding.ids, dtype=np.int32)
            item = Item(ids, example.target, example.source)
            if example.target.marks is not None:
                item.tags, item.spans = of_tokens(example.target, encoding.offsets)
            items.append(item)
    return items


def single(item: Item, rng: random.Random | None, cap: int) -> Row:
    """One text as a row. A longer one is cut: to its start, or to a random run in training.

    Half of the runs are the end of the review, where writers sum up.
    """
    ids, start = item.ids, 0
    if len(ids) > cap:
        if rng is not None:
            start = len(ids) - cap if rng.random() < 0.5 else rng.randrange(len(ids) - cap)
        ids = ids[start : start + cap]
    framed = np.concatenate(([CLS], ids, [SEP]))
    row = Row(framed, [(0, len(framed), item.target)])
    if item.tags is not None:
        row.tags = np.concatenate(([0], item.tags[start : start + len(ids)], [0]))
        row.aspects = [span.moved(1 - start) for span in item.spans
                       if start <= span.start and span.end <= start + len(ids)]
    return row


def joined(items: list[Item], whole: Target | None) -> Row:
    """Several sentences in one row, each with its own target and, if known, one for all."""
    ids, spans, tags, aspects = [np.array([CLS])], [], [np.array([0])], []
    at = 1
    for item in items:
        ids.append(item.ids)
        spans.append((at, at + len(item.ids), item.target))
        tags.append(np.zeros(len(item.ids), dtype=np.int64) if item.tags is None else item.tags)
        aspects += [span.moved(at) for span in item.spans]
        at += len(item.ids)
    ids.append(np.array([SEP]))
    tags.append(np.array([0]))
    if whole is not None:
        spans.append((0, at + 1, whole))
    return Row(np.concatenate(ids), spans, np.concatenate(tags), aspects)


def packed(items: list[Item], rng: random.Random) -> list[Row]:
    """Unrelated sentences packed into rows of about PACKED tokens."""
    rows, current, length = [], [], 0
    rng.shuffle(items)
    for item in items:
        if current and length + len(item.ids) > PACKED:
            rows.append(joined(current, None))
            current, length = [], 0
        current.append(item)
        length += len(item.ids)
    if current:
        rows.append(joined(current, None))
    return rows


def side(target: Target) -> tuple[int, ...] | None:
    """NEGATIVE or POSITIVE, or None when the stars allow both sides or the middle."""
    for stars in (NEGATIVE, POSITIVE):
        if target.stars and set(target.stars) <= set(stars):
            return stars
    return None


def plots(plot: list[Item], verdicts: list[Item], count: int, rng: random.Random, most: int = PLOT) -> list[Row]:
    """Made documents: plots from two sentences to a whole window, half of them followed by a short
    verdict that decides. Without the long ones, a network that has met no long text without an
    opinion finds one in every long text."""
    rows = []
    for _ in range(count):
        told = within(rng.sample(plot, rng.randint(2, 10)), most)
        if rng.random() < 0.5:
            rows.append(joined(told, Target(stars=NEUTRAL)))
            continue
        verdict = rng.choice(verdicts)
        rows.append(joined([*told, verdict], Target(stars=side(verdict.target) or ())))
    return rows


def within(items: list[Item], tokens: int) -> list[Item]:
    """The first items that together have at most so many tokens."""
    total, kept = 0, []
    for item in items:
        total += len(item.ids)
        if total > tokens:
            break
        kept.append(item)
    return kept


def batched(rows: list[Row], tokens: int, rng: random.Random) -> list[list[Row]]:
    """Groups rows of one padded length into batches of about `tokens` tokens, in random order."""
    by_length: dict[int, list[Row]] = {}
    for row in rows:
        by_length.setdefault(padded(len(row.ids)), []).append(row)
    batches: list[list[Row]] = []
    for length, found in sorted(by_length.items()):
        rng.shuffle(found)
        size = max(1, tokens // length)
        batches.extend(found[at : at + size] for at in range(0, len(found), size))
    rng.shuffle(batches)
    return batches


def padded(length: int) -> int:
    """The length that rows are padded to: few different ones, because oneDNN compiles its kernels
    anew for every shape."""
    return -(-length // STEP) * STEP


def collate(rows: list[Row]) -> tuple[Tensor, Tensor, Tensor, dict[str, Tensor]]:
    """ids (rows, length), mask, spans (n, 3) and the targets of the n spans.

    Targets: stars (n, 5) of 0/1, weight (n,), emotions (n, 28) with -1 for unknown, affect (n, 3),
    intensity (n, 5) and mixed (n, 1) with NaN for unknown; tags (rows, length) bit sets, 0 for unknown;
    aspects (m, 3) of row, first token, past the last token, and aspect_sentiments (m, 3) probabilities.
    """
    length = padded(max(len(row.ids) for row in rows))
    ids = np.zeros((len(rows), length), dtype=np.int64)
    mask = np.zeros((len(rows), length), dtype=np.int64)
    tags = np.zeros((len(rows), length), dtype=np.int64)
    spans, aspects, sentiments = [], [], []
    targets: dict[str, list] = {name: [] for name in ("stars", "weight", "emotions", "affect",
                                                     "intensity", "mixed")}
    for index, row in enumerate(rows):
        ids[index, : len(row.ids)] = row.ids
        mask[index, : len(row.ids)] = 1
        if row.tags is not None:
            tags[index, : len(row.ids)] = row.tags
        for span in row.aspects:
            aspects.append((index, span.start, span.end))
            sentiments.append(span.sentiment)
        for start, end, target in row.spans:
            spans.append((index, start, end))
            targets["stars"].append([float(s in target.stars) for s in range(1, 6)])
            targets["weight"].append(target.weight)
            targets["emotions"].append(_many_hot(target.emotions))
            targets["affect"].append(target.affect or (float("nan"),) * 3)
            targets["intensity"].append(
                [target.intensity.get(i, float("nan")) for i in range(len(INTENSITY))]
            )
            targets["mixed"].append([float("nan") if target.mixed is None else target.mixed])
    tensors = {name: torch.tensor(values, dtype=torch.float32) for name, values in targets.items()}
    tensors["tags"] = torch.from_numpy(tags)
    tensors["aspects"] = torch.tensor(aspects, dtype=torch.long).view(-1, 3)
    tensors["aspect_sentiments"] = torch.tensor(sentiments, dtype=torch.float32).view(-1, 3)
    return torch.from_numpy(ids), torch.from_numpy(mask), torch.tensor(spans), tensors


def _many_hot(present: tuple[int, ...] | None) -> list[float]:
    if present is None:
        return [-1.0] * len(EMOTIONS)
    return [float(index in present) for index in range(len(EMOTIONS))]
