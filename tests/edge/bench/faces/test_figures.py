from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from edge.bench.faces import figures


def alone(count: int) -> list[str]:
    return [f"p{number}" for number in range(count)]


@pytest.mark.parametrize(
    ("hits", "count", "low", "high"),
    [  # Wilson's interval as published tables give it (Newcombe 1998, method 3)
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_of_people_has_wilsons_interval(hits: int, count: int, low: float, high: float):
    figure = figures.share(np.arange(count) < hits, alone(count))
    assert (figure.low, figure.high) == pytest.approx((low, high), abs=1e-4)


def test_faces_of_one_person_are_no_more_than_that_person():
    hits = np.array([True] * 10 + [False] * 30)
    people = [f"p{number // 10}" for number in range(40)]
    many, few = figures.share(hits, alone(40)), figures.share(hits, people)
    assert few.value == many.value == 0.25
    assert few.high - few.low > 2 * (many.high - many.low)


def test_none_of_three_people_is_none_of_three_however_many_their_faces():
    people = [f"p{number % 3}" for number in range(300)]
    assert figures.share(np.zeros(300, np.bool_), people).high > 0.5


def test_nobody_has_no_share_no_mean_and_no_order():
    nothing, said = np.array([]), np.array([], np.bool_)
    for figure in (
        figures.share(said, []),
        figures.mean(nothing, []),
        figures.auroc(nothing, said, []),
        figures.auroc(np.array([1.0, 2.0]), np.array([True, True]), ["a", "b"]),
    ):
        assert math.isnan(figure.value)


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_the_order_is_scikit_learns_area(faces: list[tuple[int, bool]]):
    values = np.array([float(value) for value, _ in faces])
    pained = np.array([is_pained for _, is_pained in faces])
    figure = figures.auroc(values, pained, alone(len(faces)))
    if 0 < pained.sum() < len(pained):
        assert figure.value == pytest.approx(roc_auc_score(pained, values))
        assert figure.low <= figure.high


def test_an_interval_holds_its_figure_and_narrows_with_people():
    rng = np.random.default_rng(3)

    def width(count: int) -> float:
        pained = np.arange(count) % 2 == 0
        values = rng.normal(size=count) + pained
        area = figures.auroc(values, pained, alone(count))
        level = figures.mean(values, alone(count))
        assert area.low < area.value < area.high
        assert level.low < level.value < level.high
        return area.high - area.low

    assert width(400) < width(40) / 2


def test_a_face_counts_as_above_its_own_calm_only_where_there_is_one():
    values = np.array([1.0, 2.0, 0.5, 5.0, 3.0])
    pained = np.array([False, True, True, True, False])
    assert figures.above_own(values, pained, ["a", "a", "a", "b", "c"]) == (1, 2)
