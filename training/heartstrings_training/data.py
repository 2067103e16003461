"""Readers: from the folders of labelled data to `Example`s.

The data folder is laid out as `docs/` describes: one folder a data set, TSV with a header line and
no quoting. Train files hold no text of a test file. Nothing here reads a test file.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterator
from pathlib import Path

from .labels import EMOTIONS, INTENSITY, NEGATIVE, NEUTRAL, POSITIVE, SIDES, Example, Target

#: Reviews of IMDB's training set that are kept for choosing: the data has no dev split.
IMDB_DEV = 1000
#: Share of the labelled ABSA sentences that is kept for measuring what is mixed.
ABSA_DEV = 0.2
#: From GoEmotions' neutral comments one learns what is neutral, but they are chat, not reviews.
CHAT_WEIGHT = 0.3


def rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a TSV file as dictionaries; a quote is a letter."""
    with path.open(encoding="utf-8", newline="\n") as file:
        header = next(file).rstrip("\n").split("\t")
        for line in file:
            yield dict(zip(header, line.rstrip("\n").split("\t")))


def is_imdb_dev(text: str) -> bool:
    """A fixed share of about IMDB_DEV reviews, chosen by the text alone."""
    return share_of(text) < IMDB_DEV / 24_046


def is_absa_dev(text: str) -> bool:
    """A fixed fifth of the ABSA sentences, chosen by the text alone: two of the files share some."""
    return share_of(text.strip()) < ABSA_DEV


def share_of(text: str) -> float:
    """A number in 0..1 that follows from the text and from nothing else."""
    digest = hashlib.sha256(text.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32


def sampled(examples: list[Example], limit: int | None) -> list[Example]:
    """At most so many of the examples, always the same ones: some files are sorted by label."""
    if limit is None or len(examples) <= limit:
        return examples
    return random.Random(1).sample(examples, limit)


def titled(row: dict[str, str]) -> str:
    """Title and text as one: the writer's verdict often stands in the title."""
    title = row.get("title", "").strip()
    if not title:
        return row["text"]
    return f"{title}{'' if title[-1] in '.!?' else '.'} {row['text']}"


def stars_of_ten(rating: str) -> tuple[int, ...]:
    """IMDB's 1..10 as stars 1..5."""
    return ((int(rating) + 1) // 2,)


def decided(name: str, known: tuple[int, ...]) -> float | None:
    """0 for sentences that are surely not mixed: told ones, and those at the ends of the scale."""
    return 0.0 if name == "subj" or (name == "sst5" and known in ((1,), (5,))) else None


def stars(data: Path, split: str) -> dict[str, list[Example]]:
    """Sets labelled with stars or a side, by name."""
    sst = data / "sst"
    sets: dict[str, list[Example]] = {}

    def add(name: str, examples: Iterator[tuple[str, tuple[int, ...]]]) -> None:
        sets[name] = [
            Example(text, Target(stars=known, mixed=decided(name, known)), name)
            for text, known in examples
        ]

    sst5 = "sst5_train.tsv" if split == "train" else "sst5_dev.tsv"
    add("sst5", ((r["text"], (int(r["label"]) + 1,)) for r in rows(sst / sst5)))
    for name in ("yelp10k", "amazon_musical", "amazon_blitzer", "womens_clothing"):
        path = data / name / f"{split}.tsv"
        add(name, ((titled(r), (int(r["stars"]),)) for r in rows(path)))
    sides = {"0": NEGATIVE, "1": POSITIVE}
    add("cr", ((r["text"], sides[r["label"]]) for r in rows(data / "cr" / f"{split}.tsv")))
    add("subj", ((r["text"], NEUTRAL) for r in rows(data / "subj" / f"{split}.tsv")))
    tweets = data / "product_tweets_crowdflower" / f"{split}.tsv"
    add("product_tweets", ((r["text"], SIDES[r["label"]]) for r in rows(tweets)))
    imdb = rows(data / "imdb" / "train_clean.tsv")
    wanted = (r for r in imdb if is_imdb_dev(r["text"]) == (split == "dev"))
    add("imdb", ((r["text"], stars_of_ten(r["rating10"])) for r in wanted))
    if split == "train":
        phrases = rows(sst / "sst5_train_phrases.tsv")
        # A phrase of a word or two teaches a lexicon, not reading.
        long = (r for r in phrases if r["is_sentence"] == "0" and r["text"].count(" ") >= 2)
        add("sst5_phrases", ((r["text"], (int(r["label"]) + 1,)) for r in long))
        mr = rows(data / "mr" / "train_no_sst_devtest.tsv")
        add("mr", ((r["text"], sides[r["label"]]) for r in mr))
        semeval = rows(data / "semeval2017_4a" / "train.tsv")
        add("semeval2017_4a", ((r["text"], SIDES[r["label"]]) for r in semeval))
    else:
        sst2 = rows(sst / "glue_sst2_dev.tsv")
        add("sst2", ((r["text"], sides[r["label"]]) for r in sst2))
    return sets


def absa(data: Path, split: str) -> list[Example]:
    """Sentences labelled by their aspects: a side, or mixed where aspects disagree."""
    examples = []
    for path in sorted((data / "absa_semeval").glob("*_train_sentences.tsv")):
        for row in rows(path):
            label, text = row["overall_derived"], row["text"]
            if label in SIDES and is_absa_dev(text) == (split == "dev"):
                target = Target(stars=SIDES[label], mixed=float(label == "mixed"))
                examples.append(Example(text, target, "absa"))
    return examples


def emotions(data: Path, split: str) -> list[Example]:
    """GoEmotions: emotions, and three stars for what is neutral and nothing else."""
    neutral = EMOTIONS.index("neutral")
    name = "train_clean.tsv" if split == "train" else "dev.tsv"
    examples = []
    for row in rows(data / "goemotions" / name):
        present = tuple(int(label) for label in row["label_ids"].split(","))
        known = NEUTRAL if present == (neutral,) else ()
        target = Target(stars=known, weight=CHAT_WEIGHT, emotions=present)
        examples.append(Example(row["text"], target, "goemotions"))
    return examples


def affect(data: Path, split: str) -> list[Example]:
    """EmoBank: valence, arousal and dominance, 1..5 brought to 0..1."""
    name = "train_clean.tsv" if split == "train" else "dev.tsv"
    scaled = (
        (row["text"], tuple((float(row[axis]) - 1) / 4 for axis in "VAD"))
        for row in rows(data / "emobank" / name)
    )
    return [Example(text, Target(affect=vad), "emobank") for text, vad in scaled]


def intensity(data: Path, split: str) -> list[Example]:
    """SemEval-2018 task 1: intensity of one emotion, or valence, 0..1."""
    folder = data / "semeval2018_task1"
    names = {"train": ("ei_reg_train_clean", "v_reg_train"), "dev": ("ei_reg_dev", "v_reg_dev")}
    examples = []
    for name in names[split]:
        for row in rows(folder / f"{name}.tsv"):
            known = {INTENSITY.index(row["dimension"]): float(row["intensity"])}
            examples.append(Example(row["text"], Target(intensity=known), name))
    return examples


def everything(data: Path, split: str) -> dict[str, list[Example]]:
    """All sets of a split ("train" or "dev") by name."""
    sets = stars(data, split)
    known = (absa(data, split), emotions(data, split), affect(data, split), intensity(data, split))
    for examples in known:
        for example in examples:
            sets.setdefault(example.source, []).append(example)
    return sets
