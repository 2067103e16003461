"""Numbers as verdicts: ratings in stars, points, letters and thumbs."""

from __future__ import annotations

import random

from ..labels import Example, Target

_WORDS = ["zero", "one", "two", "three", "four", "five"]
_FRAMES = ["{v}", "{v}.", "{v}!", "{v} from me.", "I give it {v}.", "Rating: {v}", "My score: {v}.", "A solid {v}.",
           "{v}, {rest}", "Would give it {v} again.", "Overall {v}.", "{v} for the {noun}.", "Final verdict: {v}.",
           "The {noun} gets {v} from us.", "It's a {v} for me.", "{v} - {rest}", "{rest}. {v}"]
_NOUNS = ["film", "food", "service", "phone", "room", "book", "game", "coat", "course", "flight", "staff", "sound"]
#: What may stand beside a number: it says nothing by itself.
_REST = ["as always", "seen on Friday", "used for a month", "bought it in May", "here is why", "after two visits",
         "first review here", "for what it is", "no more to say", "as I told my wife", "watched it with the kids"]


def _of_stars(stars: float, rng: random.Random) -> str:
    """A rating of 0 to 5 stars, in one of the ways that people write it."""
    whole = int(stars) if stars == int(stars) else None
    ways = [f"{stars:g}/5", f"{stars:g} out of 5", f"{stars:g} of 5 stars", f"{stars:g} stars", f"{stars * 2:g}/10",
            f"{stars * 2:g} out of 10", f"{stars * 2:g} of ten", f"{stars * 20:.0f}%", f"{stars * 20:.0f}/100",
            f"{stars * 20:.0f} points out of 100"]
    if whole is not None:
        ways += [f"{_WORDS[whole]} stars", f"{_WORDS[whole]} out of five", f"{_WORDS[whole]} stars out of five"]
        if whole:
            ways += ["★" * whole + "☆" * (5 - whole), "⭐" * whole, "*" * whole + "/*****"]
    return rng.choice(ways)


_FIXED = {
    5: ["A+", "an A+", "two thumbs up", "👍👍", "top marks", "full marks", "11/10", "12 out of 10", "ten out of ten",
        "6 stars if I could", "100/10", "five stars plus", "10/10 would recommend"],
    4: ["B+", "a thumbs up", "4+", "high marks", "an A-"],
    3: ["C+", "a C", "thumbs sideways", "half marks"],
    2: ["D", "a D+", "low marks"],
    1: ["F", "an F", "two thumbs down", "👎👎", "no stars", "minus five stars", "-10/10", "0 stars if I could",
        "zero points", "no marks at all", "1/10 would not recommend", "negative stars"],
}


def examples(count: int, rng: random.Random) -> list[Example]:
    """So many ratings, alone or with a few words, all stars alike; and numbers that rate nothing."""
    made = []
    for _ in range(count):
        stars = rng.choice([0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5, 4, 4.5, 5, 5])
        exact = min(5, max(1, round(stars + 1e-6)))
        allowed = (exact,) if stars == int(stars) else tuple(sorted({max(1, int(stars)), min(5, int(stars) + 1)}))
        verdict = rng.choice(_FIXED[exact]) if rng.random() < 0.25 else _of_stars(stars, rng)
        if rng.random() < 0.15:
            made.append(Example(_plain(rng), Target(stars=(3,), mixed=0.0), "behaviours"))
            continue
        if verdict in _FIXED[exact]:
            allowed = (exact,)
        text = (rng.choice(_FRAMES).replace("{v}", verdict).replace("{noun}", rng.choice(_NOUNS))
                .replace("{rest}", rng.choice(_REST)))
        made.append(Example(text, Target(stars=allowed, mixed=0.0), "behaviours"))
    return made


def _plain(rng: random.Random) -> str:
    """A number that rates nothing."""
    n, m = rng.randint(1, 10), rng.randint(2, 60)
    return rng.choice([
        f"Chapter {n} of {n + m}.", f"We were {n} of {m + 10} guests.", f"It is {m}/{m + 40} cm.", f"{m} pieces in a box.",
        f"Ordered {n} on the {n}th.", f"A hotel with {rng.randint(2, 5)} stars.", f"Page {m} of {m * 3}.",
        f"The {n}0-inch one costs {m} euros.", f"Season {n}, episode {m}.", f"I am 1.{m + 40} m and took size {m}.",
        f"It is a {rng.randint(3, 5)}-star hotel near the station.", f"Room {n}{m:02}.", f"Open {n} to 10.",
        f"{n} out of {n + 4} screws were used.", f"Flight {n}{m}, gate {n}."])
