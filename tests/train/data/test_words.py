from __future__ import annotations

import pytest

from pain.action_units import ActionUnit
from train.data.numbers import DecimalMark
from train.data.words import age_of, band_of, unit_of


@pytest.mark.parametrize(
    ("age", "band"),
    [(17.9, "under 18"), (18, "18-39"), (39.9, "18-39"), (40, "40-64"), (65, "65-79"), (80, "80+")],
)
def test_ages_fall_into_bands(age: float, band: str):
    assert band_of(age) == band


def test_a_band_that_is_no_number_stays_as_it_is():
    assert age_of("75+") == (None, "75+")


def test_an_age_with_a_decimal_comma_is_no_band():
    assert age_of("84,5", mark=DecimalMark.COMMA) == (84.5, "80+")


@pytest.mark.parametrize("band", ["65-79", "65 - 79", "65\u201379"])
def test_a_band_is_the_same_with_every_dash(band: str):
    assert age_of(band) == (None, "65-79")


@pytest.mark.parametrize("name", ["AU4", "au04", "AU_4", "au-4", "AU04_r", " AU 4 "])
def test_names_of_an_action_unit(name: str):
    assert unit_of(name) is ActionUnit.AU4


@pytest.mark.parametrize("name", ["AU04_c", "auction", "4", "level"])
def test_names_of_no_action_unit(name: str):
    assert unit_of(name) is None


def test_an_action_unit_that_is_not_reported_is_told_apart_from_no_action_unit():
    with pytest.raises(KeyError):
        unit_of("AU2")
