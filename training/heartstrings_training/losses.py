"""One loss for each head; each looks only at the spans whose target is known."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

#: Standard deviations of the targets in their training sets, by which errors are measured:
#: arousal and dominance vary little, and a plain squared error would not care for them.
AFFECT_SD = torch.tensor([0.088, 0.065, 0.055])
INTENSITY_SD = 0.19
#: How much each head counts.
WEIGHTS = {"stars": 1.0, "emotions": 8.0, "affect": 0.35, "intensity": 0.5, "mixed": 0.5, "pairs": 1.0,
           "apart": 8.0, "tags": 2.0, "aspects": 0.7}
#: A present emotion counts this much more than an absent one: most are absent.
POSITIVE_WEIGHT = 3.0
#: A mixed sentence counts this much more than one that is not: one in twelve is.
MIXED_WEIGHT = 3.0
#: A token of a marked span counts this much more than one outside.
TAG_WEIGHT = 2.0
#: The difference of the scores of a pair (-1..1) that costs one unit.
PAIR_GAP = 0.1


def stars(logits: Tensor, allowed: Tensor, weight: Tensor) -> Tensor:
    """-log of the probability of the allowed stars. A side is a set of stars, and the network may
    spread its belief within the set as it likes."""
    known = allowed.any(dim=1)
    if not known.any():
        return logits.sum() * 0
    logits, allowed, weight = logits[known], allowed[known], weight[known]
    inside = torch.logsumexp(logits + torch.log(allowed.clamp_min(1e-12)), dim=1)
    nats = torch.logsumexp(logits, dim=1) - inside
    return (nats * weight).sum() / weight.sum().clamp_min(1.0)


def emotions(logits: Tensor, present: Tensor) -> Tensor:
    """Binary cross-entropy of each emotion."""
    known = present[:, 0] >= 0
    if not known.any():
        return logits.sum() * 0
    weight = torch.full((logits.shape[1],), POSITIVE_WEIGHT)
    return F.binary_cross_entropy_with_logits(logits[known], present[known], pos_weight=weight)


def regression(logits: Tensor, target: Tensor, deviation: Tensor | float) -> Tensor:
    """Squared error in units of the target's standard deviation; NaN is unknown."""
    known = ~torch.isnan(target)
    if not known.any():
        return logits.sum() * 0
    error = (torch.sigmoid(logits) - torch.nan_to_num(target)) / deviation
    return (error.square() * known).sum() / known.sum()


def mixed(logits: Tensor, target: Tensor) -> Tensor:
    """Binary cross-entropy of being mixed; NaN is unknown."""
    known = ~torch.isnan(target)
    if not known.any():
        return logits.sum() * 0
    weight = torch.tensor([MIXED_WEIGHT])
    return F.binary_cross_entropy_with_logits(logits[known], target[known], pos_weight=weight)


def tags(logits: Tensor, bits: Tensor) -> Tensor:
    """-log of the probability of the tags that each token may have.

    logits: (rows, length, 7). bits: (rows, length) bit sets of tags, 0 where nothing is known.
    """
    known = bits > 0
    if not known.any():
        return logits.sum() * 0
    logits, bits = logits[known], bits[known]
    may = (bits.unsqueeze(1) >> torch.arange(logits.shape[1])) & 1
    inside = torch.logsumexp(logits.masked_fill(may == 0, -1e4), dim=1)
    nats = torch.logsumexp(logits, dim=1) - inside
    # A begun or continued span is rare, and what is not one is easy: the mean over all tokens would hardly
    # tell a network that has found the spans from one that never marks anything.
    weight = torch.where(may[:, 0] == 1, 1.0, TAG_WEIGHT)
    return (nats * weight).sum() / weight.sum()


def aspects(logits: Tensor, sentiments: Tensor) -> Tensor:
    """Cross-entropy of the sentiment of marked spans; both have shape (spans, 3)."""
    if len(logits) == 0:
        return logits.sum() * 0
    return -(F.log_softmax(logits, dim=1) * sentiments).sum(dim=1).mean()


def score(logits: Tensor) -> Tensor:
    """The score, -1..1, that stars give; logits have shape (n, 5)."""
    return torch.softmax(logits, dim=1) @ torch.tensor([-1.0, -0.5, 0.0, 0.5, 1.0])


def pairs(logits: Tensor) -> Tensor:
    """Squared difference of the scores of rows 0 and 1, 2 and 3, and so on, in units of PAIR_GAP.

    logits: stars, shape (n, 5), n even.
    """
    scores = score(logits)
    return WEIGHTS["pairs"] * ((scores[::2] - scores[1::2]) / PAIR_GAP).square().mean()


def apart(logits: Tensor, together: int) -> Tensor:
    """Variance of the scores within each group of rows that follow each other, in units of PAIR_GAP.

    logits: stars, shape (n, 5), n a multiple of `together`.
    """
    scores = score(logits).view(-1, together) / PAIR_GAP
    return WEIGHTS["apart"] * scores.var(dim=1).mean()


#: Temperature at which the student learns the teacher's stars: the teacher is sure of most, and what
#: it thinks of the others shows when it is made less so.
SOFT_TEMPERATURE = 2.0


def soft_stars(logits: Tensor, taught: Tensor) -> Tensor:
    """How far the student's stars are from the teacher's; logits of shape (n, 5) each."""
    cool = SOFT_TEMPERATURE
    believed, said = F.log_softmax(logits / cool, dim=1), F.log_softmax(taught / cool, dim=1)
    return F.kl_div(believed, said, log_target=True, reduction="batchmean") * cool**2


def distillation(outputs: dict[str, Tensor], teacher: dict[str, Tensor]) -> dict[str, Tensor]:
    """How far the student is from what the teacher says, for each head and all spans of which it says
    something: also for those that nobody has labelled. NaN is unknown.

    Both hold logits of each head (spans, outputs) and may hold `tags` (rows, length, 7); then the teacher also
    has `aspects` of each token (rows, length, 3), and the student as `token_aspects`.
    """
    known = ~teacher["stars"].isnan().any(dim=1)
    if not known.any():
        return {}
    said = {name: logits[known] for name, logits in teacher.items() if logits.dim() == 2}
    heard = {name: outputs[name][known] for name in said}

    def gap(head: str, deviation: Tensor | float) -> Tensor:
        error = (torch.sigmoid(heard[head]) - torch.sigmoid(said[head])) / deviation
        return error.square().mean()

    def crossed(head: str) -> Tensor:
        return F.binary_cross_entropy_with_logits(heard[head], torch.sigmoid(said[head]))

    parts = {"stars": soft_stars(heard["stars"], said["stars"]), "emotions": crossed("emotions"),
             "affect": gap("affect", AFFECT_SD), "intensity": gap("intensity", INTENSITY_SD),
             "mixed": crossed("mixed")}
    if "token_aspects" in outputs:
        parts |= token_distillation(outputs, teacher)
    return {f"soft_{name}": WEIGHTS[name] * part for name, part in parts.items()}


def token_distillation(outputs: dict[str, Tensor], teacher: dict[str, Tensor]) -> dict[str, Tensor]:
    """How far the student's tags, and its sentiments where the teacher sees a span, are from the teacher's."""
    known = ~teacher["tags"].isnan().any(dim=2)
    if not known.any():
        return {}
    said, heard = teacher["tags"][known], outputs["tags"][known]
    nats = F.kl_div(F.log_softmax(heard, dim=1), F.log_softmax(said, dim=1), log_target=True, reduction="none").sum(1)
    named = 1 - torch.softmax(said, dim=1)[:, 0]
    weight = 1 + (TAG_WEIGHT - 1) * named
    sides = F.kl_div(F.log_softmax(outputs["token_aspects"][known], dim=1),
                     F.log_softmax(teacher["aspects"][known], dim=1), log_target=True, reduction="none").sum(1)
    return {"tags": (nats * weight).sum() / weight.sum(), "aspects": (sides * named).sum() / named.sum().clamp_min(1)}


def all_heads(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss of each head, weighted; their sum is what training makes small."""
    parts = {
        "stars": stars(outputs["stars"], targets["stars"], targets["weight"]),
        "emotions": emotions(outputs["emotions"], targets["emotions"]),
        "affect": regression(outputs["affect"], targets["affect"], AFFECT_SD),
        "intensity": regression(outputs["intensity"], targets["intensity"], INTENSITY_SD),
        "mixed": mixed(outputs["mixed"], targets["mixed"]),
    }
    if "tags" in outputs:
        parts["tags"] = tags(outputs["tags"], targets["tags"])
        parts["aspects"] = aspects(outputs["aspects"], targets["aspect_sentiments"])
    return {name: WEIGHTS[name] * part for name, part in parts.items()}
