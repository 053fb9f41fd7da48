from __future__ import annotations

from pathlib import Path

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from tests.train.data.trees import DELAWARE_CSV, delaware, write
from train.data import DatasetKind, Origin, RatingScale, Reading, open_dataset
from train.data.delaware import person_of
from train.residents.expression import Kind


def read(root: Path, **options: object):
    return open_dataset(root, kind=DatasetKind.DELAWARE, options=Reading(**options))


def test_ratings_people_and_neutral_pictures_are_read(tmp_path: Path):
    dataset = open_dataset(delaware(tmp_path / "Delaware", DELAWARE_CSV))
    assert dataset.name == "delaware"
    levels = {Path(sample.id).stem: sample.level for sample in dataset.samples}
    assert levels == {
        "BM12_neutral": 0.0,
        "BM12_pain_low": 0.8,
        "BM12_pain_high": 4.6,
        "WF12_neutral": 0.0,
        "WF12_pain": 3.1,
    }
    assert dataset.subjects == ("BM12", "WF12")
    assert dataset.origins == {Origin.REAL}
    high = next(s for s in dataset.samples if s.level == 4.6)
    assert (high.kind, high.demographics.age_band) == (Kind.PAIN, "18-39")
    neutral = next(s for s in dataset.samples if "WF12_neutral" in s.id)
    assert (neutral.demographics.sex, neutral.demographics.ancestry) == ("female", "white")


def test_a_subject_column_and_action_units_of_the_table_win(tmp_path: Path):
    table = (
        "Image,Target,Pain,AU4\nBM12_pain_low,p1,0.5,2\nBM12_pain_high,p1,5,4\nWF12_pain,p2,3,1\n"
    )
    dataset = read(delaware(tmp_path, table))
    assert dataset.subjects == ("p1", "p2")
    assert dataset.samples[0].units == {ActionUnit.AU4: 4.0}
    # A neutral picture without a row has no subject and is left out, and that is said.
    assert len(dataset) == 3
    assert any("2 picture(s) without a rating or an identity" in note for note in dataset.notes)


@pytest.mark.parametrize(
    ("ratings", "asked", "levels"),
    [
        (("0.5", "3", "6"), None, [0.5, 3.0, 6.0]),
        (("1.5", "3", "7"), None, [0.5, 2.0, 6.0]),
        (("1.5", "3", "5"), RatingScale.ZERO_TO_SIX, [1.5, 3.0, 5.0]),
        (("1.5", "3", "5"), RatingScale.ONE_TO_SEVEN, [0.5, 2.0, 4.0]),
    ],
)
def test_the_scale_of_the_ratings_is_found_or_given(
    tmp_path: Path, ratings: tuple[str, ...], asked: RatingScale | None, levels: list[float]
):
    names = ("BM12_pain_low", "BM12_pain_high", "WF12_pain")
    rows = "".join(f"{n},{r}\n" for n, r in zip(names, ratings, strict=True))
    dataset = read(delaware(tmp_path, "file,pain\n" + rows), rating_scale=asked)
    found = {Path(s.id).stem: s.level for s in dataset.samples if s.kind is Kind.PAIN}
    assert [found[name] for name in names] == pytest.approx(levels)


def test_a_scale_that_cannot_be_told_is_asked_for(tmp_path: Path):
    table = "file,pain\nBM12_pain_low,1.5\nWF12_pain,5\n"
    with pytest.raises(DataError, match=r"between 1.5 and 5.*--rating-scale"):
        read(delaware(tmp_path, table))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ("file,age\nBM12_pain_low,20\n", "no table of pain ratings"),
        ("file,pain\nBM99,0.5\n", r":2: file = 'BM99': 0 pictures of that name"),
        ("file,pain\nWF12_pain,0.5\nWF12_pain.jpg,1\n", r":3: .*another row names"),
        ("file,pain\nWF12_pain,0.5\nBM12_pain_low,9\n", r":3: pain = '9'"),
        ("file,pain\nWF12_pain,0.5\nBM12_pain_low,lots\n", r"pain = 'lots'"),
    ],
)
def test_a_table_that_does_not_fit_is_refused(tmp_path: Path, table: str, message: str):
    with pytest.raises(DataError, match=message):
        read(delaware(tmp_path, table))


def test_a_csv_file_that_was_saved_from_the_spreadsheet_beside_it_is_the_one_read(tmp_path: Path):
    root = delaware(tmp_path, DELAWARE_CSV)
    write(root / "delaware_ratings.xlsx", "never opened")
    write(root / "._delaware_ratings.csv", "what macOS leaves in archives")
    write(root / "~$more_ratings.xlsx", "what Excel leaves while a workbook is open")
    assert len(read(root)) == 5


def test_pictures_that_cannot_be_read_are_named(tmp_path: Path):
    root = delaware(tmp_path / "some", DELAWARE_CSV)
    write(root / "stimuli" / "BM13_neutral.CR2", "raw")
    assert any("made PNG or JPEG first: BM13_neutral.CR2" in note for note in read(root).notes)
    write(tmp_path / "none" / "BM13_neutral.CR2", "raw")
    with pytest.raises(DataError, match=r"holds no pictures.*Convert them to PNG or JPEG"):
        read(tmp_path / "none")


def test_several_tables_of_ratings_are_refused(tmp_path: Path):
    root = delaware(tmp_path, DELAWARE_CSV)
    write(root / "more_ratings.csv", DELAWARE_CSV)
    with pytest.raises(DataError, match=r"several tables of ratings \(delaware_ratings.csv, more"):
        read(root)


def test_a_folder_without_pictures_is_refused(tmp_path: Path):
    with pytest.raises(DataError, match="holds no pictures"):
        read(tmp_path)


@pytest.mark.parametrize(
    ("stem", "person", "ancestry", "sex"),
    [
        ("BM12_pain_high", "BM12", "black", "male"),
        ("WF-003-neutral", "WF003", "white", "female"),
        ("012-Black-Male-Pain3", "BM012", "black", "male"),
        ("asian_female_7_pain", "AF7", "asian", "female"),
        ("042_pain", "042", None, None),
        ("pain1_BM03", "BM03", "black", "male"),
        ("pain2-BM03", "BM03", "black", "male"),
        ("neutral_BM03", "BM03", "black", "male"),
        ("pain1BM03", "BM03", "black", "male"),
        ("2_BM03_pain", "BM03", "black", "male"),
        ("pain_1_Black_Male_03", "BM03", "black", "male"),
        ("Black_Male_03_pain_1", "BM03", "black", "male"),
        ("03_BM_pain_2", "BM03", "black", "male"),
        ("subject7_pain2", "7", None, None),
        ("pain_3_042", "042", None, None),
        ("pain3", None, None, None),
        ("pain_face", None, None, None),
    ],
)
def test_names_tell_who_is_shown(
    stem: str, person: str | None, ancestry: str | None, sex: str | None
):
    found, known = person_of(stem)
    assert (found, known.ancestry, known.sex) == (person, ancestry, sex)
