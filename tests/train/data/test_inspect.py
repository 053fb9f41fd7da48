from __future__ import annotations

from pathlib import Path

import pytest

from pain.values import Reason
from tests.train.data.trees import GOOD_CSV, clip, csv_folder, picture, residents, unbc, write
from train.data import Reading, open_dataset
from train.data.inspect import Faces, Gravity, Inspection, inspect
from train.data.survey import survey


def inspected(root: Path, *, faces: Faces | None = None, **options: object) -> Inspection:
    dataset = open_dataset(root, options=Reading(**options), strict=False, need_people=False)
    return inspect(dataset, survey(dataset), faces=faces)


def findings(inspection: Inspection, gravity: Gravity) -> str:
    return "\n".join(
        f"{finding.what} {finding.advice} {' '.join(finding.examples)}"
        for finding in inspection.findings
        if finding.gravity is gravity
    )


def test_a_sound_set_is_counted_and_fit(tmp_path: Path):
    inspection = inspected(residents(tmp_path))
    assert inspection.fit
    assert inspection.findings == ()
    record = inspection.as_json()
    assert record["levels"] == {"0": 2, "1": 0, "2": 0, "3": 0, "4": 2, "5": 0, "6": 0}
    assert (record["samples"], record["people"]) == (4, 2)
    assert record["samples_per_person"] == {"least": 2, "median": 2.0, "most": 2}
    assert record["demographics"]["sex"] == {"female": 1, "male": 1}
    assert record["demographics"]["age_band"] == {"65-79": 1, "80+": 1}
    assert record["kinds"] == {"neutral": 2, "pain": 2}
    assert record["sizes_px"] == {"64x64": 4}
    assert record["origins"] == ["synthetic"]


def test_samples_without_a_level_are_counted_as_unknown(tmp_path: Path):
    assert inspected(unbc(tmp_path)).levels["unknown"] == 6


def test_one_picture_under_two_people_is_a_leak(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV)
    picture(root / "b1.png", seed=0)
    inspection = inspected(root)
    assert not inspection.fit
    text = findings(inspection, Gravity.ERROR)
    assert "1 picture(s) stand under several people" in text
    assert "leak danger" in text
    assert "a1.png (ann) = b1.png (bob)" in text


def test_a_copy_under_one_person_is_a_warning(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV)
    picture(root / "a2.png", seed=0)
    inspection = inspected(root)
    assert inspection.fit
    assert "more than once under one person" in findings(inspection, Gravity.WARNING)


def test_frames_of_one_video_are_no_copies(tmp_path: Path):
    clip(tmp_path, "one")
    # Both clips have the same bytes: every frame stands under two people.
    inspection = inspected(clip(tmp_path, "two"))
    assert len(inspection.survey.copies) == 4
    assert all(len(group) == 2 for group in inspection.survey.copies)


@pytest.mark.parametrize("name", ["a2.png", "b1.png"])
def test_unreadable_files_are_named(tmp_path: Path, name: str):
    root = csv_folder(tmp_path, GOOD_CSV)
    write(root / name, "no picture")
    text = findings(inspected(root), Gravity.ERROR)
    assert "1 file(s) cannot be read" in text
    assert name in text


def test_an_unreadable_video_is_named(tmp_path: Path):
    clip(tmp_path, "one")
    clip(tmp_path, "two")
    write(tmp_path / "two.mp4", "no video")
    assert "two.mp4 is not a readable video" in findings(inspected(tmp_path), Gravity.ERROR)


def test_labels_out_of_range_are_named(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("3.5", "8"))
    inspection = inspected(root)
    assert not inspection.fit
    assert "level = '8'" in findings(inspection, Gravity.ERROR)


def test_people_who_cannot_be_told_apart_are_an_error(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("bob", "ann"))
    text = findings(inspected(root), Gravity.ERROR)
    assert "belong to one subject" in text
    assert "Give every person an identifier" in text


def test_pspi_that_its_units_do_not_give_is_a_warning(tmp_path: Path):
    inspection = inspected(residents(tmp_path, pspi=5.0))
    assert "PSPI that their action units do not give" in findings(inspection, Gravity.WARNING)


def test_pictures_too_small_for_the_tracker_are_a_warning(tmp_path: Path):
    inspection = inspected(csv_folder(tmp_path, GOOD_CSV))
    assert "4 file(s) are less than 64 px" in findings(inspection, Gravity.WARNING)


def test_mixed_origins_are_a_warning(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("6,real", "6,synthetic"))
    assert "real and synthetic faces are mixed (1" in findings(inspected(root), Gravity.WARNING)


@pytest.mark.parametrize(("found", "fit"), [(3, True), (0, False)])
def test_faces_that_were_not_found_are_told(tmp_path: Path, found: int, *, fit: bool):
    faces = Faces(found=found, missed={Reason.NO_FACE: 4 - found}, examples=("a1.png: no_face",))
    inspection = inspected(csv_folder(tmp_path, GOOD_CSV), faces=faces)
    assert inspection.fit is fit
    gravity = Gravity.WARNING if fit else Gravity.ERROR
    assert f"no face in {4 - found} of 4 samples" in findings(inspection, gravity)
    assert inspection.as_json()["faces"] == {"found": found, "missed": {"no_face": 4 - found}}


def test_people_who_were_joined_are_a_warning(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("a2.png,ann", "a2.png,Ann"))
    inspection = inspected(root)
    assert inspection.fit
    assert len(inspection.per_person) == 2
    assert "1 person(s) are written in more than one way" in findings(inspection, Gravity.WARNING)
