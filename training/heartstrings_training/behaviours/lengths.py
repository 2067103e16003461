"""Long texts: pages of facts that stay neutral however long, and one verdict that decides wherever it stands."""

from __future__ import annotations

import random

from .. import facts
from ..labels import EMOTIONS, NEGATIVE, NEUTRAL, POSITIVE, Example, Target
from . import deeds, facts_and_wishes, frames, understatement

#: Sentences of a page.
SHORTEST, LONGEST = 4, 24
#: Verdicts by side: a verdict is short, and says what the writer thinks of the whole.
VERDICTS = {
    "positive": ["I {enjoyed} it.", "I {enjoy} this {thing}.", "A {good} {thing}.", "It is {good}.", "{good}!",
                 "All in all {very} {good}.", "I would buy it again.", "I recommend it.", "We were happy."],
    "negative": ["I {disliked} it.", "I {dislike} this {thing}.", "A {bad} {thing}.", "It is {bad}.", "{bad}!",
                 "All in all {very} {bad}.", "I would not buy it again.", "I don't recommend it.", "We were not happy."],
}
_NEUTRAL = facts_and_wishes.TROUBLE["neutral"] + deeds.FRAMES["neutral"] + facts_and_wishes.COMPARED["neutral"]


def fact(rng: random.Random) -> str:
    """One plain sentence."""
    if rng.random() < 0.75:
        return facts.sentence(rng.choice(rng.choice(list(facts.TEMPLATES.values()))), rng)
    return frames.filled(rng.choice(_NEUTRAL), rng.choice(list(frames.DOMAINS)), rng)


def page(count: int, rng: random.Random) -> list[str]:
    """So many plain sentences: different ones, or a few that come again and again."""
    if rng.random() < 0.4:
        few = [fact(rng) for _ in range(rng.randint(1, 3))]
        return [few[at % len(few)] for at in range(count)]
    return [fact(rng) for _ in range(count)]


def verdict(side: str, rng: random.Random) -> str:
    """A sentence that takes a side."""
    templates = VERDICTS[side]
    if rng.random() < 0.3:
        templates = rng.choice([deeds.FRAMES, understatement.LITOTES])[side]
    return frames.filled(rng.choice(templates), rng.choice(list(frames.DOMAINS)), rng)


def examples(count: int, rng: random.Random) -> list[Example]:
    """So many pages: plain ones, and ones with a verdict at their beginning, in the middle or at their end."""
    made = []
    for _ in range(count):
        told = page(rng.randint(SHORTEST, LONGEST), rng)
        target = Target(stars=NEUTRAL, mixed=0.0, emotions=(EMOTIONS.index("neutral"),), marks=())
        if rng.random() < 0.55:
            side = rng.choice(["positive", "negative"])
            told.insert(rng.choice([0, len(told), rng.randint(0, len(told))]), verdict(side, rng))
            target = Target(stars=POSITIVE if side == "positive" else NEGATIVE, mixed=0.0)
        made.append(Example(" ".join(told), target, "lengths"))
    return made
