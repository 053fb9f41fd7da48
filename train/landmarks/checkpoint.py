"""A trained landmark model on disk: weights, the faces for the parity check, and the report."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.action_units import ActionUnit
from pain.errors import AssetError
from train.landmarks.evaluate import Result
from train.landmarks.faces import UNITS
from train.landmarks.model import LandmarkModel, OrdinalLink

MODEL_FILE: Final = "model.npz"
INPUTS_FILE: Final = "inputs.npz"
REPORT_FILE: Final = "report.json"

_ARRAYS: Final = ("mirror", "mean", "components", "scale", "weights", "intercept")


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """Everything that export needs.

    Attributes:
        model: the trained model.
        inputs: float32 (N, 478, 3), all tracked faces of the training data.
        results: cross-validated figures.
        data: sentence that says what it was trained on.
        data_sha256: over the index of the data set.
        libraries: versions in use at training.
    """

    model: LandmarkModel
    inputs: npt.NDArray[np.float32]
    results: tuple[Result, ...]
    data: str
    data_sha256: str
    libraries: dict[str, str]


def save_checkpoint(checkpoint: Checkpoint, directory: Path) -> None:
    """Write a checkpoint folder; files of an older one are replaced."""
    directory.mkdir(parents=True, exist_ok=True)
    model = checkpoint.model
    np.savez_compressed(
        directory / MODEL_FILE,
        units=np.array([unit.value for unit in UNITS]),
        link=np.array([model.link.slope, model.link.offset, model.link.spread]),
        **{name: getattr(model, name) for name in _ARRAYS},
    )
    np.savez_compressed(directory / INPUTS_FILE, landmarks=checkpoint.inputs)
    report = {
        "data": checkpoint.data,
        "data_sha256": checkpoint.data_sha256,
        "libraries": checkpoint.libraries,
        "results": [asdict(result) for result in checkpoint.results],
    }
    (directory / REPORT_FILE).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


def load_checkpoint(directory: Path) -> Checkpoint:
    """Read a checkpoint folder.

    Raises:
        AssetError: it is absent, incomplete, or of another set of AUs.
    """
    try:
        with np.load(directory / MODEL_FILE, allow_pickle=False) as archive:
            units = tuple(ActionUnit(str(name)) for name in archive["units"])
            slope, offset, spread = map(float, archive["link"])
            arrays = {name: archive[name] for name in _ARRAYS}
        with np.load(directory / INPUTS_FILE, allow_pickle=False) as archive:
            inputs = archive["landmarks"]
        report = json.loads((directory / REPORT_FILE).read_text(encoding="utf-8"))
        results = tuple(Result(**row) for row in report["results"])
        data, data_sha256 = str(report["data"]), str(report["data_sha256"])
        libraries = {str(k): str(v) for k, v in report["libraries"].items()}
    except (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise AssetError(
            f"{directory}: not a landmark checkpoint ({error}); make one with "
            "'painwatch train landmarks --data DIR --out CHECKPOINT'"
        ) from error
    if units != UNITS:
        raise AssetError(f"{directory}: trained for other action units; train it again")
    return Checkpoint(
        model=LandmarkModel(**arrays, link=OrdinalLink(slope=slope, offset=offset, spread=spread)),
        inputs=inputs,
        results=results,
        data=data,
        data_sha256=data_sha256,
        libraries=libraries,
    )
