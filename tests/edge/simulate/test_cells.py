"""Sweeps of limits and delays."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from edge.config import AlarmsConfig, SmoothingConfig
from edge.simulate.cells import Cell, cells
from pain.errors import UsageError


def tried(*sweep: str, cusum: Sequence[str] = ()) -> list[Cell]:
    return cells(SmoothingConfig(), AlarmsConfig(), sweep, cusum=cusum)


def test_without_a_sweep_the_configuration_is_tried_as_it_is():
    (cell,) = tried()
    assert cell.alarms == AlarmsConfig()
    assert cell.smoothing == SmoothingConfig()
    assert cell.name == "as configured"


def test_every_combination_is_tried():
    found = tried("on_delay_s=2,4,8", "moderate=2.5,3", "time_constant_s=2")
    assert len(found) == 6
    last = found[-1]
    assert last.name == "on_delay_s 8, moderate 3, time_constant_s 2"
    assert last.alarms.pain_moderate.on_delay_s == last.alarms.pain_severe.on_delay_s == 8.0
    assert last.alarms.pain_severe.level == AlarmsConfig().pain_severe.level
    assert last.smoothing.time_constant_s == 2.0


def test_cumulative_sums_come_beside_the_daemons_detector():
    found = tried(cusum=["reference=2.5,3", "threshold=1,4"])
    assert len(found) == 5
    assert found[0].cusum is None
    assert all(cell.cusum is not None for cell in found[1:])
    assert len({cell.name for cell in found}) == len(found)


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        ("on_delay=2", "no key 'on_delay'.*on_delay_s"),
        ("on_delay_s=two", "give numbers"),
        ("on_delay_s=", "give numbers"),
        ("moderate=5.5", "above pain_moderate"),
        ("median_s=9", "less than or equal to 5"),
        ("camera_lost_after_s=2", "above 3 s"),
    ],
)
def test_a_wrong_sweep_is_refused(sweep: str, said: str):
    with pytest.raises(UsageError, match=said):
        tried(sweep)


@pytest.mark.parametrize(
    ("cusum", "said"),
    [(["reference=3"], "needs both"), (["limit=3", "threshold=1"], "--cusum 'limit=3': no key")],
)
def test_wrong_sums_are_refused(cusum: list[str], said: str):
    with pytest.raises(UsageError, match=said):
        tried(cusum=cusum)
