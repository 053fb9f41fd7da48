"""What trained networks say of faces, kept so that they are asked once."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from pain.errors import AssetError, ConfigError
from train.data.pictures import content_hash
from train.distil.checkpoint import DESCRIPTION_FILE, Student, load_student
from train.distil.faces import Faces, Rows
from train.distil.losses import Taught
from train.distil.network import Reading
from train.preprocess import flip_inputs
from train.preprocess.mirror import mirror_order
from train.protocol.checkpoint import load_checkpoint
from train.protocol.network import LevelReader
from train.track.tracked import UNITS

_ASKED_AT_ONCE: Final = 64
_FOLDER: Final = "teachers"
_ANSWERS: Final = ("probabilities", "level", "pspi", "units")
"""What is kept of a ``Reading``, in its order."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Teacher:
    """A trained network that is asked and never changed.

    Attributes:
        name: for people.
        inputs: names of what it takes.
        module: faces to ``Reading``; NaN for what it does not read.
        features: faces to the features of its backbone.
        digest: SHA-256 of its weights and description.
        parameters: number of its weights.
    """

    name: str
    inputs: tuple[str, ...]
    module: Callable[..., Reading]
    features: Callable[..., Tensor]
    digest: str
    parameters: int


def open_teacher(folder: Path) -> Teacher:
    """Open a checkpoint of ``train fit``, ``crossval`` or ``distil``.

    Raises:
        AssetError: absent, damaged or of another version.
        ConfigError: of the binary task, which says nothing of levels.
    """
    digest = _digest(folder)
    if (folder / DESCRIPTION_FILE).is_file():
        return as_teacher(load_student(folder), digest=digest)
    saved = load_checkpoint(folder)
    if saved.objective.task.value == "binary":
        raise ConfigError(
            f"{folder}: a teacher of the binary task says nothing of levels; train an ordinal or "
            "regression one",
            key="teachers",
        )
    return Teacher(
        name=str(saved.experiment.name),
        inputs=saved.network.backbone.sees.inputs,
        module=_levels_of(LevelReader(saved.network, saved.calibration)),
        features=saved.network.backbone,
        digest=digest,
        parameters=_count(saved.network),
    )


def as_teacher(student: Student, *, digest: str = "") -> Teacher:
    """A student that is asked like a teacher."""
    network = student.network
    return Teacher(
        name=student.name,
        inputs=network.inputs,
        module=student.module,
        features=lambda *inputs: network.features(network.prepare(inputs)),
        digest=digest,
        parameters=_count(network),
    )


def ask(
    teachers: Sequence[Teacher],
    faces: Faces,
    rows: Rows,
    *,
    cache: Path,
    features: bool,
    on_done: Callable[[int, int], None] = lambda _done, _total: None,
) -> Taught:
    """What the teachers say of faces and of their mirror images, on average.

    Answers are kept in ``cache/teachers`` under the weights of the teacher and the content of the
    faces.

    Args:
        teachers: at least one.
        faces: all of them.
        rows: of which are asked.
        cache: folder of the tracker's answers.
        features: features too; of a single teacher.
        on_done: told how many answers there are, and of how many.

    Raises:
        ConfigError: features of several teachers.
    """
    if features and len(teachers) > 1:
        raise ConfigError(
            "features of several teachers have no mean; name one, or set it to 0",
            key="teaching.features",
        )
    total = len(teachers) * len(rows)
    answers = []
    for number, teacher in enumerate(teachers):
        base = number * len(rows)
        answers.append(
            _answers(
                teacher,
                faces,
                rows,
                cache / _FOLDER,
                features=features,
                on_done=lambda done, base=base: on_done(base + done, total),  # type: ignore[misc]
            )
        )
    mean = {
        key: torch.stack([torch.from_numpy(answer[key]) for answer in answers]).nanmean(dim=0)
        for key in _ANSWERS
    }
    return Taught(
        **mean,
        features=torch.from_numpy(answers[0]["features"]) if features else None,
    )


@torch.inference_mode()
def read_plain(teacher: Teacher, faces: Faces) -> Reading:
    """What a teacher says of all faces as they are."""
    parts = []
    for start in range(0, len(faces), _ASKED_AT_ONCE):
        rows = np.arange(start, min(start + _ASKED_AT_ONCE, len(faces)), dtype=np.intp)
        parts.append(teacher.module(*faces.batch(teacher.inputs, rows)))
    return Reading(*(torch.cat(column) for column in zip(*parts, strict=True)))


def _levels_of(reader: LevelReader) -> Callable[..., Reading]:
    def module(*inputs: Tensor) -> Reading:
        probabilities, level = reader(*inputs)
        count = len(level)
        return Reading(
            probabilities=probabilities,
            level=level,
            pspi=torch.full((count,), torch.nan),
            action_units=torch.full((count, len(UNITS)), torch.nan),
        )

    return module


@torch.inference_mode()
def _answers(
    teacher: Teacher,
    faces: Faces,
    rows: Rows,
    folder: Path,
    *,
    features: bool,
    on_done: Callable[[int], None],
) -> dict[str, npt.NDArray[np.float32]]:
    path = folder / f"{_key(teacher, faces, rows, features=features)}.npz"
    stored = _load(path)
    if stored is not None:
        on_done(len(rows))
        return stored
    order = mirror_order(faces.landmarks.mean(axis=0, dtype=np.float64))
    parts: dict[str, list[Tensor]] = {}
    for start in range(0, len(rows), _ASKED_AT_ONCE):
        batch = faces.batch(teacher.inputs, rows[start : start + _ASKED_AT_ONCE])
        every = torch.ones(len(batch[0]), dtype=torch.bool)
        both = (batch, flip_inputs(teacher.inputs, batch, every, order))
        said = [teacher.module(*shown) for shown in both]
        for column, key in enumerate(_ANSWERS):
            parts.setdefault(key, []).append(0.5 * (said[0][column] + said[1][column]))
        if features:
            seen = [teacher.features(*shown) for shown in both]
            parts.setdefault("features", []).append(0.5 * (seen[0] + seen[1]))
        on_done(min(start + _ASKED_AT_ONCE, len(rows)))
    fresh = {key: torch.cat(values).float().numpy() for key, values in parts.items()}
    folder.mkdir(parents=True, exist_ok=True)
    staging = path.with_suffix(".tmp")
    with staging.open("wb") as file:
        np.savez(file, allow_pickle=False, **fresh)
    staging.replace(path)
    return fresh


def _key(teacher: Teacher, faces: Faces, rows: Rows, *, features: bool) -> str:
    digest = hashlib.sha256(f"{teacher.digest} {_ANSWERS} {features}".encode())
    for start in range(0, len(rows), _ASKED_AT_ONCE):
        for part in faces.batch(teacher.inputs, rows[start : start + _ASKED_AT_ONCE]):
            digest.update(part.numpy().tobytes())
    return digest.hexdigest()


def _load(path: Path) -> dict[str, npt.NDArray[np.float32]] | None:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile):
        return None


def _digest(folder: Path) -> str:
    files = sorted(folder.glob("*.json")) + sorted(folder.glob("*.safetensors"))
    if not files:
        raise AssetError(
            f"{folder} holds no checkpoint; name the folder 'checkpoint' of a run of 'painwatch "
            "train fit' or the folder that 'painwatch train distil' wrote"
        )
    return hashlib.sha256(" ".join(map(content_hash, files)).encode()).hexdigest()


def _count(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())
