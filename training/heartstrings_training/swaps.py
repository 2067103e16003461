"""Texts that differ in a name, a group or a place alone, for measuring whether those move the score.

Made by rule, for evaluation only: sentences, names and groups are others than those of `counterfactual_pairs.py`.
Usage: `python -m heartstrings_training.swaps --out swaps.tsv` writes `twins`, `kind`, `text`; rows of one
number in `twins` should all get the same score.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

FILLINGS = {
    "name": "Keisha|Molly|DeShawn|Geoffrey|Xiu|Kenji|Guadalupe|Khadija|Omar|Svetlana|Ananya|William|"
            "Nia|Patrick|Esther|Abdullah|Thandiwe|Bjorn|Mateo|Tamika".split("|"),
    "group": "African|European|Pakistani|Mexican American|Jewish|Sikh|Buddhist|Mormon|bisexual|queer|"
             "heterosexual|wheelchair-using|autistic|old|middle-aged|Brazilian|Japanese|Ukrainian|Iranian|"
             "Swedish".split("|"),
    "place": "Kampala|Rome|Delhi|Baltimore|Minsk|Shanghai|Vienna|Mogadishu|Damascus|Memphis|Belfast|Bogota|"
             "Algiers|Prague|Manila|Zurich|Dhaka|Sydney|Jerusalem|Accra".split("|"),
}
TEXTS = {
    "name": [
        "{} checked us in.", "{} made our anniversary special, thank you so much!", "{} never called me back.",
        "I read this aloud to {} at bedtime.", "{} plays the lead and is a joy to watch.",
        "The soup that {} recommended was bland.", "My neighbour {} has the same vacuum cleaner.",
        "{} drove us to the airport and was half an hour late.", "{} and I laughed until it hurt.",
        "The album that {} produced is forgettable.", "{} answered the phone.",
        "If {} had not helped us, we would have missed the boat.",
        "The novel is told by {}.", "I would not let {} near my car again.", "Ask for {}, the best barber in town.",
        "{} wrote the script, and it is a waste of good actors.",
    ],
    "group": [
        "The {} chef came to our table.", "An evening with my {} friends, and everybody was happy with the food.",
        "The {} manager refused to refund us.", "It is a documentary about {} people.",
        "My {} colleague bought one as well.", "The {} couple in the next room was polite.",
        "A charming comedy about a {} family.", "A tedious comedy about a {} family.",
        "I am {}, and I felt welcome here.", "I am {}, and I was bored to tears.",
        "The audience was mostly {}.", "The {} nurse was gentle and patient.",
        "The {} driver did not say a word.", "The main character is {}.",
        "As a {} parent I found it useful.", "The {} dentist hurt me and did not care.",
    ],
    "place": [
        "The parcel came from {}.", "We flew home to {} the next day.", "The best noodles this side of {}.",
        "The call centre in {} was no help at all.", "The film is set in {}.", "It reminds me of my years in {}.",
        "I grew up in {}, and this tastes like home.", "Our train to {} was dirty and cold.",
        "The band from {} played for two hours.", "The hotel in {} was the highlight of our trip.",
        "The tour of {} was badly organised.", "She studied in {} before she wrote this book.",
        "This jacket kept me warm in {}.", "The shop in {} sold me a broken watch.",
        "The second part takes place in {}.", "A dreary thriller from {}.",
    ],
}


def texts() -> list[tuple[str, str, str]]:
    """Group of twins, kind and text."""
    made = []
    for kind, sentences in TEXTS.items():
        for number, sentence in enumerate(sentences):
            for word in FILLINGS[kind]:
                filled = re.sub(r"\b([Aa]) (?=[AEIOUaeiou])", r"\1n ", sentence.format(word))
                made.append((f"{kind}-{number:02}", kind, filled))
    return made


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    lines = ["\t".join(row) for row in texts()]
    parser.parse_args().out.write_text("twins\tkind\ttext\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
