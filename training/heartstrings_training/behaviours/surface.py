"""Any of the other texts in bad spelling, with stretched words, smileys, capitals that shout, or many marks."""

from __future__ import annotations

import random

from .. import noise
from ..labels import Example


def shouted(text: str, rng: random.Random) -> str:
    """Capitals and exclamation marks for all of a text, or for some of its words."""
    if rng.random() < 0.5:
        return text.upper().rstrip(".!") + "!" * rng.randint(0, 5)
    words = [word.upper() if len(word) > 3 and rng.random() < 0.3 else word for word in text.split(" ")]
    return " ".join(words).rstrip(".") + rng.choice(["!!!", "!!", "...", "", " !!1!"])


def examples(count: int, others: list[Example], rng: random.Random) -> list[Example]:
    """So many of the other examples in another dress; what they mean stays the same."""
    made = []
    for _ in range(count):
        one = rng.choice(others)
        if rng.random() < 0.3:
            made.append(Example(shouted(one.text, rng), one.target, "behaviours"))
        else:
            bad = noise.noisy(one, rng)
            made.append(Example(bad.text, one.target, "behaviours"))
    return made
