"""Golden input: real tracked faces from calm to severe with the outputs of the checkpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from train.landmarks.model import LandmarkModel

FACES: Final = 8
TOLERANCE: Final = 0.02
"""In levels; room for a GPU that multiplies in TF32, far below what a nurse could notice."""


def write_golden(path: Path, model: LandmarkModel, landmarks: npt.NDArray[np.float32]) -> None:
    """Choose faces evenly over the predicted levels and record what the checkpoint says.

    Args:
        path: the ``.npz`` to write; its layout is that of ``edge.score.golden``.
        model: the checkpoint.
        landmarks: float32 (N, 478, 3), all tracked faces.
    """
    order = np.argsort(model.predict(landmarks).level, kind="stable")
    chosen = landmarks[order[np.linspace(0, len(order) - 1, FACES).astype(np.intp)]]
    expected = model.predict(chosen)
    arrays: dict[str, Any] = {
        "input.landmarks": chosen,
        "output.level": expected.level.astype(np.float32),
        "output.probabilities": expected.probabilities.astype(np.float32),
        "output.pspi": expected.pspi.astype(np.float32),
        "output.action_units": expected.units.astype(np.float32),
        "tolerance": np.float32(TOLERANCE),
    }
    np.savez_compressed(path, **arrays)
