from dataclasses import replace

import numpy as np
import pytest

from pain.action_units import ActionUnit
from train.residents.expression import NEUTRAL, Expression, Kind
from train.residents.identity import Resident, draw_resident
from train.residents.skin import SIZE, draw_lag, draw_skin

AU = ActionUnit
GRIMACE = Expression(name="pain", kind=Kind.PAIN, units={AU.AU4: 5, AU.AU6: 5, AU.AU9: 5})


def person(index: int) -> Resident:
    return draw_resident(seed=1, index=index, local_labels=("head-age-incr", "l-eye-bag-incr",
                                                            "r-eye-bag-incr"))  # fmt: skip


def test_a_person_keeps_the_skin() -> None:
    first, second = draw_skin(person(3)), draw_skin(person(3))
    assert np.array_equal(first.height, second.height)
    assert np.array_equal(first.albedo, second.albedo)
    assert first.gains == second.gains


def test_people_differ_in_layout_and_in_how_far_lines_answer() -> None:
    skins = [draw_skin(person(index)) for index in range(6)]
    correlation = np.corrcoef([skin.groups["crow"].ravel() for skin in skins])
    assert np.abs(correlation[np.triu_indices(6, 1)]).mean() < 0.6
    gains = [gain for skin in skins for gain in skin.gains.values()]
    assert min(gains) == 0.0
    assert max(gains) > 1.0


def test_rest_shows_the_lines_of_age_alone() -> None:
    skin = draw_skin(person(4))
    assert np.array_equal(skin.relief(NEUTRAL, lag={}), skin.height)


def test_a_grimace_deepens_lines_unless_they_lag_wholly() -> None:
    skin = replace(draw_skin(person(5)), gains=dict.fromkeys(draw_skin(person(5)).gains, 1.0))
    deep = skin.relief(GRIMACE, lag={})
    assert deep.min() < skin.height.min() - 0.1
    still = skin.relief(GRIMACE, lag=dict.fromkeys(skin.groups, 0.0))
    assert np.array_equal(still, skin.height)


def test_lag_is_at_times_nothing_and_often_full() -> None:
    rng = np.random.default_rng(1)
    values = [value for _ in range(200) for value in draw_lag(rng).values()]
    assert np.mean([value == 0.0 for value in values]) == pytest.approx(1 / 6, abs=0.05)
    assert np.mean([value == 1.0 for value in values]) == pytest.approx(0.28, abs=0.05)


def test_maps_have_their_documented_shape() -> None:
    skin = draw_skin(person(6))
    assert skin.height.shape == (SIZE, SIZE)
    assert skin.albedo.shape == (SIZE, SIZE, 3)
    assert skin.height.dtype == skin.albedo.dtype == np.float32
    assert np.isfinite(skin.height).all()
    assert (skin.albedo > 0.0).all()
