"""Whoever calibrates a graph does not judge it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.faces import Faces
from export.quantise.people import part_people
from pain.errors import DataError
from train.data.sample import Origin, Sample


def made_up(subjects: list[str], levels: list[float] | None = None, *, data: str = "toy") -> Faces:
    count = len(subjects)
    known = np.zeros(count) if levels is None else np.array(levels)
    return Faces(
        inputs={"face": np.arange(count, dtype=np.uint8)[:, None]},
        levels=known.astype(np.float32),
        pspi=np.full(count, np.nan, np.float32),
        units=np.full((count, 1), np.nan, np.float32),
        samples=tuple(
            Sample(
                id=str(at),
                image=Path("nowhere"),
                subject=subject,
                origin=Origin.SYNTHETIC,
                source="toy",
            )
            for at, subject in enumerate(subjects)
        ),
        data=data,
    )


PEOPLE = st.lists(st.sampled_from("abcdefgh"), min_size=2, max_size=60)


@given(subjects=PEOPLE, calibration=st.integers(1, 80), seed=st.integers(0, 9))
def test_nobody_calibrates_and_judges(subjects: list[str], calibration: int, seed: int) -> None:
    if len(set(subjects)) == 1:
        with pytest.raises(DataError, match="different people"):
            part_people(made_up(subjects), calibration=calibration, seed=seed)
        return
    parted = part_people(made_up(subjects), calibration=calibration, seed=seed)
    groups = [
        {sample.subject for sample in part.samples} for part in (parted.calibration, parted.judging)
    ]
    assert groups[0].isdisjoint(groups[1])
    assert groups[0]
    assert len(groups[1]) >= len(set(subjects)) / 2
    assert len(parted.calibration) <= calibration


def test_only_known_levels_judge() -> None:
    subjects = ["a", "b", "c", "d"] * 3
    levels = [1.0, np.nan] * 6
    judging = part_people(made_up(subjects, levels), calibration=2).judging
    assert np.isfinite(judging.levels).all()
    with pytest.raises(DataError, match="known level"):
        part_people(made_up(subjects, [np.nan] * 12), calibration=2)


def test_a_set_that_is_made_for_tests_alone_calibrates_nothing() -> None:
    unseen = made_up(["a", "b", "c"], data="residents-unseen-seed5")
    with pytest.raises(DataError, match=r"residents-unseen-seed5: nothing may be fitted.*--data"):
        part_people(unseen, calibration=2)


def test_it_is_said_who_did_what() -> None:
    parted = part_people(made_up(["a", "a", "b", "b"]), calibration=9)
    assert str(parted) == "calibrated on 2 faces of 1 people, judged on 2 faces of 1 others"
