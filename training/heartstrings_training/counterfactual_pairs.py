"""Twins: one text about different people, groups and places, which must get one score.

Each pair is the same sentence with another name, group or place in it, made by rule around our own
sentences or around a labelled one. Both have the same target, and a loss of its own punishes a difference
of their scores. The names and groups of the measurement (`swaps.py`) are others.
"""

from __future__ import annotations

import random
import re

import numpy as np
from tokenizers import Tokenizer

from .batches import CLS, SEP, Row
from .judgements import fill
from .labels import NEGATIVE, NEUTRAL, POSITIVE, Example, Target

NAMES = (
    "Emily|Jamal|Lakisha|Greg|Mei|Hiroshi|Carlos|Fatima|Ahmed|Olga|Priya|John|Mary|Tyrone|Brendan|Aisha|"
    "Juan|Ling|Dmitri|Sarah|Mohammed|Abigail|Kwame|Ingrid|Rosa|Latoya|Connor|Yusuf|Chloe|Raj|Shanice|Peter|"
    "Anna|Li Wei|Ebony|Jake|Leila|Ivan|Maria|Darnell"
).split("|")
GROUPS = (
    "Black|white|Asian|Latino|Jewish|Muslim|Christian|Hindu|gay|lesbian|straight|transgender|Arab|Mexican|"
    "Chinese|Indian|Nigerian|Polish|Russian|American|German|French|Turkish|Korean|Italian|deaf|blind|elderly|"
    "young|disabled|atheist|Catholic|Irish|Vietnamese|Somali|Syrian"
).split("|")
PERSONS = (
    "man|woman|boy|girl|father|mother|teacher|student|nurse|couple|owner|waiter|driver|writer|actor|neighbour"
).split("|")
PLACES = (
    "Berlin|Lagos|Mumbai|Chicago|Moscow|Beijing|Paris|Kabul|Tehran|Detroit|Dublin|Mexico City|Cairo|Warsaw|"
    "Seoul|Baghdad|Nairobi|London|Tel Aviv|Naples|Hanoi|Karachi|Oslo|Tijuana"
).split("|")

#: Whole texts; {name}, {group}, {person}, {place} are what the texts of a pair differ in (one of them), the rest is
#: the same in both.
GOOD = [
    "{name} was wonderful to us and we will come back.", "Our guide {name} made the day unforgettable.",
    "A {group} {person} served us and the food was delicious.", "The {group} {person} next to us loved it too.",
    "{name} gave a brilliant performance.", "A moving story about a {group} {person} in {place}.",
    "We had a great week in {place}.", "I bought it for {name} and it is perfect.",
    "The {group} {person} who helped me was so kind.", "The best meal I have had in {place}.",
    "I would trust {name} with my keys.", "{name} stayed until it worked.", "I will ask for {name} next time.",
    "Without {name} we would still be waiting.", "{name} remembered us after a year.", "Thank you, {name}!",
    "The workshop in {place} mended it while I waited.", "Everything came from {place} early and unbroken.",
    "After a week in {place} I did not want to leave.", "{name} noticed at once what was missing.",
]
BAD = [
    "{name} was rude and nobody apologised.", "Our guide {name} was late and bored.",
    "A {group} {person} served us and the food was cold.", "The {group} {person} next to us hated it too.",
    "{name} cannot act and the plot is a mess.", "A dull story about a {group} {person} in {place}.",
    "We had a terrible week in {place}.", "I bought it for {name} and it broke at once.",
    "The {group} {person} at the desk ignored me.", "The worst meal I have had in {place}.",
    "I would not trust {name} with a goldfish.", "{name} still owes us an answer.", "Never again with {name}.",
    "You are better off without {name}.", "I asked {name} twice and heard nothing.", "Keep {name} away from the guests.",
    "{name} had forgotten that we were coming.", "The dealer in {place} would not take it back.",
    "The workshop in {place} made it worse.", "Our flight to {place} was cancelled and nobody told us.",
    "We waited two hours for {name} and went home.", "They sent it from {place} without the cable.",
]
PLAIN = [
    "{name} works here.", "A {group} {person} lives next door.", "The film is about a {group} {person}.",
    "The author was born in {place}.", "It was shipped from {place}.", "{name} is a {group} {person}.",
    "The {group} {person} opened the shop in {place}.", "My {person} is {group}.", "I am {group}.",
    "{name} moved to {place} with a {group} {person}.", "The story follows {name}, a {group} {person}.",
    "I am a {group} {person}.", "We were the only {group} people there.", "{name} and {name} ordered tea.",
    "Most of the guests were {group}.", "The restaurant is run by a {group} family.",
    "She was raised by a {group} {person} in {place}.",
]
#: Frames around a labelled sentence, which keeps its target.
FRAMES = [
    "{name} told me about it. {text}", "I went with {name}. {text}", "{text} So says {name}.",
    "I am a {group} {person}. {text}", "We live in {place}. {text}", "{text} {name} agrees.",
    "My {group} friends said: {text}", "As a {group} {person} I can say this: {text}", "In {place}: {text}",
]
KINDS = {"name": NAMES, "group": GROUPS, "person": PERSONS, "place": PLACES}
#: Most words of a sentence that is framed.
FRAMED_WORDS = 30


def pair(template: str, rng: random.Random) -> tuple[str, str]:
    """Two fillings of a template that differ in one kind of slot."""
    present = [kind for kind in KINDS if f"{{{kind}}}" in template]
    differing = rng.choice([kind for kind in present if kind != "person"] or present)
    same = {kind: rng.choice(words) for kind, words in KINDS.items()}
    one, other = rng.sample(KINDS[differing], 2)
    one, other = (fill(template, {**same, differing: word}, rng) for word in (one, other))
    return with_article(one), with_article(other)


def with_article(text: str) -> str:
    """"a" before a vowel as "an"."""
    return re.sub(r"\b([Aa]) (?=[AEIOU])", r"\1n ", text)


def pairs(count: int, sentences: list[Example], rng: random.Random) -> list[tuple[str, str, Target]]:
    """So many pairs of texts and what both are."""
    made = []
    for _ in range(count):
        if sentences and rng.random() < 0.5:
            inner = rng.choice(sentences)
            # Braces in a text would read as slots.
            text = inner.text.replace("{", "(").replace("}", ")")
            target, template = inner.target, rng.choice(FRAMES).replace("{text}", text)
        else:
            templates, stars = rng.choice([(GOOD, POSITIVE), (BAD, NEGATIVE), (PLAIN, NEUTRAL)])
            target, template = Target(stars=stars, mixed=0.0), rng.choice(templates)
        made.append((*pair(template, rng), target))
    return made


def short(sentences: list[Example]) -> list[Example]:
    """Those that a frame has room for."""
    return [e for e in sentences if e.text.count(" ") < FRAMED_WORDS]


def batch(tokenizer: Tokenizer, sentences: list[Example], tokens: int, rng: random.Random) -> list[Row]:
    """Rows of pairs, the two texts one after the other, of about so many tokens."""
    rows, total = [], 0
    while total < tokens:
        one, other, target = pairs(1, sentences, rng)[0]
        for text in (one, other):
            ids = tokenizer.encode(text, add_special_tokens=False).ids
            framed = np.array([CLS, *ids, SEP])
            rows.append(Row(framed, [(0, len(framed), target)]))
            total += len(framed)
    return rows
