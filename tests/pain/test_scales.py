"""PSPI, levels and the PAINAD hint."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pain.action_units import ActionUnit
from pain.scales import LEVEL_COUNT, PSPI_MAX, expected_level, level_curve, painad_facial_hint, pspi

AU4, AU6, AU7 = ActionUnit.AU4, ActionUnit.AU6, ActionUnit.AU7
AU9, AU10, AU43 = ActionUnit.AU9, ActionUnit.AU10, ActionUnit.AU43

units = st.dictionaries(st.sampled_from(list(ActionUnit)), st.floats(0, 5))


class TestPspi:
    @pytest.mark.parametrize(
        ("given_units", "expected"),
        [
            ({}, 0),
            ({AU4: 3}, 3),
            ({AU6: 2, AU7: 4}, 4),
            ({AU6: 4, AU7: 2}, 4),
            ({AU9: 1, AU10: 5}, 5),
            ({AU9: 5, AU10: 1}, 5),
            ({AU43: 5}, 1),
            ({AU43: 2.5}, 1),
            ({AU43: 2.4}, 0),
            ({AU4: 5, AU6: 5, AU7: 5, AU9: 5, AU10: 5, AU43: 5}, 16),
            ({AU4: 4, AU6: 3, AU7: 2, AU9: 1, AU10: 2, AU43: 5}, 10),
            ({AU4: 9}, 5),
            ({AU4: -1}, 0),
        ],
    )
    def test_is_the_sum_of_the_paper(self, given_units, expected):
        assert pspi(given_units) == pytest.approx(expected)

    @given(units)
    def test_is_on_its_scale(self, given_units):
        assert 0 <= pspi(given_units) <= PSPI_MAX

    @given(units, st.sampled_from(list(ActionUnit)), st.floats(0, 5))
    def test_never_falls_when_a_unit_rises(self, given_units, unit, more):
        raised = {**given_units, unit: max(given_units.get(unit, 0.0), more)}
        assert pspi(raised) >= pspi(given_units)

    @pytest.mark.parametrize(
        "unit", [u for u in ActionUnit if u not in {AU4, AU6, AU7, AU9, AU10, AU43}]
    )
    def test_leaves_out_what_it_does_not_name(self, unit):
        assert pspi({unit: 5}) == 0


class TestExpectedLevel:
    @pytest.mark.parametrize("level", range(LEVEL_COUNT))
    def test_of_certainty_is_that_level(self, level):
        assert expected_level(np.eye(LEVEL_COUNT, dtype=np.float32)[level]) == level

    def test_of_no_idea_is_the_middle(self):
        assert expected_level(np.full(7, 1 / 7, np.float32)) == pytest.approx(3.0)

    @given(st.lists(st.floats(0.0009765625, 1, width=32), min_size=7, max_size=7))
    def test_is_on_the_scale(self, weights):
        array = np.array(weights, np.float32)
        probabilities = array / array.sum()
        assert 0 <= expected_level(probabilities) <= 6


class TestLevelCurve:
    @given(st.lists(st.floats(0.01, 0.99), min_size=6, max_size=6, unique=True))
    def test_each_border_reads_half_way_between_its_levels(self, shares):
        borders = sorted(6.0 * share for share in shares)
        means, levels = level_curve(borders)
        np.testing.assert_allclose(np.interp(borders, means, levels), np.arange(6) + 0.5)
        np.testing.assert_allclose(np.interp([0.0, 6.0], means, levels), [0.0, 6.0])

    @pytest.mark.parametrize("borders", [(1.0, 1.0), (2.0, 1.0), (0.0, 1.0), (1.0, 2.0)])
    def test_no_class_may_be_without_room(self, borders):
        with pytest.raises(ValueError, match="rise strictly between 0 and 2"):
            level_curve(borders)


class TestPainadHint:
    @pytest.mark.parametrize(
        ("level", "hint"), [(0, 0), (1.49, 0), (1.5, 1), (3, 1), (3.49, 1), (3.5, 2), (6, 2)]
    )
    def test_has_three_steps(self, level, hint):
        assert painad_facial_hint(level) == hint

    @given(st.floats(0, 6), st.floats(0, 6))
    def test_never_falls_with_more_pain(self, one, other):
        low, high = sorted((one, other))
        assert painad_facial_hint(low) <= painad_facial_hint(high)
