"""Plain facts, made by rule: what the labelled sets lack.

Three-star reviews teach lukewarm, plots teach telling; neither says that a parcel with two cables in
it is no praise. The sentences are our own, filled in at random: what came, what is in it, how large
it is, when it opens. All are neutral, and none holds a word of judgement.
"""

from __future__ import annotations

import random
import re

from .labels import EMOTIONS, NEUTRAL, Example, Target

SLOTS = {
    "day": "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|the 3rd of May|12 June|"
           "2 October",
    "month": "January|March|April|June|August|September|November|December",
    "n": "2|3|4|5|6|8|10|12|15|20|24|30|two|three|four|five|six|ten|twelve",
    "big": "100|128|150|200|256|300|450|500|1,200|2,000|64",
    "unit": "cm|centimetres|inches|mm|metres",
    "thing": "parcel|package|box|order|item|replacement|letter|set",
    "part": "a charger|a cable|two cables|a manual|an adapter|a remote control|four screws|a spare "
            "bulb|a carrying case|a warranty card|batteries|a power supply|a stand|one filter|"
            "a USB stick|instructions in six languages",
    "product": "phone|lamp|kettle|keyboard|guitar|camera|bag|jacket|dress|blender|tent|chair|"
               "printer|watch|headset|mattress|microphone|speaker|router|tripod",
    "color": "black|white|blue|grey|red|green|beige|silver|brown",
    "material": "cotton|plastic|steel|wood|leather|polyester|aluminium|wool|glass|nylon",
    "size": "small|medium|large|extra large|size 8|size 12|size 40|one size",
    "place": "the front desk|the door|the neighbour|the post office|the reception|the warehouse|"
             "my office|the shop",
    "side": "left|right|back|front|bottom|top",
    "city": "Berlin|Boston|Leeds|Osaka|Madrid|Denver|Lyon|Seoul|Toronto|Cork",
    "room": "room|kitchen|bathroom|lobby|pool|garage|gym|balcony|terrace",
    "hour": "seven|eight|nine|ten|eleven|noon|5 p.m.|6:30|10 a.m.|midnight",
    "meal": "breakfast|lunch|dinner|the soup|the set menu|coffee|the buffet",
    "job": "director|author|editor|drummer|narrator|screenwriter|translator|publisher",
    "work": "film|book|series|album|game|episode|novel|documentary|course",
    "year": "1968|1984|1999|2004|2011|2015|2019|2021",
    "kind": "comedy|drama|thriller|biography|western|mystery|science fiction story|musical",
}

TEMPLATES = {
    "delivery": [
        "It arrived on {day}.", "The {thing} arrived on {day}.", "The {thing} came on {day} at {hour}.",
        "The {thing} was delivered on {day}.", "It was shipped from {city} on {day}.",
        "I ordered it on {day} and it came {n} days later.", "It was left with {place}.",
        "The driver left the {thing} at {place}.", "Delivery took {n} days.",
        "I signed for the {thing} on {day}.", "The tracking number was sent by e-mail.",
        "The invoice is in the {thing}.", "I picked it up at {place}.", "Ordered {n} in {month}.",
        "The return label was in the {thing}.", "The {thing} weighs {n} kilos.",
    ],
    "contents": [
        "The box contains {part}, {part} and {part}.", "It comes with {part} and {part}.",
        "In the {thing} there are {part} and {part}.", "{part} and {part} are included.",
        "The set has {n} pieces.", "The {product} needs {n} batteries, which are not included.",
        "It comes in {n} sizes and {n} colours.", "You get {n} in a pack.",
        "The kit consists of {part}, {part} and {part}.", "There is {part} in the {side} pocket.",
    ],
    "specification": [
        "The cable is {n} {unit} long.", "The {product} is {big} {unit} wide.", "It is made of {material}.",
        "The {product} is {color} and made of {material}.", "It measures {n} by {n} {unit}.",
        "It has {n} buttons on the {side}.", "The {product} has {big} GB of memory.",
        "The switch is on the {side}.", "This is the {color} one in {size}.",
        "I bought the {product} in {color}.", "I am using it with my {product}.",
        "The label says {big} watts.", "The model number is printed on the {side}.",
        "The warranty is {n} years.", "It holds {n} litres.", "It uses {n} AA batteries.",
        "I have had the {product} for {n} months.", "The {product} plugs into a USB port.",
        "The lining is {material}.", "I am {n} feet tall and ordered a {size}.",
        "The sleeves reach the wrist.", "It has {n} pockets and a zip on the {side}.",
    ],
    "stay": [
        "Check-in starts at {hour}.", "We stayed {n} nights in {month}.", "The {room} is on the {side}.",
        "The hotel has {big} rooms on {n} floors.", "The {room} closes at {hour}.",
        "There is a {room} on the second floor.", "We were in room {big}.",
        "It is {n} minutes from the station in {city}.", "Parking costs {n} euros a day.",
        "The restaurant opens at {hour}.", "{meal} is served from {hour}.", "We had {meal} at {hour}.",
        "They are closed on {day}.", "I was there on {day} with {n} colleagues.",
        "The menu has {n} pages.", "There are {n} tables outside.", "We ordered {meal} for {n}.",
        "You pay at {place}.",
    ],
    "work": [
        "The {work} is {big} minutes long.", "The {work} was released in {year}.",
        "It is a {kind} set in {city} in {year}.", "The {work} is based on a {work} from {year}.",
        "The {job} lives in {city}.", "The {work} has {n} chapters.", "There are {n} episodes.",
        "The {job} also made a {kind} in {year}.", "The {work} was shot in {city}.",
        "It is the {n}th {work} in the series.", "I saw it on {day} in {city}.",
        "The {work} has {big} pages.", "The {kind} is about a {job} from {city}.",
        "It is available in {n} languages.", "The second part comes out in {month}.",
    ],
}


def sentence(template: str, rng: random.Random) -> str:
    """A template filled in."""
    words = re.sub(r"\{(\w+)\}", lambda m: rng.choice(SLOTS[m[1]].split("|")), template)
    return words[0].upper() + words[1:]


def examples(count: int, rng: random.Random) -> list[Example]:
    """Texts of one to four sentences on one matter."""
    target = Target(stars=NEUTRAL, emotions=(EMOTIONS.index("neutral"),), mixed=0.0)
    made = []
    for _ in range(count):
        matters = rng.choice(
            [["delivery", "contents", "specification"], ["contents", "specification"], ["delivery"],
             ["specification"], ["stay"], ["work"]]
        )
        templates = [template for matter in matters for template in TEMPLATES[matter]]
        chosen = rng.sample(templates, rng.choice([1, 1, 2, 3, 4]))
        text = " ".join(sentence(template, rng) for template in chosen)
        if rng.random() < 0.2:
            text = text.lower() if rng.random() < 0.7 else text.rstrip(".")
        made.append(Example(text, target, "facts"))
    return made
