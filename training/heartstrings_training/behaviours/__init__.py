"""Behaviours: what a reader of reviews must get right and what labelled sets hold little of, made by rule.

Each kind is a module of frames that are filled at random (`frames.py`, `vocabulary.py`). The held-out sets in
`training/behaviours` were written by hand, with other frames and about other things.
"""

from __future__ import annotations

import random
import re

from ..labels import Example
from . import (deeds, facts_and_wishes, frames, irony, lengths, negation, questions, surface, turns, understatement,
               verdicts, vocabulary, voices)

#: Frames of each kind, by the name of its held-out set.
KINDS: dict[str, frames.Frames] = {
    "negation": negation.FRAMES, "expectation": turns.EXPECTED, "change": turns.CHANGED,
    "questions": questions.FRAMES, "voices": voices.FRAMES, "litotes": understatement.LITOTES,
    "degrees": understatement.DEGREES, "words": understatement.WORDS, "deeds": deeds.FRAMES,
    "sarcasm_marked": irony.MARKED, "sarcasm": irony.UNMARKED, "wasted_praise": irony.WASTED,
    "comparison": facts_and_wishes.COMPARED, "wishes": facts_and_wishes.WISHED,
    "trouble": facts_and_wishes.TROUBLE, "sorrow": facts_and_wishes.SORROW,
}
#: Share of all texts that are ratings, and share that comes again in another dress.
VERDICTS, SURFACE = 0.06, 0.12

for name, found in KINDS.items():
    words = set(re.findall(r"[a-z]+", " ".join(text for texts in found.values() for text in texts).lower()))
    if taken := words & vocabulary.RESERVED:
        raise ValueError(f"behaviours: {taken} of {name} belong to the held-out sets; take other words")


def examples(count: int, rng: random.Random) -> list[Example]:
    """So many texts of all kinds alike."""
    each = round(count * (1 - VERDICTS - SURFACE) / len(KINDS))
    made = [example for found in KINDS.values() for example in frames.examples(found, each, rng)]
    made += verdicts.examples(round(count * VERDICTS), rng)
    made += surface.examples(round(count * SURFACE), made, rng)
    rng.shuffle(made)
    return made


def long_texts(count: int, rng: random.Random) -> list[Example]:
    """So many pages of facts, some with one verdict."""
    return lengths.examples(count, rng)
