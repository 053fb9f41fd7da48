"""How well pain can be learnt from what the tracker sees, for people who were never seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from pain.action_units import AU_MAX
from pain.scales import LEVEL_MAX, PSPI_MAX
from train.residents.everyday import ALONE
from train.residents.expression import Kind
from train.study.cohort import Cohort
from train.study.estimate import Finding, Floats, Rows, estimate, mean_absolute_error, pearson
from train.study.regress import held_out, held_out_mean
from train.track.tracked import UNITS

LANDMARKS: Final = "landmarks"
BLENDSHAPES: Final = "blendshapes"
OWN_NEUTRAL: Final = "landmarks minus own neutral (upper bound)"
MEAN: Final = "mean predictor"
COMPONENTS: Final = 100

LEVEL_AT: Final = 0
PSPI_AT: Final = 1
_UNITS_FROM: Final = 2
_SCALES: Final = (("PSPI", PSPI_AT), ("level", LEVEL_AT))
_TOPS: Final = np.array([LEVEL_MAX, PSPI_MAX, *(AU_MAX for _ in UNITS)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Regressed:
    """What a regression says of people that it has not seen.

    Attributes:
        rows: int (k,), faces of the cohort that it was given.
        raw: float64 (m, 2 + len(UNITS)), level, PSPI, action units; NaN in all other rows.
    """

    rows: Rows
    raw: Floats

    @property
    def bounded(self) -> Floats:
        """The same within the scales, as a daemon would report it."""
        return np.clip(self.raw, 0.0, _TOPS)


def truth_of(cohort: Cohort) -> Floats:
    """Level, PSPI and action units of every face, float64 (m, 2 + len(UNITS))."""
    tracked = cohort.tracked
    return np.column_stack([tracked.levels, tracked.pspi, tracked.units]).astype(np.float64)


def regress_everything(cohort: Cohort, *, components: int = COMPONENTS) -> dict[str, Regressed]:
    """Ridge regressions by what they are given, 5 folds by person.

    ``OWN_NEUTRAL`` subtracts the landmarks of the person's neutral picture that faces the camera
    most. Which pictures are neutral is told by the truth, so it is an upper bound for a daemon that
    must find a baseline by itself; the pictures that serve as neutral are left out of it.

    Args:
        cohort: the set.
        components: principal axes of the landmarks to keep; far fewer than pictures.

    Raises:
        DataError: fewer people than folds.
    """
    truth = truth_of(cohort)
    landmarks = cohort.tracked.normalised_landmarks().reshape(len(truth), -1).astype(np.float64)
    neutral = own_neutral(cohort)
    reference = np.array([neutral.get(name, -1) for name in cohort.tracked.subjects])
    others = np.flatnonzero((reference >= 0) & (reference != np.arange(len(truth))))
    change = landmarks[others] - landmarks[reference[others]]
    everything = np.arange(len(truth))
    person = cohort.tracked.subjects
    blendshapes = cohort.tracked.blendshapes.astype(np.float64)
    found = {
        MEAN: (everything, held_out_mean(truth, person)),
        BLENDSHAPES: (everything, held_out(blendshapes, truth, person)),
        LANDMARKS: (everything, held_out(landmarks, truth, person, components=components)),
        OWN_NEUTRAL: (
            others,
            held_out(change, truth[others], person[others], components=components),
        ),
    }
    return {name: _spread(rows, raw, len(truth)) for name, (rows, raw) in found.items()}


def own_neutral(cohort: Cohort) -> dict[str, int]:
    """Row of each person's neutral face that is turned least, as tracked."""
    turned = np.abs(cohort.tracked.pose_deg[:, :2]).sum(axis=1)
    subjects = cohort.tracked.subjects
    rows = np.flatnonzero(cohort.of_kind(Kind.NEUTRAL))
    best: dict[str, int] = {}
    for row in rows[np.argsort(-turned[rows], kind="stable")]:
        best[str(subjects[row])] = int(row)
    return best


def scale_findings(cohort: Cohort, regressed: dict[str, Regressed]) -> Iterator[Finding]:
    """Mean absolute error and r of PSPI and level for every regression.

    Landmarks are also judged on the very pictures that ``OWN_NEUTRAL`` is judged on.
    """
    truth, person = truth_of(cohort), cohort.tracked.subjects
    fewer = regressed[OWN_NEUTRAL].rows
    for scale, at in _SCALES:
        for name, one in regressed.items():
            told = one.bounded[:, at]
            figures = {"mean absolute error": mean_absolute_error(told, truth[:, at])}
            if name != MEAN:
                figures["r"] = pearson(told, truth[:, at])
            subsets = {"all without the neutral reference": fewer}
            if name != OWN_NEUTRAL:
                subsets = {"all": one.rows, **(subsets if name == LANDMARKS else {})}
            for figure_name, figure in figures.items():
                for subset, rows in subsets.items():
                    value = estimate(figure, rows, person)
                    if value is not None:
                        what = f"{scale} {figure_name} from {name}"
                        yield Finding(what=what, subset=subset, estimate=value)


def unit_what(name: str) -> str:
    """Name of the figure that tells how well units are read."""
    return f"unit r from {name}"


def unit_findings(cohort: Cohort, regressed: dict[str, Regressed]) -> Iterator[Finding]:
    """Pearson's r of every action unit: on all faces, and where no more than one unit moves.

    The second subset shows whether a unit is read by itself or by those that usually go with it.
    """
    truth, person = truth_of(cohort), cohort.tracked.subjects
    alone = np.char.startswith(cohort.expression, ALONE) | cohort.of_kind(Kind.NEUTRAL)
    subsets = {"all": np.arange(len(truth)), "one unit or none moves": np.flatnonzero(alone)}
    for name in (LANDMARKS, BLENDSHAPES):
        for subset, rows in subsets.items():
            for at, unit in enumerate(UNITS, start=_UNITS_FROM):
                figure = pearson(regressed[name].bounded[:, at], truth[:, at])
                value = estimate(figure, rows, person)
                if value is not None:
                    yield Finding(
                        what=unit_what(name), subset=f"{unit.value}, {subset}", estimate=value
                    )


def _spread(rows: Rows, raw: Floats, count: int) -> Regressed:
    everything = np.full((count, raw.shape[1]), np.nan)
    everything[rows] = raw
    return Regressed(rows=rows, raw=everything)
