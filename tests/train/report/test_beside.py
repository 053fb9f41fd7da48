from __future__ import annotations

from pathlib import Path

import pytest

from pain.errors import DataError
from train.report.beside import Published, read_published
from train.report.tables import METRICS

HEAD = "table,row,metric,value,source\n"


def read(tmp_path: Path, text: str) -> list[Published]:
    path = tmp_path / "published.csv"
    path.write_text(text, encoding="utf-8")
    return read_published(path, metrics=METRICS)


def test_figures_are_kept_as_written(tmp_path: Path):
    (found,) = read(tmp_path, HEAD + '5.1,FaceNet,f1_macro,0.50,"A paper, p. 3"\n')
    assert found == Published(
        table="5.1", row="FaceNet", metric="f1_macro", value="0.50", source="A paper, p. 3"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("table,row,metric,value\n", "published.csv:1: the columns must be"),
        (HEAD + "5.9,a,mae,1,b\n", "published.csv:2: no table '5.9'"),
        (HEAD + "5.2,a,accuracy,1,b\n", "published.csv:2: table 5.2 shows no 'accuracy'"),
        (HEAD + "5.2,a,mae,about 1,b\n", "published.csv:2: 'about 1' is no number"),
        (HEAD + "5.2,a,mae,1,b\n5.2,a,mae,1,\n", "published.csv:3: source is empty"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, text: str, message: str):
    with pytest.raises(DataError, match=message):
        read(tmp_path, text)


def test_an_absent_file_is_said(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be read"):
        read_published(tmp_path / "none.csv", metrics=METRICS)
