from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pain.errors import DataError
from tests.train.data.trees import (
    DELAWARE_CSV,
    GOOD_CSV,
    clip,
    csv_folder,
    delaware,
    pain3d,
    residents,
    synpain,
    unbc,
    write,
)
from train.data import Dataset, open_dataset


def two_clips(root: Path) -> Path:
    clip(root, "one")
    return clip(root, "two")


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda root: csv_folder(root, GOOD_CSV), "set"),
        (unbc, "unbc-mcmaster"),
        (pain3d, "3dpain"),
        (synpain, "synpain"),
        (lambda root: delaware(root, DELAWARE_CSV), "delaware"),
        (residents, "residents-v0-seed7"),
        (two_clips, "resident-clips"),
    ],
)
def test_every_layout_is_recognised(tmp_path: Path, make: Callable[[Path], Path], name: str):
    (tmp_path / "set").mkdir()
    dataset = open_dataset(make(tmp_path / "set"))
    assert dataset.name == name
    assert_sound(dataset)


def assert_sound(dataset: Dataset) -> None:
    """What every loader owes to whoever trains."""
    assert dataset.licence
    assert len({sample.id for sample in dataset.samples}) == len(dataset)
    assert all(sample.image.is_file() for sample in dataset.samples)
    assert all(sample.source for sample in dataset.samples)
    assert len(dataset.origins) == 1
    clips = [sample.sequence for sample in dataset.samples]
    starts = [clip for at, clip in enumerate(clips) if clip and (at == 0 or clips[at - 1] != clip)]
    assert len(starts) == len(set(starts)), "frames of one clip must stand together"


def test_reading_twice_gives_the_same(tmp_path: Path):
    root = unbc(tmp_path)
    assert open_dataset(root) == open_dataset(root)


def test_an_unknown_layout_is_refused_with_everything_that_was_looked_for(tmp_path: Path):
    write(tmp_path / "readme.txt", "hello")
    with pytest.raises(DataError) as caught:
        open_dataset(tmp_path)
    message = str(caught.value)
    for part in ("Frame_Labels/PSPI/", "index.parquet", "annotations/", "readme.txt", "--kind"):
        assert part in message


def test_a_missing_folder_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="does not exist"):
        open_dataset(tmp_path / "gone")
