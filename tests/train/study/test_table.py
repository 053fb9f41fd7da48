from __future__ import annotations

import csv
from pathlib import Path

import pytest
from rich.console import Console

from pain.errors import DataError
from train.study.estimate import Estimate, Finding
from train.study.table import findings_table, rows_of, write_rows

FINDING = Finding(
    what="PSPI r from landmarks",
    subset="all",
    estimate=Estimate(value=0.87654, low=0.86, high=0.89, samples=96, people=12),
)


def read(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_rows_say_when_on_what_and_of_whom(tmp_path: Path):
    out = tmp_path / "new" / "rows.csv"
    write_rows(out, rows_of([FINDING], dataset="residents-seed1"), device="a card")
    (row,) = read(out)
    assert list(row) == ["date", "commit", "device", "set", "what", "subset", "value", "low_95",
                         "high_95", "samples", "people"]  # fmt: skip
    assert row["date"].startswith("20")
    assert row["commit"]
    assert row["device"] == "a card"
    assert (row["value"], row["samples"], row["people"]) == ("0.8765", "96", "12")


@pytest.mark.parametrize(("append", "sets"), [(True, ["one", "other"]), (False, ["other"])])
def test_rows_of_another_set_join_or_replace(tmp_path: Path, append: bool, sets: list[str]):
    out = tmp_path / "rows.csv"
    write_rows(out, rows_of([FINDING], dataset="one"), append=append)
    write_rows(out, rows_of([FINDING], dataset="other"), append=append)
    assert [row["set"] for row in read(out)] == sets


def test_rows_with_other_columns_are_not_mixed(tmp_path: Path):
    out = tmp_path / "rows.csv"
    out.write_text("metric,value\nmae,1\n")
    with pytest.raises(DataError, match="has the columns metric, value"):
        write_rows(out, rows_of([FINDING], dataset="one"), append=True)
    assert out.read_text() == "metric,value\nmae,1\n"


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path):
    with pytest.raises(DataError, match="cannot be written"):
        write_rows(tmp_path, rows_of([FINDING], dataset="one"))


def test_the_table_fits_a_terminal_of_80_columns():
    printed = Console(width=80)
    with printed.capture() as capture:
        printed.print(findings_table([FINDING], title="t"))
    assert "PSPI r from landmarks" in capture.get()
    assert "0.877 │ 0.860 to 0.890" in capture.get()
