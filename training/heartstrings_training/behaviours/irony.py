"""Sarcasm, with a mark that shows it and without, and praise that is wasted on a fault."""

from __future__ import annotations

from .frames import Frames

_MISHAPS = [
    "the {part} broke {soon}", "it stopped working {soon}", "we waited {time} for somebody to come",
    "they lost my order {times}", "I got the wrong {thing} {times}", "the {part} was missing", "it arrived in pieces",
    "nobody knew about our booking", "the {part} fell off {soon}", "it died {soon}", "I was on hold for {time}",
    "they charged me {times}", "the {part} is {bad}", "the {thing} is {bad}",
]
_HEADS = [
    "Great, {m}.", "Oh great, {m}.", "Just {good}: {m}.", "Wonderful. {m}.", "How {good}: {m}.", "Well done, {m}.",
    "Bravo! {m}.", "{good} work, {m}.", "Thanks a lot: {m}.", "Lucky me, {m}.", "What a treat: {m}.",
    "Exactly what I needed: {m}.", "Wow, {m}. Impressive.", "Congratulations, {m}.", "Nice touch that {m}.",
    "I am so happy that {m}.", "I just love that {m}.", "Top quality: {m}.", "Money well spent: {m}.", "Sure, {m}, "
    "who would mind?", "Fantastic, {m} again.", "So {good} that {m}.", "{m}. What a {good} {thing}.", "{m}. Brilliant.",
]
_MARKS = [" /s", " Yeah, right.", " Not.", " 🙄", " ...not!", " (sarcasm)", " Said nobody ever.", " #sarcasm", " LOL, no.",
          " As if."]
_PRAISES = [
    "What a {good} {thing}.", "I {very} {enjoyed} it.", "The {part} is so {good}.", "Sure, this {thing} is {good}.",
    "Five stars.", "Best {thing} ever.", "I can't wait to go back.", "Totally worth it.", "Great service.",
    "Such a {good} {part}.",
]
MARKED: Frames = {
    "negative": [praise + mark for praise in _PRAISES for mark in _MARKS] + [
        "So-called \"{good}\" {part}.", "The \"{good}\" {part} was neither.", "A \"{thing}\", if you want to call it that.",
        "Their idea of \"{good}\" is a {bad} {part}.", "Yeah right, \"{good}\". {m}.",
        "\"{good}\", they say. Ha.", "\"{plain}\", my foot.", "Very \"{good}\" indeed: {m}.",
    ] + [head + mark for head in _HEADS[:8] for mark in (" /s", " 🙄", " Yeah, right.")],
}
UNMARKED: Frames = {
    "negative": _HEADS + [
        "If you {enjoy} a {bad} {part}, this is the {thing} for you.", "Ideal for anyone with {time} to waste.",
        "Perfect if you have too much money.", "A {good} way to ruin a {day}.", "I have had more fun in a traffic jam.",
        "The {part} would be {good} if one could see it.", "It makes a {good} doorstop.", "A must for people who "
        "{enjoy} being ignored.", "The best thing about it was the end.", "The best part of the {thing} was leaving.",
        "Who needs a {part} anyway?", "I am glad I only paid for {n} of them.", "As {good} as watching paint dry.",
        "As useful as a chocolate teapot.", "They must have worked hard to make the {part} this {bad}.",
        "I especially {enjoyed} the part where {m}.", "My favourite moment was when {m}.", "Nothing says quality like "
        "a {part} that comes off {soon}.", "A masterclass in how not to make a {thing}.", "It puts me to sleep every "
        "time, so there is that.", "What the world needed: another {bad} {thing}.", "Clearly the {part} was tested by "
        "people who {dislike} people.", "It only took {time} to get the {part}. A record, surely.",
        "The {part} is {good}, provided that you keep your eyes shut.", "Took {n} calls. Efficiency at its best.",
    ],
    # The same openings, meant as they are said.
    "positive": [
        "Great, the {part} is {good}.", "Wonderful. The {part} works every time.", "Well done, it came a day early.",
        "What a treat: a {good} {part} for this money.", "Exactly what I needed: a {good} {thing}.",
        "Lucky me, I got the last one, and it is {good}.", "I just love that the {part} is {good}.",
        "Bravo! The {part} is {good}.", "Thanks a lot: my {kin} {enjoyed} it.", "My favourite moment was the {part}.",
        "Money well spent: the {part} still runs after {n} years.", "Nice touch that they gave us a {part} for free.",
        "Wow, it was here in {time}. Impressive.", "I am so happy that they fixed the {part}.",
    ],
}
WASTED: Frames = {
    "negative": [
        "A {good} {part}, wasted on a {bad} {thing}.", "Even a {good} {part} cannot save this {thing}.",
        "All the {good} {part} in the world does not help when {m}.", "The {part} is {good}, but what good is it if {m}?",
        "Such a {good} {part}. Such a {bad} {thing}.", "A {good} box around a {bad} {thing}.", "The only {good} thing is "
        "the {part}.", "The {part} is the only {good} part of this {thing}.", "Not even the {part} can save it.",
        "It takes more than a {good} {part} to make a {good} {thing}.", "{good} {part}, shame about the rest.",
        "It looks {good}, and that is all it does.", "Shame about the {thing}, since the {part} is {good}.",
        "The {part} was {good} for all of one day, then {m}.", "Apart from the {part} there is nothing {good} here.",
        "So much {good} talent, so {bad} a {thing}.", "A {good} start, and then {m}.", "They put a {good} {part} on a "
        "{bad} {thing}.", "The {part} deserved a better {thing}.", "{good} pictures on the website. {m}.",
    ],
    "positive": [
        "Even a {bad} {part} cannot spoil this {thing}.", "The only {bad} thing is the {part}, and I can live with it.",
        "It takes more than a {bad} {part} to ruin a {good} {thing}.", "A {bad} box around a {good} {thing}.",
        "Apart from the {part} there is nothing {bad} here.", "It looks {bad}, and works like a dream.",
        "Forget the {bad} {part}: the {thing} is {good}.", "If you can get past the {part}, it is a {good} {thing}.",
    ],
}


def _spelled(frames: Frames) -> Frames:
    """Frames with every mishap in the place of {m}."""
    return {label: [text for frame in found for text in
                    ([frame.replace("{m}", mishap) for mishap in _MISHAPS] if "{m}" in frame else [frame])]
            for label, found in frames.items()}


MARKED, UNMARKED, WASTED = _spelled(MARKED), _spelled(UNMARKED), _spelled(WASTED)
