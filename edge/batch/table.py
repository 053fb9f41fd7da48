"""Scored faces as CSV or Parquet, and as a table for the terminal."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Final

import numpy as np
from rich.table import Table

from edge.batch.scored import ScoredFace
from pain.action_units import AU_WORDS
from pain.errors import UsageError
from pain.values import Score

MOST_ROWS: Final = 60
"""Rows that the terminal shows; a file has them all."""

_LEAST_UNIT: Final = 1.0
"""Weaker action units are not named in the terminal."""


def check_out(path: Path) -> None:
    """See before the work begins whether the file could be written.

    Raises:
        UsageError: another ending than .csv and .parquet, or no pyarrow for the latter.
    """
    ending = path.suffix.lower()
    if ending not in {".csv", ".parquet"}:
        raise UsageError(f"--out {path}: end it in .csv or .parquet")
    if ending == ".parquet" and find_spec("pyarrow") is None:
        raise UsageError(
            f"--out {path}: Parquet needs pyarrow, which a camera box does not install: "
            "pip install pyarrow (or 'painwatch[train]'); .csv needs nothing"
        )


def write_table(path: Path, scored: Sequence[ScoredFace]) -> None:
    """Write one row a face or frame; an empty cell is no value, never 0.

    Raises:
        UsageError: see ``check_out``; or the file cannot be written.
    """
    check_out(path)
    rows = [one.row() for one in scored]
    if not rows:
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix.lower() == ".parquet":
            import pyarrow as pa
            from pyarrow import parquet

            words = {"file": pa.string(), "reason": pa.string(), "face": pa.int32()}
            kinds = pa.schema([(key, words.get(key, pa.float64())) for key in rows[0]])
            parquet.write_table(pa.Table.from_pylist(rows, schema=kinds), path)
            return
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            for row in rows:
                writer.writerow(
                    {k: f"{v:.6g}" if isinstance(v, float) else v for k, v in row.items()}
                )
    except OSError as error:
        raise UsageError(f"--out {path}: cannot be written ({error.strerror})") from error


def shown_table(scored: Sequence[ScoredFace], *, model: str) -> Table:
    """Faces of pictures one by one, videos second by second."""
    table = Table(title=f"Pain level 0 to 6, read by {model}; a research aid, not a diagnosis")
    for title in ("file", "face", "level", "PSPI", "action units", "yaw, pitch, roll"):
        table.add_column(title, justify="right" if title in {"level", "PSPI"} else "left")
    lines = list(_lines(scored))
    for line in lines[:MOST_ROWS]:
        table.add_row(*line)
    if len(lines) > MOST_ROWS:
        table.caption = f"{len(lines) - MOST_ROWS} more lines; --out FILE has them all"
    return table


def _lines(scored: Sequence[ScoredFace]) -> Iterator[tuple[str, ...]]:
    for file, faces in groupby(scored, key=lambda one: one.file):
        own = list(faces)
        if own[0].at_s is None:
            yield from (_face_line(one) for one in own)
            continue
        for second, frames in groupby(own, key=lambda one: int(one.at_s or 0.0)):
            yield _second_line(file, second, list(frames))


def _face_line(one: ScoredFace) -> tuple[str, ...]:
    number = str(one.number or "-")
    if not isinstance(one.outcome, Score):
        return one.file, number, f"none: {one.outcome.reason.value}", "", "", _pose(one)
    score = one.outcome
    strong = sorted(score.action_units.items(), key=lambda item: item[1], reverse=True)
    units = ", ".join(
        f"{AU_WORDS[unit]} {value:.1f}" for unit, value in strong[:3] if value >= _LEAST_UNIT
    )
    pspi = "-" if score.pspi is None else f"{score.pspi:.1f}"
    return one.file, number, f"{score.level:.2f}", pspi, units, _pose(one)


def _second_line(file: str, second: int, frames: Sequence[ScoredFace]) -> tuple[str, ...]:
    levels = [one.level for one in frames if one.level is not None]
    if not levels:
        ((reason, _),) = Counter(one.reason.value for one in frames if one.reason).most_common(1)
        return file, f"{second} s", f"none: {reason}", "", "", ""
    said = [one.outcome.pspi for one in frames if isinstance(one.outcome, Score)]
    known = [value for value in said if value is not None]
    seen = f"mean of {len(levels)} of {len(frames)} frames"
    pspi = f"{np.mean(known):.1f}" if known else "-"
    return file, f"{second} s", f"{np.mean(levels):.2f}", pspi, seen, ""


def _pose(one: ScoredFace) -> str:
    if one.face is None:
        return ""
    pose = one.face.pose
    return f"{pose.yaw_deg:.0f}, {pose.pitch_deg:.0f}, {pose.roll_deg:.0f}"
