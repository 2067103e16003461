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
WEIGHTS = {"stars": 1.0, "emotions": 8.0, "affect": 0.35, "intensity": 0.5}
#: A present emotion counts this much more than an absent one: most are absent.
POSITIVE_WEIGHT = 3.0


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


def all_heads(outputs: dict[str, Tensor], targets: dict[str, Tensor]) -> dict[str, Tensor]:
    """The loss of each head, weighted; their sum is what training makes small."""
    parts = {
        "stars": stars(outputs["stars"], targets["stars"], targets["weight"]),
        "emotions": emotions(outputs["emotions"], targets["emotions"]),
        "affect": regression(outputs["affect"], targets["affect"], AFFECT_SD),
        "intensity": regression(outputs["intensity"], targets["intensity"], INTENSITY_SD),
    }
    return {name: WEIGHTS[name] * part for name, part in parts.items()}
