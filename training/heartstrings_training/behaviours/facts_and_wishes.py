"""Comparisons, conditionals and wishes; facts with words of trouble; sorrow and fear that were sought."""

from __future__ import annotations

from .frames import Frames

COMPARED: Frames = {
    "positive": [
        "Better than any other {thing} I have had.", "It beats my old {thing} in every way.", "The {part} is better than "
        "that of {thing}s twice the price.", "Nothing else comes close.", "No other {thing} has such a {good} {part}.",
        "I have tried {n} others, and this is the one.", "Next to it the others look {bad}.", "Miles ahead of the rest.",
        "It makes every other {thing} feel {bad}.", "Second to none.", "The others can only dream of such a {part}.",
        "The {part} is much better than before.", "More {good} than the first one, and that one was {good}.",
    ],
    "negative": [
        "Better than the last one, which says little.", "Worse than any other {thing} I have had.", "My old {thing} does it "
        "better in every way.", "The {part} is worse than that of {thing}s half the price.", "I have tried {n} others, "
        "and every one was better.", "Next to it the others look {good}.", "Miles behind the rest.", "The {part} is much "
        "worse than before.", "Not half as {good} as the first one.", "A pale copy of the first {thing}.",
        "It makes a {bad} {thing} look {good}.", "I have seen {good} {thing}s, and this is none.", "The least {bad} of a "
        "{bad} lot.", "You get more for less next door.", "Less {good} than the first one.",
    ],
    "neutral": [
        "It is larger than my old {thing}.", "The {part} is the same as in the old one.", "This one is {plain}, the other "
        "one is {plain2}.", "It costs {n} euros more than the other {thing}.", "It weighs as much as the {plain} one.",
        "The new {thing} has the {part} on the other side.", "Compared with the {plain} one it is {n} inches shorter.",
    ],
}
WISHED: Frames = {
    "negative": [
        "If only the {part} were {good}.", "If only it lasted.", "I wish the {part} was {good}.", "I wish I could say that "
        "it was {good}.", "I wish I had my money back.", "I wish I had read the reviews first.", "It would be {good} if it "
        "worked.", "This could have been a {good} {thing} with a better {part}.", "If I could give zero stars, I would.",
        "Would be {good} if the {part} were not so {bad}.", "They should pay me for this {thing}.", "Had I known how {bad} "
        "the {part} is, I would not have come.", "If it had been {good}, I would not be writing this.",
        "I would have {enjoyed} it if the {part} had been {good}.", "It needs a better {part}.", "The {part} should have "
        "been {good}.", "With a {good} {part} it might have been worth it.", "I would give it more stars if it worked.",
        "I had hoped to {enjoy} it.", "Someone should have told them about the {part}.", "Maybe it is {good} if you like "
        "a {bad} {part}.", "Unless you {enjoy} a {bad} {part}, stay away.", "It might work for somebody else.",
    ],
    "positive": [
        "If I could give six stars, I would.", "I wish every {thing} was like this one.", "I wish I had bought it sooner.",
        "I wish it would never end.", "If you only buy one {thing} this year, make it this one.", "Had I known how {good} "
        "it is, I would have come years ago.", "I would buy it again in a heartbeat.", "I would have paid twice as much.",
        "If it broke tomorrow, I would get the same one again.", "If all {thing}s were like that!", "I wish we could "
        "have stayed longer.", "I only wish there was more of it.", "If you don't {enjoy} this, I can't help you.",
        "You should get one while you can.", "If you get the chance, go.", "I would {enjoy} it every day if I could.",
    ],
    "neutral": [
        "If the {part} is {bad}, you can change it in the settings.", "If you want it {plain}, ask for it.",
        "If it breaks, there is a warranty of {n} years.", "Should the {part} be missing, write to the address on the box.",
        "If anything is {good} or {bad} about it, I will add it here.", "If it rains, the {thing} is closed.",
        "I would like to know whether it is {plain}.", "Let us see how it holds up.", "I will report back in {n} weeks.",
        "I hope it is {good}; it has not come yet.", "It may be {plain}, it may not.", "I am going to try it on {day}.",
    ],
}
TROUBLE: Frames = {
    "neutral": [
        "It is about a murder in a village.", "The {thing} tells of a war and a divorce.", "He dies in the last chapter.",
        "The hero loses his job, his wife and his house.", "It is a horror film about a killer clown.", "The song is about "
        "a broken heart.", "The cream is for acne and dry skin.", "It kills 99 per cent of germs.", "The tablets are for "
        "headaches.", "The book deals with cancer, grief and debt.", "It is a study of depression among nurses.",
        "The insurance covers theft, fire and death.", "The spray is against wasps and cockroaches.", "It is set in a "
        "prison during the plague.", "The alarm goes off when there is smoke.", "The game is about zombies and a virus.",
        "The lecture is on fraud, corruption and failure.", "Chapter {n} is about the bombing of a city.",
        "It removes stains of blood and wine.", "The exhibition shows weapons and instruments of torture.",
        "The exhibition is about the famine.", "She plays a widow who poisons her husbands.", "The trap is for mice and rats.",
        "It tells how a ship sank and {n} hundred people drowned.", "The clinic treats burns and fractures.",
        "The villain wants to destroy the world.", "The course covers stress, conflict and crisis.", "It is a lock "
        "against thieves.", "It is about two enemies who hate each other.", "The {part} comes with a warning about fire.",
    ],
    "positive": [
        "Since I use the cream my acne is gone.", "It took my headache away in ten minutes.", "No more mice.", "It got the "
        "blood out of my shirt.", "The pain is gone.", "A {good} {thing} about a terrible war.", "It is a film about "
        "torture and death, and it is {good}.", "The killer is played by a {good} actor.", "A {good} book on grief.",
        "The doctor found the cancer in time, and I owe her my life.", "It has ended my nightmares.", "I no longer cough.",
    ],
    "negative": [
        "A {bad} {thing} about a happy family.", "It is a film about love and hope, and it is {bad}.", "The mice are still "
        "there.", "My headache got worse.", "The stain is larger than before.", "A {bad} book on happiness.",
        "It gave me a rash.", "The alarm did not go off when there was smoke.", "It is a comedy, and nobody laughed.",
    ],
}
SORROW: Frames = {
    "positive": [
        "I cried from the first page to the last, and I would do it again.", "It broke my heart in the best way.",
        "Bring tissues, it is {good}.", "I sobbed, and so did the whole row.", "It scared me to death, just as it "
        "should.", "I was a mess at the end, and grateful for it.", "I have not been so frightened in years. {good}!",
        "It left me in tears and I have told everyone to see it.", "My heart is still in pieces. What a {thing}.",
        "Sad, so sad, and so {good}.", "The saddest {thing} I have ever {enjoyed}.", "It hurts, and it is worth it.",
        "I had to put it down to weep, and picked it up again.", "Devastating. Go.", "A {good}, sad {thing}.",
        "I slept with the light on for a week. Five stars.", "It tore me apart. A masterpiece.", "I bawled like a child, "
        "and called my mother afterwards.", "It haunts me still, that is how {good} it is.", "I left shaking, and bought "
        "a ticket for the next day.",
    ],
    "negative": [
        "I cried because I had paid for it.", "The only thing that made me weep was the price.", "It was sad how {bad} the "
        "{thing} was.", "It wants you to cry so badly that you laugh.", "Cheap tears, and not one of them earned.",
        "A tear-jerker with a {bad} {part}.", "It was scary how {bad} the {part} was.", "The horror was the {part}.",
        "I was in tears over the bill.", "A horror film that scares nobody.",
    ],
}
