from __future__ import annotations

from pathlib import Path

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from tests.train.data.trees import pain3d, picture, write, write_json
from train.data import DatasetKind, Origin, open_dataset
from train.residents.expression import Kind

ANNOTATION = "annotations/flame_sample_0000_pain_1_annotations.json"


@pytest.mark.parametrize("images", ["images", "meshes_inpainted"])
def test_both_published_layouts_are_read(tmp_path: Path, images: str):
    dataset = open_dataset(pain3d(tmp_path, images=images))
    assert dataset.subjects == ("flame_sample_0000", "flame_sample_0001")
    assert len(dataset) == 8
    assert dataset.origins == {Origin.SYNTHETIC}
    by_name = {sample.id: sample for sample in dataset.samples}
    pain = by_name["flame_sample_0000_pain_1_view_001.png"]
    assert (pain.pspi, pain.kind, pain.level) == (9.0, Kind.PAIN, None)
    assert (pain.units or {})[ActionUnit.AU43] == 5.0
    tenth = by_name["flame_sample_0000_pain_10_view_000.png"]
    assert tenth.pspi == 1.0
    neutral = by_name["flame_sample_0000_neutral_textured_view_000.png"]
    assert (neutral.pspi, neutral.kind) == (0.0, Kind.NEUTRAL)


@pytest.mark.parametrize("key", ["AUs", "aus"])
def test_nested_action_units_are_found(tmp_path: Path, key: str):
    root = pain3d(tmp_path)
    write_json(root / ANNOTATION, {key: {"AU4": 2}, "PSPI": 2})
    sample = open_dataset(root).samples[2]
    assert sample.units == {ActionUnit.AU4: 2.0}


def test_pictures_of_another_name_are_counted_and_left_out(tmp_path: Path):
    root = pain3d(tmp_path)
    picture(root / "images" / "teaser.png", seed=99)
    dataset = open_dataset(root)
    assert len(dataset) == 8
    assert "1 picture(s) of another name left out" in dataset.notes


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ('{"AU4": 6, "PSPI": 6}', r"AU4 = '6': expected a number from 0 to 5"),
        ('{"AU4": 2, "PSPI": 20}', r"PSPI = '20'"),
        ('{"pain": 2}', "neither AUs nor PSPI; it holds pain"),
        ("[1, 2]", "expected a record"),
        ("{", "not a readable JSON record"),
    ],
)
def test_a_damaged_annotation_is_named(tmp_path: Path, record: str, message: str):
    root = pain3d(tmp_path)
    write(root / ANNOTATION, record)
    with pytest.raises(DataError, match=message):
        open_dataset(root)


def test_pictures_without_annotation_are_named(tmp_path: Path):
    root = pain3d(tmp_path)
    (root / ANNOTATION).unlink()
    with pytest.raises(DataError, match=r"pain_1_annotations.json: the pictures of this name"):
        open_dataset(root)


def test_packed_archives_are_refused_with_the_command_to_unpack(tmp_path: Path):
    write(tmp_path / "annotations" / "annotations_00000.tar.gz", "")
    write(tmp_path / "images" / "images_00000.tar.gz", "")
    with pytest.raises(DataError, match=r"tar xzf"):
        open_dataset(tmp_path)


@pytest.mark.parametrize("kind", [DatasetKind.PAIN3D])
def test_another_layout_is_refused(tmp_path: Path, kind: DatasetKind):
    with pytest.raises(DataError, match="looked for annotations"):
        open_dataset(tmp_path, kind=kind)
    write_json(tmp_path / "annotations" / "x.json", {})
    picture(tmp_path / "images" / "face.png", seed=1)
    with pytest.raises(DataError, match=r"flame_sample_0000_pain_1_view_000.png"):
        open_dataset(tmp_path, kind=kind)
