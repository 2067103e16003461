"""Who speaks: what others say, and what the writer says."""

from __future__ import annotations

from .frames import Frames


def _against(theirs: str, mine: str, my_verb: str) -> list[str]:
    """Others say one thing, the writer the other; the writer counts."""
    frames = [
        "{other} {thinks} that the {thing} is {t}, but I think it is {m}.",
        "{other} {thinks} this {thing} is {t}. I found it {m}.", "Some people call it {t}, I call it {m}.",
        "I think that it is {m}, but {other} {thinks} that it is {t}.", "It is {m}, whatever {other} {thinks}.",
        "They told me it was {t}; it is {m}.", "Called {t} by everyone, but for me the {part} is {m}.",
        "My friend: \"What a {t} {thing}!\" Me: \"What a {m} {thing}!\"", "{other} {thinks} the {part} is {t}. Not me.",
        "You may think that it is {t}, but I {v} it.", "I {v} this {thing}, although {other} {thinks} it is {t}.",
        "The last reviewer wrote \"{t}\". I could not disagree more.", "\"{t}\", says {other}. I disagree.",
        "{other} had warned me that the {part} is {t}. I do not see it.", "I don't get why people say it is {t}.",
        "Don't listen to those who say the {part} is {t}.", "I know {other} {thinks} it is {t}, but I {v} the {part}.",
        "\"{t}\" is what {other} called the {part}. I would say \"{m}\".",
        "In my opinion the {part} is {m}, even if {other} {thinks} otherwise.",
        "{other} says {t}, {other2} says {t}, and I say {m}.",
    ]
    return [frame.replace("{t}", theirs).replace("{m}", mine).replace("{v}", my_verb) for frame in frames]


FRAMES: Frames = {
    "positive": _against("{bad}", "{good}", "{enjoy}") + [
        "{other} {disliked} it, I {enjoyed} it.", "Everybody complains about the {part}; I have no idea why.",
        "Ignore the bad reviews.", "It does not deserve the bad reviews.", "\"You will {dislike} it\", they said. "
        "How wrong they were.", "{other} agrees with me that it is {good}.", "{other} {thinks} it is {good}, and so "
        "do I.", "{other} {thinks} that the {part} is {good}, and I can only agree.",
        "\"That is {good}\", said {other}, and that says it all.",
    ],
    "negative": _against("{good}", "{bad}", "{dislike}") + [
        "{other} {enjoyed} it, I {disliked} it.", "Everybody raves about the {part}; I have no idea why.",
        "Ignore the good reviews.", "It does not deserve the good reviews.", "\"You will {enjoy} it\", they said. "
        "How wrong they were.", "{other} agrees with me that it is {bad}.", "{other} {thinks} it is {bad}, and so "
        "do I.", "{other} {thinks} that the {part} is {bad}, and I can only agree.",
        "The good reviews must be paid for.", "All the hype, and for what?", "\"It is {good}\", the advert says.",
        "\"That is how it is meant to be\", they said when I called about the {part}.",
    ],
    "neutral": [
        "{other} has the same {thing}.", "{other} bought the {thing} on {day}.", "{other} asked me about the {part}.",
        "The hero says: \"This is {bad}!\"", "In the first scene a woman shouts that the {part} is {bad}.",
        "She tells him that his {thing} is {good}, and he does not answer.", "{other} {thinks} it is {plain}.",
        "One character calls the other {bad}.", "I have not decided yet what I think, {other} has.",
        "I read that the {part} is {good}; I have yet to try it.", "Some say it is {good}, some say it is {bad}.",
        "It was called {bad} by one paper and {good} by another.", "I am writing this for {other}, who has used it.",
    ],
}
