"""Sentences of reviews with a slot where a name, a group or a place stands or could stand.

Filled in different ways they are texts that must get the same score; `level.py` teaches it. Unlike the pairs of
`twins.py` they are what people wrote, and so of all sorts.
"""

from __future__ import annotations

import random
import re
from collections import Counter

import numpy as np
from tokenizers import Tokenizer

from . import cuttings, fillings, judgements, twins
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

PEOPLE = re.compile(
    r"\b(the|a|our|my|another|this|that|some|two) (waiter|waitress|server|manager|owner|bartender|hostess|host|chef|"
    r"driver|guy|girl|boy|man|woman|lady|couple|family|friend|friends|actor|actress|actors|director|kids|people|"
    r"colleague|neighbor|neighbour|wife|husband|mother|father|son|daughter|doctor|dentist|nurse|teacher|student|"
    r"students|writer|author|singer|cook|clerk|cashier|staff|customers|audience|children|men|women|lawyer|cop)\b"
)
PLURAL = re.compile("[^s]s$|people|children|men$")
PLACE = re.compile(r"\b(in|from|to|near|around|of) ([A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?)\b")
NAME = re.compile(r"\b([A-Z][a-z]{2,11})(?: [A-Z][a-z]+)?\b")


def surely_names(texts: list[str]) -> set[str]:
    """First names that are hardly ever a word with a small letter: not Will, Grace or May."""
    words = Counter(word for text in texts for word in re.findall(r"[A-Za-z]+", text))
    known = {name for names in fillings.names() for name in names}
    return {name for name in known if words[name] > 3 * words[name.lower()]}


def attribute(text: str, person: re.Match[str]) -> str:
    """A template with a slot before somebody: "the {} waiter"."""
    return f"{text[:person.start(2)]}{{}} {text[person.start(2):]}"


def clause(text: str, person: re.Match[str]) -> str:
    """A template with a slot after somebody: "the waiter, who is {}," since a group is said of people too."""
    are = "are" if PLURAL.search(person[2]) else "is"
    return f"{text[:person.end(2)]}, who {are} {{}},{text[person.end(2):]}"


def slots(texts: list[str], rng: random.Random) -> dict[str, list[str]]:
    """Templates by kind, each with `{}` where the filling goes."""
    people, cities = surely_names(texts), {place for some in fillings.places(fillings.KNOWN) for place in some}
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for text in texts:
        if match := PEOPLE.search(text):
            found["group"].append(rng.choice((attribute, clause))(text, match))
        if (match := PLACE.search(text)) and match[2] in cities:
            found["place"].append(f"{text[:match.start(2)]}{{}}{text[match.end(2):]}")
        match = next((m for m in NAME.finditer(text) if m[1] in people), None)
        if match and text.count(match[1]) == 1:
            found["name"].append(f"{text[:match.start()]}{{}}{text[match.end():]}")
    return {kind: rng.sample(some, min(MOST, len(some))) for kind, some in found.items()}


def templates_of(sets: dict[str, list[Example]], rng: random.Random) -> dict[str, list[str]]:
    """Templates by kind out of the sets with capitals."""
    return slots(cuttings.sentences(example for name in CASED for example in sets[name]), rng)


def own(kind: str, rng: random.Random) -> str:
    """One of the sentences of `twins.py`, with one slot left."""
    sentence = rng.choice([t for t in twins.GOOD + twins.BAD + twins.PLAIN if t.count(f"{{{kind}}}") == 1])
    words = {name: rng.choice(some) for name, some in twins.KINDS.items()}
    return judgements.fill(sentence, {**words, kind: "{}"}, rng)


def group(templates: dict[str, list[str]], rng: random.Random) -> list[str]:
    """Texts that differ in one slot."""
    kind = rng.choice(KINDS)
    natural = templates[kind] and rng.random() > OWN_SHARE
    template = rng.choice(templates[kind]) if natural else own(kind, rng)
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
