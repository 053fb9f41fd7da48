from __future__ import annotations

from pathlib import Path

import pytest

from pain.errors import DataError
from tests.train.data.trees import csv_folder
from train.data import Reading, open_dataset
from train.data.subjects import person_key

HEADER = "image,subject,level,origin\n"
ONE_FOR_ALL = HEADER + "a1.png,ann,0,real\na2.png,ann,3,real\nb1.png,ann,6,real\n"
ONE_EACH = HEADER + "a1.png,1,0,real\na2.png,2,3,real\nb1.png,3,6,real\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ONE_FOR_ALL, "belong to one subject, 'ann'"),
        (ONE_EACH, "a subject of its own"),
        (HEADER, "no usable sample"),
    ],
)
def test_people_who_cannot_be_told_apart_are_refused(tmp_path: Path, text: str, message: str):
    with pytest.raises(DataError, match=message):
        open_dataset(csv_folder(tmp_path, text))


def test_somebody_may_vouch_that_every_picture_shows_another_person(tmp_path: Path):
    root = csv_folder(tmp_path, ONE_EACH)
    assert len(open_dataset(root, options=Reading(one_picture_each=True)).subjects) == 3


def test_one_person_may_be_tracked_though_not_split(tmp_path: Path):
    root = csv_folder(tmp_path, ONE_FOR_ALL)
    assert len(open_dataset(root, need_people=False)) == 3


def test_clips_of_two_people_need_no_second_picture(tmp_path: Path):
    text = (
        "image,subject,level,origin,sequence,time_s\n"
        "a1.png,ann,0,real,one,0\na2.png,ann,0,real,one,1\nb1.png,bob,0,real,two,0\n"
    )
    assert open_dataset(csv_folder(tmp_path, text)).subjects == ("ann", "bob")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna", "anna"),
        ("007", "7"),
        ("7.0", "7"),
        ("BM03", "bm3"),
        ("Zo\u00eb", "Zoe\u0308"),
        ("Anna  B", "anna\u00a0b"),
        ("Stra\u00dfe", "STRASSE"),
    ],
)
def test_what_programs_change_in_a_name_makes_no_other_person(one: str, other: str):
    assert person_key(one) == person_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("70", "7"), ("A1", "A10"), ("1-12", "11-2"), ("s0001-p1", "s1-p0011")]
)
def test_people_of_different_names_stay_two(one: str, other: str):
    assert person_key(one) != person_key(other)
