"""Relations between tokens, as MiniLMv2 learns them (Wang et al. 2020, arXiv 2012.15828).

Of a layer's queries, keys and values each token's vector is cut into heads; the softmax of their scaled products is
how the tokens of a row relate. The student's last layer learns those of a layer of the teacher, whatever the widths
of the two, since only the number of heads must agree. The teacher reads each batch for it, which makes a step
three to four times as dear.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from transformers import MPNetModel

from .network import Network

#: Heads that the vectors are cut into for the relations; 384 and 768 are both divided by it.
HEADS = 24


class Recorder:
    """Keeps the queries, keys and values of one layer of a network in its last forward pass."""

    def __init__(self, network: Network, layer: int) -> None:
        block = network.encoder.encoder.layer[layer].attention
        if isinstance(network.encoder, MPNetModel):
            linears = (block.attn.q, block.attn.k, block.attn.v)
        else:
            linears = (block.self.query, block.self.key, block.self.value)
        self.seen: list[Tensor] = [torch.empty(0)] * len(linears)
        for place, linear in enumerate(linears):
            linear.register_forward_hook(self.hook(place))

    def hook(self, place: int):
        """What keeps the output of one of the linear layers."""
        def keep(_: nn.Module, __: tuple, output: Tensor) -> None:
            self.seen[place] = output.float()
        return keep


def log_relations(vectors: Tensor, mask: Tensor) -> Tensor:
    """Logarithms of how the tokens relate, shape (rows, HEADS, length, length).

    vectors: (rows, length, hidden). mask: (rows, length), 0 on padding.
    """
    rows, length, hidden = vectors.shape
    heads = vectors.view(rows, length, HEADS, hidden // HEADS).transpose(1, 2)
    scores = heads @ heads.transpose(2, 3) / (hidden // HEADS) ** 0.5
    return F.log_softmax(scores.masked_fill(mask[:, None, None, :] == 0, -1e4), dim=3)


def loss(student: Recorder, teacher: Recorder, mask: Tensor) -> Tensor:
    """Mean divergence of the student's relations from the teacher's, over queries, keys and values and over all
    tokens that are no padding."""
    total = torch.zeros(())
    for mine, theirs in zip(student.seen, teacher.seen):
        wanted = log_relations(theirs.detach(), mask)
        nats = F.kl_div(log_relations(mine, mask), wanted, log_target=True, reduction="none").sum(dim=3).mean(dim=1)
        total = total + (nats * mask).sum() / mask.sum()
    return total / len(student.seen)
