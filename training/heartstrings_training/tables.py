"""Tables and plots of docs/ACCURACY.md, made of docs/accuracy.json.

Each table stands between two marks, `<!-- NAME -->` and `<!-- /NAME -->`; what is between them is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

Figures = dict[str, dict]

NAMES = {
    "sst2": "SST-2, film sentences", "sst5": "SST-5, film sentences", "imdb": "IMDB, whole reviews",
    "yelp10k": "Yelp", "amazon_blitzer": "Amazon, four domains", "womens_clothing": "women's clothing",
    "amazon_musical": "Amazon, musical instruments", "cr": "customer reviews, sentences",
    "subj": "plot sentences", "semeval2017_4a": "tweets, SemEval-2017",
    "product_tweets": "tweets on products", "absa_held_out": "restaurant and laptop sentences",
    "goemotions": "GoEmotions", "emobank": "EmoBank", "ei_reg": "EI-reg", "v_reg": "V-reg",
    "unseen": "our hard texts", "pairs_choose": "our pairs, for choosing", "pairs_held": "our pairs, held out",
    "swaps": "names, groups, places swapped",
}
REVIEWS = ("yelp10k", "amazon_blitzer", "womens_clothing", "amazon_musical")

#: Columns of the main table: heading, measure, percent or not.
SIDES = (("two classes", "binary_accuracy"), ("macro-F1", "binary_macro_f1"),
         ("three classes, macro-recall", "three_class_macro_recall"),
         ("five classes", "five_class_accuracy"), ("stars exactly", "stars_accuracy"),
         ("error in stars", "stars_mean_absolute_error"), ("ECE", "binary_calibration_error"))


def number(value: float | None, digits: int = 3) -> str:
    """A number for a cell; nothing where there is none."""
    return "" if value is None else f"{value:.{digits}f}"


def table(header: list[str], rows: list[list[str]], words: int = 1) -> str:
    """A Markdown table; all columns but the first so many are numbers."""
    rule = ["---"] * words + ["---:"] * (len(header) - words)
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows])


def line(name: str, figures: dict) -> str:
    """The figures of a set in one line, for the terminal."""
    shown = {k: v for k, v in figures.items() if isinstance(v, (int, float))}
    return f"{name}: " + ", ".join(f"{key} {value}" for key, value in shown.items())


def sides(found: Figures) -> str:
    """Sets with a side or stars."""
    rows = []
    for name, figures in found.items():
        if "binary_accuracy" in figures or "three_class_accuracy" in figures:
            cells = [number(figures.get(measure)) for _, measure in SIDES]
            rows.append([NAMES[name], f"{figures['texts']:,}", *cells])
    return table(["set", "texts", *(heading for heading, _ in SIDES)], rows)


def affect(found: Figures) -> str:
    """Emotions, affect, intensity."""
    rows = []

    def add(name: str, what: str, key: str) -> None:
        if key in found.get(name, {}):
            rows.append([NAMES[name], what, number(found[name][key])])

    add("goemotions", "macro-F1 of 28 labels", "emotions_macro_f1")
    for axis in ("valence", "arousal", "dominance"):
        add("emobank", f"r of {axis}", f"{axis}_pearson")
    for emotion in ("anger", "fear", "joy", "sadness"):
        add("ei_reg", f"r of {emotion}, its own head", f"{emotion}_head_pearson")
    add("ei_reg", "r, mean of the four", "emotions_head_pearson_mean")
    add("v_reg", "r of valence, its own head", "valence_head_pearson")
    add("v_reg", "r of valence, the score", "valence_score_pearson")
    return table(["set", "measure", "value"], rows, 2)


def own(found: Figures) -> str:
    """Our own texts: hard ones, mixed, pairs, swaps."""
    rows = []
    for name, what, key in (
        ("absa_held_out", "mixed, found", "mixed_recall"),
        ("absa_held_out", "mixed, wrongly said", "mixed_false_share"),
        ("unseen", "label right, of four", "label_accuracy"),
        ("pairs_choose", "pairs in order", "intensity_pairs_ordered"),
        ("pairs_held", "pairs in order", "intensity_pairs_ordered"),
        ("swaps", "groups of twenty with a span over 0.1", "twins_moved_share"),
        ("swaps", "mean span of a group", "twins_span_mean"),
        ("swaps", "largest span", "twins_span_max"),
    ):
        if key in found.get(name, {}):
            rows.append([NAMES[name], what, number(found[name][key])])
    for set_name, key in (("unseen", "label_accuracy"), ("swaps", "twins_moved_share")):
        for kind, figures in found.get(set_name, {}).get("kinds", {}).items():
            if key in figures:
                rows.append([f"{NAMES[set_name]}: {kind}", f"of {figures['texts']} texts",
                             number(figures[key])])
    return table(["set", "measure", "value"], rows, 2)


def compared(found: Figures) -> str:
    """This model beside VADER and TextBlob."""
    rows = []
    wanted = (("binary_accuracy", "two classes"), ("three_class_macro_recall", "macro-recall of three"),
              ("intensity_pairs_ordered", "pairs in order"), ("twins_moved_share", "moved by a swap"))
    for name, figures in found.items():
        lexicons = figures.get("peers", {})
        for key, what in wanted:
            if key in figures and any(key in one for one in lexicons.values()):
                rows.append([NAMES[name], what, number(figures[key]),
                             *(number(lexicons[peer].get(key)) for peer in ("vader", "textblob"))])
    return table(["set", "measure", "Heartstrings", "VADER", "TextBlob"], rows, 2)


def mean(found: Figures, names: tuple[str, ...], key: str) -> float | None:
    """The mean over sets, when all are there."""
    values = [found.get(name, {}).get(key) for name in names]
    return None if None in values else sum(values) / len(values)


#: What the model is to reach on test files: measure, target, how to read it, whether less is better.
TARGETS: tuple[tuple[str, float, Callable[[Figures], float | None], bool], ...] = (
    ("SST-2 dev, two classes", 0.925, lambda f: mean(f, ("sst2",), "binary_accuracy"), False),
    ("SST-5, five classes", 0.52, lambda f: mean(f, ("sst5",), "five_class_accuracy"), False),
    ("IMDB, whole reviews, two classes", 0.93, lambda f: mean(f, ("imdb",), "binary_accuracy"), False),
    ("four review sets, two classes, mean", 0.95, lambda f: mean(f, REVIEWS, "binary_accuracy"), False),
    ("four review sets, error in stars", 0.50, lambda f: mean(f, REVIEWS, "stars_mean_absolute_error"), True),
    ("SST-5, macro-recall of three", 0.68, lambda f: mean(f, ("sst5",), "three_class_macro_recall"), False),
    ("tweets of SemEval-2017, macro-recall of three", 0.68,
     lambda f: mean(f, ("semeval2017_4a",), "three_class_macro_recall"), False),
    ("GoEmotions, macro-F1", 0.47, lambda f: mean(f, ("goemotions",), "emotions_macro_f1"), False),
    ("EmoBank, r of valence", 0.78, lambda f: mean(f, ("emobank",), "valence_pearson"), False),
    ("EmoBank, r of arousal", 0.52, lambda f: mean(f, ("emobank",), "arousal_pearson"), False),
    ("EmoBank, r of dominance", 0.45, lambda f: mean(f, ("emobank",), "dominance_pearson"), False),
    ("EI-reg, mean r of four", 0.72, lambda f: mean(f, ("ei_reg",), "emotions_head_pearson_mean"), False),
    ("V-reg, r", 0.82, lambda f: mean(f, ("v_reg",), "valence_head_pearson"), False),
    ("ECE, mean over the sets with a side", 0.02,
     lambda f: mean(f, tuple(n for n, v in f.items() if "binary_calibration_error" in v and n in REVIEWS
                             + ("sst2", "sst5", "imdb", "cr")), "binary_calibration_error"), True),
)


def targets(found: Figures) -> str:
    """Each target, what was reached, and by how much it was met (plus) or missed (minus)."""
    rows = []
    for what, target, read, less in TARGETS:
        value = read(found) if found else None
        gap = None if value is None else (target - value if less else value - target)
        rows.append([what, number(target), number(value), "" if gap is None else f"{gap:+.3f}"])
    return table(["measure", "target", "reached", "met or missed by"], rows)


def reliability(found: Figures) -> str:
    """An SVG of reliability bins: for each set a small square, accuracy against confidence."""
    names = [name for name, figures in found.items() if "binary_reliability" in figures][:8]
    side, gap = 170, 46
    parts = []
    for index, name in enumerate(names):
        x, y = gap + (index % 4) * (side + gap), gap + (index // 4) * (side + gap)
        parts.append(f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="#fff" stroke="#999"/>')
        parts.append(f'<line x1="{x}" y1="{y + side}" x2="{x + side}" y2="{y}" stroke="#bbb"/>')
        parts.append(f'<text x="{x}" y="{y - 8}">{NAMES[name]}</text>')
        largest = max(bin["count"] for bin in found[name]["binary_reliability"])
        for bin in found[name]["binary_reliability"]:
            # Confidence of two classes starts at one half; so do both axes.
            cx = x + side * (bin["confidence"] - 0.5) * 2
            cy = y + side - side * max(0.0, bin["accuracy"] - 0.5) * 2
            radius = 2 + 7 * (bin["count"] / largest) ** 0.5
            parts.append(f'<circle cx="{cx:.1f}" cy="{cy:.1f}" r="{radius:.1f}" fill="#b03060" '
                         'fill-opacity="0.6"/>')
    rows = -(-len(names) // 4)
    width, height = 4 * (side + gap) + gap, rows * (side + gap) + gap
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="#fafafa"/>'
            + "".join(parts) + "</svg>\n")


def ordered(found: Figures) -> Figures:
    """The sets in the order of the tables."""
    return {name: found[name] for name in NAMES if name in found}


def write(figures: dict[str, Figures], docs: Path) -> None:
    """Writes all tables and the plot."""
    path = docs / "ACCURACY.md"
    text = path.read_text(encoding="utf-8")
    for split in ("dev", "test"):
        found = ordered(figures.get(split, {}))
        made = {"sides": sides, "affect": affect, "own": own, "compared": compared, "targets": targets}
        for name, make in made.items():
            mark = f"{name}-{split}"
            filled = make(found) if found else "Not measured yet."
            pattern = rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)"
            text = re.sub(pattern, lambda m: f"{m[1]}{filled}\n{m[2]}", text, flags=re.DOTALL)
        if found:
            (docs / f"reliability-{split}.svg").write_text(reliability(found), encoding="utf-8")
    path.write_text(text, encoding="utf-8")
