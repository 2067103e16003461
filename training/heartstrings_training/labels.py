"""What an example can say, in one common form for all data sets.

Every data set knows something else: exact stars, a side, a set of emotions, an intensity. A
`Target` holds what is known and leaves the rest empty, and each loss looks only at what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: The 27 emotions of GoEmotions in the order of its labels.txt, then neutral.
EMOTIONS = (
    "admiration amusement anger annoyance approval caring confusion curiosity desire "
    "disappointment disapproval disgust embarrassment excitement fear gratitude grief joy love "
    "nervousness optimism pride realization relief remorse sadness surprise neutral"
).split()

#: Outputs of the affect head.
AFFECT = ["valence", "arousal", "dominance"]

#: Outputs of the intensity head: four of SemEval-2018's EI-reg, then its V-reg.
INTENSITY = ["anger", "fear", "joy", "sadness", "valence"]

#: Tags of a token: begin and inside of what is judged, of the whole thing that the text is about ("this
#: place", "the laptop"), and of what is named without a judgement.
TAGS = ["outside", "begin_aspect", "inside_aspect", "begin_whole", "inside_whole", "begin_mention",
        "inside_mention"]

#: Outputs of the head that says what is thought of a marked span.
SENTIMENTS = ["negative", "neutral", "positive"]

NEGATIVE = (1, 2)
NEUTRAL = (3,)
POSITIVE = (4, 5)
LUKEWARM = (2, 3, 4)


@dataclass(frozen=True)
class Mark:
    """A span of a text that names something.

    start, end: offsets in code points. kind: `aspect` for what is judged, `whole` for the thing that the
    text is about, `mention` for what is named and not judged, `open` where nobody knows which of these, or
    whether any. sentiment: probabilities in the order of SENTIMENTS.
    """

    start: int
    end: int
    kind: str
    sentiment: tuple[float, ...]


@dataclass
class Target:
    """What is known of a text.

    stars: the stars (1..5) that the label allows; a side is a set of two, unknown is empty.
    weight: how much the stars count in the loss.
    emotions: indices into EMOTIONS, or None when nobody was asked.
    affect: valence, arousal, dominance in 0..1, or None.
    intensity: index into INTENSITY -> value in 0..1.
    mixed: 1 when it praises one thing and blames another without a verdict, 0 when it does not, or
    None when nobody was asked.
    marks: what the text names, or None when nobody was asked.
    mentions_marked: whether what is named and not judged is among the marks.
    """

    stars: tuple[int, ...] = ()
    weight: float = 1.0
    emotions: tuple[int, ...] | None = None
    affect: tuple[float, float, float] | None = None
    intensity: dict[int, float] = field(default_factory=dict)
    mixed: float | None = None
    marks: tuple[Mark, ...] | None = None
    mentions_marked: bool = False


@dataclass
class Example:
    """A text and what is known of it."""

    text: str
    target: Target
    source: str


SIDES = {"negative": NEGATIVE, "neutral": NEUTRAL, "positive": POSITIVE, "mixed": LUKEWARM}
