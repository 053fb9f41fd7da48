"""Faces are chosen evenly over levels and people, and come as the tracker saw them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.faces import Faces, choose_evenly, load_faces
from pain.errors import DataError
from tests.train.protocol.toy import Toy

ROWS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.4, 1.0, 2.6, 6.0, np.nan]), st.sampled_from("abcde")),
    min_size=1,
    max_size=60,
)


def parted(rows: list[tuple[float, str]]) -> tuple[np.ndarray, np.ndarray, list[object]]:
    """Levels, subjects, and the nearest level of each, with one of its own for unknown ones."""
    levels = np.array([level for level, _ in rows], np.float32)
    nearest = ["?" if np.isnan(level) else int(np.floor(level + 0.5)) for level in levels.tolist()]
    return levels, np.array([person for _, person in rows]), nearest


def counts(values: list[object]) -> dict[object, int]:
    return {value: values.count(value) for value in set(values)}


@given(rows=ROWS, share=st.floats(0.0, 1.0), seed=st.integers(0, 5))
def test_none_has_many_more_than_another_while_the_other_has_faces_left(
    rows: list[tuple[float, str]], share: float, seed: int
) -> None:
    levels, people, nearest = parted(rows)
    count = round(share * len(rows))
    chosen = choose_evenly(levels, people, count=count, seed=seed).tolist()
    assert chosen == sorted(set(chosen))
    assert len(chosen) == count
    of_level = counts([nearest[row] for row in chosen])
    most = max(of_level.values(), default=0)
    for level, there_are in counts(nearest).items():
        taken = of_level.get(level, 0)
        assert taken >= min(there_are, most - 1)
        mine = [row for row in range(len(rows)) if nearest[row] == level]
        of_person = counts([str(people[row]) for row in chosen if row in mine])
        most_of_one = max(of_person.values(), default=0)
        for person, has in counts([str(people[row]) for row in mine]).items():
            assert of_person.get(person, 0) >= min(has, most_of_one - 1)


def test_rare_levels_are_not_drowned_and_nobody_stands_for_all() -> None:
    levels = np.array([0.0] * 90 + [5.0] * 6 + [np.nan] * 4, np.float32)
    people = np.array(["one"] * 80 + ["two", "three"] * 10)
    chosen = choose_evenly(levels, people, count=12)
    assert [int((chosen < 90).sum()), int((chosen >= 96).sum())] == [4, 4]
    assert {"one", "two", "three"} == set(people[chosen[chosen < 90]].tolist())


def test_the_seed_chooses_and_repeats() -> None:
    levels, people = np.zeros(50, np.float32), np.array(["a", "b"] * 25)
    draws = [choose_evenly(levels, people, count=10, seed=seed).tolist() for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_what_is_loaded_belongs_together(tracked: Toy, faces: Faces) -> None:
    whole = load_faces(tracked.data, tracked.cache, limit=None)
    assert (len(whole), len(faces)) == (24, 16)
    rows = [whole.samples.index(sample) for sample in faces.samples]
    for name, values in faces.inputs.items():
        np.testing.assert_array_equal(values, whole.inputs[name][rows])
    np.testing.assert_array_equal(faces.levels, whole.levels[rows])
    truth = [np.nan if sample.level is None else sample.level for sample in faces.samples]
    np.testing.assert_allclose(faces.levels, truth)
    again = whole.take(np.array(rows))
    assert again.samples == faces.samples
    np.testing.assert_array_equal(again.units, faces.units)


def test_crops_that_nobody_needs_stay_on_the_disk(tracked: Toy) -> None:
    few = load_faces(tracked.data, tracked.cache, limit=8, needs=("landmarks",))
    assert set(few.inputs) == {"landmarks"}
    with pytest.raises(DataError, match="--crops"):
        few.of(("face",))
