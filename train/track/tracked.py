"""What the tracker saw of a data set, as arrays to train on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pain.action_units import BLENDSHAPES, ActionUnit
from pain.align import CROP_SIZE, LANDMARK_COUNT, pose_normalise
from pain.errors import DataError
from pain.values import HeadPose, Reason
from train.data.sample import Dataset, Sample
from train.track.cache import Cache
from train.track.jobs import jobs_of
from train.track.settings import TrackerSettings
from train.track.shard import MEASURES, Shard, read_shards

UNITS: Final[tuple[ActionUnit, ...]] = tuple(ActionUnit)
"""Columns of ``TrackedSet.units``."""

Floats = npt.NDArray[np.float32]


class Crops:
    """Aligned crops on disk; only those that are asked for are read.

    Args:
        places: file and position in it of every crop.
    """

    def __init__(self, places: Sequence[tuple[Path, int]]) -> None:
        self._places = tuple(places)
        self._mapped: dict[Path, npt.NDArray[np.uint8]] = {}

    def __len__(self) -> int:
        """Number of crops."""
        return len(self._places)

    def __getitem__(self, index: int) -> npt.NDArray[np.uint8]:
        """One crop, uint8 (256, 256, 3) RGB; it cannot be written to.

        Raises:
            DataError: the file is absent or damaged.
        """
        path, position = self._places[index]
        if path not in self._mapped:
            try:
                self._mapped[path] = np.load(path, mmap_mode="r", allow_pickle=False)
            except (OSError, ValueError) as error:
                raise DataError(f"{path} is absent or damaged: {error}") from error
        crop: npt.NDArray[np.uint8] = self._mapped[path][position]
        return crop

    def __getstate__(self) -> dict[str, Any]:
        """Hand the places to another process, not the mapped bytes."""
        return {"_places": self._places, "_mapped": {}}

    def stack(self, indices: Sequence[int]) -> npt.NDArray[np.uint8]:
        """Several crops, uint8 (n, 256, 256, 3)."""
        out = np.empty((len(indices), CROP_SIZE, CROP_SIZE, 3), np.uint8)
        for row, index in zip(out, indices, strict=True):
            row[:] = self[index]
        return out


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedSet:
    """Faces of a data set as the daemon would see them, n of them, in the set's order.

    Attributes:
        dataset: the whole set.
        tracker: what decided the answers, as ``TrackerSettings.description`` says it.
        samples: n samples whose face was found and passed the quality gate.
        landmarks: float32 (n, 478, 3), picture pixels.
        blendshapes: float32 (n, 52) in 0..1.
        pose_deg: float32 (n, 3), yaw, pitch, roll as tracked.
        height_px: float32 (n,), face height.
        sharpness: float32 (n,).
        brightness: float32 (n,), 0..255.
        crops: n aligned crops, None when they were not kept.
        missed: the other samples, and why there is no face.
    """

    dataset: Dataset
    tracker: Mapping[str, Any]
    samples: tuple[Sample, ...]
    landmarks: Floats
    blendshapes: Floats
    pose_deg: Floats
    height_px: Floats
    sharpness: Floats
    brightness: Floats
    crops: Crops | None
    missed: tuple[tuple[Sample, Reason], ...]

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.samples)

    @property
    def subjects(self) -> npt.NDArray[np.str_]:
        """Whose face, str (n,)."""
        return np.array([sample.subject for sample in self.samples], np.str_)

    @property
    def levels(self) -> Floats:
        """Pain level, float32 (n,); NaN where it is not known."""
        return _known(sample.level for sample in self.samples)

    @property
    def pspi(self) -> Floats:
        """PSPI, float32 (n,); NaN where it is not known."""
        return _known(sample.pspi for sample in self.samples)

    @property
    def units(self) -> Floats:
        """AU intensities, float32 (n, len(UNITS)); NaN where an AU was not coded."""
        rows = [_known((sample.units or {}).get(unit) for unit in UNITS) for sample in self.samples]
        return np.array(rows, np.float32).reshape(len(rows), len(UNITS))

    def normalised_landmarks(self) -> Floats:
        """Landmarks as a bundle's ``landmarks`` input wants them, float32 (n, 478, 3)."""
        out = np.empty_like(self.landmarks)
        for row, points, angles in zip(out, self.landmarks, self.pose_deg.tolist(), strict=True):
            yaw, pitch, roll = angles
            row[:] = pose_normalise(points, HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll))
        return out

    def reasons(self) -> dict[Reason, int]:
        """How many samples have no face, by reason, the most frequent first."""
        return dict(Counter(reason for _, reason in self.missed).most_common())


def load_tracked(
    dataset: Dataset, *, cache: Path, settings: TrackerSettings | None = None
) -> TrackedSet:
    """Load the tracker's answers to a data set.

    Args:
        dataset: the set.
        cache: folder that ``track_dataset`` filled.
        settings: the same as then; the daemon's defaults when None.

    Raises:
        DataError: answers are missing: a picture is new or changed, the tracker is another, or the
            run was not finished.
    """
    chosen = settings or TrackerSettings()
    store = Cache(cache)
    hashes = store.hashes.of(sample.image for sample in dataset.samples)
    store.hashes.save()
    keys = [job.key for run in jobs_of(dataset.samples, hashes) for job in run]
    shards = list(read_shards(store.shards(chosen)))
    faces, reasons = _index(shards)
    missing = sum(key not in faces and key not in reasons for key in keys)
    if missing:
        raise DataError(
            f"{cache} lacks the tracker's answer to {missing} of the {len(keys)} samples of "
            f"{dataset.name} (tracker version {chosen.version}). Run `painwatch train track` "
            "with the same settings; it does only what is missing."
        )
    found = [
        (sample, faces[key])
        for sample, key in zip(dataset.samples, keys, strict=True)
        if key in faces
    ]
    rows = np.array([row for _, row in found], np.intp)
    measures = _gathered([shard.measures for shard in shards], rows, (len(MEASURES),))
    return TrackedSet(
        dataset=dataset,
        tracker=chosen.description(),
        samples=tuple(sample for sample, _ in found),
        landmarks=_gathered([shard.landmarks for shard in shards], rows, (LANDMARK_COUNT, 3)),
        blendshapes=_gathered([shard.blendshapes for shard in shards], rows, (len(BLENDSHAPES),)),
        pose_deg=measures[:, :3],
        height_px=measures[:, 3],
        sharpness=measures[:, 4],
        brightness=measures[:, 5],
        crops=_crops(shards, rows) if chosen.crops else None,
        missed=tuple(
            (sample, reasons[key])
            for sample, key in zip(dataset.samples, keys, strict=True)
            if key in reasons
        ),
    )


def _index(shards: Sequence[Shard]) -> tuple[dict[bytes, int], dict[bytes, Reason]]:
    """Row of every face among all shards' faces, and the reason of every other answer."""
    faces: dict[bytes, int] = {}
    reasons: dict[bytes, Reason] = {}
    row = 0
    for shard in shards:
        for key, reason in zip(shard.keys, shard.reasons, strict=True):
            if reason is None:
                faces[key] = row
                row += 1
            else:
                reasons[key] = reason
    return faces, reasons


def _crops(shards: Sequence[Shard], rows: npt.NDArray[np.intp]) -> Crops:
    places: list[tuple[Path, int]] = []
    for shard in shards:
        path = shard.crops_path
        places += [(path, at) for at in range(len(shard.landmarks))]
    return Crops([places[row] for row in rows.tolist()])


def _gathered(parts: list[Floats], rows: npt.NDArray[np.intp], shape: tuple[int, ...]) -> Floats:
    """Rows of all parts one after the other, without a copy of the whole in between."""
    out = np.empty((len(rows), *shape), np.float32)
    starts = np.concatenate(([0], np.cumsum([len(part) for part in parts], dtype=np.intp)))
    owner = np.searchsorted(starts, rows, side="right") - 1
    order = np.argsort(owner, kind="stable")
    borders = np.searchsorted(owner[order], np.arange(len(parts) + 1))
    for number, part in enumerate(parts):
        mine = order[borders[number] : borders[number + 1]]
        out[mine] = part[rows[mine] - starts[number]]
    return out


def _known(values: Any) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float32)
