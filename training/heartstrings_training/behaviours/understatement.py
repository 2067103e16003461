"""Litotes: praise and blame by denying the contrary; and how strong words are."""

from __future__ import annotations

from .frames import Frames

LITOTES: Frames = {
    "positive": [
        "I can't fault it, and I wouldn't change a thing.", "Nothing to complain about.", "I have no complaints.",
        "It does not get any better than this {thing}.", "You could do a lot worse than this {thing}.",
        "I could not find one fault with the {part}.", "Not {bad} at all, this {thing}.", "The {part} is not bad at all.",
        "No mean feat, that {part}.", "I wouldn't mind another one.", "I would not say no to a second {thing}.",
        "The {part} leaves nothing to be desired.", "You won't be sorry.", "It is no wonder that people {enjoy} it.",
        "I have never had a better {thing}.", "I have never seen a {thing} with a better {part}.",
        "There is no better {thing} for the money.", "I couldn't ask for more.", "I cannot recommend it enough.",
        "I can't say enough about the {part}.", "Hard to beat.", "Not to be missed.", "Impossible to put down.",
        "You can't go wrong with this {thing}.", "I wouldn't trade it for any other {thing}.",
        "Never a dull moment.", "The {part} never lets you down.", "It is not for nothing that it sold out.",
        "Not half bad.", "I am not easily pleased, but this {thing} did it.", "Who can resist the {part}?",
        "I can't wait to go back.", "I can't stop talking about the {part}.", "It never fails to please.",
    ],
    "negative": [
        "It leaves a lot to be desired.", "I have had better.", "I have seen better.", "Not my cup of tea.",
        "I have known {thing}s with a better {part}.", "The {part} could have been better.",
        "You could do a lot better than this {thing}.", "Not exactly {good}.", "Not what I would call {good}.",
        "The {part} is nothing to write home about.", "It will not win any prizes.", "I would not go out of my way.",
        "I won't be needing a second one.", "The less said about the {part} the better.", "Not the best {part}.",
        "I wouldn't give it to my worst enemy.", "I can think of better ways to spend {time}.", "No thanks.",
        "I would not wish it on anyone.", "I won't miss it.", "I have never had a worse {thing}.",
        "There is no worse {thing} for the money.", "I would think twice.", "It is not the worst {thing}, but close.",
        "I could have done without the {part}.", "The {part} did not do it any favours.", "I was less than thrilled.",
        "The staff could not have cared less.", "I cannot think of one reason to {enjoy} it.",
        "It did nothing for me.", "There is room for improvement.", "I was underwhelmed.", "I don't see the point.",
    ],
    "neutral": [
        "It is not the largest and not the smallest {thing}.", "I can't compare it with another {thing}.",
        "I cannot say which {thing} it was.", "You need no tools for it.", "There is no {thing} next door.",
        "I have nothing to add about the {part}.", "I haven't made up my mind about the {part}.",
        "It is neither {plain} nor {plain2}.", "No two of them have the same colour.",
    ],
}

#: Degrees, on the scale of stars.
DEGREES: Frames = {
    "5": ["The {part} is {very} {good}.", "{very} {good}, the best {thing} ever.", "I {very} {enjoyed} it, simply {good}!",
          "By far the most {good} {thing} I know.", "The {part} was {very} {good} and the {part2} {very2} {good2}.",
          "{good}, {good2}, {good3}!", "Beyond {good}."],
    "4": ["The {part} is {abit} {good}.", "Quite {good}.", "A mostly {good} {thing}.", "Pretty {good}, this {part}.",
          "{good} on the whole.", "A {good} {thing} with small flaws.", "I rather {enjoyed} the {part}."],
    "3": ["The {part} is okay.", "So-so.", "It is all right.", "An average {thing}.", "The {part} is nothing special, "
          "nothing {bad}.", "It does what it should, no more.", "Neither {good} nor {bad}.", "It is fine, I guess.",
          "The {part} is acceptable.", "Middle of the road.", "Meh, it's OK."],
    "2": ["The {part} is {abit} {bad}.", "Rather {bad}.", "A mostly {bad} {thing}.", "On the {bad} side, this {part}.",
          "{bad} on the whole.", "A {bad} {thing} with a few {good} moments.", "I rather {disliked} the {part}."],
    "1": ["The {part} is {very} {bad}.", "{very} {bad}, the worst {thing} ever.", "I {very} {disliked} it, simply {bad}!",
          "By far the most {bad} {thing} I know.", "The {part} was {very} {bad} and the {part2} {very2} {bad2}.",
          "{bad}, {bad2}, {bad3}!", "Beyond {bad}."],
}

#: Words alone, and words in the plainest of sentences.
WORDS: Frames = {
    "positive": ["{good}", "{good}.", "{good}!", "It was {good}.", "The {part} was {good}.", "A {good} {thing}.",
                 "That is a {good} {part}.", "I {enjoyed} it.", "I {enjoy} the {part}.", "{good} {thing}", "What a "
                 "{good} {thing}!", "The {thing} is {good}.", "It is a {good} {part}, this one."],
    "negative": ["{bad}", "{bad}.", "{bad}!", "It was {bad}.", "The {part} was {bad}.", "A {bad} {thing}.",
                 "That is a {bad} {part}.", "I {disliked} it.", "I {dislike} the {part}.", "{bad} {thing}", "What a "
                 "{bad} {thing}!", "The {thing} is {bad}.", "It is a {bad} {part}, this one."],
    "neutral": ["{plain}", "{plain}.", "It was {plain}.", "The {thing} is {plain}.", "A {plain} {thing}.", "{thing}",
                "The {part}.", "The {thing} and the {part}.", "This is a {plain} {thing}.", "The {part} is {plain}.",
                "I have a {plain} {thing}.", "{plain} {thing}, {n} of them"],
}
