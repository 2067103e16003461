"""How much of each set one run sees.

The run has a budget of tokens. What is scarce and general (whole reviews, sentences with exact
stars, neutral text) comes first; what is plentiful (tweets, phrases) is thinned.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from . import contrasts, facts, judgements, noise
from .batches import CAPS, DOCUMENTS, Item, Row, packed, plots, single
from .labels import NEGATIVE, POSITIVE, Example

#: Most five-star reviews kept in these sets, as a share: they are nearly all of five stars, and
#: a network that sees nothing else learns to expect them.
FIVE_STARS = {"womens_clothing": 0.35, "amazon_musical": 0.35}
#: Share of the sentences that ride packed; the others come alone, as reviews of one line do.
PACKED_SHARE = 0.5
#: Most tokens of a single sentence.
SENTENCE_CAP = 96
#: Made texts, per pass.
FACTS, JUDGEMENTS, CONTRASTS, NOISE = 4_000, 4_000, 6_000, 4_000
#: Sets whose sentences are typed badly for `noise`, and framed for counterfactual pairs.
CLEAN = ("sst5", "mr", "cr", "absa")


@dataclass(frozen=True)
class Recipe:
    """What a pass takes.

    shares: share of a set's examples; 1.0 where nothing is said. repeats: how often those are seen.
    plots: made documents of plots.
    """

    shares: dict[str, float] = field(default_factory=dict)
    repeats: dict[str, int] = field(default_factory=dict)
    plots: int = 6_000


RECIPES = {
    "all": Recipe(
        shares={"imdb": 0.8, "sst5_phrases": 0.3, "semeval2017_4a": 0.7},
        repeats={"v_reg_train": 2, "sst5": 2, "absa": 2},
    ),
    # Sentences above all: a second run over these, averaged with one over everything, reads
    # single sentences better and whole reviews no worse.
    "sentences": Recipe(
        shares={"imdb": 0.1, "yelp10k": 0.3, "amazon_musical": 0.2, "amazon_blitzer": 0.4,
                "womens_clothing": 0.15, "sst5_phrases": 0.5, "goemotions": 0.5, "emobank": 0.6,
                "facts": 0.6, "subj": 0.6},
        repeats={"sst5": 3, "mr": 2, "cr": 2, "absa": 2, "v_reg_train": 2},
        plots=2_000,
    ),
}


def add_made(sets: dict[str, list[Example]], rng: random.Random) -> None:
    """Adds the sets that are made by rule."""
    clean = [example for name in CLEAN for example in sets[name]]
    sets["facts"] = facts.examples(FACTS, rng)
    sets["judgements"] = judgements.examples(JUDGEMENTS, rng)
    sets["contrasts"] = contrasts.examples(CONTRASTS, sets["absa"], rng)
    sets["noise"] = noise.examples(NOISE, clean, rng)


def rows(sets: dict[str, list[Item]], recipe: Recipe, rng: random.Random) -> list[Row]:
    """The rows of one pass over the mixture."""
    documents, sentences = [], []
    for name, items in sets.items():
        chosen = choose(name, items, recipe, rng) * recipe.repeats.get(name, 1)
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
    result += plots(sets["subj"], verdicts, recipe.plots, rng)
    return result


def choose(name: str, items: list[Item], recipe: Recipe, rng: random.Random) -> list[Item]:
    """The examples of a set that one pass takes."""
    share, fives = recipe.shares.get(name, 1.0), FIVE_STARS.get(name, 1.0)
    return [
        item
        for item in items
        if rng.random() < share and (item.target.stars != (5,) or rng.random() < fives)
    ]
