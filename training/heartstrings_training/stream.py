"""An endless mixture of all sets, for a run that has no end of its own.

Each set gets a share of the tokens. Its texts come in an order that the seed decides, each once before any
comes again. The stream is cut into chunks; a chunk follows from the seed and its number alone, so a run that
was stopped goes on in the middle of one, and a set can be added between two sessions without any state.
"""

from __future__ import annotations

import random
from collections.abc import Iterator

from . import batches
from .batches import DOCUMENTS, Item, Row

#: Tokens of a chunk: enough that rows of nearly every length fill whole batches.
CHUNK = 180_000
#: Most tokens of a row of the teacher.
ROW = 158
#: Share of the sentences that stand packed with others in one row.
PACKED_SHARE = 0.5
#: Share of the tokens that go to made documents of plots.
PLOTS = 0.025

#: Shares of the tokens, brought to a sum of one. A set that is not named here is left out.
SHARES = {
    "imdb": 9.0, "yelp10k": 7.0, "amazon_blitzer": 6.0, "amazon_musical": 2.5, "womens_clothing": 3.5,
    "sst5": 8.0, "sst5_phrases": 7.0, "mr": 5.0, "cr": 3.0, "semeval2017_4a": 5.0, "product_tweets": 2.0,
    "subj": 3.0, "goemotions": 10.0, "emobank": 5.0, "ei_reg_train_clean": 4.0, "v_reg_train": 1.2,
    "absa": 2.0, "facts": 1.5, "judgements": 1.5, "contrasts": 2.0, "noise": 1.5, "behaviours": 4.0,
    "lengths": 2.0,
    "aspects_semeval14": 4.0, "aspects_mams": 3.0, "aspects_semeval16": 1.0, "aspects_acos": 1.5,
    "aspects_dmaste": 3.0, "aspects_oats": 3.0, "aspects_opener": 0.7, "aspects_aste": 0.4,
    "aspects_mabsa": 0.3,
}


class Stream:
    """The mixture of tokenized sets."""

    def __init__(self, sets: dict[str, list[Item]], seed: int, batch_tokens: int,
                 shares: dict[str, float] = SHARES, row: int = ROW) -> None:
        self.sets = {name: items for name, items in sets.items() if items and shares.get(name)}
        self.seed, self.batch_tokens, self.row = seed, batch_tokens, row
        total = sum(shares[name] for name in self.sets)
        self.per_chunk = {}
        for name, items in self.sets.items():
            mean = sum(min(len(item.ids), row - 2) for item in items) / len(items)
            self.per_chunk[name] = CHUNK * (1 - PLOTS) * shares[name] / total / mean
        self.orders: dict[tuple[str, int], list[int]] = {}
        self.verdicts = [item for name in ("sst5", "mr") for item in self.sets.get(name, [])
                         if batches.side(item.target) is not None]

    def order(self, name: str, epoch: int) -> list[int]:
        """The order of a set's texts in one pass over it."""
        if (name, epoch) not in self.orders:
            order = list(range(len(self.sets[name])))
            random.Random(f"{self.seed}/{name}/{epoch}").shuffle(order)
            self.orders = {at: found for at, found in self.orders.items() if at != (name, epoch - 2)}
            self.orders[name, epoch] = order
        return self.orders[name, epoch]

    def drawn(self, name: str, chunk: int) -> list[Item]:
        """The texts of a set that a chunk takes."""
        items = self.sets[name]
        first, last = (round(self.per_chunk[name] * number) for number in (chunk, chunk + 1))
        places = (divmod(at, len(items)) for at in range(first, last))
        return [items[self.order(name, epoch)[place]] for epoch, place in places]

    def rows(self, chunk: int) -> list[Row]:
        """The rows of a chunk."""
        rng = random.Random(f"{self.seed}/{chunk}")
        rows, sentences = [], []
        for name in self.sets:
            for item in self.drawn(name, chunk):
                if name in DOCUMENTS or name.startswith("windows_"):
                    rows.append(batches.single(item, rng, self.row - 2))
                else:
                    sentences.append(item)
        rng.shuffle(sentences)
        cut = int(len(sentences) * PACKED_SHARE)
        rows += batches.packed([item for item in sentences[:cut] if len(item.ids) <= batches.PACKED], rng)
        rows += [batches.single(item, rng, self.row - 2) for item in sentences[cut:]]
        if self.verdicts and self.sets.get("subj"):
            count = round(CHUNK * PLOTS / 110)
            rows += batches.plots(self.sets["subj"], self.verdicts, count, rng, most=ROW - 40)
        return rows

    def batches(self, chunk: int, skip: int) -> Iterator[tuple[int, int, list[Row]]]:
        """Batches from a place on, without end: the chunk and the place in it that follow the batch, and
        the batch."""
        while True:
            rng = random.Random(f"{self.seed}/{chunk}/batches")
            found = batches.batched(self.rows(chunk), self.batch_tokens, rng)
            for place, batch in enumerate(found[skip:], start=skip + 1):
                yield (chunk, place, batch) if place < len(found) else (chunk + 1, 0, batch)
            chunk, skip = chunk + 1, 0
