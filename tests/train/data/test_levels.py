from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.scales import LEVEL_MAX, PSPI_MAX
from train.data.levels import level_from_pspi

PSPI = st.floats(0.0, PSPI_MAX)


@given(PSPI, PSPI)
def test_the_level_never_falls_when_pspi_rises(one: float, other: float):
    low, high = sorted((one, other))
    assert 0.0 <= level_from_pspi(low) <= level_from_pspi(high) <= LEVEL_MAX


@pytest.mark.parametrize(("pspi", "level"), [(0.0, 0.0), (6.0, 3.0), (12.0, 6.0), (16.0, 6.0)])
def test_the_documented_points_of_the_map(pspi: float, level: float):
    assert level_from_pspi(pspi) == level
