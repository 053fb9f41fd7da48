"""What an experiment learns from, in both views."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pain.errors import DataError
from tests.train.data.trees import clip, csv_folder
from tests.train.protocol.conftest import experiment
from tests.train.protocol.toy import Toy, toy
from train.data.pictures import read_picture
from train.experiment import Experiment
from train.features.examples import load_examples
from train.features.inputs import LandmarkInputs
from train.features.thesis import FOLDER_NAME
from train.preprocess import thesis_picture

PICTURES = {"name": "mobilenetv3_small", "weights": "random"}
CSV = (
    "image,subject,level,origin\n"
    "a1.png,ann,0,real\na2.png,ann,3.5,real\nb1.png,bob,,real\nb2.png,bob,6,synthetic\n"
)


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    return toy(tmp_path_factory.mktemp("toy"), people=4, per_person=4, crops=True)


def of_folder(data: Path, cache: Path, **changes: object) -> Experiment:
    asked = experiment(**changes)
    places = {"folder": data, "cache": cache}
    return asked.model_copy(update={"data": asked.data.model_copy(update=places)})


def test_the_aligned_view_is_the_trackers_crop(faces: Toy):
    examples = load_examples(experiment(faces, backbone=PICTURES))
    (batch,) = examples.inputs.batch(np.array([3, 0]))
    assert tuple(batch.shape) == (2, 256, 256, 3)
    assert len(examples) == len(set(examples.keys)) == 16
    assert np.isfinite(examples.pose_deg).all()
    brightness = [
        float(examples.inputs.batch(np.array([row]))[0].float().mean()) for row in range(16)
    ]
    assert np.corrcoef(brightness, examples.levels)[0, 1] > 0.99


@pytest.mark.parametrize(("name", "parts"), [("landmarks", 1), ("landmarks_blendshapes", 2)])
def test_landmarks_are_normalised_and_mirrored_twice_are_the_same(
    faces: Toy, name: str, parts: int
):
    inputs = load_examples(experiment(faces, backbone={"name": name})).inputs
    assert isinstance(inputs, LandmarkInputs)
    batch = inputs.batch(np.arange(16))
    assert len(batch) == parts
    points = batch[0].double()
    np.testing.assert_allclose(points.square().sum(2).mean(1).sqrt(), 1.0, atol=1e-4)
    learnt = inputs.learn_mirror(np.arange(16))
    all_of_them = points[:, 0, 0] > -np.inf
    once = learnt.flipped(batch, all_of_them)
    twice = learnt.flipped(once, all_of_them)
    for one, two, plain in zip(once, twice, batch, strict=True):
        assert not np.array_equal(one, plain)
        np.testing.assert_array_equal(two, plain)
    with pytest.raises(ValueError, match="learn_mirror"):
        inputs.flipped(batch, all_of_them)


def test_training_is_told_of_people_who_were_joined(tmp_path: Path):
    data = csv_folder(tmp_path / "set", CSV.replace("a2.png,ann", "a2.png,Ann"))
    asked = of_folder(data, tmp_path / "cache", backbone=PICTURES, view="thesis")
    assert "'ann', 'Ann'" in load_examples(asked).notes[0]


def test_the_thesis_view_is_the_whole_picture_and_needs_no_tracker(tmp_path: Path):
    data = csv_folder(tmp_path / "set", CSV)
    asked = of_folder(data, tmp_path / "cache", backbone=PICTURES, view="thesis")
    told: list[tuple[int, int]] = []
    examples = load_examples(asked, on_picture=lambda *done: told.append(done))
    assert [sample.id for sample in examples.samples] == ["a1.png", "a2.png", "b2.png"]
    assert examples.levels.tolist() == [0.0, 3.5, 6.0]
    assert examples.notes == ("1 of 4 samples have no level",)
    assert examples.origin == "both"
    assert told[-1] == (3, 3)
    assert np.isnan(examples.height_px).all()
    for row, sample in enumerate(examples.samples):
        expected = thesis_picture(read_picture(sample.image))
        np.testing.assert_array_equal(examples.inputs.batch(np.array([row]))[0][0], expected)


def test_pictures_are_cut_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    data = csv_folder(tmp_path / "set", CSV)
    asked = of_folder(data, tmp_path / "cache", backbone=PICTURES, view="thesis")
    first = load_examples(asked)

    def not_again(*_args: object) -> None:
        raise AssertionError("was cut before")

    monkeypatch.setattr("train.features.thesis.read_picture", not_again)
    assert load_examples(asked).digest == first.digest
    assert (tmp_path / "cache" / FOLDER_NAME).stat().st_mode & 0o077 == 0


def test_frames_of_a_clip_are_pictures_too(tmp_path: Path):
    data = clip(clip(tmp_path / "clips", "one"), "two", frames=5)
    asked = of_folder(data, tmp_path / "cache", backbone=PICTURES, view="thesis")
    examples = load_examples(asked)
    assert len(examples) == 9
    frames = [examples.inputs.batch(np.array([row]))[0].numpy().tobytes() for row in range(9)]
    assert len(set(frames[:4])) == 4


def test_labels_and_people_are_part_of_the_digest(faces: Toy, tmp_path: Path):
    one = load_examples(experiment(faces))
    other = toy(tmp_path, people=4, per_person=4, seed=1, crops=True)
    assert one.digest == load_examples(experiment(faces)).digest
    assert one.digest != load_examples(experiment(other)).digest


def test_a_set_without_levels_is_refused(tmp_path: Path):
    text = "image,subject,pspi,origin\na1.png,ann,1,real\na2.png,ann,1,real\nb1.png,bob,2,real\n"
    data = csv_folder(tmp_path / "set", text)
    asked = of_folder(data, tmp_path / "cache", backbone=PICTURES, view="thesis")
    with pytest.raises(DataError, match="level_from_pspi"):
        load_examples(asked)


def test_what_was_not_tracked_is_told(tmp_path: Path):
    data = csv_folder(tmp_path / "set", CSV)
    with pytest.raises(DataError, match="painwatch train track"):
        load_examples(of_folder(data, tmp_path / "cache"))


def test_answers_without_crops_do_for_landmarks_alone(tmp_path: Path):
    faces = toy(tmp_path, people=4, per_person=4, crops=False)
    assert len(load_examples(experiment(faces))) == 16
    with pytest.raises(DataError, match="painwatch train track"):
        load_examples(experiment(faces, backbone=PICTURES))
