"""Whose face the tracker finds, and how true and tracked head pose agree."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from train.study.cohort import Cohort
from train.study.estimate import Finding, estimate, mean_absolute_error, mean_of, pearson
from train.study.groups import TURNED, Group, turned_up_to_half_profile

FOUND: Final = "face found"
MISSED: Final = "face missed"
_ANGLES: Final = ("yaw", "pitch", "roll")


def found_shares(cohort: Cohort, groups: list[Group]) -> Iterator[Finding]:
    """Share of pictures with a face: of all, up to half-profile, and of every group."""
    turned = turned_up_to_half_profile(cohort)
    subsets = [("all", np.ones(len(cohort.samples), bool)), (TURNED, turned)]
    subsets += [(group.subset, group.members) for group in groups]
    for subset, members in subsets:
        share = estimate(mean_of(cohort.found), np.flatnonzero(members), cohort.person)
        if share is not None:
            yield Finding(what=FOUND, subset=subset, estimate=share)


def missed_shares(cohort: Cohort) -> Iterator[Finding]:
    """Share of all pictures without a face, by the tracker's reason, the most frequent first."""
    reason_of = {sample.id: reason for sample, reason in cohort.tracked.missed}
    reasons = np.array([reason_of.get(sample.id, "") for sample in cohort.samples])
    everything = np.arange(len(cohort.samples))
    for reason in cohort.tracked.reasons():
        share = estimate(mean_of(reasons == reason), everything, cohort.person)
        if share is not None:
            yield Finding(what=MISSED, subset=f"because {reason}", estimate=share)


def pose_agreement(cohort: Cohort) -> Iterator[Finding]:
    """Pearson's r and mean absolute error of every angle, over the faces that were found."""
    true = cohort.pose_deg[cohort.found]
    known = np.flatnonzero(~np.isnan(true).any(axis=1))
    person = cohort.person[cohort.found]
    for at, angle in enumerate(_ANGLES):
        seen = cohort.tracked.pose_deg[:, at].astype(np.float64)
        for name, figure in (
            ("r", pearson(seen, true[:, at])),
            ("mean absolute error, degrees", mean_absolute_error(seen, true[:, at])),
        ):
            agreement = estimate(figure, known, person)
            if agreement is not None:
                yield Finding(what=f"{angle} {name}", subset="faces found", estimate=agreement)
