"""Contrasts: who has the last word, and when nobody has.

"The food was good, but I hated it there" takes a side: its verdict stands at the end. "The food was good,
but the waiter was rude" does not: two things are judged, differently. The first kind teaches the stars to
follow the verdict, the second teaches what is mixed, and both come with the same words in them, as do
sentences of one side that are joined by the same "but".
"""

from __future__ import annotations

import random

from .labels import LUKEWARM, NEGATIVE, POSITIVE, Example, Target

#: By domain: what is judged, how well and how badly, and the words of a verdict on the whole.
DOMAINS = {
    "restaurant": (
        "the food|the service|the wine|the dessert|the pasta|the music|the view|the coffee|the bread|"
        "the terrace|our waiter",
        "was lovely|was great|was excellent|was a pleasure|was perfect|made me happy|was better than expected",
        "was awful|was poor|was a let-down|was dreadful|was overpriced|put me off|was worse than expected",
    ),
    "product": (
        "the screen|the battery|the sound|the case|the keyboard|the software|the price|the camera|the strap|"
        "the manual|the build",
        "is superb|is great|is excellent|is solid|works beautifully|is spot on|is a joy",
        "is terrible|is weak|is useless|feels cheap|lets it down|is a joke|drives me mad",
    ),
    "film": (
        "the acting|the script|the music|the photography|the ending|the first half|the dialogue|the lead|"
        "the pacing|the cast|the story",
        "is brilliant|is beautiful|is moving|is clever|is a delight|shines|is first-rate",
        "is dull|is lazy|is a mess|goes nowhere|is painful|drags|is clumsy",
    ),
    "hotel": (
        "the room|the bed|the breakfast|the pool|the location|the staff at the desk|the shower|the beach|"
        "the lobby|the gym",
        "was spotless|was wonderful|was comfortable|was perfect|was a dream|was outstanding|was charming",
        "was filthy|was noisy|was horrible|was tiny and dark|was disgusting|was broken|was a nightmare",
    ),
}
BUT = [", but", ", yet", ", although", ", though", "; however,", ". But", ". Sadly" , ", while", ". On the other hand,"]
VERDICT_BUT = [", but", ", yet", ". Still,", ". But", ". Even so,", ". All the same,"]
GOOD_VERDICT = [
    "overall I loved it", "I would go back tomorrow", "all in all I am very happy", "it is still a winner",
    "I recommend it to everybody", "in the end it won me over", "I enjoyed every minute", "it is worth every penny",
    "on the whole it is wonderful", "I love it anyway", "I had a great time", "we left happy",
]
BAD_VERDICT = [
    "overall I hated it", "I would never go back", "all in all it is a waste of money", "it is still a failure",
    "I cannot recommend it", "in the end it lost me", "I want my money back", "it was not worth it",
    "on the whole it is awful", "I regret it", "I had a miserable time", "we left angry",
]
#: Most words of a labelled sentence that is joined to another.
JOINED_WORDS = 14


def pick(words: str, rng: random.Random) -> str:
    """One of the words between bars."""
    return rng.choice(words.split("|"))


def clause(domain: str, good: bool, rng: random.Random, not_of: str = "") -> tuple[str, str]:
    """What is judged and the clause that judges it, about anything but `not_of`."""
    things, praise, blame = DOMAINS[domain]
    thing = rng.choice([thing for thing in things.split("|") if thing != not_of])
    return thing, f"{thing} {pick(praise if good else blame, rng)}"


def with_verdict(rng: random.Random) -> Example:
    """One or two clauses and a verdict on the whole against them."""
    domain, good = rng.choice(list(DOMAINS)), rng.random() < 0.5
    thing, first = clause(domain, not good, rng)
    if rng.random() < 0.3:
        first += f" and {clause(domain, not good, rng, thing)[1]}"
    verdict = rng.choice(GOOD_VERDICT if good else BAD_VERDICT)
    text = f"{first}{rng.choice(VERDICT_BUT)} {verdict}"
    if rng.random() < 0.15:
        text = f"{verdict}, even though {first}"
    return Example(ended(text, rng), Target(stars=POSITIVE if good else NEGATIVE, mixed=0.0), "contrasts")


def undecided(rng: random.Random) -> Example:
    """Two things judged differently."""
    domain, good = rng.choice(list(DOMAINS)), rng.random() < 0.5
    thing, first = clause(domain, good, rng)
    second = clause(domain, not good, rng, thing)[1]
    text = f"{first}{rng.choice(BUT)} {second}"
    return Example(ended(text, rng), Target(stars=LUKEWARM, mixed=1.0), "contrasts")


def agreed(rng: random.Random) -> Example:
    """Two things judged alike, joined by "and" or by a "but" that only raises the stakes."""
    domain, good = rng.choice(list(DOMAINS)), rng.random() < 0.5
    thing, first = clause(domain, good, rng)
    other, second = clause(domain, good, rng, thing)
    if rng.random() < 0.4:
        second = f"{other} was even {'better' if good else 'worse'}"
        text = f"{first}{rng.choice([', but', ', and'])} {second}"
    else:
        text = f"{first}{rng.choice([' and', ', and', '. Also', ', while'])} {second}"
    return Example(ended(text, rng), Target(stars=POSITIVE if good else NEGATIVE, mixed=0.0), "contrasts")


def joined(good: list[str], bad: list[str], rng: random.Random) -> Example:
    """Two labelled sentences of one domain, on different sides, joined."""
    sides = [rng.choice(good), rng.choice(bad)]
    rng.shuffle(sides)
    first, second = (side.strip().rstrip(".!?") for side in sides)
    text = f"{first}{rng.choice(BUT)} {second[0].lower()}{second[1:]}."
    return Example(text, Target(stars=LUKEWARM, mixed=1.0), "contrasts")


def ended(text: str, rng: random.Random) -> str:
    """A text with a capital (nearly always) and an end."""
    text = text[0].upper() + text[1:] if rng.random() < 0.85 else text
    return text + rng.choice([".", ".", ".", "!", ""])


def examples(count: int, absa: list[Example], rng: random.Random) -> list[Example]:
    """Contrasts with a verdict and without, sentences that agree, and joins of labelled ones.

    absa: sentences labelled by the sides of their aspects, for the joins.
    """
    short = [e for e in absa if e.text.strip() and e.text.count(" ") < JOINED_WORDS]
    good = [e.text for e in short if set(e.target.stars) == set(POSITIVE)]
    bad = [e.text for e in short if set(e.target.stars) == set(NEGATIVE)]
    made = []
    for _ in range(count):
        draw = rng.random()
        if draw < 0.4:
            made.append(with_verdict(rng))
        elif draw < 0.6:
            made.append(undecided(rng))
        elif draw < 0.8 or not (good and bad):
            made.append(agreed(rng))
        else:
            made.append(joined(good, bad, rng))
    return made
