"""Predictions refuse the impossible and survive their file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pain.errors import DataError
from tests.train.metrics.people import predictions
from train.data import Demographics, Origin, Sample
from train.metrics import DataOrigin, Predictions, Split
from train.metrics.predictions import COLUMNS, LABELS
from train.objectives import Task
from train.residents.expression import Kind

CONTRACT = [
    *("sample", "subject", "fold", "truth", "kind", "expression", "pspi", "predicted"),
    *(f"probability_{k}" for k in range(7)),
    *("raw_level", "age_years", "age_band", "sex", "ancestry", "skin_tone"),
    *("yaw_deg", "pitch_deg", "roll_deg", "height_px"),
]


def put(name: str, value: object, row: int = 3) -> np.ndarray:
    """A column of ``predictions()`` with one value changed."""
    column = getattr(predictions(), name).copy()
    if column.dtype.kind == "U":
        column = column.astype("U16")
    column[row] = value
    return column


@pytest.mark.parametrize("task", list(Task))
def test_a_file_gives_back_what_was_written(task: Task, tmp_path: Path):
    written = predictions(task=task)
    path = tmp_path / "run" / "predictions.parquet"
    written.write(path)
    read = Predictions.read(path)
    for name in LABELS:
        assert getattr(read, name) == getattr(written, name)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name), err_msg=name)
        assert getattr(read, name).dtype.kind == getattr(written, name).dtype.kind
    assert [file.name for file in path.parent.iterdir()] == ["predictions.parquet"]


def test_the_file_is_what_the_report_reads(tmp_path: Path):
    predictions().write(tmp_path / "p.parquet")
    table = pq.read_table(tmp_path / "p.parquet")
    assert table.column_names == CONTRACT
    assert table.schema.metadata == {
        b"task": b"ordinal",
        b"run": b"toy",
        b"split": b"subject",
        b"origin": b"synthetic",
        b"source": b"made up",
    }
    assert table.column("ancestry").null_count == table.column("raw_level").null_count == len(table)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"truth": put("truth", np.nan)}, "truth of '00003.png' is no level in 0..6"),
        ({"truth": put("truth", 6.5)}, "truth of '00003.png'.*found 6.5"),
        ({"predicted": put("predicted", np.nan)}, "predicted of '00003.png' is not in 0..6"),
        ({"predicted": put("predicted", -0.1)}, "predicted of '00003.png'"),
        ({"raw_level": put("raw_level", 7.0)}, "raw_level of '00003.png'"),
        ({"probabilities": put("probabilities", 0.2)}, "no distribution"),
        ({"probabilities": put("probabilities", np.nan)}, "no distribution"),
        ({"probabilities": put("probabilities", [1.5, -0.5, 0, 0, 0, 0, 0])}, "no distribution"),
        ({"probabilities": predictions().probabilities[:, :2]}, r"need \(200, 7\)"),
        ({"truth": np.zeros(3)}, r"truth has shape \(3,\)"),
        ({"sample": put("sample", "00004.png")}, "'00004.png' is predicted 2 times"),
        ({"subject": put("subject", "")}, "is not named"),
        ({"kind": put("kind", "smile")}, "is none of neutral, pain, other"),
        ({"fold": put("fold", 4)}, "'p000' is in the test part of several folds"),
    ],
)
def test_the_impossible_is_refused(changes: dict[str, np.ndarray], message: str):
    with pytest.raises(DataError, match=message):
        predictions(**changes)


def test_a_split_by_image_may_share_subjects():
    assert predictions(fold=put("fold", 4), split=Split.IMAGE).people == 20


def test_nothing_is_refused():
    with pytest.raises(DataError, match="there are no predictions"):
        predictions().take(np.zeros(200, bool))


def test_p_pain_above_one_is_refused():
    shares = predictions(task=Task.BINARY).predicted
    with pytest.raises(DataError, match=r"not in 0\.\.1"):
        predictions(task=Task.BINARY, predicted=shares + 1.0)


@pytest.mark.parametrize(
    ("origins", "expected"),
    [
        ({Origin.REAL}, DataOrigin.REAL),
        ({Origin.SYNTHETIC}, DataOrigin.SYNTHETIC),
        (set(Origin), DataOrigin.BOTH),
    ],
)
def test_origins_of_a_set_are_said(origins: set[Origin], expected: DataOrigin):
    assert DataOrigin.of(origins) is expected


def sample(name: str, level: float | None) -> Sample:
    return Sample(
        id=name,
        image=Path(name),
        subject=name[0],
        origin=Origin.SYNTHETIC,
        source="residents",
        level=level,
        kind=Kind.PAIN,
        demographics=Demographics(age_years=81.0, sex="female"),
    )


def test_samples_bring_what_is_known_of_them():
    found = Predictions.of_samples(
        [sample("a.png", 3.0), sample("b.png", 0.5)],
        task=Task.BINARY,
        run="toy",
        split=Split.SUBJECT,
        fold=np.array([0, 1]),
        predicted=np.array([0.75, 0.25], np.float32),
        probabilities=np.array([[0.25, 0.75], [0.75, 0.25]], np.float32),
        pose_deg=np.array([[10.0, 20.0, 30.0], [1.0, 2.0, 3.0]], np.float32),
    )
    assert found.sample.tolist() == ["a.png", "b.png"]
    assert found.subject.tolist() == ["a", "b"]
    assert found.truth.tolist() == [3.0, 0.5]
    assert (found.origin, found.source) == (DataOrigin.SYNTHETIC, "residents")
    assert found.kind.tolist() == ["pain", "pain"]
    assert found.age_years.tolist() == [81.0, 81.0]
    assert found.sex.tolist() == ["female", "female"]
    assert found.ancestry.tolist() == found.expression.tolist() == ["", ""]
    assert (found.yaw_deg[0], found.pitch_deg[0], found.roll_deg[0]) == (10.0, 20.0, 30.0)
    assert np.isnan([found.height_px, found.raw_level, found.pspi]).all()


def test_a_sample_without_level_is_refused():
    with pytest.raises(DataError, match=r"truth of 'b\.png' is no level"):
        Predictions.of_samples(
            [sample("a.png", 3.0), sample("b.png", None)],
            task=Task.BINARY,
            run="toy",
            split=Split.SUBJECT,
            fold=np.array([0, 1]),
            predicted=np.array([0.75, 0.25]),
            probabilities=np.array([[0.25, 0.75], [0.75, 0.25]]),
        )


def test_a_file_that_is_absent_or_no_parquet_is_refused(tmp_path: Path):
    (tmp_path / "text.parquet").write_text("level\n3\n")
    for name in ("absent.parquet", "text.parquet"):
        with pytest.raises(DataError, match=f"{name} is absent or is no Parquet file"):
            Predictions.read(tmp_path / name)


@pytest.fixture
def table(tmp_path: Path) -> pa.Table:
    predictions().write(tmp_path / "whole.parquet")
    return pq.read_table(tmp_path / "whole.parquet")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda t: t.drop_columns(["truth", "probability_6"]), "lacks the columns truth, prob"),
        (lambda t: t.replace_schema_metadata({}), "does not say its task, run, split"),
        (
            lambda t: t.replace_schema_metadata({**t.schema.metadata, b"task": b"guess"}),
            "'guess' is not a valid Task",
        ),
        (
            lambda t: t.set_column(3, "truth", pa.array(["high"] * len(t))),
            "the column truth cannot be read",
        ),
        (
            lambda t: t.set_column(2, "fold", pa.nulls(len(t), pa.int64())),
            "the column fold cannot be read",
        ),
        (
            lambda t: t.set_column(1, "subject", pa.array([7] * len(t))),
            "the column subject cannot be read: 7 is no text",
        ),
        (
            lambda t: t.set_column(3, "truth", pa.nulls(len(t), pa.float64())),
            "truth of '00000.png' is no level",
        ),
    ],
)
def test_another_table_is_refused(change, message: str, table: pa.Table, tmp_path: Path):
    pq.write_table(change(table), tmp_path / "changed.parquet")
    with pytest.raises(DataError, match=message):
        Predictions.read(tmp_path / "changed.parquet")
