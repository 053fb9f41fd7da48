"""Pain against each other expression: what stands between features and a linear last layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

_NEVER = -1e4
"""Logit of a class that is not asked for; its exponential is 0 in half precision too."""


class Contrast(nn.Module):
    """Appends to features how much more each part of them speaks for pain than for anything else.

    Each part has a multinomial logistic regression over expressions. Its score is the log-sum-exp
    of the logits of pain minus that of the logits of all that is no pain; classes may stand on
    neither side. A linear score of pain has one direction for smile, shout and rest alike; here
    each of them is told from pain in its own way.

    Args:
        width: number of features.
        parts: how many parts there are.

    Attributes:
        weight: (classes of all parts, width); 0 where a part does not look.
        bias: (classes of all parts,).
        pain: (parts, classes of all parts), 1 where a class is pain in this part, else 0.
        other: the same of what is no pain.
    """

    weight: Tensor
    bias: Tensor
    pain: Tensor
    other: Tensor

    def __init__(self, width: int, parts: int) -> None:
        super().__init__()
        self.parts = parts
        # Two classes a part until it is fitted or loaded.
        sides = torch.eye(2).repeat(1, parts)
        own = torch.eye(parts).repeat_interleave(2, dim=1)
        self.register_buffer("weight", torch.zeros(2 * parts, width))
        self.register_buffer("bias", torch.zeros(2 * parts))
        self.register_buffer("pain", own * sides[0])
        self.register_buffer("other", own * sides[1])

    def fit(
        self, weights: Sequence[Tensor], biases: Sequence[Tensor], sides: Sequence[Tensor]
    ) -> None:
        """Take the regressions of all parts.

        Args:
            weights: (classes, width) of each part.
            biases: (classes,) of each part.
            sides: (classes,) of each part: 1 pain, -1 no pain, 0 neither.
        """
        side = torch.cat(list(sides))
        part = torch.repeat_interleave(torch.tensor([len(one) for one in sides]))
        own = torch.arange(len(sides))[:, None] == part
        self.weight = torch.cat(list(weights)).to(self.weight)
        self.bias = torch.cat(list(biases)).to(self.bias)
        self.pain = (own * (side > 0)).to(self.pain)
        self.other = (own * (side < 0)).to(self.other)

    def forward(self, features: Tensor) -> Tensor:
        """(N, width) to (N, width + parts)."""
        logits = nn.functional.linear(features, self.weight, self.bias)[:, None]
        scores = _pooled(logits, self.pain) - _pooled(logits, self.other)
        return torch.cat([features, scores], dim=1)

    def _load_from_state_dict(
        self, state_dict: dict[str, Any], prefix: str, *args: Any, **kwargs: Any
    ) -> None:
        # How many classes there are, the data of the training said.
        for name in ("weight", "bias", "pain", "other"):
            found = state_dict.get(f"{prefix}{name}")
            if isinstance(found, Tensor):
                setattr(self, name, torch.empty_like(found))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)


def _pooled(logits: Tensor, chosen: Tensor) -> Tensor:
    """Log-sum-exp (N, parts) of logits (N, 1, classes) that are chosen (parts, classes).

    Written out: importers of ONNX know exponential, sum and logarithm, and no other operator.
    """
    shown = logits * chosen + _NEVER * (1.0 - chosen)
    highest = shown.amax(dim=2, keepdim=True)
    return (shown - highest).exp().sum(dim=2).log() + highest[:, :, 0]
