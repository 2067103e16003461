"""Judgements that no word of praise or blame spells out, and those that say the opposite.

What is implied ("the handle came off on the second day"), what is meant the other way (sarcasm), and what
a negation turns round ("I cannot say a bad word about it"). The labelled sets hold few of them. The
sentences are our own, filled in at random.
"""

from __future__ import annotations

import random
import re

from .facts import SLOTS
from .labels import NEGATIVE, POSITIVE, Example, Target

MORE_SLOTS = {
    **SLOTS,
    "device": "phone|lamp|kettle|keyboard|camera|blender|printer|watch|headset|speaker|router|vacuum|"
              "toaster|drill|heater|tablet|fan|scale",
    "piece": "handle|lid|strap|zip|button|hinge|screen|plug|wheel|switch|strap|knob|cover",
    "wear": "dress|jacket|shirt|coat|pair of jeans|sweater|pair of boots|skirt",
    "soon": "on the second day|after a week|within an hour|the first time I used it|before the month was "
            "out|after two washes|three days later|on the way home|as soon as I plugged it in",
    "time": "an hour|ninety minutes|half an hour|fifty minutes|two hours|most of the evening",
    "staff": "waiter|receptionist|manager|clerk|host|barista|nurse|technician",
    "times": "twice|three times|four times|every year|again and again",
    "kin": "kids|daughter|son|mother|husband|wife|grandfather|neighbours|whole family",
    "show": "film|movie|book|series|play|concert|novel|show|album",
    "spot": "place|restaurant|hotel|cafe|bar|shop",
    "any": "film|book|restaurant|phone|hotel|kettle|show|jacket|app|camera|album|cafe",
}

IMPLIED_BAD = [
    "The {piece} came off {soon}.", "The {piece} of the {device} broke {soon}.", "It stopped working {soon}.",
    "The {device} would not turn on {soon}.", "We waited {time} for {meal}.", "The {staff} never came back.",
    "The soup was cold and the {staff} had gone home.", "I sent it back {soon}.",
    "I have had to reset it {times} since {day}.", "The battery is empty before {meal}.",
    "I fell asleep before the end.", "Half of the audience left before the interval.",
    "I checked my watch {times} during the {show}.", "The {wear} came apart {soon}.",
    "The colour ran {soon}.", "I found a hair in {meal}.", "There were ants in the {room}.",
    "I have been waiting for my refund since {month}.", "Nobody answers the phone.",
    "The {staff} rolled his eyes when I asked for water.", "The {device} smells of burning plastic.",
    "It took {n} calls to get a replacement, and that one came without the {piece}.",
    "The sheets had stains on them.", "We could hear the people next door all night.",
    "I gave up after {n} chapters.", "The {wear} shrank two sizes {soon}.", "It now sits in a drawer.",
    "It lasted {n} days.", "I could see the twist coming from the first scene.",
    "The {device} leaks.", "We ended up eating at a petrol station.", "They charged my card {times}.",
    "The {n} of us got food poisoning.", "The app closes itself whenever I press the {piece}.",
    "The seams were already open when I took the {wear} out of the {thing}.",
    "My old {device} from {year} does this faster.", "I want the {time} back.",
    "I have stopped recommending it to people.", "The second one failed in the same way.",
]

IMPLIED_GOOD = [
    "I have bought it {times}.", "We have already booked for next {month}.", "My {kin} will not put it down.",
    "I read it in one sitting.", "I stayed up until {hour} to finish the {show}.",
    "I have worn the {wear} every day since it came.", "Strangers stop me and ask where I got the {wear}.",
    "We went back the next evening.", "I ordered a second one for my {kin}.",
    "{n} years on, the {device} still runs like on the first day.", "I forgot that I was watching a {show}.",
    "The {staff} remembered our names.", "The {staff} ran after us with the umbrella we had left.",
    "My {kin} asked for seconds, and then for thirds.", "The plates went back empty.",
    "The theatre stood and clapped for ten minutes.", "I saw the {show} {times} in one week.",
    "It fell down the stairs and still works.", "The battery goes from {day} to the weekend.",
    "My {kin} asks when we are going back.", "I cancelled my other subscription.",
    "They fixed it while I waited and took no money.", "I no longer need the old {device}.",
    "I slept through the night for the first time in months.", "I missed my stop because of this {show}.",
    "It came a day early and with a note by hand.", "I keep humming it.",
    "My back pain was gone {soon}.", "There is a reason for the queue outside.",
    "I have sent all my friends there.", "I hid the last piece from my {kin}.",
]

SARCASM = [
    "Oh great, another {device} that dies {soon}.", "Just what I needed, a {piece} that falls off {soon}.",
    "Wow, only {time} to get a glass of water. Impressive.", "Lovely, {meal} at room temperature.",
    "Nothing says luxury like a {room} without a light.", "What a treat to be ignored for {time}.",
    "Five stars, if you enjoy being shouted at by the {staff}.", "Brilliant, the {piece} broke {soon}.",
    "If you like paying twice, this is the {spot} for you.", "Thanks for ruining {meal}, well done.",
    "I just love spending my {day} on hold.", "A masterpiece, if your aim is to fall asleep.",
    "Great job sending me the wrong {wear} {times}.", "Truly a triumph of glue over design: the {piece} "
    "came off {soon}.", "Who needs a {piece} anyway, right?", "Perfect for anyone who hates their {kin}.",
    "Sure, because everyone wants a {device} that beeps all night.", "Bravo, {time} of my life gone.",
    "How thoughtful of them to leave somebody's hair in {meal}.", "Yeah, right, 'waterproof'. It died {soon}.",
    "So glad I paid extra for the {piece} that fell off.", "The best part of the {show} was the exit sign.",
    "The {show} is a wonderful cure for insomnia.", "Fantastic, it is broken again.",
    "Exactly what the world was waiting for, one more {show} like the other {n}.",
    "A real bargain: it lasted all of {n} days.", "Love how the {device} turns itself off. So useful.",
    "Congratulations, you made a {device} worse than my old one.",
]

NEGATED_GOOD = [
    "I expected to hate this {any} and I did not.", "I cannot say a bad word about this {any}.",
    "There was not a dull moment in the {show}.", "Not once did the {device} let me down.",
    "The {show} is anything but boring.", "I have no complaints about the {spot}.",
    "Nothing about the {any} disappointed me.", "You will not regret the {any}.",
    "I did not want the {show} to end.", "It never gets old.", "There is nothing to dislike here.",
    "I thought the {any} would be terrible. I was wrong.", "No problems with the {device} at all.",
    "It is not bad at all.", "Far from the disaster that people say it is.", "I could not be happier with the {any}.",
    "It could not have gone better.", "I was never bored.", "It does not break, it does not leak.",
    "Don't let the bad reviews of the {any} put you off.", "Hardly a flaw to be found.",
    "I can't stop using it.", "I have never had a better {meal} than at this {spot}.",
]

NEGATED_BAD = [
    "I wanted to love this {any}, but I could not.", "I would not call the {any} good.",
    "The {show} is not funny, not even once.", "I cannot recommend the {any} to anyone.",
    "There is nothing good about this {any}.", "It is far from the best {any} I have had.",
    "The {show} is anything but exciting.", "Not worth the money.", "It was not what was promised.",
    "The {device} never worked as it should.", "I thought the {any} would be great. I was wrong.",
    "The {staff} was not friendly and not helpful.", "No flavour, no warmth, no point.",
    "I could not find one thing to like about the {any}.", "Don't believe the good reviews of the {any}.",
    "It could not be less comfortable.", "I would not go there again if they paid me.",
    "I was not impressed by the {any}.", "Nobody in their right mind would enjoy this {show}.",
    "I have never had a worse {meal} than at this {spot}.", "It isn't any good.",
    "The {any} fails to live up to its name.", "Hardly worth watching, hardly worth the ticket.",
]

#: Kind of sentence -> its templates and the stars that they allow.
KINDS = {
    "implied_bad": (IMPLIED_BAD, NEGATIVE), "implied_good": (IMPLIED_GOOD, POSITIVE),
    "sarcasm": (SARCASM, NEGATIVE), "negated_good": (NEGATED_GOOD, POSITIVE),
    "negated_bad": (NEGATED_BAD, NEGATIVE),
}


def fill(template: str, slots: dict[str, str], rng: random.Random) -> str:
    """A template with every slot filled in at random, beginning with a capital."""
    words = re.sub(r"\{(\w+)\}", lambda m: rng.choice(slots[m[1]].split("|")), template)
    return words[0].upper() + words[1:]


def examples(count: int, rng: random.Random) -> list[Example]:
    """Texts of one sentence of any kind, none of them mixed."""
    made = []
    for _ in range(count):
        templates, stars = KINDS[rng.choice(list(KINDS))]
        text = fill(rng.choice(templates), MORE_SLOTS, rng)
        made.append(Example(text, Target(stars=stars, mixed=0.0), "judgements"))
    return made
