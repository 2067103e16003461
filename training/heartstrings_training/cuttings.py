"""Sentences cut out of texts, as places for names, groups and places."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .labels import Example

#: Words of a sentence.
SHORTEST, LONGEST = 4, 30


def sentences(examples: Iterable[Example]) -> list[str]:
    """Sentences of the examples, none twice."""
    found: dict[str, None] = {}
    for example in examples:
        for sentence in re.split(r"(?<=[.!?])\s+", example.text):
            if SHORTEST <= sentence.count(" ") + 1 <= LONGEST and sentence.isascii():
                found[re.sub(r"[{}]", "", sentence)] = None
    return list(found)
