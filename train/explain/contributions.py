"""How far every input moved the level of one face away from that of a painless one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """Parts of the difference in level between a face and a reference face.

    Attributes:
        level: of the face.
        reference_level: of the reference.
        parts: one array per input, of the input's shape, levels; they sum to the difference up to
            the error of the sum over steps.
    """

    level: float
    reference_level: float
    parts: tuple[npt.NDArray[np.float64], ...]

    @property
    def unexplained(self) -> float:
        """What the parts miss of the difference, levels; near 0 with enough steps."""
        explained = float(sum(part.sum() for part in self.parts))
        return self.level - self.reference_level - explained


def integrated_gradients(
    level: Callable[..., Tensor],
    face: Sequence[npt.NDArray[np.float32]],
    reference: Sequence[npt.NDArray[np.float32]],
    *,
    steps: int = 256,
) -> Contributions:
    """Integrated gradients on the straight path from the reference to the face.

    contribution_i = (x_i - r_i) * integral over a in 0..1 of d level / d x_i at r + a (x - r)
    (Sundararajan, Taly & Yan 2017), by the midpoint rule.

    Args:
        level: inputs with a leading batch axis to levels (N,); differentiable.
        face: inputs of the face, without a batch axis.
        reference: the same of the reference.
        steps: of the midpoint rule, at least 1.
    """
    import torch

    ends = [
        (torch.from_numpy(x), torch.from_numpy(r)) for x, r in zip(face, reference, strict=True)
    ]
    shares = (torch.arange(steps) + 0.5) / steps
    path = [(r + shares.reshape(-1, *[1] * x.ndim) * (x - r)).requires_grad_() for x, r in ends]
    slopes = torch.autograd.grad(level(*path).sum(), path)
    with torch.no_grad():
        at_face = float(level(*(x[None] for x, _ in ends)))
        at_reference = float(level(*(r[None] for _, r in ends)))
    return Contributions(
        level=at_face,
        reference_level=at_reference,
        parts=tuple(
            ((x - r).double() * slope.double().mean(dim=0)).numpy()
            for (x, r), slope in zip(ends, slopes, strict=True)
        ),
    )
