"""What a network said of faces that it had not seen, beside the truth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from pain.errors import DataError
from pain.scales import LEVEL_COUNT, LEVEL_MAX
from train.data.sample import Origin, Sample
from train.objectives.task import Task
from train.residents.expression import Kind

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.str_]

_ROUNDING: Final = 1e-3
"""How far sums of float32, and of what half precision left of them, may be off."""


class Split(StrEnum):
    """What never crosses from training to test."""

    SUBJECT = "subject"
    IMAGE = "image"
    """Pictures only: other pictures of the same people were trained on, which flatters."""


class DataOrigin(StrEnum):
    """Whose faces these are; always said beside a figure."""

    REAL = "real"
    SYNTHETIC = "synthetic"
    BOTH = "both"

    @classmethod
    def of(cls, origins: Iterable[Origin]) -> DataOrigin:
        """What a data set with these origins is, at least one."""
        found = sorted({origin.value for origin in origins})
        return cls(found[0]) if len(found) == 1 else cls.BOTH


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Predictions:
    """N faces, each predicted by the fold that did not train on it.

    A number that is not known is NaN, a word that is not known is "".

    Attributes:
        task: what was asked.
        run: name of the run.
        split: what the folds keep apart.
        origin: real faces, synthetic ones, or both.
        source: name of the data set.
        sample: str (N,), unique.
        subject: str (N,), never "".
        fold: int64 (N,), the fold that predicted it.
        truth: float64 (N,), level 0..6.
        kind: str (N,), neutral, pain, other or "".
        expression: str (N,).
        pspi: float64 (N,).
        predicted: float64 (N,), expected level 0..6; in the binary task P(pain) 0..1.
        probabilities: float64 (N, 7), or (N, 2) in the binary task: no pain, pain.
        raw_level: float64 (N,), the same as ``predicted`` before calibration.
        age_years: float64 (N,).
        age_band: str (N,).
        sex: str (N,).
        ancestry: str (N,).
        skin_tone: str (N,).
        yaw_deg: float64 (N,), as tracked.
        pitch_deg: float64 (N,).
        roll_deg: float64 (N,).
        height_px: float64 (N,), of the face.

    Raises:
        DataError: a value is impossible, or a subject stands in two folds of a split by subject.
    """

    task: Task
    run: str
    split: Split
    origin: DataOrigin
    source: str
    sample: Words
    subject: Words
    fold: npt.NDArray[np.int64]
    truth: Floats
    kind: Words
    expression: Words
    pspi: Floats
    predicted: Floats
    probabilities: Floats
    raw_level: Floats
    age_years: Floats
    age_band: Words
    sex: Words
    ancestry: Words
    skin_tone: Words
    yaw_deg: Floats
    pitch_deg: Floats
    roll_deg: Floats
    height_px: Floats

    def __post_init__(self) -> None:
        self._check_shapes()
        self._check_people()
        self._check_values()

    def __len__(self) -> int:
        """Number of faces."""
        return len(self.sample)

    @property
    def people(self) -> int:
        """Number of subjects."""
        return len(np.unique(self.subject))

    def take(self, rows: npt.NDArray[np.bool_] | npt.NDArray[np.intp]) -> Predictions:
        """Some of the rows, at least one."""
        return replace(self, **{name: getattr(self, name)[rows] for name in COLUMNS})

    def write(self, path: Path) -> None:
        """Write a Parquet file; its folder is made, an older file is replaced whole."""
        from train.metrics.parquet import write_predictions

        write_predictions(self, path)

    @classmethod
    def read(cls, path: Path) -> Predictions:
        """Read a file that ``write`` wrote.

        Raises:
            DataError: the file is absent, unreadable, of another kind, or says the impossible.
        """
        from train.metrics.parquet import read_predictions

        return read_predictions(path)

    @classmethod
    def of_samples(
        cls,
        samples: Sequence[Sample],
        *,
        task: Task,
        run: str,
        split: Split,
        fold: npt.NDArray[np.int64],
        predicted: npt.NDArray[np.floating],
        probabilities: npt.NDArray[np.floating],
        raw_level: npt.NDArray[np.floating] | None = None,
        pose_deg: npt.NDArray[np.floating] | None = None,
        height_px: npt.NDArray[np.floating] | None = None,
    ) -> Predictions:
        """Put what was predicted beside what a data set says of its N samples.

        Args:
            samples: each with a level.
            task: what was asked.
            run: name of the run.
            split: what the folds keep apart.
            fold: (N,), the fold that predicted a sample.
            predicted: (N,), expected level, or P(pain) in the binary task.
            probabilities: (N, 7) or (N, 2).
            raw_level: (N,), before calibration.
            pose_deg: (N, 3), yaw, pitch, roll as tracked.
            height_px: (N,), of the face.

        Raises:
            DataError: there is no sample, one has no level, or a value is impossible.
        """
        unknown = np.full(len(samples), np.nan)
        pose = np.full((len(samples), 3), np.nan) if pose_deg is None else pose_deg
        people = [sample.demographics for sample in samples]
        return cls(
            task=task,
            run=run,
            split=split,
            origin=DataOrigin.of(sample.origin for sample in samples),
            source=", ".join(sorted({sample.source for sample in samples})),
            sample=_words(sample.id for sample in samples),
            subject=_words(sample.subject for sample in samples),
            fold=np.asarray(fold, np.int64),
            truth=_numbers(sample.level for sample in samples),
            kind=_words(sample.kind for sample in samples),
            expression=_words(sample.expression for sample in samples),
            pspi=_numbers(sample.pspi for sample in samples),
            predicted=np.asarray(predicted, np.float64),
            probabilities=np.asarray(probabilities, np.float64),
            raw_level=unknown if raw_level is None else np.asarray(raw_level, np.float64),
            age_years=_numbers(person.age_years for person in people),
            age_band=_words(person.age_band for person in people),
            sex=_words(person.sex for person in people),
            ancestry=_words(person.ancestry for person in people),
            skin_tone=_words(person.skin_tone for person in people),
            yaw_deg=np.asarray(pose[:, 0], np.float64),
            pitch_deg=np.asarray(pose[:, 1], np.float64),
            roll_deg=np.asarray(pose[:, 2], np.float64),
            height_px=unknown if height_px is None else np.asarray(height_px, np.float64),
        )

    def _check_shapes(self) -> None:
        if not len(self.sample):
            raise DataError(f"{self.run}: there are no predictions")
        classes = class_count(self.task)
        for name in COLUMNS:
            shape = (len(self), classes) if name == "probabilities" else (len(self),)
            found = getattr(self, name).shape
            if found != shape:
                raise DataError(
                    f"{self.run}: {name} has shape {found}; {len(self)} samples of the "
                    f"{self.task} task need {shape}"
                )

    def _check_people(self) -> None:
        names, counts = np.unique(self.sample, return_counts=True)
        if (counts > 1).any():
            raise DataError(
                f"{self.run}: the sample {str(names[counts > 1][0])!r} is predicted {counts.max()} "
                "times; every sample belongs to the test part of one fold"
            )
        self._refuse("subject", self.subject == "", "is not named, so people cannot be kept apart")
        if self.split is Split.SUBJECT:
            pairs = {
                (str(who), int(fold)) for who, fold in zip(self.subject, self.fold, strict=True)
            }
            people, folds = np.unique([who for who, _ in pairs], return_counts=True)
            if (folds > 1).any():
                raise DataError(
                    f"{self.run}: the subject {str(people[folds > 1][0])!r} is in the test part of "
                    "several folds, so it was also trained on; call the split 'image' if it is one"
                )

    def _check_values(self) -> None:
        top = 1.0 if self.task is Task.BINARY else LEVEL_MAX
        shares = self.probabilities
        self._refuse("truth", ~_within(self.truth, LEVEL_MAX), "is no level in 0..6")
        self._refuse("predicted", ~_within(self.predicted, top), f"is not in 0..{top:.0f}")
        raw = np.isnan(self.raw_level) | _within(self.raw_level, top)
        self._refuse("raw_level", ~raw, f"is not in 0..{top:.0f}")
        proper = _within(shares, 1.0).all(axis=1) & (np.abs(shares.sum(axis=1) - 1.0) <= _ROUNDING)
        self._refuse("probabilities", ~proper, "are no distribution: in 0..1, sum 1")
        known = np.isin(self.kind, ["", *Kind])
        self._refuse("kind", ~known, f"is none of {', '.join(Kind)}")

    def _refuse(self, name: str, wrong: npt.NDArray[np.bool_], why: str) -> None:
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            raise DataError(
                f"{self.run}: {name} of {str(self.sample[first])!r} {why} "
                f"(found {getattr(self, name)[first].tolist()!r}; {wrong.sum()} such rows)"
            )


LABELS: Final = ("task", "run", "split", "origin", "source")
"""Fields that belong to the whole."""

COLUMNS: Final = tuple(field.name for field in fields(Predictions) if field.name not in LABELS)
"""Fields that have a row for every sample."""


def class_count(task: Task) -> int:
    """How many probabilities a face has: seven levels, or no pain and pain."""
    return 2 if task is Task.BINARY else LEVEL_COUNT


def _within(values: Floats, top: float) -> npt.NDArray[np.bool_]:
    return np.asarray((values >= -_ROUNDING) & (values <= top + _ROUNDING))


def _numbers(values: Iterable[float | None]) -> Floats:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _words(values: Iterable[str | None]) -> Words:
    return np.array([value or "" for value in values], np.str_)
