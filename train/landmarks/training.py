"""The whole training: data set in, checkpoint out."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Final

from pain.errors import AssetError
from pain.values import Reason
from train.landmarks.checkpoint import Checkpoint
from train.landmarks.crossval import FOLDS, cross_validate
from train.landmarks.evaluate import evaluate
from train.landmarks.fit import FitSettings, fit
from train.landmarks.tracked import track_dataset
from train.residents.dataset import INDEX_NAME

_LIBRARIES: Final = ("mediapipe", "numpy", "scikit-learn")


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Who is told how far the training is: done and all."""

    on_picture: Callable[[int, int], None]
    on_fold: Callable[[int, int], None]


def train(
    data: Path, cache: Path, settings: FitSettings, watcher: Watcher
) -> tuple[Checkpoint, Counter[Reason]]:
    """Track, cross-validate by person, then fit on everybody.

    Args:
        data: folder of ``painwatch train residents make``.
        cache: folder for tracked landmarks.
        settings: how to fit.
        watcher: told about progress.

    Returns:
        The checkpoint, and how often the tracker gave no face to score, by reason.

    Raises:
        AssetError: the data set is absent, damaged or has too few people.
        ModelFileError: the landmark model is absent.
    """
    tracking = track_dataset(data, cache, on_picture=watcher.on_picture)
    faces = tracking.faces
    try:
        predicted = cross_validate(
            faces, settings, on_fold=lambda done: watcher.on_fold(done, FOLDS)
        )
        model = fit(faces, settings)
    except ValueError as error:
        raise AssetError(f"{data}: {error}; make a larger set") from error
    checkpoint = Checkpoint(
        model=model,
        inputs=faces.landmarks,
        results=tuple(evaluate(faces, predicted)),
        data=(
            f"synthetic residents (no real person): {faces.people} people, "
            f"{len(faces)} tracked faces of {tracking.shown} pictures shown, "
            f"{faces.height_px.min():.0f} to {faces.height_px.max():.0f} px high"
        ),
        data_sha256=hashlib.sha256((data / INDEX_NAME).read_bytes()).hexdigest(),
        libraries={name: version(name) for name in _LIBRARIES},
    )
    return checkpoint, tracking.missed
