"""What VADER and TextBlob, two lexicons that many use, say of the same texts.

Neither knows stars, emotions or mixed texts, so they are measured on sides alone: two classes by the sign of
their score, three with the bounds that VADER's authors advise (0.05). For pairs, their intensity is how far the
score is from zero.
"""

from __future__ import annotations

from collections.abc import Callable

Row = dict[str, str]
#: Scores between minus and plus this are neutral.
BOUND = 0.05


def scorers() -> dict[str, Callable[[str], float]]:
    """Text to score, -1 to 1, by name."""
    from textblob import TextBlob
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    vader = SentimentIntensityAnalyzer()
    return {
        "vader": lambda text: vader.polarity_scores(text)["compound"],
        "textblob": lambda text: TextBlob(text).sentiment.polarity,
    }


def side(row: Row, five: bool) -> int | None:
    """-1, 0 or 1 as the row's label says; None when it says nothing of a side."""
    label = row.get("label")
    if label in ("negative", "neutral", "positive"):
        return ("negative", "neutral", "positive").index(label) - 1
    if label in ("0", "1", "2", "3", "4"):
        return (int(label) > 2) - (int(label) < 2) if five else 2 * int(label) - 1
    if row.get("stars"):
        stars = float(row["stars"])
        return (stars > 3) - (stars < 3)
    return None


def titled(row: Row) -> str:
    """Title and text as one."""
    title = row.get("title", "").strip()
    return f"{title}. {row['text']}" if title else row["text"]


def measure(rows: list[Row]) -> dict[str, dict[str, float]]:
    """The measures of either lexicon that the rows allow."""
    five = any(row.get("label") in ("2", "3", "4") for row in rows)
    truth = [side(row, five) for row in rows]
    if not (any(truth) or "pair" in rows[0] or "twins" in rows[0]):
        return {}
    found = {}
    for name, scorer in scorers().items():
        scores = [scorer(titled(row)) for row in rows]
        found[name] = {key: round(value, 4) for key, value in
                       {**of_sides(truth, scores), **of_pairs(rows, scores),
                        **of_twins(rows, scores)}.items()}
    return found


def of_sides(truth: list[int | None], scores: list[float]) -> dict[str, float]:
    """Accuracy of two classes, macro-recall of three."""
    known = [(t, s) for t, s in zip(truth, scores) if t is not None]
    two = [(t, s) for t, s in known if t]
    if not two:
        return {}
    result = {"binary_accuracy": sum((s >= 0) == (t > 0) for t, s in two) / len(two)}
    if len(two) < len(known):
        recalls = []
        for wanted in (-1, 0, 1):
            own = [(s > BOUND) - (s < -BOUND) == wanted for t, s in known if t == wanted]
            if own:
                recalls.append(sum(own) / len(own))
        result["three_class_macro_recall"] = sum(recalls) / len(recalls)
    return result


def of_pairs(rows: list[Row], scores: list[float]) -> dict[str, float]:
    """Share of pairs whose more intense text is farther from zero."""
    far: dict[str, dict[str, float]] = {}
    for row, score in zip(rows, scores):
        if "pair" in row:
            far.setdefault(row["pair"], {})[row["intense"]] = abs(score)
    if not far:
        return {}
    return {"intensity_pairs_ordered": sum(p["more"] > p["less"] for p in far.values()) / len(far)}


def of_twins(rows: list[Row], scores: list[float]) -> dict[str, float]:
    """Share of groups of twins whose scores lie more than 0.1 apart."""
    groups: dict[str, list[float]] = {}
    for row, score in zip(rows, scores):
        if "twins" in row:
            groups.setdefault(row["twins"], []).append(score)
    if not groups:
        return {}
    moved = sum(max(values) - min(values) > 0.1 for values in groups.values())
    return {"twins_moved_share": moved / len(groups)}
