"""Labelled sentences as people type them: typos, stretched words, smileys.

Capitals are not among them: the tokenizer makes all letters small, so a text in capitals is the same text
to the network. Most emoji are one and the same unknown piece in its vocabulary; the sentences with emoji
teach that such a piece takes nothing away.
"""

from __future__ import annotations

import random

from .labels import NEGATIVE, POSITIVE, Example

GLAD = [":)", ":-)", ":D", "<3", "😀", "😍", "❤", "👍", "🎉", "😂"]
SAD = [":(", ":-(", ":'(", "😡", "👎", "💔", "🙄", "😤"]
SHORT = {"you": "u", "are": "r", "because": "cuz", "the": "teh", "very": "v", "really": "rly", "with": "w/",
         "and": "n", "definitely": "definately", "their": "there", "its": "it's", "was": "wuz", "please": "plz",
         "great": "gr8", "though": "tho", "about": "abt", "received": "recieved"}


def typo(word: str, rng: random.Random) -> str:
    """A word with two letters swapped, one left out or one doubled; short words stay."""
    if len(word) < 4 or not word.isalpha():
        return word
    at = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(3)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    return word[: at + 1] + word[at:]


def stretched(word: str, rng: random.Random) -> str:
    """A word with a vowel drawn out."""
    vowels = [i for i, letter in enumerate(word) if letter in "aeiou"]
    if not vowels or len(word) < 3:
        return word
    at = rng.choice(vowels)
    return word[:at] + word[at] * rng.randint(3, 5) + word[at + 1 :]


def noisy(example: Example, rng: random.Random) -> Example:
    """The same example, typed badly."""
    words = example.text.split(" ")
    for index, word in enumerate(words):
        if word in SHORT and rng.random() < 0.4:
            words[index] = SHORT[word]
        elif rng.random() < 0.12:
            words[index] = typo(word, rng)
        elif rng.random() < 0.03:
            words[index] = stretched(word, rng)
    text = " ".join(words)
    known = set(example.target.stars)
    if known and rng.random() < 0.35:
        smileys = GLAD if known <= set(POSITIVE) else SAD if known <= set(NEGATIVE) else []
        if smileys:
            text = f"{text} {rng.choice(smileys) * rng.choice([1, 1, 1, 2, 3])}"
    return Example(text, example.target, "noise")


def examples(count: int, sentences: list[Example], rng: random.Random) -> list[Example]:
    """So many of the sentences, typed badly."""
    return [noisy(rng.choice(sentences), rng) for _ in range(count)]
