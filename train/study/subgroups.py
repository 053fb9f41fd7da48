"""Whom the regression reads worse."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import numpy as np

from train.study.cohort import Cohort
from train.study.detect import FEWEST, WORST
from train.study.estimate import (
    Figure,
    Finding,
    Floats,
    Mask,
    difference,
    estimate,
    mean_absolute_error,
)
from train.study.groups import Group

ERROR: Final = "level mean absolute error from landmarks"
GAP: Final = "largest gap in level mean absolute error"


def subgroup_findings(
    cohort: Cohort, groups: list[Group], level: Floats, *, fewest: int = FEWEST
) -> Iterator[Finding]:
    """Error of the level in every group, the largest gap of every trait, and the worst of these.

    A gap is chosen because it is large, so its interval is that of this pair, not of a pair named
    beforehand. Groups also differ in how much pain they show, which moves the error by itself.

    Args:
        cohort: the set.
        groups: from ``groups_of``.
        level: float64 (m,), predicted for people who were not seen.
        fewest: faces that a group must have.
    """
    true, person = cohort.tracked.levels.astype(np.float64), cohort.tracked.subjects
    error = mean_absolute_error(level, true)
    gaps = []
    for trait, of_trait in groupby(groups, key=lambda group: group.trait):
        judged: list[tuple[float, str, Mask]] = []
        for group in of_trait:
            members = group.members[cohort.found]
            value = estimate(error, np.flatnonzero(members), person)
            if value is None or value.samples < fewest:
                continue
            judged.append((value.value, group.name, members))
            yield Finding(what=ERROR, subset=group.subset, estimate=value)
        if len(judged) > 1:
            (_, best, low), (_, worst, high) = min(judged), max(judged)
            rows = np.flatnonzero(low | high)
            gap = estimate(difference(_within(error, high), _within(error, low)), rows, person)
            if gap is not None:
                subset = f"{trait}: {worst} against {best}"
                gaps.append(Finding(what=GAP, subset=subset, estimate=gap))
    yield from gaps
    if gaps:
        largest = max(gaps, key=lambda finding: finding.estimate.value)
        yield Finding(what=GAP, subset=f"{WORST}{largest.subset}", estimate=largest.estimate)


def _within(figure: Figure, members: Mask) -> Figure:
    """The figure on those of the rows that are members; NaN without any."""

    def restricted(rows: np.ndarray) -> float:
        chosen = rows[members[rows]]
        return figure(chosen) if len(chosen) else float("nan")

    return restricted
