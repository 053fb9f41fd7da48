"""The faces of an experiment: what the network is fed, what is true of them, whose they are."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pain.errors import DataError
from train.backbones import AnyBackbone, Sees
from train.data.open import open_dataset
from train.data.sample import Dataset, Sample
from train.data.subjects import joined_notes
from train.experiment.schema import Experiment, View
from train.features.inputs import (
    BlendshapeInputs,
    Inputs,
    LandmarkInputs,
    PictureInputs,
    TrackedInputs,
)
from train.features.thesis import thesis_pictures
from train.track.cache import Cache
from train.track.jobs import jobs_of
from train.track.settings import TrackerSettings
from train.track.tracked import TrackedSet, load_tracked

Floats = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Labelled faces, n of them, in the set's order.

    Attributes:
        dataset: the whole set, samples without a face or a level included.
        samples: n samples.
        inputs: n inputs of the backbone.
        keys: n keys of 32 bytes that name the inputs' content.
        levels: float32 (n,), pain level 0..6.
        pose_deg: float32 (n, 3), yaw, pitch, roll; NaN where it is not known.
        height_px: float32 (n,), face height; NaN where it is not known.
        notes: what was left out; for people.
    """

    dataset: Dataset
    samples: tuple[Sample, ...]
    inputs: Inputs
    keys: tuple[bytes, ...]
    levels: Floats
    pose_deg: Floats
    height_px: Floats
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.samples)

    @property
    def subjects(self) -> npt.NDArray[np.str_]:
        """Whose face, str (n,)."""
        return np.array([sample.subject for sample in self.samples], np.str_)

    @property
    def all_rows(self) -> npt.NDArray[np.intp]:
        """Every row, 0 to n - 1."""
        return np.arange(len(self), dtype=np.intp)

    @property
    def origin(self) -> str:
        """``real``, ``synthetic`` or ``both``."""
        origins = {sample.origin.value for sample in self.samples}
        return origins.pop() if len(origins) == 1 else "both"

    @property
    def digest(self) -> str:
        """SHA-256 over content, labels and people."""
        digest = hashlib.sha256()
        for sample, key, level in zip(self.samples, self.keys, self.levels.tolist(), strict=True):
            digest.update(f"{sample.id}\n{sample.subject}\n{level}\n{key.hex()}\n".encode())
        return digest.hexdigest()


def load_examples(
    experiment: Experiment, *, on_picture: Progress = lambda _done, _total: None
) -> Examples:
    """Load what an experiment learns from.

    Args:
        experiment: with ``data.folder`` and ``data.cache``.
        on_picture: told of pictures done, and of how many, where pictures must be made.

    Raises:
        DataError: no folder, no level, no face, or answers of the tracker are missing.
    """
    folder, cache = experiment.data.folder, experiment.data.cache
    if folder is None or cache is None:
        raise DataError(
            "an experiment needs a data set and the tracker's cache: give --data and --cache, or "
            "data.folder and data.cache in its file"
        )
    dataset = open_dataset(folder, kind=experiment.data.kind, options=experiment.data.reading)
    rated = tuple(sample for sample in dataset.samples if sample.level is not None)
    if not rated:
        raise DataError(
            f"{dataset.name} has no levels to learn; --set data.level_from_pspi=true (in the "
            "experiment, data: {level_from_pspi: true}) takes them from PSPI where there is one"
        )
    whole = View.THESIS is experiment.view
    examples = (
        _pictures(dataset, rated, cache, on_picture)
        if whole
        else _tracked(experiment, dataset, cache)
    )
    unrated = len(dataset) - len(rated)
    notes = (f"{unrated} of {len(dataset)} samples have no level",) if unrated else ()
    return replace(examples, notes=(*joined_notes(dataset), *notes, *examples.notes))


def _pictures(
    dataset: Dataset, rated: tuple[Sample, ...], cache: Path, on_picture: Progress
) -> Examples:
    store = Cache(cache)
    hashes = store.hashes.of(sample.image for sample in rated)
    store.hashes.save()
    keys = [
        hashlib.sha256(f"thesis {hashes[s.image]} {s.half} {s.frame}".encode()).digest()
        for s in rated
    ]
    pictures = thesis_pictures(
        rated, keys, cache=cache, on_done=lambda done: on_picture(done, len(rated))
    )
    poses = [
        (p.yaw_deg, p.pitch_deg, p.roll_deg) if (p := sample.pose) else (np.nan,) * 3
        for sample in rated
    ]
    return Examples(
        dataset=dataset,
        samples=rated,
        inputs=PictureInputs(pictures=pictures, chosen=np.arange(len(rated), dtype=np.intp)),
        keys=tuple(keys),
        levels=np.array([sample.level for sample in rated], np.float32),
        pose_deg=np.array(poses, np.float32),
        height_px=np.full(len(rated), np.nan, np.float32),
    )


def _tracked(experiment: Experiment, dataset: Dataset, cache: Path) -> Examples:
    settings = _settings(experiment, cache)
    tracked = load_tracked(dataset, cache=cache, settings=settings)
    rows = np.flatnonzero(np.isfinite(tracked.levels))
    if not rows.size:
        raise DataError(f"the tracker found no face with a level in {dataset.name}")
    keys = _keys(tracked, cache, settings)
    notes: tuple[str, ...] = ()
    if tracked.missed:
        told = ", ".join(f"{reason} {count}" for reason, count in tracked.reasons().items())
        notes = (f"{len(tracked.missed)} of {len(dataset)} samples have no face: {told}",)
    return Examples(
        dataset=dataset,
        samples=tuple(tracked.samples[row] for row in rows.tolist()),
        inputs=_inputs(experiment, tracked, rows),
        keys=tuple(keys[row] for row in rows.tolist()),
        levels=tracked.levels[rows],
        pose_deg=tracked.pose_deg[rows],
        height_px=tracked.height_px[rows],
        notes=notes,
    )


def _settings(experiment: Experiment, cache: Path) -> TrackerSettings:
    """Landmark models take answers without crops where those are the ones that exist."""
    without = TrackerSettings(crops=False)
    if experiment.backbone.name.sees_landmarks and Cache(cache).shards(without).exists():
        return without
    return TrackerSettings()


def _keys(tracked: TrackedSet, cache: Path, settings: TrackerSettings) -> list[bytes]:
    """Keys of the tracker's answers, of its version too."""
    samples = tracked.dataset.samples
    store = Cache(cache)
    hashes = store.hashes.of(sample.image for sample in samples)
    jobs = [job for run in jobs_of(samples, hashes) for job in run]
    of_sample = {sample.id: job.key for sample, job in zip(samples, jobs, strict=True)}
    version = settings.version.encode()
    return [hashlib.sha256(version + of_sample[sample.id]).digest() for sample in tracked.samples]


def _inputs(
    experiment: Experiment, tracked: TrackedSet, rows: npt.NDArray[np.intp]
) -> LandmarkInputs | PictureInputs:
    name = experiment.backbone.name
    if name.sees_landmarks:
        blendshapes = tracked.blendshapes[rows] if name.sees is Sees.LANDMARKS_BLENDSHAPES else None
        return LandmarkInputs(
            landmarks=tracked.normalised_landmarks()[rows], blendshapes=blendshapes
        )
    if tracked.crops is None:
        raise DataError("the tracker kept no crops; run 'painwatch train track' without --no-crops")
    return PictureInputs(pictures=tracked.crops, chosen=rows, tracked=_beside(name, tracked, rows))


def _beside(
    name: AnyBackbone, tracked: TrackedSet, rows: npt.NDArray[np.intp]
) -> TrackedInputs | None:
    """What a picture backbone takes beside the picture.

    Which landmark is whose counterpart is anatomy, and looked up on all faces: no label is seen.
    """
    match name.sees:
        case Sees.PICTURE_BLENDSHAPES:
            return BlendshapeInputs(blendshapes=tracked.blendshapes[rows])
        case Sees.PICTURE_LANDMARKS_BLENDSHAPES:
            inputs = LandmarkInputs(
                landmarks=tracked.normalised_landmarks()[rows],
                blendshapes=tracked.blendshapes[rows],
            )
            try:
                return inputs.learn_mirror(np.arange(len(rows), dtype=np.intp))
            except ValueError as error:
                raise DataError(
                    f"{tracked.dataset.name}: {error}; {name} needs more faces, or flip: 0"
                ) from error
        case _:
            return None
