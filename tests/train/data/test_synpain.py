from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pain.errors import DataError
from tests.train.data.trees import picture, synpain, write
from train.data import DatasetKind, Half, Origin, open_dataset
from train.data.pictures import read_picture
from train.residents.expression import Kind


def test_a_pair_is_two_samples_and_the_name_tells_the_rest(tmp_path: Path):
    dataset = open_dataset(synpain(tmp_path))
    by_id = {sample.id: sample for sample in dataset.samples}
    assert set(by_id) == {
        "Images/1011300012_NoPain_Woman_Old.jpg@left",
        "Images/1011300012_NoPain_Woman_Old.jpg@right",
        "Images/1111300012_Pain_Woman_Old.jpg@left",
        "Images/1111300012_Pain_Woman_Old.jpg@right",
        "Images/1100000007_Pain_Man_Young.jpg",
    }
    pain = by_id["Images/1111300012_Pain_Woman_Old.jpg@right"]
    assert (pain.half, pain.kind, pain.level) == (Half.RIGHT, Kind.PAIN, None)
    person = pain.demographics
    assert (person.age_band, person.sex, person.ancestry) == ("75+", "female", "caucasian")
    neutral = by_id["Images/1111300012_Pain_Woman_Old.jpg@left"]
    assert (neutral.kind, neutral.level) == (Kind.NEUTRAL, 0.0)
    other = by_id["Images/1011300012_NoPain_Woman_Old.jpg@right"]
    assert (other.kind, other.level) == (Kind.OTHER, 0.0)
    single = by_id["Images/1100000007_Pain_Man_Young.jpg"]
    assert (single.half, single.kind) == (None, Kind.PAIN)
    assert dataset.origins == {Origin.SYNTHETIC}


def test_pain_and_no_pain_of_one_number_are_one_person(tmp_path: Path):
    samples = open_dataset(synpain(tmp_path)).samples
    woman = {sample.subject for sample in samples if "Woman" in sample.id}
    man = {sample.subject for sample in samples if "Man" in sample.id}
    assert (len(woman), len(man)) == (1, 1)
    assert woman != man


def test_halves_are_cut_from_the_picture(tmp_path: Path):
    file = picture(tmp_path / "p.png", seed=4, size=(33, 16))
    whole = read_picture(file)
    left, right = read_picture(file, Half.LEFT), read_picture(file, Half.RIGHT)
    assert left.shape == right.shape == (16, 16, 3)
    np.testing.assert_array_equal(left, whole[:, :16])
    np.testing.assert_array_equal(right, whole[:, 17:])


def test_a_name_that_contradicts_its_number_is_refused(tmp_path: Path):
    root = synpain(tmp_path)
    picture(root / "Images" / "1111300013_NoPain_Woman_Old.jpg", seed=9)
    with pytest.raises(DataError, match="digits of the ID contradict"):
        open_dataset(root)


def test_a_file_that_is_no_picture_is_refused(tmp_path: Path):
    root = synpain(tmp_path)
    write(root / "Images" / "1111300014_Pain_Woman_Old.jpg", "not a picture")
    with pytest.raises(DataError, match=r"1111300014_Pain_Woman_Old.jpg: not a readable picture"):
        open_dataset(root)


def test_another_layout_is_refused(tmp_path: Path):
    picture(tmp_path / "face.jpg", seed=1)
    with pytest.raises(DataError, match=r"looked for pictures named like .*; found face.jpg"):
        open_dataset(tmp_path, kind=DatasetKind.SYNPAIN)
