from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pain.errors import DataError
from tests.train.study.planted import LOST_BEYOND_DEG, planted, tracked
from train.study.cohort import Cohort
from train.study.found import FOUND, found_shares, missed_shares, pose_agreement
from train.study.groups import TURNED, groups_of


def test_the_share_found_is_told_for_all_up_to_half_profile_and_by_group(cohort: Cohort):
    shares = {f.subset: f.estimate for f in found_shares(cohort, groups_of(cohort))}
    yaw = np.abs(cohort.pose_deg[:, 0])
    assert shares["all"].value == pytest.approx((yaw <= LOST_BEYOND_DEG).mean())
    assert shares["all"].samples == 96
    assert shares[TURNED].value == 1.0
    assert shares[TURNED].samples == (yaw <= 45).sum()
    assert shares["|yaw| 30-45 deg"].value == 1.0
    far = yaw[yaw >= 45]
    assert shares["|yaw| 45-60 deg"].value == pytest.approx((far <= LOST_BEYOND_DEG).mean())
    assert 0.0 < shares["|yaw| 45-60 deg"].value < 1.0


def test_misses_have_their_reason(cohort: Cohort):
    (missed,) = missed_shares(cohort)
    assert missed.subset == "because turned_away"
    assert missed.estimate.value == pytest.approx(1 - cohort.found.mean())


def test_a_true_pose_is_recognised_and_a_wrong_one_too(cohort: Cohort):
    agreement = {f.what: f.estimate.value for f in pose_agreement(cohort)}
    assert agreement["yaw r"] == pytest.approx(1.0)
    assert agreement["pitch mean absolute error, degrees"] == pytest.approx(0.0, abs=1e-4)
    shifted = cohort.tracked.pose_deg * np.float32(-1.0) + np.float32([0, 5, 0])
    other = replace(cohort, tracked=replace(cohort.tracked, pose_deg=shifted))
    agreement = {f.what: f.estimate.value for f in pose_agreement(other)}
    assert agreement["yaw r"] == pytest.approx(-1.0)
    assert agreement["pitch mean absolute error, degrees"] > 5.0


def test_groups_are_what_the_index_says(cohort: Cohort):
    groups = {group.subset: group.members for group in groups_of(cohort)}
    index = np.repeat(np.arange(12), 8)
    np.testing.assert_array_equal(groups["sex female"], index % 2 == 0)
    np.testing.assert_array_equal(groups["palsy yes"], index == 0)
    np.testing.assert_array_equal(groups["worn glasses"], index % 3 > 0)
    np.testing.assert_array_equal(groups["worn beard"], index % 3 == 2)
    np.testing.assert_array_equal(groups["worn nothing"], index % 3 == 0)
    np.testing.assert_array_equal(groups["age 80+"], index >= 10)
    assert groups["masking no"].all()
    assert "masking yes" not in groups
    bands = [members for subset, members in groups.items() if subset.startswith("distance")]
    np.testing.assert_array_equal(np.sum(bands, axis=0), 1)


def test_a_set_without_units_is_refused_with_what_to_do(tmp_path: Path):
    given = tracked(tmp_path, planted(people=2))
    samples = (replace(given.dataset.samples[0], units=None), *given.dataset.samples[1:])
    with pytest.raises(DataError, match="1 of 16 samples lack level, PSPI or action units"):
        Cohort.of(replace(given, dataset=replace(given.dataset, samples=samples)))


def test_shares_are_named_alike(cohort: Cohort):
    assert {finding.what for finding in found_shares(cohort, [])} == {FOUND}
