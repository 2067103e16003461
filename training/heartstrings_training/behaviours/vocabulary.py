"""Words that the frames of behaviours are filled with, by domain.

`RESERVED` names things that only the held-out test sets speak of; no domain may hold one.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Things of the held-out sets in `training/behaviours`.
RESERVED = frozenset("ferry dentist podcast tent museum kettle violin plumber bakery yoga sofa scooter".split())


@dataclass(frozen=True)
class Domain:
    """Nouns and adjectives of one matter, each list parted by bars.

    things: what the text is about. parts: what of it is judged. plain: adjectives that judge nothing.
    """

    things: str
    parts: str
    plain: str
    good: str = ""
    bad: str = ""


#: Adjectives that fit nearly everything.
GOOD = ("good|great|excellent|wonderful|fantastic|lovely|superb|amazing|brilliant|perfect|outstanding|terrific|"
        "impressive|delightful|exceptional|first-rate|splendid|marvellous|awesome|fabulous|nice|beautiful|"
        "enjoyable|incredible|exciting|adorable|extraordinary|sweet|fun|happy|magnificent|worthwhile|remarkable|"
        "pleasant|stellar|top-notch|flawless|charming|satisfying|memorable|solid|great value|worth the money")
BAD = ("bad|awful|terrible|horrible|dreadful|poor|disappointing|mediocre|lousy|abysmal|atrocious|pathetic|useless|"
       "unpleasant|rubbish|appalling|annoying|boring|weird|lame|difficult|frustrating|creepy|ridiculous|ugly|"
       "nasty|unhappy|miserable|overpriced|second-rate|shoddy|sloppy|a mess|a waste of money|a disgrace|garbage|"
       "a joke|subpar|substandard|not worth it|disastrous|tiresome|infuriating|offensive|a let-down")

DOMAINS = {
    "film": Domain(
        "film|movie|series|documentary|sequel|remake|thriller|comedy|western|cartoon|drama",
        "acting|script|ending|plot|soundtrack|photography|dialogue|pacing|cast|story|direction|humour|first half|"
        "lead performance|editing",
        "Italian|French|black-and-white|two hours long|animated|Australian|subtitled|silent|British|Indian|"
        "set in Japan|from the seventies|in colour|dubbed|independent",
        "gripping|moving|hilarious|clever|touching|funny|beautifully shot|original|captivating",
        "dull|predictable|clumsy|slow|forgettable|wooden|tedious|confusing|incoherent|cliched"),
    "book": Domain(
        "book|novel|biography|memoir|cookbook|audiobook|collection|textbook|diary",
        "writing|plot|translation|narration|ending|opening|prose|chapter on the war|introduction|hero|research|"
        "dialogue|cover|index",
        "illustrated|translated|600 pages long|self-published|American|historical|unabridged|Russian|written in "
        "the first person|part of a trilogy|in hardback|fictional",
        "gripping|thoughtful|hard to put down|witty|vivid|well written|absorbing",
        "dull|badly written|repetitive|long-winded|shallow|full of errors|dry|unreadable"),
    "restaurant": Domain(
        "restaurant|place|cafe|pub|bistro|diner|bar|pizzeria|steakhouse|food truck|canteen",
        "food|service|pizza|soup|wine|dessert|pasta|coffee|menu|atmosphere|terrace|bread|waiter|steak|breakfast|"
        "sushi|salad|curry|portion size",
        "Mexican|Thai|vegetarian|open on Sundays|on the ground floor|self-service|Greek|downtown|Korean|kosher|"
        "licensed|family-run|vegan|outdoor",
        "delicious|tasty|fresh|friendly|generous|attentive|mouth-watering|cosy",
        "bland|greasy|cold|rude|stale|overcooked|slow|salty|filthy|tasteless|inedible|noisy"),
    "hotel": Domain(
        "hotel|hostel|resort|guesthouse|apartment|motel|campsite|lodge|bed and breakfast|cruise",
        "room|bed|pool|location|breakfast|shower|view|lobby|reception|beach|gym|cleaning|heating|balcony|minibar",
        "on the third floor|near the station|Victorian|for adults only|heated|Portuguese|pet-friendly|new|"
        "seasonal|modern|by the motorway|private",
        "spotless|comfortable|quiet|spacious|welcoming|relaxing|well kept",
        "dirty|noisy|cramped|smelly|damp|run-down|mouldy|unfriendly|freezing"),
    "product": Domain(
        "phone|laptop|camera|headset|vacuum|printer|blender|watch|router|speaker|drill|toaster|tablet|keyboard|"
        "monitor|mattress|heater|fan|microwave|lamp|chair|grill|bike",
        "battery|screen|sound|case|keyboard|software|picture|strap|manual|build quality|hinge|charger|motor|"
        "handle|app|design|setup|lid|finish",
        "blue|wireless|made in China|rechargeable|15 inches wide|second-hand|electric|foldable|Chinese|German|"
        "compatible with Windows|made of steel|refurbished|portable|black",
        "sturdy|reliable|fast|easy to use|durable|crisp|intuitive|well made|comfortable",
        "flimsy|unreliable|slow|broken|cheap-looking|faulty|noisy|fragile|defective|uncomfortable|buggy"),
    "clothing": Domain(
        "dress|jacket|sweater|coat|shirt|pair of jeans|skirt|blouse|pair of boots|scarf|suit|hat|bag",
        "fabric|fit|colour|zip|stitching|lining|cut|pattern|collar|waist|length|sizing",
        "made of cotton|grey|knee-length|sleeveless|hand-washed only|size 12|unisex|checked|lined|knitted|"
        "machine-washable|red",
        "flattering|soft|comfortable|well made|elegant|gorgeous|stylish|warm",
        "itchy|unflattering|see-through|shapeless|badly cut|scratchy|thin|stiff"),
    "airline": Domain(
        "flight|airline|plane|aircraft|company|airport|trip|train|bus|tour|cabin crew|pilot",
        "seat|crew|customer service|boarding|food on board|legroom|check-in|luggage handling|entertainment|"
        "captain|guide|timetable",
        "private|commercial|American|international|Israeli|four hours long|British|direct|Australian|domestic|"
        "overnight|operated by a partner|military|supersonic",
        "comfortable|punctual|friendly|helpful|smooth|on time",
        "late|cancelled|rude|cramped|unhelpful|dirty|overbooked|chaotic"),
    "service": Domain(
        "clinic|doctor|garage|mechanic|salon|barber|gym|bank|school|lawyer|insurance|cleaner|vet|pharmacy|"
        "delivery service|shop|estate agent|internet provider",
        "staff|advice|waiting room|price|booking system|repair|haircut|appointment|receptionist|treatment|"
        "phone line|invoice|website|paperwork",
        "open until six|state-owned|certified|on the high street|private|local|Swiss|licensed|closed on Mondays|"
        "part of a chain|unionised|online",
        "professional|kind|helpful|prompt|patient|honest|thorough|skilful",
        "rude|incompetent|careless|dishonest|unprofessional|slow|unfriendly|unhelpful"),
    "course": Domain(
        "course|class|workshop|lecture|tutorial|webinar|training|seminar|degree|language course",
        "teacher|material|exercises sheet|video|pace|feedback|forum|exam|platform|syllabus|explanation",
        "in Spanish|recorded|six weeks long|for beginners|online|optional|accredited|live|weekly|in the evening",
        "clear|engaging|inspiring|useful|well structured|instructive",
        "confusing|outdated|shallow|disorganised|dry|unclear|patronising"),
    "software": Domain(
        "app|game|website|program|update|plug-in|browser|console|operating system|service",
        "interface|search|support|login|graphics|tutorial|story mode|sync|navigation|soundtrack|control scheme",
        "free|open source|available on Android|multiplayer|written in Java|Japanese|turn-based|cross-platform|"
        "12 gigabytes large|cloud-based",
        "intuitive|fast|stable|addictive|polished|handy",
        "buggy|slow|clunky|confusing|unstable|bloated|unplayable"),
    "grocery": Domain(
        "coffee|tea|chocolate|cereal|shampoo|face cream|dog food|perfume|toothpaste|protein bar|sauce|vitamin",
        "taste|smell|packaging|price|texture|flavour|aftertaste|colour|scent",
        "decaffeinated|organic|gluten-free|Colombian|sold in bags of two|unscented|imported|made in Spain|"
        "sugar-free|ground|roasted",
        "delicious|tasty|refreshing|smooth|rich|gentle",
        "bitter|stale|bland|greasy|sticky|disgusting|tasteless"),
}

#: Slots that are the same in all domains.
COMMON = {
    "aside": "after a week in which we tried everything|given that I have been there many times|all things "
             "considered|having used it every day since May|having been a customer for years|after all that I "
             "have read about it|given the time that we spent on it|knowing what I know now|after two visits and a "
             "long talk with the people there|considering that it was my fifth one|despite having read the whole "
             "description|from my seat by the window|with everything that came in the box|given my history with "
             "this sort of thing|on the evidence of the last three months|now that I have had it for a while|"
             "for someone who has seen quite a few of these|given what we talked about|after a full month of it|"
             "given the weather that day|having come all the way from Ohio|considering what day of the week it was",
    "enjoy": "enjoy|like|love|appreciate|admire|recommend",
    "enjoyed": "enjoyed|liked|loved|appreciated|admired",
    "dislike": "dislike|hate|regret|despise|dread",
    "disliked": "disliked|hated|regretted|despised",
    "other": "my sister|my brother|the critics|everybody at work|my friends|other reviewers|the man at the counter|"
             "some people|a lot of people|the reviews here|my husband|my wife|the newspapers|my neighbour|the "
             "salesman|most people|the internet|my mother-in-law|the person who sold it|our guide|someone online",
    "thinks": "thinks|says|claims|insists|believes|told me|keeps saying|wrote|is convinced",
    "time": "an hour|two hours|forty minutes|half the evening|ninety minutes|three weeks",
    "kin": "kids|daughter|son|mother|parents|wife|husband|grandfather|neighbours|whole family|best friend",
    "n": "2|3|4|5|6|two|three|four|five|six|ten",
    "times": "twice|three times|four times|again and again|every year since",
    "soon": "on the second day|after a week|within an hour|the first time I used it|after two washes|three days "
            "later|on the way home|before the month was out",
    "day": "Monday|Tuesday|Wednesday|Friday|Saturday|Sunday",
    "very": "very|really|extremely|incredibly|absolutely|truly|so|remarkably|utterly|insanely",
    "abit": "a bit|a little|somewhat|slightly|kind of|fairly|mildly",
}
