"""Joins the marks in training/marks with the texts that they are of.

The texts may not be in the repository, so a mark names its text: the file in the folder of labelled data, the number
of the line, and the first sixteen hexadecimal digits of the SHA-256 of the column `text`. The texts are looked up
here, and a text that is no longer the one that was marked is an error.

Usage: `python -m heartstrings_training.marks <folder of labelled data> <folder to write to>`, from training/. It
writes four files: `reviews.tsv`, `emotions.tsv` and `pairs.tsv`, which `heartstrings evaluate` reads, and
`sentences.tsv`.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from .labels import EMOTIONS

#: The marks, beside this package.
MARKS = Path(__file__).parent.parent / "marks"
#: Hexadecimal digits of a digest that a mark holds.
DIGITS = 16

Row = dict[str, str]


class Differs(Exception):
    """A text that is missing or is not the one that was marked."""


def digest(text: str) -> str:
    """What a mark says of its text, so that a changed text is noticed."""
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def table(path: Path) -> Iterator[tuple[int, Row]]:
    """The rows of a TSV file with the numbers of their lines; the header is line 1."""
    # Only a line feed ends a record: some reviews hold other characters that Python takes for ends of lines.
    lines = path.read_text(encoding="utf-8").split("\n")
    header = lines[0].rstrip("\r").split("\t")
    for number, line in enumerate(lines[1:], 2):
        if line:
            yield number, dict(zip(header, line.rstrip("\r").split("\t")))


class Texts:
    """The texts of a folder of labelled data by place; each file is read once."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.files: dict[str, dict[int, str]] = {}

    def at(self, file: str, line: str, sha256: str) -> str:
        """The text at that place. Raises `Differs` when the digest of what stands there is another."""
        if file not in self.files:
            path = self.data / file
            if not path.is_file():
                raise Differs(f"{path} is missing; training/marks/README.md says which data the marks are of")
            self.files[file] = {number: row["text"] for number, row in table(path)}
        text = self.files[file].get(int(line))
        if text is None or digest(text) != sha256:
            found = "there is no text" if text is None else f"the text has the digest {digest(text)}"
            raise Differs(
                f"{file}, line {line}: {found}, but the mark is of {sha256}; "
                "use the version of the data that training/marks/README.md names"
            )
        return text


def marked(name: str) -> Iterator[Row]:
    """The rows of a file of marks."""
    return (row for _, row in table(MARKS / name))


def digests() -> set[str]:
    """Digests of all texts that are marked: no run may train on them."""
    columns = ("sha256", "more_sha256", "less_sha256")
    names = ("sentences.tsv", "sentences_fresh.tsv", "reviews.tsv", "intensity_pairs.tsv")
    return {row[column] for name in names for row in marked(name) for column in columns if column in row}


def reviews(texts: Texts) -> Iterator[Row]:
    """Whole reviews and the label of four."""
    for row in marked("reviews.tsv"):
        yield {"label": row["label"], "text": texts.at(row["file"], row["line"], row["sha256"])}


def emotions(texts: Texts) -> Iterator[Row]:
    """Whole reviews and their emotions: `label_ids` those that are plain, `also` those that nobody would dispute."""
    for row in marked("reviews.tsv"):
        plain, also = (ids(row[column]) for column in ("emotions", "emotions_also"))
        yield {"label_ids": plain, "also": also, "text": texts.at(row["file"], row["line"], row["sha256"])}


def ids(names: str) -> str:
    """Indices into EMOTIONS, comma separated, of names that are comma separated."""
    return ",".join(str(EMOTIONS.index(name)) for name in names.split(",") if name)


def pairs(texts: Texts) -> Iterator[Row]:
    """Two rows for each pair: the more intense review and the less intense one."""
    for row in marked("intensity_pairs.tsv"):
        for side in ("more", "less"):
            place = (row[f"{side}_{column}"] for column in ("file", "line", "sha256"))
            yield {"pair": row["pair"], "intense": side, "text": texts.at(*place)}


def sentences(texts: Texts) -> Iterator[Row]:
    """Whole texts, how many of their code points are marked, and where sentences end in these."""
    for row in marked("sentences.tsv"):
        text = texts.at(row["file"], row["line"], row["sha256"])
        yield {"length": row["length"], "ends": row["ends"], "text": text}


def write(path: Path, rows: Iterable[Row]) -> int:
    """Writes a TSV file with a header line; says how many rows it has."""
    kept = list(rows)
    lines = ["\t".join(kept[0])] + ["\t".join(row.values()) for row in kept]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return len(kept)


def main() -> None:
    """Writes the four files and says what is in them."""
    parser = argparse.ArgumentParser(description="Joins the marks in training/marks with their texts.")
    parser.add_argument("data", type=Path, help="folder of labelled data")
    parser.add_argument("out", type=Path, help="folder to write the joined files to; keep it out of the repository")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    texts = Texts(arguments.data)
    try:
        for join in (reviews, emotions, pairs, sentences):
            path = arguments.out / f"{join.__name__}.tsv"
            print(f"{path}: {write(path, join(texts))} rows")
    except Differs as why:
        sys.exit(str(why))


if __name__ == "__main__":
    main()
