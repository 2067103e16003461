"""The optimiser of all runs."""

from __future__ import annotations

import torch

from .network import Network


def optimizer(network: Network, encoder_rate: float, head_rate: float) -> torch.optim.Optimizer:
    """AdamW; biases and layer norms are not decayed."""
    groups = []
    for module, rate in ((network.encoder, encoder_rate), (network.heads, head_rate)):
        heads = module is network.heads
        parameters = [p for p in module.parameters() if p.requires_grad]
        groups.append({"params": [p for p in parameters if p.dim() > 1], "lr": rate,
                       "weight_decay": 0.01, "heads": heads})
        groups.append({"params": [p for p in parameters if p.dim() <= 1], "lr": rate,
                       "weight_decay": 0.0, "heads": heads})
    for group in groups:
        group["peak"] = group["lr"]
    return torch.optim.AdamW(groups, betas=(0.9, 0.98), fused=True)
