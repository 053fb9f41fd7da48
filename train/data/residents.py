"""Our synthetic residents: the folder that ``painwatch train residents make`` writes.

``index.parquet`` has a row a picture; its columns are ``train.residents.dataset.INDEX_SCHEMA``.
Columns that are missing or new are no error as long as picture, subject and labels are there, so
that a set of an older or newer generator still loads.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pain.action_units import AU_MAX, ActionUnit
from pain.errors import DataError
from pain.scales import LEVEL_MAX, LEVEL_MIN, PSPI_MAX
from pain.values import HeadPose
from train.data.numbers import number_within
from train.data.problem import Problem
from train.data.reading import Reading
from train.data.sample import Dataset, Demographics, Origin, Sample
from train.data.words import band_of
from train.residents.expression import Kind

NAME: Final = "residents"
INDEX_NAME: Final = "index.parquet"
_PLAN_NAME: Final = "dataset.json"
_LICENCE: Final = "made by painwatch from CC0 and Apache-2.0 parts; free to use, see docs/data.md"
_FIRST_STYLE: Final = "v0"
"""Of folders that were made before there was a choice."""

_NEEDED: Final = frozenset({"file", "subject", "level", "pspi", "expression", "kind"})


def recognises(path: Path) -> bool:
    """Whether the path is such a folder, or its index."""
    return (path.is_dir() and (path / INDEX_NAME).is_file()) or path.name == INDEX_NAME


def read(path: Path, options: Reading) -> Dataset:
    """Read a set of synthetic residents.

    Args:
        path: the folder, or the index in it.
        options: not used here.

    Raises:
        DataError: the index is absent, damaged, or lacks a needed column.
    """
    del options
    root = path.parent if path.is_file() else path
    index = root / INDEX_NAME
    rows = _rows(index)
    problems: list[Problem] = []
    samples = [
        sample
        for number, row in enumerate(rows)
        if (sample := _sample(root, index, number, row, problems)) is not None
    ]
    return Dataset(
        name=_name(root),
        root=root,
        licence=_LICENCE,
        samples=tuple(sorted(samples, key=lambda sample: sample.id)),
        notes=("renders: synthetic faces with exact action units",),
        problems=tuple(problems),
    )


def _rows(index: Path) -> list[dict[str, Any]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(index)
    except FileNotFoundError:
        raise DataError(
            f"{index} does not exist. An interrupted `painwatch train residents make` has none: "
            "run the same command again."
        ) from None
    except (OSError, pa.ArrowException) as error:
        raise DataError(f"{index} is not a readable index: {error}") from error
    missing = sorted(_NEEDED - set(table.column_names))
    if missing:
        raise DataError(
            f"{index} lacks the column(s) {', '.join(missing)}; it has "
            f"{', '.join(table.column_names)}."
        )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _name(root: Path) -> str:
    """``residents`` with style and seed: other seeds are other people, styles other sights."""
    try:
        plan = json.loads((root / _PLAN_NAME).read_text(encoding="utf-8"))
        marks = [str(plan.get("style", _FIRST_STYLE)), f"seed{int(plan['seed'])}"]
        if not plan.get("wrinkles", True):
            marks.insert(1, "no-wrinkles")
        return "-".join([NAME, *marks])
    except (OSError, ValueError, KeyError, TypeError):
        return NAME


def _sample(
    root: Path, index: Path, number: int, row: Mapping[str, Any], problems: list[Problem]
) -> Sample | None:
    before = len(problems)

    def value(column: str, low: float, high: float) -> float | None:
        if row.get(column) is None:
            return None
        try:
            return number_within(str(row[column]), low, high)
        except ValueError as error:
            problems.append(
                Problem(
                    file=index,
                    line=number + 1,
                    column=column,
                    value=str(row[column]),
                    message=str(error),
                )
            )
            return None

    level, pspi = value("level", LEVEL_MIN, LEVEL_MAX), value("pspi", 0.0, PSPI_MAX)
    units = {
        unit: found for unit in ActionUnit if (found := value(unit.value, 0.0, AU_MAX)) is not None
    }
    image = root / str(row["file"])
    if not image.is_file():
        message = f"no such file below {root}"
        problems.append(
            Problem(file=index, line=number + 1, column="file", value=row["file"], message=message)
        )
    if len(problems) > before:
        return None
    return Sample(
        id=str(row["file"]),
        image=image,
        subject=str(row["subject"]),
        origin=Origin.SYNTHETIC,
        source=NAME,
        level=level,
        pspi=pspi,
        units=units or None,
        expression=str(row["expression"]),
        kind=Kind(row["kind"]),
        demographics=_demographics(row),
        pose=_pose(row),
    )


def _demographics(row: Mapping[str, Any]) -> Demographics:
    age = row.get("age_years")
    return Demographics(
        age_years=None if age is None else float(age),
        age_band=None if age is None else band_of(float(age)),
        sex=row.get("sex"),
        ancestry=row.get("ancestry"),
        skin_tone=row.get("skin_tone"),
    )


def _pose(row: Mapping[str, Any]) -> HeadPose | None:
    angles = [row.get(name) for name in ("yaw_deg", "pitch_deg", "roll_deg")]
    if any(angle is None for angle in angles):
        return None
    yaw, pitch, roll = (float(angle) for angle in angles if angle is not None)
    return HeadPose(yaw_deg=yaw, pitch_deg=pitch, roll_deg=roll)
