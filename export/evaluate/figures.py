"""Figures of merit of one reader on one set, each with a 95 % interval over people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from export.evaluate.held_out import HeldOut
from export.evaluate.readers import Reading, true_unit
from pain.scales import LEVEL_MAX, MODERATE, SEVERE
from train.residents.expression import Kind
from train.study.detect import FEWEST, NEGATIVES, NEUTRAL, negatives_of
from train.study.estimate import (
    Estimate,
    Figure,
    Floats,
    Mask,
    auroc,
    estimate,
    mean_absolute_error,
    mean_of,
    pearson,
)
from train.study.subgroups import ERROR, GAP, subgroup_findings

ALL: Final = "all"
WORST: Final = "worst: "

LEVEL_MAE: Final = "level_mae"
LEVEL_PCC: Final = "level_pcc"
PSPI_MAE: Final = "pspi_mae"
PSPI_PCC: Final = "pspi_pcc"
UNIT_PCC: Final = "action_unit_pcc"
AUROC_MODERATE: Final = "auroc_moderate_pain"
AUROC_ANY: Final = "auroc_any_pain"
ABOVE_MODERATE: Final = "share_above_moderate"
ABOVE_SEVERE: Final = "share_above_severe"
GROUP_MAE: Final = "subgroup_level_mae"
GROUP_GAP: Final = "subgroup_level_mae_gap"

HARD: Final = "hard negatives"
NO_PAIN: Final = "neutral"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One figure.

    Attributes:
        metric: one of the names above.
        subset: on which faces.
        estimate: its value.
    """

    metric: str
    subset: str
    estimate: Estimate


def figures_of(reading: Reading, faces: HeldOut, *, fewest: int = FEWEST) -> list[Scored]:
    """Compute all that the faces define; what they do not define is left out.

    Args:
        reading: of the M faces.
        faces: the same M faces.
        fewest: faces that a group, or an expression that may be mistaken for pain, must have.
    """
    found = [*_errors(reading, faces), *_groups(reading, faces, fewest)]
    if reading.ranks:
        found += [*_units(reading, faces), *_detection(reading, faces, fewest)]
    return found


def _errors(reading: Reading, faces: HeldOut) -> Iterator[Scored]:
    tracked = faces.cohort.tracked
    pairs = [(LEVEL_MAE, LEVEL_PCC, reading.level, tracked.levels)]
    if reading.pspi is not None:
        pairs.append((PSPI_MAE, PSPI_PCC, reading.pspi, tracked.pspi))
    for error, order, said, truth in pairs:
        known = np.isfinite(truth)
        yield from _judged(faces, error, ALL, mean_absolute_error(said, truth), known)
        if reading.ranks:
            yield from _judged(faces, order, ALL, pearson(said, truth), known)


def _units(reading: Reading, faces: HeldOut) -> Iterator[Scored]:
    for name, said in reading.units.items():
        truth = true_unit(faces, name)
        yield from _judged(faces, UNIT_PCC, name, pearson(said, truth), np.isfinite(truth))


def _detection(reading: Reading, faces: HeldOut, fewest: int) -> Iterator[Scored]:
    cohort, levels = faces.cohort, faces.cohort.tracked.levels
    other = cohort.of_kind(Kind.OTHER)
    # As train.metrics counts: any pain is nearest to level 1 or more.
    pains = {
        AUROC_MODERATE: (levels >= MODERATE) & ~other,
        AUROC_ANY: (np.floor(levels + 0.5) >= 1.0) & ~other,
    }
    negatives = _named(negatives_of(cohort, fewest=fewest))
    for metric, pain in pains.items():
        yield from _with_worst(
            [
                scored
                for subset, members in negatives.items()
                for scored in _judged(
                    faces, metric, subset, auroc(reading.level, pain), pain | members
                )
            ],
            lowest=True,
        )
    for metric, limit in ((ABOVE_MODERATE, MODERATE), (ABOVE_SEVERE, SEVERE)):
        above = mean_of(reading.level >= limit)
        yield from _with_worst(
            [
                scored
                for subset, members in negatives.items()
                for scored in _judged(faces, metric, subset, above, members)
            ],
            lowest=False,
        )


def _named(negatives: dict[str, Mask]) -> dict[str, Mask]:
    names = {NEUTRAL: NO_PAIN, NEGATIVES: HARD}
    return {
        names.get(name, name.removeprefix("pain vs ")): members
        for name, members in negatives.items()
    }


def _with_worst(found: list[Scored], *, lowest: bool) -> Iterator[Scored]:
    yield from found
    single = [scored for scored in found if scored.subset not in (NO_PAIN, HARD)]
    if single:
        choose = min if lowest else max
        worst = choose(single, key=lambda scored: scored.estimate.value)
        yield Scored(metric=worst.metric, subset=f"{WORST}{worst.subset}", estimate=worst.estimate)


def _groups(reading: Reading, faces: HeldOut, fewest: int) -> Iterator[Scored]:
    metrics = {ERROR: GROUP_MAE, GAP: GROUP_GAP}
    level = np.clip(reading.level, 0.0, LEVEL_MAX)
    for finding in subgroup_findings(faces.cohort, faces.groups(), level, fewest=fewest):
        yield Scored(metric=metrics[finding.what], subset=finding.subset, estimate=finding.estimate)


def _judged(
    faces: HeldOut, metric: str, subset: str, figure: Figure, members: Mask | Floats
) -> Iterator[Scored]:
    value = estimate(figure, np.flatnonzero(members), faces.cohort.tracked.subjects)
    if value is not None:
        yield Scored(metric=metric, subset=subset, estimate=value)
