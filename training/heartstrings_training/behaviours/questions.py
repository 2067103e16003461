"""Questions that the writer asks and answers."""

from __future__ import annotations

from .frames import Frames

_ASKED = [
    "Do I think that the {part} is {x}? {a}", "Is the {thing} {x}? {a}", "Would I call it a {x} {thing}? {a}",
    "Was the {part} {x}? {a}", "Did I find the {part} {x}? {a}", "Are you asking whether the {part} is {x}? {a}",
    "So, is it {x}? {a}", "Do I, {aside}, believe that the {part} is {x}? {a}", "You ask if it was {x}. {a}",
    "Is this a {x} {thing}? {a}", "Has the {part} been {x}? {a}", "Could anybody call the {part} {x}? {a}",
]
_DO = [
    "Did I {v} it? {a}", "Did I {v} the {part}? {a}", "Do I {v} this {thing}? {a}", "Would I {v} a {thing} like "
    "this one? {a}", "Do we {v} the {part}, {aside}? {a}",
]
NO = ["No.", "No", "No!", "Not at all.", "Nope.", "Not really.", "Absolutely not.", "No way.", "I don't think so.",
      "Far from it.", "Hardly.", "Not in the least.", "Sadly not.", "No, it isn't."]
FIRM_NO = ["No.", "No!", "Not at all.", "Absolutely not.", "Never.", "Not for a second.", "No way.", "Nope."]
YES = ["Yes.", "Yes", "Yes!", "Absolutely.", "Yep.", "Oh yes.", "Definitely.", "I do.", "Very much so.", "Of course.",
       "It is.", "You bet.", "Without a doubt."]


def _with(frames: list[str], answers: list[str], slot: str) -> list[str]:
    return [frame.replace("{x}", slot).replace("{v}", slot).replace("{a}", answer)
            for frame in frames for answer in answers]


FRAMES: Frames = {
    "negative": _with(_ASKED, NO, "{good}") + _with(_DO, NO, "{enjoy}") + _with(_ASKED, YES, "{bad}") +
    _with(_DO, YES, "{dislike}") + [
        "Would I go back? {no}", "Would I buy it again? {no}", "Worth the money? {no}", "Recommended? {no}",
        "Will I return? {no}", "Happy? {no}", "Did they apologise? {no}", "Does it work? {no}",
        "Is it worth {time} of your life? {no}", "Any {good} scene? None.", "One {good} thing? I can't think of any.",
        "Who would {enjoy} this? Nobody.", "Why did I buy this {thing}?", "How is this a {good} {thing}?",
        "Who thought that a {bad} {part} was fine?", "Has anyone even tested the {part}?",
    ],
    "not negative": _with(_ASKED, NO, "{bad}"),
    "positive": _with(_ASKED, YES, "{good}") + _with(_DO, YES, "{enjoy}") + _with(_DO, FIRM_NO, "{dislike}") + [
        "Would I go back? {yes}", "Would I buy it again? {yes}", "Worth the money? {yes}", "Recommended? {yes}",
        "Will I return? {yes}", "Happy? {yes}", "Does it work? {yes}", "Any complaints? None.", "Regrets? None.",
        "Anything {bad}? Nothing.", "Problems? Zero.", "Was there one {bad} minute? Not one.",
        "What is there to {dislike}? Nothing.", "Disappointed? {no}", "Bored? {no}", "Would I return it? {no}",
        "What more could you want?", "How can anybody not {enjoy} this {thing}?", "Where has this {thing} been all my "
        "life?", "How did I ever live without this {thing}?",
    ],
    "neutral": _with(_ASKED, NO + YES, "{plain}") + [
        "Does it have a {part}? {yes}", "Does the {thing} come with a {part}? {no}", "Is there a {part}? {yes}",
        "Do I use it every day? {no}", "Have I seen the other {thing}? {no}", "Is it open on {day}? {yes}",
        "Does anyone know if the {thing} is {plain}?", "How long is the {thing}?", "Which {thing} is {plain}?",
    ],
}
# The answers stand in the frames as slots, so that the short lists here stay readable.
for label, frames in FRAMES.items():
    FRAMES[label] = [
        text for frame in frames
        for text in (_with([frame.replace("{no}", "{a}")], NO, "") if "{no}" in frame
                     else _with([frame.replace("{yes}", "{a}")], YES, "") if "{yes}" in frame else [frame])]
