"""Sentences of reviews with aspect targets marked by hand.

`training/marks/aspects.tsv` holds places, digests and marks, and no text; the text stands in the data
folder. This module joins the two. The rules of marking are in `training/marks/aspects.md`.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .data import rows

#: The marks in the repository, beside this package.
MARKS = Path(__file__).parents[1] / "marks" / "aspects.tsv"
SPLITS = ("train", "held")
POLARITIES = frozenset({"positive", "negative", "neutral", "conflict"})
#: Hexadecimal digits of the SHA-256 digest that a mark carries.
DIGITS = 16


class StaleMark(ValueError):
    """A mark that does not fit the text in the data folder."""


@dataclass(frozen=True)
class Target:
    """A marked target: code points `start..end` of the sentence, and one of POLARITIES."""

    start: int
    end: int
    polarity: str


def marked(
    data: Path, split: str | None = None, marks: Path = MARKS
) -> Iterator[tuple[str, list[Target]]]:
    """Pairs of a sentence and its targets, in the order of the marks.

    `split` is one of SPLITS, or None for both. Sentences without a target come with an empty list.
    Raises StaleMark if a sentence does not match its digest or a target lies outside of it.
    """
    if split is not None and split not in SPLITS:
        raise ValueError(f"split is {split!r}; use one of {', '.join(SPLITS)}, or None for both")
    with marks.open(encoding="utf-8", newline="") as file:
        kept = [
            row
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
            if split in (None, row["split"])
        ]
    texts = marked_texts(data, kept)
    for row in kept:
        place = f"{row['file']}, line {row['line']}"
        sentence = texts[row["file"], int(row["line"])][int(row["start"]) : int(row["end"])]
        digest = hashlib.sha256(sentence.encode()).digest()
        if digest.hex()[:DIGITS] != row["sha256"]:
            raise StaleMark(
                f"{place}: the text is not the one that was marked; use the data folder that the marks"
                " were made with, or mark this sentence again"
            )
        if row["split"] != SPLITS[digest[0] % 2]:
            raise StaleMark(f"{place}: split is {row['split']}; the digest says {SPLITS[digest[0] % 2]}")
        yield sentence, targets(row["aspects"], len(sentence), place)


def held_sentences(data: Path, marks: Path = MARKS) -> frozenset[str]:
    """Sentences that are held out. Remove every training text that contains one of them: the courses
    and some of the books stand in `aspects/` too, with the marks of their own sets."""
    return frozenset(sentence for sentence, _ in marked(data, "held", marks))


def marked_texts(data: Path, kept: list[dict[str, str]]) -> dict[tuple[str, int], str]:
    """The text column of the marked lines, by file and line; the header is line 1."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for row in kept:
        wanted[row["file"]].add(int(row["line"]))
    texts = {}
    for name, lines in wanted.items():
        path = data / name
        if not path.is_file():
            raise StaleMark(f"{path} is missing; give the folder that holds {name.split('/')[0]}/")
        for line, row in enumerate(rows(path), start=2):
            if line in lines:
                texts[name, line] = row["text"]
        missing = lines - {line for file, line in texts if file == name}
        if missing:
            raise StaleMark(f"{path} has no line {min(missing)}, which is marked; it is another version")
    return texts


def targets(aspects: str, length: int, place: str) -> list[Target]:
    """Targets out of the column `aspects`, by start, of a sentence of `length` code points."""
    found = sorted((Target(**mark) for mark in json.loads(aspects)), key=lambda mark: mark.start)
    after = 0
    for mark in found:
        if not after <= mark.start < mark.end <= length or mark.polarity not in POLARITIES:
            raise StaleMark(f"{place}: {mark} overlaps, lies outside the sentence or has no polarity")
        after = mark.end
    return found
