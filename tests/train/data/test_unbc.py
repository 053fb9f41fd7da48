from __future__ import annotations

from pathlib import Path

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from tests.train.data.trees import unbc, write
from train.data import DatasetKind, Origin, Reading, open_dataset

CLIP = "042-ll042/ll042t1aaaff"


@pytest.mark.parametrize("doubled", [False, True])
def test_clips_patients_and_pspi_are_read(tmp_path: Path, *, doubled: bool):
    dataset = open_dataset(unbc(tmp_path, doubled=doubled))
    assert dataset.name == "unbc-mcmaster"
    assert dataset.subjects == ("042-ll042", "043-jh043")
    assert [sample.pspi for sample in dataset.samples] == [0.0, 1.0, 2.0] * 2
    assert dataset.origins == {Origin.REAL}
    first = dataset.samples[0]
    assert first.id == f"{CLIP}/ll042t1aaaff001.png"
    assert (first.sequence, first.time_s, first.level) == (CLIP, 0.0, None)
    times = [sample.time_s for sample in dataset.samples[:3]]
    assert times == sorted(times)


def test_action_units_come_from_the_facs_rows(tmp_path: Path):
    samples = open_dataset(unbc(tmp_path)).samples
    relaxed, second, uncoded = samples[0].units, samples[1].units, samples[4].units
    assert relaxed is not None
    assert set(relaxed.values()) == {0.0}
    assert second is not None
    assert (second[ActionUnit.AU4], second[ActionUnit.AU43]) == (1.0, 5.0)
    assert uncoded is None


def test_ratings_of_the_whole_clip_are_kept_under_their_names(tmp_path: Path):
    samples = open_dataset(unbc(tmp_path)).samples
    assert samples[0].ratings == {"opr": 4.0, "vas": 7.0, "aff": 9.0, "sen": 10.0}
    assert samples[5].ratings == {}


def test_pspi_becomes_a_level_only_when_asked(tmp_path: Path):
    root = unbc(tmp_path)
    assert open_dataset(root).samples[2].level is None
    asked = open_dataset(root, options=Reading(level_from_pspi=True))
    assert asked.samples[2].level == 1.0
    assert any("PSPI / 2" in note for note in asked.notes)


@pytest.mark.parametrize(
    ("file", "text", "message"),
    [
        ("PSPI/{}001_facs.txt", "seventeen", "expected a number from 0 to 16"),
        ("PSPI/{}001_facs.txt", "17", "'17'"),
        ("PSPI/{}001_facs.txt", "", "expected a number"),
        ("FACS/{}002_facs.txt", "4 9 0 0\n", r"_facs.txt:1: '4 9 0 0'.*0..5"),
        ("FACS/{}002_facs.txt", "brow\n", "expected an AU and its intensity"),
    ],
)
def test_a_damaged_label_is_named(tmp_path: Path, file: str, text: str, message: str):
    root = unbc(tmp_path)
    write(root / "Frame_Labels" / file.format(f"{CLIP}/ll042t1aaaff"), text)
    with pytest.raises(DataError, match=message):
        open_dataset(root)


def test_a_frame_without_pspi_is_named(tmp_path: Path):
    root = unbc(tmp_path)
    (root / "Frame_Labels/PSPI" / CLIP / "ll042t1aaaff002_facs.txt").unlink()
    with pytest.raises(DataError, match=r"002_facs.txt: the frame has no PSPI file"):
        open_dataset(root)


def test_another_layout_is_refused_with_what_was_looked_for(tmp_path: Path):
    with pytest.raises(DataError, match=r"looked for Images/<subject>.*found nothing"):
        open_dataset(tmp_path, kind=DatasetKind.UNBC)
