"""Writes the model card, `README.md` in the model folder, out of `card.md` and the figures in `config.json`.

Each `{name}` in `card.md` is a figure of `heartstrings.accuracy`, the model's `id`, or `made`, how the weights came to be,
which only who made them can say. A figure that was not measured is a dash.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path


class Figures(dict):
    """What `card.md` can name; a dash for all else."""

    def __missing__(self, name: str) -> str:
        return "–"


def card(template: str, heartstrings: dict, made: str) -> str:
    """The card of a model with this section `heartstrings` of its `config.json`."""
    figures = Figures(id=heartstrings["id"], made=made)
    for name, value in heartstrings["accuracy"].items():
        figures[name] = f"{value:.3f}" if isinstance(value, float) else str(value)
    return template.format_map(figures)


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the model folder")
    parser.add_argument("--template", type=Path, required=True, help="card.md")
    parser.add_argument("--made", required=True, help="how the weights came to be, in a sentence")
    args = parser.parse_args()
    heartstrings = json.loads((args.model / "config.json").read_text())["heartstrings"]
    text = card(args.template.read_text(), heartstrings, args.made)
    (args.model / "README.md").write_text(text)


if __name__ == "__main__":
    main()
