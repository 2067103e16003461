"""Texts that turn: expectations that were not met, opinions that changed, doubts that were overcome."""

from __future__ import annotations

from .frames import Frames

_EXPECTED = [
    "I thought the {part} would be {x}, but it wasn't.", "I thought this {thing} would be {x}, but it was not.",
    "I expected the {part} to be {x}. It was not.", "We had hoped for a {x} {thing}, and did not get one.",
    "From the pictures I thought that the {thing} was {x}, but it isn't.", "I was told the {part} was {x}; it is not.",
    "The {part} was supposed to be {x}, only it wasn't.", "I thought, {aside}, that the {part} was {x}, but no.",
    "You would think the {part} is {x}. Wrong.", "The {part} should be {x} by now, yet it isn't.",
    "I went in expecting a {x} {thing} and came out knowing better.", "I assumed it was {x}. I was mistaken.",
    "Everything pointed to a {x} {thing}. It turned out not to be one.", "I figured the {part} would be {x}. Nope.",
    "I was ready for a {x} {part}. That is not what I got.", "The label says {x}. It isn't.",
]


def _expected(slot: str) -> list[str]:
    return [frame.replace("{x}", slot) for frame in _EXPECTED]


EXPECTED: Frames = {
    "negative": _expected("{good}") + [
        "I thought the {thing} would be {good}, but it was {bad}.", "I expected {good} and got {bad}.",
        "I thought I would {enjoy} the {part}, but I {disliked} it.", "Looked {good} in the shop, {bad} at home.",
        "We came for a {good} {part} and found it {bad}.", "What a {good} idea, and what a {bad} {thing}.",
        "I so wanted this {thing} to be {good}.", "It promises a {good} {part} and delivers a {bad} one.",
        "It could have been a {good} {thing}.", "The {thing} had everything to be {good} and wasted it.",
    ],
    "not negative": _expected("{bad}"),
    "positive": [
        "I thought the {thing} would be {bad}, but it was {good}.", "I expected {bad} and got {good}.",
        "I thought I would {dislike} the {part}, but I {enjoyed} it.", "Looks {bad}, but is {good}.",
        "I feared a {bad} {part}. It was {good}.", "I was sceptical about the {part}, and I was wrong.",
        "I nearly didn't buy the {thing} because {other} {thinks} it is {bad}. So glad that I did.",
        "My doubts about the {part} were gone {soon}.", "I was not sure about a {plain} {thing}. Now I want another.",
        "It took me a week to get used to the {part}; now I would not be without it.",
        "I resisted this {thing} for years. I should not have.", "I ate my words about the {part}.",
        "I came to laugh at the {thing} and stayed because it is {good}.", "I was prepared to return it. I kept it.",
        "Against my expectations the {part} was {good}.", "I take back everything I said about the {part}.",
        "I had my doubts, {aside}, but the {part} won me over.", "Not what I expected: so much better.",
    ],
    "neutral": _expected("{plain}") + [
        "I thought the {thing} was {plain}, but it is {plain2}.", "I expected {plain} and got {plain2}.",
        "I thought it came on {day}; it came on {day2}.",
    ],
}

CHANGED: Frames = {
    "negative": [
        "I used to {enjoy} this {thing}, but now I {dislike} it.", "The {part} used to be {good}, but now it is {bad}.",
        "I used to think the {thing} was {good}. Now I think it is {bad}.", "It was {good} once. Not any more.",
        "In the past I would {enjoy} this {thing}, although now I {dislike} it.", "They were {good} years ago.",
        "This {thing} has gone downhill.", "Under the old owners the {part} was {good}; those days are over.",
        "The first one was {good}. This one is {bad}.", "Last year's {thing} was {good}, this year's is {bad}.",
        "It was a {good} {thing} until the update.", "I have loved this {thing} for years, but the new {part} is "
        "{bad}.", "What happened to the {good} {part} that they had?", "I no longer {enjoy} the {part}.",
        "I miss the old {part}.", "Ten years ago I would have called it {good}. Today I call it {bad}.",
        "They have ruined the {part}.", "It started {good} and ended {bad}.", "I used to recommend it to everybody.",
    ],
    "positive": [
        "I used to {dislike} this {thing}, but now I {enjoy} it.", "The {part} used to be {bad}, but now it is {good}.",
        "I used to think the {thing} was {bad}. Now I think it is {good}.", "It was {bad} once. Not any more.",
        "In the past I would {dislike} this {thing}, although now I {enjoy} it.", "The old {thing} was {bad}; the new "
        "one is {good}.", "The first one was {bad}. This one is {good}.", "They have finally fixed the {part}.",
        "Under the old owners the {part} was {bad}; that is over, and it is {good}.", "It started {bad} and ended "
        "{good}.", "I gave it a {bad} review last year and have to correct it: the {part} is {good} now.",
        "Since the update the {part} is no longer {bad} but {good}.", "It has grown on me, and now I {enjoy} it.",
        "I {disliked} it at first; by the end I {enjoyed} every minute.", "Every other {thing} I had was {bad}. Not "
        "this one.", "I was one of those who called it {bad}. Today I would call it {good}.",
    ],
    "neutral": [
        "The {thing} used to be {plain}, now it is {plain2}.", "It was {plain} until last year.",
        "I used to have a {plain} {thing}, now I have a {plain2} one.", "The {thing} is no longer {plain}.",
    ],
}
