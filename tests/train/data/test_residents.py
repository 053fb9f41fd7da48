from __future__ import annotations

import json
from pathlib import Path

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from tests.train.data.trees import clip, residents, write
from train.data import DatasetKind, Origin, open_dataset
from train.residents.expression import Kind


def test_the_index_of_the_generator_is_read(tmp_path: Path):
    dataset = open_dataset(residents(tmp_path))
    assert dataset.name == "residents-v0-seed7"
    assert dataset.subjects == ("s0001-p00000", "s0001-p00001")
    assert dataset.origins == {Origin.SYNTHETIC}
    pain = dataset.samples[1]
    assert (pain.level, pain.pspi, pain.kind, pain.expression) == (4.0, 8.0, Kind.PAIN, "pain")
    assert (pain.units or {})[ActionUnit.AU7] == 4.0
    assert set(pain.units or {}) == set(ActionUnit)
    assert pain.demographics.age_band == "65-79"
    assert pain.pose is not None
    assert pain.pose.yaw_deg == 12.5


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level": 7.0}, r"index.parquet:1: level = '7.0': expected a number from 0 to 6"),
        ({"AU4": -1.0}, "AU4 = '-1.0'"),
        ({"file": "images/gone.jpg"}, "file = 'images/gone.jpg': no such file"),
    ],
)
def test_a_wrong_row_is_named(tmp_path: Path, changes: dict[str, object], message: str):
    with pytest.raises(DataError, match=message):
        open_dataset(residents(tmp_path, **changes))


def test_an_interrupted_run_has_no_index(tmp_path: Path):
    with pytest.raises(DataError, match="run the same command again"):
        open_dataset(tmp_path, kind=DatasetKind.RESIDENTS)


def test_a_damaged_or_foreign_index_is_refused(tmp_path: Path):
    import pyarrow as pa
    import pyarrow.parquet as pq

    write(tmp_path / "index.parquet", "nonsense")
    with pytest.raises(DataError, match="not a readable index"):
        open_dataset(tmp_path)
    pq.write_table(pa.table({"file": ["a"], "level": [1.0]}), tmp_path / "index.parquet")
    with pytest.raises(DataError, match="lacks the column"):
        open_dataset(tmp_path)


def test_frames_of_clips_come_in_order_with_their_truth(tmp_path: Path):
    clip(tmp_path, "one")
    dataset = open_dataset(clip(tmp_path, "two"))
    assert dataset.subjects == ("person-of-one", "person-of-two")
    frames = dataset.samples[:4]
    assert [frame.frame for frame in frames] == [0, 1, 2, 3]
    assert [frame.time_s for frame in frames] == pytest.approx([0.0, 0.04, 0.08, 0.12])
    assert [frame.level for frame in frames] == [0.0, 3.0, 3.0, 0.0]
    assert [frame.kind for frame in frames] == [Kind.NEUTRAL, Kind.PAIN, Kind.PAIN, Kind.OTHER]
    assert {frame.sequence for frame in frames} == {"one.mp4"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"synthetic": False}, "does not say that the clip is synthetic"),
        ({"level": [0.0]}, "different numbers of frames"),
        ({"fps": 0}, "from 1 to 240"),
        ({"level": [9.0, 0, 0, 0]}, "frame 0: expected a number from 0 to 6"),
    ],
)
def test_a_wrong_truth_is_named(tmp_path: Path, changes: dict[str, object], message: str):
    clip(tmp_path, "one")
    with pytest.raises(DataError, match=message):
        open_dataset(clip(tmp_path, "two", **changes))


def test_a_video_without_truth_is_no_data_set(tmp_path: Path):
    clip(tmp_path)
    (tmp_path / "resident.json").unlink()
    with pytest.raises(DataError, match="no clip with its truth"):
        open_dataset(tmp_path, kind=DatasetKind.CLIPS)


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        ({"seed": 3}, "residents-v0-seed3"),
        ({"seed": 3, "style": "full"}, "residents-full-seed3"),
        ({"seed": 3, "style": "unseen"}, "residents-unseen-seed3"),
        ({"seed": 3, "style": "full", "wrinkles": False}, "residents-full-no-wrinkles-seed3"),
        ({}, "residents"),
    ],
)
def test_a_set_is_named_after_its_people_and_how_they_are_drawn(
    tmp_path: Path, plan: dict[str, object], name: str
):
    root = residents(tmp_path)
    (root / "dataset.json").write_text(json.dumps(plan))
    assert open_dataset(root).name == name
