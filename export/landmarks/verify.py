"""Holds an exported graph against its checkpoint on real tracked faces."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from export.session import run_graph
from pain.bundle import Parity
from pain.errors import ExportError
from train.landmarks.model import LandmarkModel

MAX_LEVEL_DIFFERENCE: Final = 1e-3
"""In levels. Above it the exported graph is not the model that was evaluated."""

_BATCH: Final = 256


def verify_parity(model: LandmarkModel, graph: Path, landmarks: npt.NDArray[np.float32]) -> Parity:
    """Compare the graph with the checkpoint on every tracked face.

    Args:
        model: the checkpoint, computed in numpy with float64.
        graph: the ONNX file, computed by ONNX Runtime with float32.
        landmarks: float32 (N, 478, 3).

    Returns:
        The parity for the manifest.

    Raises:
        ExportError: no inputs, an output that is no number, or a difference above the limit.
    """
    if not len(landmarks):
        raise ExportError("the checkpoint holds no tracked face to verify the graph on")
    outputs = run_graph(graph, {"landmarks": landmarks}, batch=_BATCH)
    expected = model.predict(landmarks)
    worst = {
        "level": outputs["level"] - expected.level,
        "probabilities": outputs["probabilities"] - expected.probabilities,
        "pspi": outputs["pspi"] - expected.pspi,
        "action_units": outputs["action_units"] - expected.units,
    }
    for name, differences in worst.items():
        largest = float(np.abs(differences).max())
        if not largest <= MAX_LEVEL_DIFFERENCE:  # also true for NaN
            raise ExportError(
                f"{graph.name}: output {name!r} differs from the checkpoint by {largest:.2g} on "
                f"{len(landmarks)} tracked faces, allowed is {MAX_LEVEL_DIFFERENCE:g}; "
                "nothing was written"
            )
    level = np.abs(worst["level"])
    return Parity(
        inputs=len(landmarks),
        max_level_difference=float(level.max()),
        mean_level_difference=float(level.mean()),
    )
