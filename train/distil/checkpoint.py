"""A trained student on disk: safetensors and JSON, nothing that could run code when loaded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Final

from pydantic import ValidationError
from safetensors.torch import save_file

from pain.action_units import ActionUnit
from pain.bundle import Calibration, Metric, Training
from pain.errors import AssetError, ConfigError
from train.backbones.weights import WeightSource
from train.checkpoint_files import read_description, read_weights
from train.data.pictures import content_hash
from train.distil.load import restore_distillation
from train.distil.network import Readable, StudentNet, build_student
from train.distil.schema import Distillation
from train.track.tracked import UNITS

DESCRIPTION_FILE: Final = "student.json"
WEIGHTS_FILE: Final = "student.safetensors"
FORMAT: Final = 1

_LIBRARIES: Final = ("torch", "timm", "numpy", "mediapipe")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Student:
    """A trained student and what must be known to use it.

    Attributes:
        name: of the student and of its bundle.
        module: bundle inputs in, bundle outputs out; in evaluation mode, on the CPU.
        plan: how it learnt.
        training: for the model card.
        calibration: its temperature is part of ``module`` already.
        metrics: on people that no weight has seen.
        libraries: versions in use at training.
        finished: False when Ctrl-C ended the training early.
    """

    name: str
    module: Readable
    plan: Distillation
    training: Training
    calibration: Calibration
    metrics: tuple[Metric, ...]
    libraries: Mapping[str, str]
    finished: bool

    @property
    def network(self) -> StudentNet:
        """Without its calibration."""
        return self.module.network

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of what ``module`` takes, in order."""
        return self.network.inputs

    @property
    def units(self) -> tuple[ActionUnit, ...]:
        """Columns of ``action_units``."""
        return UNITS


def save_student(student: Student, folder: Path) -> None:
    """Write a checkpoint folder; files of an older one are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    # Last comes the description: a checkpoint exists when it does.
    (folder / DESCRIPTION_FILE).unlink(missing_ok=True)
    state = {k: v.detach().contiguous().clone() for k, v in student.network.state_dict().items()}
    staging = folder / f".{WEIGHTS_FILE}"
    save_file(state, staging)
    staging.replace(folder / WEIGHTS_FILE)
    described = {
        "format": FORMAT,
        "plan": student.plan.model_dump(mode="json"),
        "units": [unit.value for unit in student.units],
        "training": student.training.model_dump(mode="json"),
        "calibration": student.calibration.model_dump(mode="json"),
        "metrics": [metric.model_dump(mode="json") for metric in student.metrics],
        "libraries": dict(student.libraries),
        "finished": student.finished,
        "sha256": content_hash(folder / WEIGHTS_FILE),
    }
    staging = folder / f".{DESCRIPTION_FILE}"
    staging.write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
    staging.replace(folder / DESCRIPTION_FILE)


def load_student(folder: Path) -> Student:
    """Read a checkpoint folder.

    Raises:
        AssetError: absent, damaged, changed, or of another version of painwatch.
    """
    path = folder / DESCRIPTION_FILE
    described = read_description(
        path, what="student", made_by="painwatch train distil", version=FORMAT
    )
    try:
        plan = restore_distillation(described["plan"], file=str(path))
        training = Training.model_validate(described["training"])
        calibration = Calibration.model_validate(described["calibration"])
        metrics = tuple(Metric.model_validate(metric) for metric in described["metrics"])
        libraries = {str(k): str(v) for k, v in described["libraries"].items()}
        finished, digest = bool(described["finished"]), str(described["sha256"])
        units = tuple(described["units"])
    except (KeyError, TypeError, AttributeError, ValidationError, ConfigError) as error:
        raise AssetError(
            f"{path} is no student of this version of painwatch ({error}); train it again"
        ) from error
    if units != tuple(unit.value for unit in UNITS):
        raise AssetError(f"{path} reads other action units ({', '.join(units)}); train it again")
    network = build_student(plan.student, parts=plan.parts, weights=WeightSource.RANDOM)
    try:
        network.load_state_dict(read_weights(folder / WEIGHTS_FILE, digest))
    except RuntimeError as error:
        raise AssetError(f"{folder} does not fit its own description: {error}") from error
    return Student(
        name=plan.name,
        module=Readable(network, temperature=calibration.temperature).eval(),
        plan=plan,
        training=training,
        calibration=calibration,
        metrics=metrics,
        libraries=libraries,
        finished=finished,
    )


def library_versions() -> dict[str, str]:
    """Versions of what decides a training's numbers."""
    return {name: metadata.version(name) for name in _LIBRARIES}
