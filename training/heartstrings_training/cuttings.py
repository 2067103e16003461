"""Sentences cut out of texts that are labelled as a whole, or not at all by sentences."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable

from .labels import Example, Target

#: Words of a sentence.
SHORTEST, LONGEST = 4, 30
#: Sentences that are cut out of the reviews of each set, for a teacher to say what it thinks of them.
OF_REVIEWS = {"imdb": 22_000, "yelp10k": 4_000, "amazon_blitzer": 4_000, "amazon_musical": 2_000,
              "womens_clothing": 2_000}
#: The same sentences for each run, whatever its seed.
SEED = 5


def sentences(examples: Iterable[Example]) -> list[str]:
    """Sentences of the examples, none twice."""
    found: dict[str, None] = {}
    for example in examples:
        for sentence in re.split(r"(?<=[.!?])\s+", example.text):
            if SHORTEST <= sentence.count(" ") + 1 <= LONGEST and sentence.isascii():
                found[re.sub(r"[{}]", "", sentence)] = None
    return list(found)


def of_reviews(sets: dict[str, list[Example]]) -> list[Example]:
    """Sentences of reviews; nobody has said anything of them."""
    rng, found = random.Random(SEED), []
    for name, count in OF_REVIEWS.items():
        texts = sentences(sets[name])
        found += [Example(text, Target(), "of_reviews") for text in rng.sample(texts, min(count, len(texts)))]
    return found
