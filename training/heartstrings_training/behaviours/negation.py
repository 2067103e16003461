"""Negation of praise, of blame and of what is neither, also with other words in between."""

from __future__ import annotations

from .frames import Frames

#: Ways to deny, and what they are about.
_DENIALS = [
    "I would not say{aside} that the {part} {was} {x}.", "I can't say{aside} that this {thing} {was} {x}.",
    "I don't think{aside} that the {part} {was} {x}.", "I wouldn't call it{aside} a {thing} that is {x}.",
    "Nobody could claim{aside} that the {part} {was} {x}.", "It is not true{aside} that the {thing} {was} {x}.",
    "You will not hear me say{aside} that the {part} {was} {x}.", "I never felt{aside} that the {thing} {was} {x}.",
    "In no way would I say{aside} that this is a {thing} with a {part} that {was} {x}.",
    "I don't believe{aside} that anyone would find the {part} {x}.",
    "I couldn't tell you{aside} that the {part} {was} {x}.", "I have to disagree{aside}: the {part} is not {x}.",
    "I doubt{aside} that the {thing} could be called {x}.",
]
_PLAIN_DENIALS = [
    "The {part} {is} not {x}.", "The {part} {was}n't {x}.", "This is not {ax} {thing}.", "This {thing} is not {x}.",
    "It {was} not {x}.", "The {part} is never {x}.", "That {thing} {was} not {x} at all.", "It isn't {ax} {thing}.",
    "Not {ax} {thing}.", "The {thing} and its {part} {is} not {x}.", "No, the {part} {was} not {x}.",
]


def _denied(slot: str) -> list[str]:
    """Denials with the slot in the place of what is denied."""
    made = []
    for frame in _DENIALS:
        for aside in ("", ", {aside},", ", {aside},", ", {aside}, and {aside2},"):
            made += [frame.replace("{aside}", aside, 1).replace("{x}", slot).replace("{was}", was)
                     for was in ("was", "is")]
    for frame in _PLAIN_DENIALS:
        for was, present in (("was", "is"), ("is", "is")):
            made.append(frame.replace("{ax}", f"a {slot}").replace("{x}", slot)
                        .replace("{was}", was).replace("{is}", present))
    return made


FRAMES: Frames = {
    "negative": _denied("{good}") + [
        "I did not {enjoy} the {thing}.", "I can't say, {aside}, that I {enjoyed} the {part}.",
        "Nobody in our group {enjoyed} the {part}.", "There is nothing {good} about the {part}.",
        "Neither the {part} nor the {part2} was {good}.", "I cannot, {aside}, {enjoy} this {thing}.",
        "I wouldn't, {aside}, {enjoy} a {thing} like this.", "Never have I {enjoyed} a {thing} less.",
        "The {part} failed to be {good}.", "Hardly a {good} {thing}.", "Far from {good}, this {thing}.",
        "The {part} is anything but {good}.", "The {thing} was neither {good} nor {good2}.",
        "I have yet to find anything {good} about the {part}.", "The {part} was less than {good}.",
        "None of it was {good}.", "I wanted to {enjoy} it and could not.", "I was not impressed by the {part}.",
        "It lacks a {good} {part}.", "I don't {enjoy} this {thing}, {aside}.", "Not once was the {part} {good}.",
    ],
    "not negative": _denied("{bad}"),
    "positive": [
        "I did not {dislike} a single thing about the {thing}.", "There is nothing {bad} about the {part}.",
        "The {part} is anything but {bad}.", "Far from {bad}, this {thing}.", "Not once was the {part} {bad}.",
        "I have yet to find anything {bad} about the {thing}.", "Neither the {part} nor the {part2} was ever {bad}.",
        "No {thing} has been less {bad} than this one.", "Nobody in our group {disliked} the {part}.",
        "I can't, {aside}, find anything {bad} to say about the {part}.",
        "Not for a second did I {dislike} the {part}.", "I never {disliked} one minute of this {thing}.",
        "I would not, {aside}, change anything about the {part}.", "I couldn't, {aside}, be happier with the {thing}.",
        "I could not fault the {part}, {aside}.", "I don't, {aside}, {dislike} anything about the {thing}.",
    ],
    "neutral": _denied("{plain}") + [
        "It is not {plain} but {plain2}.", "The {thing} is {plain}, not {plain2}.", "Not a {plain} {thing}.",
        "I did not see the {part} of the {thing}.", "I have not tried the {part} yet.",
        "I haven't opened the {thing} yet.", "I didn't take the {plain} {thing}, I took the other one.",
        "The {thing} has no {part}.", "No {plain} {thing} is on the list.", "It was a {plain} {thing}.",
        "The {thing} is {plain}.", "This is a {plain} {thing} for {n} people.", "We took the {thing} on {day}.",
        "The {part} is {plain}.", "This {thing} is {plain} and so is the other one.",
    ],
}
