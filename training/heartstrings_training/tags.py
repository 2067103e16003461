"""Tags of tokens, from marks of characters.

A token may have several tags when a set leaves open which: in texts where only what is judged is marked,
any other token is outside or part of something that is named. The tags a token may have are a bit set, and
the loss is that of their summed probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .labels import TAGS, Target

#: Bit of each tag.
BIT = {tag: 1 << index for index, tag in enumerate(TAGS)}
ANY = (1 << len(TAGS)) - 1
OUTSIDE = BIT["outside"]
#: What a token without a mark may be where all that is named is marked: such sets leave out the whole thing.
NOT_NAMED = OUTSIDE | BIT["begin_whole"] | BIT["inside_whole"]
#: What a token without a mark may be where only what is judged is marked.
NOT_JUDGED = OUTSIDE | BIT["begin_mention"] | BIT["inside_mention"]


@dataclass(frozen=True)
class Span:
    """A marked span in tokens: first, past the last, and the probabilities of its sentiments."""

    start: int
    end: int
    sentiment: tuple[float, ...]

    def moved(self, by: int) -> Span:
        """The same span, further on in a row."""
        return Span(self.start + by, self.end + by, self.sentiment)


def of_tokens(target: Target, offsets: list[tuple[int, int]]) -> tuple[np.ndarray, tuple[Span, ...]]:
    """Bit sets of the tags of each token, shape (tokens,), and the marked spans.

    target: with marks. offsets: start and end of each token in the text, in code points.
    """
    assert target.marks is not None
    tags = np.full(len(offsets), NOT_NAMED if target.mentions_marked else NOT_JUDGED, dtype=np.int64)
    spans = []
    for mark in target.marks:
        inside = [i for i, (start, end) in enumerate(offsets) if start < mark.end and mark.start < end]
        if not inside:
            continue
        first, last = inside[0], inside[-1] + 1
        if mark.kind == "open":
            tags[first:last] = ANY
        else:
            tags[first] = BIT[f"begin_{mark.kind}"]
            tags[first + 1 : last] = BIT[f"inside_{mark.kind}"]
        spans.append(Span(first, last, mark.sentiment))
    return tags, tuple(spans)


def allowed(bits: np.ndarray) -> np.ndarray:
    """Bit sets as 0 and 1, with an axis for the tags at the end."""
    return (bits[..., None] >> np.arange(len(TAGS))) & 1
