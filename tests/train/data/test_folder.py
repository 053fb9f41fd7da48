from __future__ import annotations

from pathlib import Path

import pytest

from pain.action_units import ActionUnit
from pain.errors import DataError
from tests.train.data.trees import GOOD_CSV, csv_folder, picture
from train.data import DatasetKind, Origin, Reading, open_dataset
from train.residents.expression import Kind


def read(root: Path, **options: object):
    return open_dataset(root, kind=DatasetKind.CSV, options=Reading(**options))


def test_every_known_column_reaches_the_sample(tmp_path: Path):
    text = (
        "image,subject,level,pspi,AU4,au_43,expression,kind,origin,age,sex,ancestry,skin_tone,"
        "sequence,time_s\n"
        "a1.png,ann,4.5,11,3.5,5,grimace,pain,synthetic,83,F,African,VI,clip-1,0.04\n"
        "b1.png,bob,0,0,0,2.5,rest,neutral,real,19,male,Asian,II,,\n"
    )
    root = csv_folder(tmp_path / "mine", text, pictures=("a1.png", "b1.png"))
    dataset = read(root, one_picture_each=True)
    bob, ann = dataset.samples

    assert (ann.id, ann.subject, ann.level, ann.pspi) == ("a1.png", "ann", 4.5, 11.0)
    assert ann.units == {ActionUnit.AU4: 3.5, ActionUnit.AU43: 5.0}
    assert (ann.expression, ann.kind, ann.origin) == ("grimace", Kind.PAIN, Origin.SYNTHETIC)
    assert (ann.demographics.age_band, ann.demographics.sex) == ("80+", "female")
    assert (ann.demographics.ancestry, ann.demographics.skin_tone) == ("african", "vi")
    assert (ann.sequence, ann.time_s) == ("clip-1", 0.04)
    assert (bob.origin, bob.kind, bob.sequence) == (Origin.REAL, Kind.NEUTRAL, None)
    assert dataset.name == "mine"


@pytest.mark.parametrize(
    ("image", "subject", "level"),
    [
        ("image", "subject", "level"),
        ("File Name", "Patient_ID", "Pain Rating"),
        ("filename", "participant", "pain"),
        ("PATH", "resident", "pain-level"),
    ],
)
def test_other_names_of_a_column_are_understood(
    tmp_path: Path, image: str, subject: str, level: str
):
    text = GOOD_CSV.replace("image,subject,level", f"{image},{subject},{level}")
    assert [sample.level for sample in read(csv_folder(tmp_path, text)).samples] == [0, 3.5, 0, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_and_byte_order_mark_do_not_matter(tmp_path: Path, encoding: str, delimiter: str):
    text = GOOD_CSV.replace(",", delimiter)
    dataset = read(csv_folder(tmp_path, text, encoding=encoding))
    assert dataset.subjects == ("ann", "bob")


def test_the_file_itself_may_be_named_where_there_are_several(tmp_path: Path):
    csv_folder(tmp_path, GOOD_CSV)
    (tmp_path / "other.csv").write_text("x\n1\n")
    with pytest.raises(DataError, match=r"several CSV files \(labels.csv, other.csv\)"):
        read(tmp_path)
    assert len(read(tmp_path / "labels.csv")) == 4


def test_eyes_coded_open_or_closed_become_0_or_5(tmp_path: Path):
    text = "image,subject,origin,AU43\na1.png,ann,real,1\na2.png,ann,real,0\nb1.png,bob,real,1\n"
    dataset = read(csv_folder(tmp_path, text))
    assert [(s.units or {})[ActionUnit.AU43] for s in dataset.samples] == [5.0, 0.0, 5.0]
    assert any("AU43" in note for note in dataset.notes)


def test_eyes_and_ages_are_read_with_the_decimal_commas_of_the_table(tmp_path: Path):
    text = "image;subject;origin;AU43;age\na1.png;ann;real;1,0;84,5\nb1.png;bob;real;0,0;NA\n"
    ann, bob = read(csv_folder(tmp_path, text), one_picture_each=True).samples
    assert [(s.units or {})[ActionUnit.AU43] for s in (ann, bob)] == [5.0, 0.0]
    assert (ann.demographics.age_years, ann.demographics.age_band) == (84.5, "80+")
    assert bob.demographics.age_band is None


def test_the_column_that_was_not_taken_is_told(tmp_path: Path):
    text = GOOD_CSV.replace("origin\n", "origin,pain\n").replace("real\n", "real,6\n")
    notes = read(csv_folder(tmp_path, text)).notes
    assert "level is taken from 'level', not from 'pain'" in notes


def test_a_text_file_is_a_table_when_it_is_named(tmp_path: Path):
    csv_folder(tmp_path, GOOD_CSV, name="labels.txt")
    assert len(open_dataset(tmp_path / "labels.txt")) == 4
    with pytest.raises(DataError, match=r"no spreadsheet.*If labels.txt is it, name the file"):
        read(tmp_path)


def test_a_damaged_spreadsheet_is_refused(tmp_path: Path):
    csv_folder(tmp_path, "", name="labels.xlsx")
    (tmp_path / "labels.xlsx").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(DataError, match=r"not a readable spreadsheet.*CSV UTF-8"):
        read(tmp_path)


def test_frames_of_a_clip_come_in_order_of_time(tmp_path: Path):
    text = (
        "image,subject,level,origin,sequence,time_s\n"
        "a1.png,ann,0,real,c,0.4\na2.png,ann,0,real,c,0.2\nb1.png,bob,0,real,d,0\n"
    )
    assert [s.id for s in read(csv_folder(tmp_path, text)).samples] == [
        "a2.png",
        "a1.png",
        "b1.png",
    ]


def test_origin_can_be_given_for_all(tmp_path: Path):
    text = GOOD_CSV.replace(",origin", "").replace(",real", "")
    root = csv_folder(tmp_path, text)
    assert read(root, origin=Origin.SYNTHETIC).origins == {Origin.SYNTHETIC}
    with pytest.raises(DataError, match="real or synthetic"):
        read(root)


def test_columns_without_a_meaning_are_left_out_and_named(tmp_path: Path):
    text = GOOD_CSV.replace("origin\n", "origin,AU2,mood\n").replace("real\n", "real,3,fine\n")
    assert read(csv_folder(tmp_path, text)).notes == ("columns left out: AU2, mood",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ("image,level,origin\na1.png,0,real\n", r"no column 'subject'.*looked|Looked"),
        ("subject,level,origin\nann,0,real\n", "no column 'image'"),
        ("image,subject,origin\na1.png,ann,real\n", "no label"),
        ("image,subject,image\n", "'image' stands twice"),
        ("image,subject,level\na1.png,ann,0,x\n", ":2: 4 cells under 3 columns"),
        ('image,subject,level\n"a1.png,ann,0\n', ":2: not a valid CSV line"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(tmp_path: Path, text: str, message: str):
    with pytest.raises(DataError, match=message):
        read(csv_folder(tmp_path, text))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("3.5", "7", r"labels.csv:3: level = '7': expected a number from 0 to 6"),
        ("3.5", "-1", r":3: level = '-1'"),
        ("3.5", "nan", r":3: level = 'nan'"),
        ("3.5", "much", r":3: level = 'much'"),
        ("a2.png", "gone.png", r":3: image = 'gone.png': no such file below"),
        ("a2.png", "", r":3: image: the cell is empty"),
        ("a2.png,ann", "a2.png,", r":3: subject: the cell is empty"),
        ("3.5,real", "3.5,fake", r":3: origin = 'fake': expected real, synthetic"),
        ("3.5,real", "3.5,", r":3: origin.*say real or synthetic"),
        ("a2.png", "a1.png", r":3: image = 'a1.png': another row names the same picture"),
    ],
)
def test_a_wrong_cell_is_named_with_file_line_column_and_value(
    tmp_path: Path, old: str, new: str, message: str
):
    root = csv_folder(tmp_path, GOOD_CSV.replace(old, new, 1))
    with pytest.raises(DataError, match=message):
        read(root)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("pspi", "17", "0 to 16"),
        ("AU6", "5.5", "0 to 5"),
        ("age", "200", "age in years"),
        ("sex", "yes", "female, male or other"),
        ("kind", "joy", "neutral, pain, other"),
        ("time_s", "-1", "from 0"),
    ],
)
def test_every_column_has_its_range(tmp_path: Path, column: str, value: str, message: str):
    text = GOOD_CSV.replace("origin\n", f"origin,{column}\n")
    text = text.replace("real\n", f"real,{value}\n")
    with pytest.raises(DataError, match=message):
        read(csv_folder(tmp_path, text))


@pytest.mark.parametrize(
    ("word", "origin"),
    [
        ("yes", Origin.SYNTHETIC),
        ("1", Origin.SYNTHETIC),
        ("False", Origin.REAL),
        ("no", Origin.REAL),
    ],
)
def test_synthetic_may_be_a_yes_or_no(tmp_path: Path, word: str, origin: Origin):
    text = GOOD_CSV.replace("origin", "synthetic").replace("real", word)
    assert read(csv_folder(tmp_path, text)).origins == {origin}


def test_synthetic_must_be_a_yes_or_no(tmp_path: Path):
    text = GOOD_CSV.replace("origin", "synthetic").replace("real", "perhaps")
    with pytest.raises(DataError, match=r"synthetic = 'perhaps': expected yes or no"):
        read(csv_folder(tmp_path, text))


def test_all_problems_come_at_once_and_the_rest_is_counted(tmp_path: Path):
    rows = "".join(f"p{n}.png,s{n},9,real\n" for n in range(30))
    root = csv_folder(tmp_path, "image,subject,level,origin\n" + rows, pictures=[])
    for n in range(30):
        picture(root / f"p{n}.png", seed=n)
    with pytest.raises(DataError, match=r"30 row\(s\)(?s:.*)and 20 more"):
        read(root)


def test_inspection_reads_past_wrong_rows(tmp_path: Path):
    root = csv_folder(tmp_path, GOOD_CSV.replace("3.5", "7"))
    dataset = open_dataset(root, kind=DatasetKind.CSV, strict=False)
    assert (len(dataset), len(dataset.problems)) == (3, 1)
