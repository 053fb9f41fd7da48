"""Answers on disk: numbers in an ``.npz``, crops beside it as a plain array that can be mapped."""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.action_units import BLENDSHAPES
from pain.align import CROP_SIZE, LANDMARK_COUNT
from pain.errors import DataError
from pain.values import Face, NoFace, Reason

STAGING_PREFIX: Final = ".writing-"
MEASURES: Final = ("yaw_deg", "pitch_deg", "roll_deg", "height_px", "sharpness", "brightness")
_KEY_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the tracker said of one picture."""

    key: bytes
    outcome: Face | NoFace


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """Numbers of one shard: n answers, f of them faces, faces in the order of the answers.

    Attributes:
        path: the ``.npz``.
        keys: n keys of 32 bytes.
        reasons: n reasons, None where a face was found.
        landmarks: float32 (f, 478, 3), picture pixels.
        blendshapes: float32 (f, 52).
        measures: float32 (f, 6), columns ``MEASURES``.
    """

    path: Path
    keys: tuple[bytes, ...]
    reasons: tuple[Reason | None, ...]
    landmarks: npt.NDArray[np.float32]
    blendshapes: npt.NDArray[np.float32]
    measures: npt.NDArray[np.float32]

    @property
    def crops_path(self) -> Path:
        """The crops, uint8 (f, 256, 256, 3)."""
        return self.path.with_suffix(".crops.npy")


def write_shard(folder: Path, answers: Sequence[Answer], *, crops: bool) -> Path:
    """Write answers so that they are there whole or not at all.

    Args:
        folder: where the shards are.
        answers: at least one.
        crops: the faces have crops to be kept.

    Returns:
        Path of the ``.npz``; its name follows from the keys.
    """
    keys = b"".join(answer.key for answer in answers)
    path = folder / f"{hashlib.sha256(keys).hexdigest()[:24]}.npz"
    faces = [answer.outcome for answer in answers if isinstance(answer.outcome, Face)]
    if crops:
        stack = np.zeros((len(faces), CROP_SIZE, CROP_SIZE, 3), np.uint8)
        for row, face in zip(stack, faces, strict=True):
            if face.crop is None:
                raise ValueError("a face was tracked without its crop")
            row[:] = face.crop
        staging = folder / f"{STAGING_PREFIX}{os.getpid()}.npy"
        np.save(staging, stack)
        staging.replace(path.with_suffix(".crops.npy"))
    staging = folder / f"{STAGING_PREFIX}{os.getpid()}.npz"
    np.savez(
        staging,
        keys=np.frombuffer(keys, np.uint8).reshape(-1, _KEY_BYTES),
        reasons=np.array([_reason(answer.outcome) for answer in answers], "U24"),
        landmarks=_stack([face.landmarks for face in faces], (LANDMARK_COUNT, 3)),
        blendshapes=_stack([face.blendshapes for face in faces], (len(BLENDSHAPES),)),
        measures=_stack([_measures(face) for face in faces], (len(MEASURES),)),
    )
    # The numbers come last: a shard exists when they do.
    staging.replace(path)
    return path


def read_shards(folder: Path) -> Iterator[Shard]:
    """Read every shard of a folder, in order of name.

    Raises:
        DataError: a file is damaged.
    """
    for path in _files(folder):
        with _opened(path) as file:
            yield Shard(
                path=path,
                keys=_keys(file),
                reasons=tuple(Reason(word) if word else None for word in file["reasons"].tolist()),
                landmarks=file["landmarks"],
                blendshapes=file["blendshapes"],
                measures=file["measures"],
            )


def read_keys(folder: Path) -> set[bytes]:
    """Keys of all answers in a folder.

    Raises:
        DataError: a file is damaged.
    """
    found: set[bytes] = set()
    for path in _files(folder):
        with _opened(path) as file:
            found.update(_keys(file))
    return found


def _files(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.glob("*.npz")) if not path.name.startswith(".")]


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        # Opened here because numpy leaves a file open that is no archive.
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            yield file
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{path} is damaged ({error}). Delete it and run `painwatch train track` again."
        ) from error


def _keys(file: Any) -> tuple[bytes, ...]:
    return tuple(row.tobytes() for row in file["keys"])


def _reason(outcome: Face | NoFace) -> str:
    return outcome.reason.value if isinstance(outcome, NoFace) else ""


def _measures(face: Face) -> tuple[float, ...]:
    pose = face.pose
    angles = pose.yaw_deg, pose.pitch_deg, pose.roll_deg
    return (*angles, face.height_px, face.sharpness, face.brightness)


def _stack(rows: Sequence[npt.ArrayLike], shape: tuple[int, ...]) -> npt.NDArray[np.float32]:
    return np.asarray(rows, np.float32).reshape(len(rows), *shape)
