"""All findings about a tracked set of residents."""

from __future__ import annotations

from train.study.cohort import Cohort
from train.study.detect import detection_findings, scores_of
from train.study.estimate import Finding
from train.study.found import found_shares, missed_shares, pose_agreement
from train.study.groups import groups_of
from train.study.learn import (
    LANDMARKS,
    LEVEL_AT,
    regress_everything,
    scale_findings,
    unit_findings,
)
from train.study.subgroups import subgroup_findings
from train.track.tracked import TrackedSet


def study_faces(tracked: TrackedSet) -> list[Finding]:
    """Everything that ``painwatch train residents study faces`` reports.

    Raises:
        DataError: labels are missing, no face was found, or fewer people than folds.
    """
    cohort = Cohort.of(tracked)
    groups = groups_of(cohort)
    regressed = regress_everything(cohort)
    level = regressed[LANDMARKS].bounded[:, LEVEL_AT]
    return [
        *found_shares(cohort, groups),
        *missed_shares(cohort),
        *pose_agreement(cohort),
        *scale_findings(cohort, regressed),
        *unit_findings(cohort, regressed),
        *detection_findings(cohort, scores_of(cohort, regressed)),
        *subgroup_findings(cohort, groups, level),
    ]
