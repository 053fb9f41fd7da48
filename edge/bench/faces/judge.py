"""From what readers said of the faces to rows: by label, expression, age, sex and set."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
import numpy.typing as npt

from edge.bench.faces import figures
from edge.bench.faces.labels import Label
from edge.bench.rows import Row
from pain.scales import MODERATE, SEVERE

OLD_YEARS: Final = 60.0

FEWEST_FACES: Final = 5
"""A group has an AUROC with at least so many faces of either kind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One face of the yardstick.

    Attributes:
        name: of its file.
        label: what is known of it.
        refused: why there is no level; empty where it was found.
    """

    name: str
    label: Label
    refused: str = ""

    @property
    def person(self) -> str:
        """Who it is; without a name, nobody else."""
        return self.label.person or self.name


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Reader:
    """What one model says.

    Attributes:
        name: for tables.
        values: (n,) one for each subject; NaN where there is none.
        is_level: whether they are pain levels 0..6; otherwise their order alone counts.
        sha256: of the bundle; empty for what is none.
    """

    name: str
    values: npt.NDArray[np.float64]
    is_level: bool = True
    sha256: str = ""


def rows(subjects: Sequence[Subject], readers: Sequence[Reader], *, on: str) -> list[Row]:
    """Figures of every reader on every group.

    Args:
        subjects: the faces.
        readers: what was said of them.
        on: name of the set.
    """
    return [
        {"on": on, "reader": reader.name, "sha256": reader.sha256[:16]}
        | {"by": by, "group": group}
        | _figures(subjects, reader, chosen, against)
        for reader in readers
        for by, group, chosen, against in _groups(subjects)
    ]


Chosen = npt.NDArray[np.bool_]


def _groups(subjects: Sequence[Subject]) -> Iterator[tuple[str, str, Chosen, Chosen]]:
    """Every group: what it goes by, its name, its faces, and those whose order is judged."""
    labels = [subject.label for subject in subjects]
    pained = np.array([label.pain is True for label in labels], np.bool_)
    everybody = np.ones(len(labels), np.bool_)
    yield "all", "all", everybody, everybody
    nobody = ~everybody
    for word, said in (("yes", True), ("no", False), ("unsure", None)):
        chosen = np.array([label.pain is said for label in labels], np.bool_)
        if chosen.any() and not (word == "unsure" and chosen.all()):
            yield "pain_like", word, chosen, nobody
    for word, chosen in _by(labels, lambda label: label.expression):
        calm = chosen & np.array([label.pain is False for label in labels], np.bool_)
        # Pain-like faces of every kind against this expression's faces without pain.
        yield "expression", word, chosen, calm | pained if calm.any() else nobody
    for word, chosen in _by(labels, lambda label: label.age_band):
        yield "age", word, chosen, chosen
    old = np.array([(label.age_years or 0.0) >= OLD_YEARS for label in labels], np.bool_)
    if old.any():
        yield "age", f"{OLD_YEARS:.0f} and more", old, old
    for word, chosen in _by(labels, lambda label: label.sex):
        yield "sex", word, chosen, chosen
    for word, chosen in _by(labels, lambda label: label.set):
        yield "set", word, chosen, chosen


def _by(labels: Sequence[Label], word: Callable[[Label], str]) -> Iterator[tuple[str, Chosen]]:
    words = [word(label) for label in labels]
    for name, _ in groupby(sorted(filter(None, words))):
        yield name, np.array([one == name for one in words], np.bool_)


def _figures(
    subjects: Sequence[Subject], reader: Reader, chosen: Chosen, against: Chosen
) -> dict[str, str | int | float | None]:
    said = np.isfinite(reader.values)
    known = chosen & said
    levels = reader.values[known]
    people = [subject.person for subject, is_in in zip(subjects, known, strict=True) if is_in]
    refusals = Counter(
        subject.refused or "no level"
        for subject, is_in in zip(subjects, chosen & ~said, strict=True)
        if is_in
    )
    row: dict[str, str | int | float | None] = {
        "faces": int(chosen.sum()),
        "found": int(known.sum()),
        "refused": "; ".join(f"{reason} {count}" for reason, count in sorted(refusals.items())),
        "people": len(set(people)),
    }
    level = figures.mean(levels, people) if reader.is_level else figures.UNKNOWN
    row |= _columns("level", level)
    for name, limit in (("at_3", MODERATE), ("at_5", SEVERE)):
        reached = figures.share(levels >= limit, people) if reader.is_level else figures.UNKNOWN
        row |= _columns(name, reached)
    judged = against & said & np.array([s.label.pain is not None for s in subjects], np.bool_)
    pained = np.array([s.label.pain is True for s in subjects], np.bool_)[judged]
    who = [subject.person for subject, is_in in zip(subjects, judged, strict=True) if is_in]
    counts = (int(pained.sum()), int((~pained).sum()))
    # One face in pain among many says nothing of a group.
    enough = bool(chosen.all()) or min(counts) >= FEWEST_FACES
    order = figures.auroc(reader.values[judged], pained, who) if enough else figures.UNKNOWN
    row |= {"pain": counts[0], "no_pain": counts[1]} | _columns("auroc", order)
    above, pairs = figures.above_own(reader.values[judged], pained, who)
    return row | {"above_own_calm": above if pairs else None, "of_pain_faces": pairs or None}


def _columns(name: str, figure: figures.Figure) -> dict[str, str | int | float | None]:
    values = {name: figure.value, f"{name}_low": figure.low, f"{name}_high": figure.high}
    return {key: None if math.isnan(value) else value for key, value in values.items()}


def worst_expression(rows: Sequence[Row], reader: str) -> Row | None:
    """The expression that this reader tells least from pain; None where there is none."""
    known = [
        row
        for row in rows
        if row["reader"] == reader
        and row["by"] == "expression"
        and row["auroc"] is not None
        and int(row["no_pain"] or 0) >= FEWEST_FACES
    ]
    return min(known, key=lambda row: float(row["auroc"] or 0.0), default=None)
