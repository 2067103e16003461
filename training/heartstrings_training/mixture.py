"""How much of each set one run sees.

The run has a budget of tokens. What is scarce and general (whole reviews, sentences with exact
stars, neutral text) comes first; what is plentiful (tweets, phrases) is thinned.
"""

from __future__ import annotations

import random

from .batches import CAPS, DOCUMENTS, Item, Row, packed, plots, single
from .labels import NEGATIVE, POSITIVE

#: Share of a set's examples that one pass takes; 1.0 where nothing is said.
SHARES = {
    "imdb": 0.8,
    "sst5_phrases": 0.3,
    "semeval2017_4a": 0.7,
}
#: Sets whose few examples are seen more than once in a pass.
REPEATS = {"v_reg_train": 2, "sst5": 2, "emobank": 1, "subj": 1}
#: Most five-star reviews kept in these sets, as a share: they are nearly all of five stars, and
#: a network that sees nothing else learns to expect them.
FIVE_STARS = {"womens_clothing": 0.35, "amazon_musical": 0.35}
#: Share of the sentences that ride packed; the others come alone, as reviews of one line do.
PACKED_SHARE = 0.5
#: Most tokens of a single sentence.
SENTENCE_CAP = 96
#: Made facts, per pass.
FACTS = 4_000
#: Made documents of plots, per pass.
PLOTS = 6_000


def rows(sets: dict[str, list[Item]], rng: random.Random) -> list[Row]:
    """The rows of one pass over the mixture."""
    documents, sentences = [], []
    for name, items in sets.items():
        chosen = choose(name, items, rng) * REPEATS.get(name, 1)
        (documents if name in DOCUMENTS else sentences).extend(chosen)
    result = [single(item, rng, CAPS[item.source]) for item in documents]
    rng.shuffle(sentences)
    cut = int(len(sentences) * PACKED_SHARE)
    together = [item for item in sentences[:cut] if len(item.ids) <= SENTENCE_CAP]
    result += packed(together, rng)
    result += [single(item, rng, SENTENCE_CAP) for item in sentences[cut:]]
    verdicts = [
        item
        for item in sets["sst5"] + sets["mr"]
        if set(item.target.stars) <= set(NEGATIVE) or set(item.target.stars) <= set(POSITIVE)
    ]
    result += plots(sets["subj"], verdicts, PLOTS, rng)
    return result


def choose(name: str, items: list[Item], rng: random.Random) -> list[Item]:
    """The examples of a set that one pass takes."""
    share, fives = SHARES.get(name, 1.0), FIVE_STARS.get(name, 1.0)
    return [
        item
        for item in items
        if rng.random() < share and (item.target.stars != (5,) or rng.random() < fives)
    ]

