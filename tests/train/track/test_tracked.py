from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pain.action_units import ActionUnit
from pain.align import pose_normalise
from pain.crop import aligned_crop
from pain.errors import DataError
from pain.values import HeadPose, Reason
from tests.train.track.faces import dataset, sample, save
from train.data import Dataset, Half
from train.data.pictures import read_picture
from train.track import UNITS, TrackedSet, TrackerSettings, load_tracked, track_dataset


@pytest.fixture
def tracked(tmp_path: Path, two_people: Dataset) -> TrackedSet:
    track_dataset(two_people, cache=tmp_path / "cache", workers=1)
    return load_tracked(two_people, cache=tmp_path / "cache")


def test_rows_belong_to_their_samples(tracked: TrackedSet):
    assert len(tracked) == 3
    assert tracked.subjects.tolist() == ["ann", "ann", "bob"]
    np.testing.assert_array_equal(tracked.levels, [1, 3, 5])
    np.testing.assert_array_equal(tracked.pspi, [2, np.nan, np.nan])
    assert [(s.id, reason) for s, reason in tracked.missed] == [("nobody.png", Reason.NO_FACE)]
    assert tracked.reasons() == {Reason.NO_FACE: 1}
    for at, (points, shown) in enumerate(zip(tracked.landmarks, tracked.samples, strict=True)):
        assert tracked.crops is not None
        expected = aligned_crop(read_picture(shown.image), points)
        np.testing.assert_array_equal(tracked.crops[at], expected)


def test_shapes_and_types(tracked: TrackedSet):
    shapes = {
        "landmarks": (3, 478, 3),
        "blendshapes": (3, 52),
        "pose_deg": (3, 3),
        "height_px": (3,),
        "sharpness": (3,),
        "brightness": (3,),
    }
    for name, shape in shapes.items():
        array = getattr(tracked, name)
        assert (array.shape, array.dtype) == (shape, np.float32)
    assert tracked.crops is not None
    assert tracked.crops.stack([2, 0]).shape == (2, 256, 256, 3)
    assert len(tracked.crops) == 3
    np.testing.assert_array_equal(tracked.crops.stack([2])[0], tracked.crops[2])


def test_landmarks_are_normalised_by_the_one_function(tracked: TrackedSet):
    yaw, pitch, roll = tracked.pose_deg[1].tolist()
    expected = pose_normalise(
        tracked.landmarks[1], HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
    )
    np.testing.assert_array_equal(tracked.normalised_landmarks()[1], expected)


def test_units_that_were_not_coded_are_not_zero(tmp_path: Path, close_ups: list[Path]):
    coded = dataset(
        tmp_path, [sample(close_ups[0], units={ActionUnit.AU4: 2.0}), sample(close_ups[1], "bob")]
    )
    track_dataset(coded, cache=tmp_path / "cache", workers=1)
    units = load_tracked(coded, cache=tmp_path / "cache").units
    assert units.shape == (2, len(UNITS))
    assert units[0, UNITS.index(ActionUnit.AU4)] == 2.0
    assert np.isnan(units).sum() == 2 * len(UNITS) - 1


def test_crops_go_to_other_processes_by_name(tracked: TrackedSet):
    assert tracked.crops is not None
    tracked.crops[0]
    pickled = pickle.dumps(tracked.crops)
    assert len(pickled) < 10_000
    np.testing.assert_array_equal(pickle.loads(pickled)[1], tracked.crops[1])  # noqa: S301


def test_landmark_models_need_no_crops(tmp_path: Path, two_people: Dataset):
    settings = TrackerSettings(crops=False)
    track_dataset(two_people, cache=tmp_path / "cache", settings=settings, workers=1)
    loaded = load_tracked(two_people, cache=tmp_path / "cache", settings=settings)
    assert loaded.crops is None
    assert len(loaded) == 3
    assert not list((tmp_path / "cache").rglob("*.npy"))


def test_a_lost_file_of_crops_is_named(tmp_path: Path, tracked: TrackedSet):
    next((tmp_path / "cache").rglob("*.npy")).unlink()
    assert tracked.crops is not None
    with pytest.raises(DataError, match=r"crops.npy is absent or damaged"):
        tracked.crops[0]


def test_halves_of_one_picture_are_two_faces(tmp_path: Path, close_ups: list[Path]):
    pair = np.hstack([np.asarray(Image.open(file)) for file in close_ups[:2]])
    file = save(pair, tmp_path / "pair.png")
    halves = dataset(
        tmp_path, [sample(file, id=f"pair@{half}", half=half) for half in (Half.LEFT, Half.RIGHT)]
    )
    alone = dataset(tmp_path, [sample(path) for path in close_ups[:2]])
    for shown in (halves, alone):
        track_dataset(shown, cache=tmp_path / "cache", workers=1)
    np.testing.assert_array_equal(
        load_tracked(halves, cache=tmp_path / "cache").landmarks,
        load_tracked(alone, cache=tmp_path / "cache").landmarks,
    )


def test_nothing_was_tracked_yet(tmp_path: Path, two_people: Dataset):
    with pytest.raises(DataError, match=r"answer to 4 of the 4 .*painwatch train track"):
        load_tracked(two_people, cache=tmp_path / "cache")
