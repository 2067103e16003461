"""Frames: sentences with slots, each with what its reader should conclude.

A slot is a name in braces: those of `vocabulary.COMMON`, and of the domain `thing`, `part`, `good`, `bad` and
`plain`. A digit after a name makes another slot of the same kind, filled with another word.
"""

from __future__ import annotations

import random
import re

from ..labels import LUKEWARM, NEGATIVE, NEUTRAL, POSITIVE, Example, Target
from .vocabulary import BAD, COMMON, DOMAINS, GOOD, RESERVED, Domain

#: What a label allows: the stars, and whether the text is mixed.
LABELS: dict[str, tuple[tuple[int, ...], float | None]] = {
    "positive": (POSITIVE, 0.0), "negative": (NEGATIVE, 0.0), "neutral": (NEUTRAL, 0.0),
    "not negative": ((3, 4, 5), 0.0), "not positive": ((1, 2, 3), 0.0), "mixed": (LUKEWARM, 1.0),
    "1": ((1,), 0.0), "2": ((2,), 0.0), "3": ((3,), None), "4": ((4,), 0.0), "5": ((5,), 0.0),
}
#: Frames of one kind: label -> frames.
Frames = dict[str, list[str]]

for domain_name, one in DOMAINS.items():
    if found := RESERVED & set(re.findall(r"[a-z]+", f"{one.things} {one.parts}")):
        raise ValueError(f"behaviours: {found} of {domain_name} belong to the held-out sets; take other words")


def slots(domain: Domain) -> dict[str, list[str]]:
    """Words of each slot. Those of the domain come as often as those that fit everywhere."""
    general = {"good": GOOD, "bad": BAD}
    words = {name: listed.split("|") for name, listed in COMMON.items()}
    for name in ("thing", "part", "plain"):
        words[name] = getattr(domain, {"thing": "things", "part": "parts", "plain": "plain"}[name]).split("|")
    for name, everywhere in general.items():
        own, wide = getattr(domain, name).split("|"), everywhere.split("|")
        words[name] = own * max(1, len(wide) // len(own)) + wide
    return words


SLOTS = {name: slots(domain) for name, domain in DOMAINS.items()}


def filled(frame: str, domain: str, rng: random.Random) -> str:
    """A frame with every slot filled, with "an" before vowels, and a capital at its beginning."""
    used: dict[str, str] = {}

    def word(match: re.Match[str]) -> str:
        name = match[1]
        if name not in used:
            choices = [w for w in SLOTS[domain][name.rstrip("0123456789")] if w not in used.values()]
            used[name] = rng.choice(choices)
        return used[name]

    text = re.sub(r"\{(\w+)\}", word, frame)
    text = re.sub(r"\b(very|really|extremely|incredibly|absolutely|truly|so|a) (a|the|not) ", r"\2 ", text)
    text = re.sub(r"\b([Aa]) (?=[aeiouAEIOU](?!ni|ne\b))", r"\1n ", text)
    return text[0].upper() + text[1:]


def typed(text: str, rng: random.Random) -> str:
    """The text as some people type it: without capitals, or without its last full stop."""
    draw = rng.random()
    if draw < 0.12:
        return text.lower()
    if draw < 0.24:
        return text.rstrip(".")
    if draw < 0.3 and text.endswith("."):
        return text[:-1] + "!"
    return text


def target(label: str) -> Target:
    """What a label says of a text."""
    stars, mixed = LABELS[label]
    return Target(stars=stars, mixed=mixed)


def examples(frames: Frames, count: int, rng: random.Random, source: str = "behaviours") -> list[Example]:
    """So many texts of a kind, each label as often as the others."""
    made = []
    for _ in range(count):
        label = rng.choice(list(frames))
        text = filled(rng.choice(frames[label]), rng.choice(list(DOMAINS)), rng)
        made.append(Example(typed(text, rng), target(label), source))
    return made
