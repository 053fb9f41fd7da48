"""Predictions as a Parquet file: a row per sample, and in the metadata what belongs to all."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from pain.errors import DataError
from train.metrics.predictions import COLUMNS, LABELS, DataOrigin, Predictions, Split, class_count
from train.objectives.task import Task

if TYPE_CHECKING:
    import pyarrow as pa

_WORDS: Final = frozenset(
    ("sample", "subject", "kind", "expression", "age_band", "sex", "ancestry", "skin_tone")
)


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write a Parquet file; its folder is made, an older file is replaced whole."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    arrays: dict[str, Any] = {}
    for name in COLUMNS:
        values = getattr(predictions, name)
        if name == "probabilities":
            for k, column in enumerate(values.T):
                arrays[f"probability_{k}"] = pa.array(column)
        elif name in _WORDS:
            arrays[name] = pa.array([word or None for word in values.tolist()], pa.string())
        else:
            arrays[name] = pa.array(values, from_pandas=True)
    labels = {name: str(getattr(predictions, name)) for name in LABELS}
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    pq.write_table(pa.table(arrays, metadata=labels), unfinished)
    unfinished.replace(path)


def read_predictions(path: Path) -> Predictions:
    """Read what ``write_predictions`` wrote.

    Raises:
        DataError: the file is absent, unreadable, of another kind, or says the impossible.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise DataError(
            f"{path} is absent or is no Parquet file: {error}. "
            "It is written by `painwatch train crossval`."
        ) from error
    labels = _labels(table, path)
    task = labels["task"]
    shares = [f"probability_{k}" for k in range(class_count(task))]
    plain = [name for name in COLUMNS if name != "probabilities"]
    missing = [name for name in (*plain, *shares) if name not in table.column_names]
    if missing:
        raise DataError(f"{path} lacks the columns {', '.join(missing)}; write it again")
    columns: dict[str, Any] = {name: _column(table, name, path) for name in (*plain, *shares)}
    probabilities = np.column_stack([columns.pop(name) for name in shares])
    return Predictions(**labels, **columns, probabilities=probabilities)


def _labels(table: pa.Table, path: Path) -> dict[str, Any]:
    found = {key.decode(): value.decode() for key, value in (table.schema.metadata or {}).items()}
    missing = [name for name in LABELS if name not in found]
    if missing:
        raise DataError(
            f"{path} does not say its {', '.join(missing)} in the schema's metadata, "
            "so it holds no predictions"
        )
    try:
        return {
            "task": Task(found["task"]),
            "run": found["run"],
            "split": Split(found["split"]),
            "origin": DataOrigin(found["origin"]),
            "source": found["source"],
        }
    except ValueError as error:
        raise DataError(f"{path}: in the schema's metadata {error}") from error


def _column(table: pa.Table, name: str, path: Path) -> npt.NDArray[Any]:
    values = table.column(name).to_pylist()
    try:
        if name in _WORDS:
            return np.array(["" if value is None else _word(value) for value in values], np.str_)
        if name == "fold":
            return np.array(values, np.int64)
        return np.array([np.nan if value is None else value for value in values], np.float64)
    except (TypeError, ValueError) as error:
        raise DataError(f"{path}: the column {name} cannot be read: {error}") from error


def _word(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value
