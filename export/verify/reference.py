"""What the checkpoint itself says, computed by PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import torch

from export.model import Model
from pain.bundle import InputName, OutputName

_AT_ONCE: Final = 32


@torch.inference_mode()
def run_model(
    model: Model,
    inputs: Mapping[InputName, npt.NDArray[Any]],
    *,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> dict[OutputName, npt.NDArray[np.float32]]:
    """Run a checkpoint over faces.

    Args:
        model: the trained network.
        inputs: by name, each of length N >= 1.
        on_done: told how many faces are done, and of how many.

    Returns:
        Outputs by name, each of length N.
    """
    total = len(inputs[model.inputs[0]])
    parts: list[tuple[torch.Tensor, ...]] = []
    for start in range(0, total, _AT_ONCE):
        end = min(start + _AT_ONCE, total)
        shown = [torch.from_numpy(inputs[name][start:end].copy()) for name in model.inputs]
        parts.append(tuple(model.module(*shown)))
        on_done(end, total)
    return {
        name: torch.cat([part[column] for part in parts]).numpy()
        for column, name in enumerate(model.outputs)
    }
