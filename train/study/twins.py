"""Two sets of the same people and pictures, drawn with and without wrinkles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from pain.errors import DataError
from train.data.sample import Sample
from train.residents.expression import Kind
from train.study.estimate import Floats, Mask, People
from train.track.tracked import Crops, TrackedSet

CROP_PX: Final = 96

WITH: Final = "with wrinkles"
WITHOUT: Final = "without wrinkles"

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Twins:
    """n pictures whose face was found in both drawings.

    Attributes:
        crops: uint8 (n, 96, 96), grey, by how they were drawn: ``WITH`` and ``WITHOUT``.
        pspi: float64 (n,).
        level: float64 (n,).
        person: str (n,).
        other: bool (n,), whether the face shows another expression than pain.
        left_out: pictures without a face in one of the drawings, or in both.
    """

    crops: Mapping[str, Pixels]
    pspi: Floats
    level: Floats
    person: People
    other: Mask
    left_out: int


def pair(with_wrinkles: TrackedSet, without: TrackedSet) -> Twins:
    """Put both drawings of every picture beside each other.

    Args:
        with_wrinkles: tracked with crops.
        without: the same pictures without wrinkles, tracked with crops.

    Raises:
        DataError: crops are missing, the sets do not show the same people doing the same, or no
            face was found in both.
    """
    drawings = {WITH: with_wrinkles, WITHOUT: without}
    crops = {name: _crops(tracked) for name, tracked in drawings.items()}
    if [_truth(s) for s in with_wrinkles.dataset.samples] != [
        _truth(s) for s in without.dataset.samples
    ]:
        raise DataError(
            f"{with_wrinkles.dataset.root} and {without.dataset.root} do not show the same people "
            "doing the same. Make both with the same options but for --no-wrinkles."
        )
    places = {
        name: {sample.id: at for at, sample in enumerate(tracked.samples)}
        for name, tracked in drawings.items()
    }
    both = [sample for sample in with_wrinkles.samples if sample.id in places[WITHOUT]]
    if not both:
        raise DataError(f"{with_wrinkles.dataset.root}: no face was found in both drawings")
    return Twins(
        crops={
            name: np.stack([shrunk(crops[name][places[name][sample.id]]) for sample in both])
            for name in drawings
        },
        pspi=np.array([sample.pspi for sample in both], np.float64),
        level=np.array([sample.level for sample in both], np.float64),
        person=np.array([sample.subject for sample in both], np.str_),
        other=np.array([sample.kind is Kind.OTHER for sample in both]),
        left_out=len(with_wrinkles.dataset) - len(both),
    )


def shrunk(crop: Pixels) -> Pixels:
    """An aligned crop in grey, uint8 (96, 96); brows, mouth and folds fill it.

    The margin around the face is cut off first: uint8 (256, 256, 3) to its middle 192 pixels.
    """
    size, _, _ = crop.shape
    margin = size // 8
    face = Image.fromarray(crop).convert("L").crop((margin, margin, size - margin, size - margin))
    return np.asarray(face.resize((CROP_PX, CROP_PX), Image.Resampling.BOX))


def _crops(tracked: TrackedSet) -> Crops:
    if tracked.crops is None:
        raise DataError(
            f"{tracked.dataset.root} was tracked without crops; run `painwatch train track --crops`"
        )
    return tracked.crops


def _truth(sample: Sample) -> tuple[str, str, float | None, float | None, Kind | None]:
    return sample.id, sample.subject, sample.pspi, sample.level, sample.kind
