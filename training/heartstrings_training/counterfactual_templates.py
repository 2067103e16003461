"""Sentences of reviews with a slot where a name, a group or a place stands or could stand.

Filled in different ways they are texts that must get the same score; `level.py` teaches it. Unlike the pairs of
`counterfactual_pairs.py` they are what people wrote, and so of all sorts.
"""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
from tokenizers import Tokenizer

from . import counterfactual_pairs, cuttings, fillings, judgements
from .batches import CLS, SEP, Row
from .labels import Example, Target

#: The sets whose texts have capitals, which is how names and places are told.
CASED = ("yelp10k", "imdb", "amazon_blitzer", "amazon_musical", "womens_clothing", "absa", "cr")
#: Most sentences of one kind.
MOST = 20_000
#: Texts that differ in one slot.
TOGETHER = 6
#: Share of the groups that are made around our own sentences.
OWN_SHARE = 0.35
KINDS = ("name", "group", "place")

PERSON = (
    "waiter|waitress|server|manager|owner|bartender|hostess|host|chef|"
    "driver|guy|girl|boy|man|woman|lady|couple|family|friend|friends|actor|actress|actors|director|kids|people|"
    "colleague|neighbor|neighbour|wife|husband|mother|father|son|daughter|doctor|dentist|nurse|teacher|student|"
    "students|writer|author|singer|cook|clerk|cashier|staff|customers|audience|children|men|women|lawyer|cop"
)
PEOPLE = re.compile(rf"\b(the|a|our|my|another|this|that|some|two) ({PERSON})\b")
PLURAL = re.compile("[^s]s$|people|children|men$")
#: What is said of people, in whose place a group can stand: "the waiter was rude and".
PREDICATE = re.compile(rf"\b(?:{PERSON}) (?:was|is|were|are) (?:\w+ly |very |so |too )?([a-z]+)(?= and\b|[.,!])")
#: Somebody in whose place a name can stand.
SOMEBODY = re.compile(rf"\b(?:[Tt]he|[Oo]ur|[Mm]y) (?:{PERSON})(?= \w)(?! of\b| and\b)")
#: Somebody who is only pointed at, in whose place a name can stand too: "She told", "I let him". "Her" is left out, since
#: it may be hers.
POINTED_AT = re.compile(r"\b(?:He|She)(?= [a-z])|\bhim\b")
#: What is somewhere.
SPOT = re.compile(
    r"\b[Tt]he (?:shop|store|restaurant|hotel|bar|cafe|company|office|airport|theater|cinema|seller|bakery)\b"
)
PLACE = re.compile(r"\b(in|from|to|near|around|of) ([A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?)\b")
NAME = re.compile(r"\b([A-Z][a-z]{2,11})(?: [A-Z][a-z]+)?\b")


def surely_names(texts: list[str]) -> set[str]:
    """First names that are hardly ever a word with a small letter: not Will, Grace or May."""
    words = Counter(word for text in texts for word in re.findall(r"[A-Za-z]+", text))
    known = {name for names in fillings.names() for name in names}
    return {name for name in known if words[name] > 3 * words[name.lower()]}


def slotted(text: str, start: int, end: int) -> str:
    """A template with a slot instead of a part of a text."""
    return f"{text[:start]}{{}}{text[end:]}"


def of_names(text: str, people: set[str]) -> list[str]:
    """Templates with a slot where a name stands, or where somebody stands who could have one."""
    match = next((m for m in NAME.finditer(text) if m[1] in people), None)
    made = [slotted(text, *match.span())] if match and text.count(match[1]) == 1 else []
    return made + [slotted(text, *m.span()) for m in [SOMEBODY.search(text), POINTED_AT.search(text)] if m]


def of_groups(text: str) -> list[str]:
    """Templates with a slot before somebody ("the {} waiter"), after somebody ("the waiter, who is {},") and where
    something is said of somebody ("the waiter was {}."), since a group is said of people in all three ways."""
    made = [slotted(text, *m.span(1)) for m in [PREDICATE.search(text)] if m]
    if person := PEOPLE.search(text):
        are = "are" if PLURAL.search(person[2]) else "is"
        made.append(f"{text[:person.start(2)]}{{}} {text[person.start(2):]}")
        made.append(f"{text[:person.end(2)]}, who {are} {{}},{text[person.end(2):]}")
    return made


def of_places(text: str, cities: set[str]) -> list[str]:
    """Templates with a slot where a place stands, or could be named."""
    match = PLACE.search(text)
    made = [slotted(text, *match.span(2))] if match and match[2] in cities else []
    return made + [f"{text[:m.end()]} in {{}}{text[m.end():]}" for m in [SPOT.search(text)] if m]


def slots(texts: list[str], rng: random.Random) -> dict[str, list[str]]:
    """Templates by kind, each with `{}` where the filling goes; of one text one of a kind."""
    people, cities = surely_names(texts), {place for some in fillings.places(fillings.KNOWN) for place in some}
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for text in texts:
        made = {"name": of_names(text, people), "group": of_groups(text), "place": of_places(text, cities)}
        for kind, some in made.items():
            found[kind] += rng.sample(some, min(1, len(some)))
    return {kind: rng.sample(some, min(MOST, len(some))) for kind, some in found.items()}


def templates_of(sets: dict[str, list[Example]], rng: random.Random) -> dict[str, list[str]]:
    """Templates by kind out of the sets with capitals."""
    return slots(cuttings.sentences(example for name in CASED for example in sets[name]), rng)


def own(kind: str, rng: random.Random) -> str:
    """One of the sentences of `counterfactual_pairs.py`, with one slot left."""
    sentences = counterfactual_pairs.GOOD + counterfactual_pairs.BAD + counterfactual_pairs.PLAIN
    sentence = rng.choice([t for t in sentences if t.count(f"{{{kind}}}") == 1])
    words = {name: rng.choice(some) for name, some in counterfactual_pairs.KINDS.items()}
    return judgements.fill(sentence, {**words, kind: "{}"}, rng)


def group(templates: dict[str, list[str]], rng: random.Random) -> list[str]:
    """Texts that differ in one slot. Of two sentences the shorter one is taken: one word weighs most there."""
    kind = rng.choice(KINDS)
    natural = len(templates[kind]) > 1 and rng.random() > OWN_SHARE
    template = min(rng.sample(templates[kind], 2), key=len) if natural else own(kind, rng)
    return [filled(template, word) for word in fillings.fillings(kind, TOGETHER, rng)]


def filled(template: str, word: str) -> str:
    """A template with a word in its slot, after "an" instead of "a" where it begins like that."""
    if word[0].lower() in "aeio":
        template = re.sub(r"\b([Aa]) \{\}", r"\1n {}", template)
    return template.replace("{}", word)


def batch(tokenizer: Tokenizer, templates: dict[str, list[str]], tokens: int, rng: random.Random) -> list[Row]:
    """Rows of groups, the texts of each one after the other, of about so many tokens."""
    rows, total = [], 0
    while total < tokens:
        for text in group(templates, rng):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            framed = np.array([CLS, *ids, SEP])
            rows.append(Row(framed, [(0, len(framed), Target())]))
            total += len(framed)
    return rows
