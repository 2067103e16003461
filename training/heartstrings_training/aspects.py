"""Reads texts in which people marked what is judged, and how.

The sets follow different rules. Some mark whatever a sentence names, judged or not (SemEval-14, MAMS), the
others only what is judged. Most mark the whole thing too ("this place", "the laptop"), which is no aspect of
itself. So a mark has a kind, and `MENTIONS_MARKED` says in which sets the absence of a mark also means that
nothing is named there.

The sets share texts. A text is known by its letters and digits; of several copies the first in the order of
`SETS` is kept. A text of any test file is in no other split, and a fixed share, chosen by the text, is dev.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from . import data
from .labels import LUKEWARM, NEGATIVE, POSITIVE, Example, Mark, Target

#: Folder and pattern of the files of each set, in the order in which copies of a text are preferred.
SETS = {
    "semeval14": ("en_semeval14", "*_train.tsv"),
    "mams": ("en_mams", "atsa_*.tsv"),
    "semeval16": ("en_semeval16", "rest_train.tsv"),
    "acos": ("en_acos", "*_*.tsv"),
    "dmaste": ("en_dmaste", "*_*.tsv"),
    "oats": ("en_oats", "*.tsv"),
    "opener": ("en_opener", "*.tsv"),
    "aste": ("en_aste", "*_*.tsv"),
    "mabsa": ("multi_mabsa", "en_train.tsv"),
}
#: Sets in which what is named is marked, judged or not.
MENTIONS_MARKED = frozenset({"semeval14", "mams"})
#: Share of the texts that measures and teaches nothing.
DEV = 0.08
#: How much the stars that follow from the marks count.
WEIGHT = 0.6

#: Names of the whole thing.
WHOLE = frozenset(
    "place places restaurant restaurants spot joint establishment hotel hotels resort inn laptop laptops computer "
    "computers notebook netbook machine chromebook macbook mac device unit product products item items thing "
    "stuff purchase course courses class mooc specialization book books movie film phone tablet stay holiday "
    "series novel toy shoes shoe boots dress shirt".split())
#: Categories that mean the whole thing.
WHOLE_CATEGORY = re.compile(r"^(restaurant|laptop|hotel|course|overall)[# ](general|overall)$", re.IGNORECASE)
#: Words that some sets mark and that name nothing: whether they are marked is left open.
OPEN = frozenset(
    "it this that they them everything anything nothing one ones works work worked working fits fit looks look "
    "looked runs run ran sounds smells feels tastes received".split())
ARTICLE = re.compile(r"^(the|a|an|this|these|that|those|my|our|your|their|its|his|her)\s+", re.IGNORECASE)

SENTIMENTS = {"negative": (1.0, 0.0, 0.0), "neutral": (0.0, 1.0, 0.0), "positive": (0.0, 0.0, 1.0),
              "conflict": (0.5, 0.0, 0.5)}


def key(text: str) -> str:
    """What a text is known by: its letters and digits."""
    return "".join(c for c in text.lower() if c.isalnum())


def test_keys(folder: Path) -> set[str]:
    """Keys of all texts that stand in a test file. The texts are read for this alone."""
    files = [*folder.glob("en_*/*test*.tsv"), *folder.glob("multi_mabsa/en_test.tsv")]
    return {key(row["text"]) for path in files for row in data.rows(path)}


def dev_keys(root: Path) -> set[str]:
    """Keys of the sentences that `data.absa` keeps for measuring, so that no set teaches them."""
    return {key(example.text) for example in data.absa(root, "dev")}


def kind_of(term: str, category: str, sentiment: tuple[float, ...], name: str) -> str:
    """`aspect`, `whole`, `mention`, or `open` where the sets disagree on whether it is to be marked."""
    words = term.lower().split()
    if not words or words[-1] in OPEN:
        return "open"
    inside_hotel = words[-1] == "restaurant" and category.upper().startswith(("FACILITIES", "FOOD"))
    if WHOLE_CATEGORY.match(category) or (len(words) <= 2 and words[-1] in WHOLE and not inside_hotel):
        return "whole"
    return "mention" if name in MENTIONS_MARKED and sentiment == SENTIMENTS["neutral"] else "aspect"


def marks_of(text: str, found: list[dict], name: str) -> tuple[Mark, ...]:
    """The marks of a text, none overlapping another, in the order of the text."""
    spans: dict[tuple[int, int], list[dict]] = defaultdict(list)
    for one in found:
        if one["start"] is None:
            continue
        start, end = one["start"], one["end"]
        while start < end and not text[start].isalnum():
            start += 1
        while start < end and not text[end - 1].isalnum():
            end -= 1
        if article := ARTICLE.match(text[start:end]):
            start += article.end()
        if start < end:
            spans[start, end].append(one)
    marks: list[Mark] = []
    for (start, end), several in sorted(spans.items(), key=lambda span: span[0][0] - span[0][1]):
        if any(start < mark.end and mark.start < end for mark in marks):
            continue
        said = sorted({one["polarity"] for one in several})
        columns = zip(*(SENTIMENTS[polarity] for polarity in said))
        sentiment = tuple(sum(column) / len(said) for column in columns)
        category = several[0].get("category") or ""
        marks.append(Mark(start, end, kind_of(text[start:end], category, sentiment, name), sentiment))
    return tuple(sorted(marks, key=lambda mark: mark.start))


def target_of(found: list[dict], marks: tuple[Mark, ...], name: str) -> Target:
    """What the marks say of the whole text: a side where all judged things are of one, mixed where not."""
    said = {one["polarity"] for one in found}
    target = Target(marks=marks, mentions_marked=name in MENTIONS_MARKED, weight=WEIGHT)
    if "conflict" in said or {"positive", "negative"} <= said:
        target.stars, target.mixed = LUKEWARM, 1.0
    elif "positive" in said or "negative" in said:
        target.stars = POSITIVE if "positive" in said else NEGATIVE
        target.mixed = 0.0
        if "neutral" in said:
            target.stars = tuple(sorted({3, *target.stars}))
    return target


def every_row(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Name of the set and row, of all files but those for testing."""
    for name, (sub, pattern) in SETS.items():
        for path in sorted((folder / sub).glob(pattern)):
            if "test" not in path.name and not path.name.startswith("acsa"):
                for row in data.rows(path):
                    yield name, row


@cache
def splits(root: Path) -> dict[str, list[Example]]:
    """All texts by split, `train` and `dev`; the source is `aspects_` and the name of the set."""
    folder = root / "aspects"
    left_out, measured = test_keys(folder), dev_keys(root)
    seen: set[str] = set()
    made: dict[str, list[Example]] = {"train": [], "dev": []}
    for name, row in every_row(folder):
        text = row["text"]
        known = key(text)
        if not known or known in left_out or known in seen:
            continue
        seen.add(known)
        found = json.loads(row["aspects"])
        marks = marks_of(text, found, name)
        split = "dev" if known in measured or data.share_of(known) < DEV else "train"
        made[split].append(Example(text, target_of(found, marks, name), f"aspects_{name}"))
    return made
