"""A moving average of the weights over the steps of a run.

The average forgets slowly, so that it smooths out what the last few batches did; after a short run from
good weights it still holds much of them, which is what makes it better than either.
"""

from __future__ import annotations

import torch
from torch import nn

#: Share of the old average that stays at every step.
DECAY = 0.999


class Average:
    """The average of a network's parameters."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network
        self.state = {name: tensor.detach().clone() for name, tensor in network.state_dict().items()}

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Takes in the weights after a step. The first steps count more, so that fresh heads are not
        held back by what they were before they learnt anything."""
        decay = min(DECAY, (1 + step) / (10 + step))
        for name, tensor in self.network.state_dict().items():
            if tensor.is_floating_point():
                self.state[name].lerp_(tensor, 1 - decay)
