from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import ActionUnit
from train.data.words import age_of, band_of, number_within, unit_of


@pytest.mark.parametrize(
    ("age", "band"),
    [(17.9, "under 18"), (18, "18-39"), (39.9, "18-39"), (40, "40-64"), (65, "65-79"), (80, "80+")],
)
def test_ages_fall_into_bands(age: float, band: str):
    assert band_of(age) == band


def test_a_band_that_is_no_number_stays_as_it_is():
    assert age_of("75+") == (None, "75+")


@pytest.mark.parametrize("name", ["AU4", "au04", "AU_4", "au-4", "AU04_r", " AU 4 "])
def test_names_of_an_action_unit(name: str):
    assert unit_of(name) is ActionUnit.AU4


@pytest.mark.parametrize("name", ["AU04_c", "auction", "4", "level"])
def test_names_of_no_action_unit(name: str):
    assert unit_of(name) is None


def test_an_action_unit_that_is_not_reported_is_told_apart_from_no_action_unit():
    with pytest.raises(KeyError):
        unit_of("AU2")


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_a_number_is_inside_its_range_or_refused(value: float):
    try:
        assert 0.0 <= number_within(repr(value), 0.0, 6.0) <= 6.0
    except ValueError as error:
        assert not 0.0 <= value <= 6.0
        assert "0 to 6" in str(error)  # noqa: PT017 - both outcomes are right for some value
