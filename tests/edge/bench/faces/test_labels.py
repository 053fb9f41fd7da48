from __future__ import annotations

from pathlib import Path

import pytest

from edge.bench.faces.labels import Label, match, read_labels
from pain.errors import DataError


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_what_is_known_of_a_face_is_read(tmp_path: Path):
    path = written(
        tmp_path,
        "file,age,sex,pain_like,expression,person,set,camera\n"
        "a.jpg,72,F,yes,grimace,ann,ward,7\nb/c.jpg,70+,,unsure,,,,\n",
    )
    assert read_labels(path) == {
        "a.jpg": Label(
            pain=True, expression="grimace", age="72", sex="f", person="ann", set="ward"
        ),
        "b/c.jpg": Label(age="70+"),
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "needs a column 'file'"),
        ("picture,age\na.jpg,70\n", "its columns are picture, age"),
        ("file,pain_like\na.jpg,maybe\n", "labels.csv:2: pain_like = 'maybe': write yes, no or"),
        ("file,age\na.jpg,1\na.jpg,2\n", "labels.csv:3: a.jpg has a label already"),
        ("file,age\n,1\n", "labels.csv:2: no file is named"),
    ],
)
def test_a_mistake_is_told_with_its_place(tmp_path: Path, text: str, words: str):
    with pytest.raises(DataError, match=words):
        read_labels(written(tmp_path, text))


def test_labels_that_cannot_be_read_are_told(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_labels(tmp_path / "absent.csv")


@pytest.mark.parametrize("key", ["ward/a.jpg", "a.jpg", "a"])
def test_a_label_finds_its_picture_by_name(key: str):
    label = Label(age="80")
    assert match(["ward/a.jpg", "ward/b.jpg"], {key: label, "gone.jpg": label}) == (
        {"ward/a.jpg": label},
        ["gone.jpg"],
    )


@pytest.mark.parametrize(
    ("age", "band", "years"),
    [("72", "60-79", 72), ("60-69", "60-69", 60), ("70+", "70+", 70), ("old", "old", None)],
)
def test_ages_are_years_or_bands(age: str, band: str, years: float | None):
    assert (Label(age=age).age_band, Label(age=age).age_years) == (band, years)
