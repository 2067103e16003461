"""The texts that the teacher is asked about, in an order that never changes.

First what the student trains on anyway: every labelled sentence and phrase, sentences with marked aspects, texts
made by rule. Then, in turn, sentences and windows cut out of all reviews, which nobody else says anything of. A
run of labelling that is stopped has thus asked what matters most.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import re
from collections.abc import Iterator

import numpy as np
from tokenizers import Tokenizer

from . import batches, mixture
from .batches import Item
from .labels import Example, Target
from .plan import read_sets
from .teacher_sets import add_extra

#: Sets of whole reviews.
REVIEWS = ("imdb", "yelp10k", "amazon_blitzer", "amazon_musical", "womens_clothing")
#: Tokens of a window: one review is cut into short ones, the next into long ones. And the fewest that make one.
WINDOWS, SHORTEST = (126, batches.LONGEST), 24
#: Words of a sentence that is cut out of a review.
FEWEST_WORDS, MOST_WORDS = 3, 60
#: Seed of what is made by rule and of the order.
SEED = 17
SENTENCE = re.compile(r"(?<=[.!?])\s+")


def windows(item: Item, length: int) -> Iterator[Item]:
    """Consecutive windows of a review. A short rest is left out, since the sentences cover it.

    What is known of the review is known of a window only in part, so its label is left out as well.
    """
    for start in range(0, len(item.ids), length):
        ids = item.ids[start : start + length]
        if len(ids) >= SHORTEST:
            whole = len(item.ids) <= length
            yield Item(ids, item.target if whole else Target(), f"windows_{item.source}")


def sentences(examples: list[Example]) -> list[Example]:
    """Sentences of reviews, none twice."""
    found: dict[str, Example] = {}
    for example in examples:
        for sentence in SENTENCE.split(example.text):
            if FEWEST_WORDS <= sentence.count(" ") + 1 <= MOST_WORDS:
                found.setdefault(sentence, Example(sentence, Target(), f"sentences_{example.source}"))
    return list(found.values())


def units(args: argparse.Namespace, tokenizer: Tokenizer) -> Iterator[Item]:
    """All units in their order. args: `data`, `limit`."""
    examples = read_sets(args)
    rng = random.Random(SEED)
    mixture.add_made(examples, rng)
    add_extra(examples, args.data, "train", rng, args.limit)
    given = [e for name, found in examples.items() if name not in REVIEWS for e in found]
    rng.shuffle(given)
    yield from (item for item in batches.tokenize(given, tokenizer) if len(item.ids) <= batches.LONGEST)
    cut = [item for name in REVIEWS for item in batches.tokenize(sentences(examples[name]), tokenizer)]
    cut += [window for name in REVIEWS for at, item in enumerate(batches.tokenize(examples[name], tokenizer))
            for window in windows(item, WINDOWS[at % 2])]
    rng.shuffle(cut)
    yield from (item for item in cut if len(item.ids) <= batches.LONGEST)


def digest(items: list[Item]) -> str:
    """A digest of the tokens of items, in their order."""
    state = hashlib.sha256()
    for item in items:
        state.update(np.asarray(item.ids, dtype="<i4").tobytes() + b"|")
    return state.hexdigest()
