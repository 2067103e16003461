"""Deeds from which the reader concludes what the writer thinks, though no word of praise or blame is there."""

from __future__ import annotations

from .frames import Frames

FRAMES: Frames = {
    "positive": [
        "I bought {n} more for my {kin}.", "We have booked again for next year.", "I finished it in one sitting.",
        "I have been back {times}.", "I ordered a second {thing} the same day.", "We stayed until they closed.",
        "My {kin} asks for it every morning.", "I gave my old {thing} away.", "I have sent all my friends there.",
        "I now own it in {n} colours.", "We extended our stay by {n} nights.", "I tipped thirty per cent.",
        "I cancelled the appointment with the other one.", "I kept the receipt and framed it.",
        "I set an alarm so as not to miss the next one.", "My {kin} would not give it back.",
        "I took {n} pictures of the {part} and made one my wallpaper.", "The plates went back clean.",
        "We ordered the same again the next evening.", "I read the last page and started again at the first.",
        "The whole row got up and clapped.", "I wear it every day.", "I have told everyone at work.",
        "I drive past {n} others to get to this one.", "I missed my stop because of it.",
        "I signed up for the next {thing} before this one was over.", "I wrote them a letter of thanks.",
        "My {kin} stole mine, so I got another.", "I subscribed for {n} years.", "I have not touched my old one since.",
        "I renewed without thinking about it.", "We sang the songs all the way home.", "I have kept every ticket.",
        "I slept like a baby.", "I went straight out and got everything else they made.", "We missed the last train "
        "because nobody wanted to leave.", "I would walk there barefoot.", "I put it on my wish list for my {kin} too.",
        "I pre-ordered part two.", "Five years in, I still use it daily.", "I gave it to my {kin} for {day}, and got a "
        "hug.", "My {kin} fell quiet at the first bite and did not look up until the plate was empty.",
    ],
    "negative": [
        "It went back the next day.", "We left at the interval.", "I sent it back {soon}.", "I asked for my money back.",
        "I gave up {soon}.", "I turned it off {soon}.", "It is in the bin now.", "We ate at home afterwards.",
        "I had to throw it away {soon}.", "We checked out a day early.", "I cancelled my subscription {soon}.",
        "I had to call {times}.", "I went to another one {soon}.", "I fell asleep {soon}.", "It has been in a drawer "
        "ever since.", "We drove to the next town to find another one.", "I walked out.", "I blocked their number.",
        "My {kin} left most of it on the plate.", "I am back to my old {thing}.", "I wrote to the ombudsman.",
        "The {part} came off {soon}.", "I had to fix the {part} with tape {soon}.", "It stopped working {soon}.",
        "I had to buy another one {soon}.", "I have reported it to the police.", "I unplugged it and called a friend.",
        "I gave it to charity with the label still on.", "We waited {time} and then went home.",
        "I kept looking at my watch.", "I deleted it {soon}.", "I had to ask {times} for the {part}.",
        "Nobody has answered my mails for {n} weeks.", "The {part} gave out {soon}.", "I skipped to the end.",
        "We spent the night in the car.", "I was ill for {n} days afterwards.", "They charged me {times}.",
        "I paid for the {part} and never got it.", "The dog would not touch it.", "I disputed the charge with my bank.",
        "I let my membership lapse.", "It took {n} people to get my refund.", "My {kin} asked if we could leave.",
        "I traded it in {soon}.", "I have crossed it off my list.", "I switched to a competitor {soon}.",
        "I closed my account.", "We asked to be moved to another one, {times}.", "I warned my {kin}.",
    ],
    "neutral": [
        "I bought it on {day}.", "We went there on {day} with my {kin}.", "I unpacked it and put it on the table.",
        "I took the {plain} one.", "We paid by card.", "I read the manual.", "My {kin} drove.", "I sat in the third row.",
        "We ordered at the counter.", "I watched it with my {kin} on {day}.", "I charged it overnight.",
        "I filled in the form and sent it off.", "We parked behind the {thing}.", "I wrote the date on the box.",
        "I put it in the cupboard next to the other {n}.", "I have it in {plain}.", "I picked it up on {day}.",
    ],
}
