"""Measures the shipped binary on all sets of a split, and writes the tables of docs/ACCURACY.md.

Usage: `make accuracy DATA=<folder> SPLIT=dev|test SETS="sst2 imdb"`. Each set becomes a file that
`heartstrings evaluate` reads. Figures are kept in docs/accuracy.json, so that some sets can be measured anew
and the others stay; the tables and plots are made from that file. Needs neither PyTorch nor the weights of the
training.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from . import data, peers, swaps, tables

Row = dict[str, str]
#: Our own texts, beside this package.
OWN = Path(__file__).parent.parent


def picked(path: Path, *columns: str) -> Iterator[Row]:
    """The wanted columns of a file's rows."""
    return ({column: row.get(column, "") for column in columns} for row in data.rows(path))


def imdb(folder: Path, split: str) -> Iterator[Row]:
    """Whole film reviews; of the train file those that training leaves out."""
    name = "train_clean.tsv" if split == "dev" else "test.tsv"
    for row in data.rows(folder / "imdb" / name):
        if split == "test" or data.is_imdb_dev(row["text"]):
            yield {"stars": str(data.stars_of_ten(row["rating10"])[0]), "text": row["text"]}


def absa(folder: Path) -> Iterator[Row]:
    """Sentences labelled by their aspects that training leaves out."""
    for path in sorted((folder / "absa_semeval").glob("*_train_sentences.tsv")):
        for row in data.rows(path):
            if row["overall_derived"] in data.SIDES and data.is_absa_dev(row["text"]):
                yield {"label": row["overall_derived"], "text": row["text"]}


def pairs(use: str) -> Iterator[Row]:
    """Our pairs of a more and a less intense text."""
    wanted = (row for row in data.rows(OWN / "pairs.tsv") if row["use"] == use)
    for number, row in enumerate(wanted):
        for side in ("more", "less"):
            yield {"pair": str(number), "intense": side, "text": row[side]}


def swapped() -> Iterator[Row]:
    """Texts that differ in a name, group or place alone."""
    return ({"twins": group, "kind": kind, "text": text} for group, kind, text in swaps.texts())


def sets(folder: Path, split: str) -> dict[str, Iterator[Row]]:
    """All sets of a split by name, in the order of the tables."""
    emotions, tweets = folder / "goemotions", folder / "semeval2018_task1"
    found = {
        "sst2": picked(folder / "sst" / "glue_sst2_dev.tsv", "label", "text"),
        "sst5": picked(folder / "sst" / f"sst5_{split}.tsv", "label", "text"),
        "imdb": imdb(folder, split),
    }
    for name in ("yelp10k", "amazon_blitzer", "womens_clothing", "amazon_musical"):
        found[name] = picked(folder / name / f"{split}.tsv", "stars", "title", "text")
    found["cr"] = picked(folder / "cr" / f"{split}.tsv", "label", "text")
    found["subj"] = picked(folder / "subj" / f"{split}.tsv", "label", "text")
    if split == "test":
        found["semeval2017_4a"] = picked(folder / "semeval2017_4a" / "test.tsv", "label", "text")
    else:
        crowd = folder / "product_tweets_crowdflower" / "dev.tsv"
        found["product_tweets"] = picked(crowd, "label", "text")
        found["absa_held_out"] = absa(folder)
    found["goemotions"] = picked(emotions / f"{split}.tsv", "label_ids", "text")
    found["emobank"] = picked(folder / "emobank" / f"{split}.tsv", "V", "A", "D", "text")
    for name in ("ei_reg", "v_reg"):
        found[name] = picked(tweets / f"{name}_{split}.tsv", "dimension", "intensity", "text")
    found["unseen"] = picked(OWN / "unseen.tsv", "kind", "label", "text")
    found["pairs_choose"], found["pairs_held"] = pairs("choose"), pairs("held")
    found["swaps"] = swapped()
    return found


def write(path: Path, rows: list[Row]) -> None:
    """A file as `heartstrings evaluate` reads it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    header = list(rows[0])
    lines = ["\t".join(header), *("\t".join(row[column] for column in header) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def evaluate(binary: Path, model: Path, path: Path) -> dict:
    """What the binary says of a file."""
    command = [binary, "evaluate", "--model", model, "--data", path, "--json"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def by_kind(binary: Path, model: Path, path: Path, rows: list[Row]) -> dict[str, dict]:
    """The measures of each kind of our own texts."""
    found = {}
    for kind in dict.fromkeys(row["kind"] for row in rows):
        part = path.with_name(f"{path.stem}-{kind}.tsv")
        write(part, [row for row in rows if row["kind"] == kind])
        found[kind] = evaluate(binary, model, part)
    return found


def run(args: argparse.Namespace) -> None:
    """Measures, keeps the figures, writes the tables."""
    figures = json.loads(args.figures.read_text()) if args.figures.exists() else {}
    kept = figures.setdefault(args.split, {})
    known = sets(args.data, args.split)
    wanted = args.sets or list(known)
    if unknown := [name for name in wanted if name not in known]:
        raise SystemExit(f"accuracy: there is no set {', '.join(unknown)}; there are {', '.join(known)}")
    for name in wanted:
        # A text of nothing but white space cannot be scored; some sets have one or two.
        rows = [row for row in known[name] if row["text"].strip()]
        path = args.work / args.split / f"{name}.tsv"
        write(path, rows)
        kept[name] = evaluate(args.binary, args.model, path)
        if "kind" in rows[0]:
            kept[name]["kinds"] = by_kind(args.binary, args.model, path, rows)
        kept[name]["peers"] = peers.measure(rows)
        args.figures.write_text(json.dumps(figures, indent=1, sort_keys=True) + "\n")
        print(tables.line(name, kept[name]), flush=True)
    tables.write(figures, args.docs)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of labelled data")
    parser.add_argument("--split", choices=("dev", "test"), default="dev")
    parser.add_argument("--sets", nargs="*", help="only these; all by default")
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the converted files")
    parser.add_argument("--figures", type=Path, required=True, help="file that keeps the figures")
    parser.add_argument("--docs", type=Path, required=True, help="folder of ACCURACY.md")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
