from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from pain.values import HeadPose
from tests.train.data.trees import clip
from train.data import open_dataset
from train.residents.expression import Kind

FULL: dict[str, Any] = {
    "expression": ["neutral", "pain-talk", "alone-AU4", "sleep"],
    "kind": ["neutral", "pain", "other", "other"],
    "units": {unit.value: [0.0, 2.5, 5.0, 0.0] for unit in ActionUnit},
    "yaw_deg": [0.0, -12.5, 3.0, 40.1],
    "pitch_deg": [1.0, 2.0, 3.0, 4.0],
    "roll_deg": [0.0, 0.0, 0.0, -8.0],
    "blink": [0.0, 0.0, 0.4, 1.0],
    "person": {"sex": "female", "ancestry": "asian", "age_years": 83},
}


def test_a_full_truth_gives_units_kind_pose_and_person(tmp_path: Path) -> None:
    samples = open_dataset(clip(tmp_path, **FULL), need_people=False).samples
    assert [sample.kind for sample in samples] == [Kind(kind) for kind in FULL["kind"]]
    assert samples[1].expression == "pain-talk"
    assert samples[1].units == dict.fromkeys(ActionUnit, 2.5)
    assert samples[1].pose == HeadPose(yaw_deg=-12.5, pitch_deg=2.0, roll_deg=0.0)
    assert samples[3].demographics.age_years == 83.0
    assert samples[3].demographics.age_band
    assert (samples[3].demographics.sex, samples[3].demographics.ancestry) == ("female", "asian")
    assert samples[3].time_s == pytest.approx(3 / 25)


def test_an_older_truth_loads_without_them(tmp_path: Path) -> None:
    samples = open_dataset(clip(tmp_path), need_people=False).samples
    assert [sample.kind for sample in samples] == [Kind.NEUTRAL, Kind.PAIN, Kind.PAIN, Kind.OTHER]
    assert all(sample.units is None and sample.pose is None for sample in samples)
    assert samples[0].demographics.age_years is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"kind": ["neutral"]}, "different numbers of frames"),
        ({"units": {"AU4": [0.0]}}, "different numbers of frames"),
        ({"units": [1.0]}, "units is no table"),
        ({"person": "Ada"}, "person is no table"),
        ({"kind": ["neutral", "agony", "other", "other"]}, "agony"),
        ({"units": {"AU4": [0.0, 5.5, 0.0, 0.0]}}, "frame 1: expected a number from 0 to 5"),
        ({"roll_deg": [0.0, 0.0, 190.0, 0.0]}, "frame 2: expected a number from -180"),
    ],
)
def test_what_cannot_be_true_is_refused(tmp_path: Path, changes: dict[str, Any], told: str) -> None:
    with pytest.raises(DataError, match=told):
        open_dataset(clip(tmp_path, **(FULL | changes)), need_people=False)
