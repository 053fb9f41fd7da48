"""Levels of models that are no bundle yet: a CSV with a line a face and a column a model."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from edge.batch.media import Problem
from edge.bench.faces.judge import Reader, Subject
from pain.errors import DataError


def read_others(path: Path, subjects: Sequence[Subject]) -> tuple[list[Reader], list[Problem]]:
    """Read levels 0..6 by face.

    Args:
        path: CSV with a column ``file`` (``row 0``, ``row 1``, ... for a file of features) and a
            column of levels for each model; an empty cell is no level.
        subjects: the faces that are judged.

    Returns:
        One reader a column; and lines that name no face.

    Raises:
        DataError: unreadable, no column ``file``, no other one, or a cell that is no number.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: the levels cannot be read ({error})") from error
    models = [name for name in (lines[0] if lines else {}) if name != "file"]
    if not models or "file" not in lines[0]:
        raise DataError(f"{path}: needs a column 'file', one for each model, and lines")
    places = {subject.name: at for at, subject in enumerate(subjects)}
    values = {name: np.full(len(subjects), np.nan) for name in models}
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=2):
        at = places.get(line["file"] or "")
        if at is None:
            problems.append(
                Problem(name=f"{path}:{number}", words=f"{line['file']} is no face here")
            )
            continue
        for name in models:
            cell = (line[name] or "").strip()
            try:
                values[name][at] = float(cell) if cell else np.nan
            except ValueError as error:
                raise DataError(f"{path}:{number}: {name} = {cell!r} is no number") from error
    return [Reader(name=name, values=values[name]) for name in models], problems
