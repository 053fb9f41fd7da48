from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.capture.timing import LEAP_S, RateLimit, Timeline

INTERVAL_S = 0.04

PLACES = [
    ("as presented", (0.0, 0.04, 0.5), (0.0, 0.04, 0.5)),
    ("counted from the first", (7.0, 7.04, 7.5), (0.0, 0.04, 0.5)),
    ("no times at all", (None, None, None), (0.0, 0.04, 0.08)),
    ("a time missing", (0.0, None, 0.08), (0.0, 0.04, 0.08)),
    ("times begin late", (None, 9.0, 9.04), (0.0, 0.04, 0.08)),
    ("the same time twice", (0.0, 0.04, 0.04), (0.0, 0.04, 0.08)),
    ("a jump back", (0.0, 0.04, 0.0, 0.04), (0.0, 0.04, 0.08, 0.12)),
    ("a pause", (0.0, 0.04, 9.0, 9.04), (0.0, 0.04, 9.0, 9.04)),
    ("a leap of two hours", (0.0, 0.04, 7200.0, 7200.04), (0.0, 0.04, 0.08, 0.12)),
    ("there and back", (0.0, 7200.0, 0.08, 0.12), (0.0, 0.04, 0.08, 0.12)),
    ("a leap into the past", (7200.0, 7200.04, 0.0, 0.04), (0.0, 0.04, 0.08, 0.12)),
]


@pytest.mark.parametrize(("case", "presented", "placed"), PLACES)
def test_pictures_are_placed_on_one_line(
    case: str, presented: tuple[float | None, ...], placed: tuple[float, ...]
) -> None:
    timeline = Timeline(interval_s=INTERVAL_S)
    assert [timeline.place(at) for at in presented] == pytest.approx(placed), case


def test_the_average_rate_of_a_file_that_leaps_is_not_believed() -> None:
    """Two pictures and two hours: 3600 s apart on average."""
    timeline = Timeline(interval_s=3600.0)
    placed = [timeline.place(at) for at in (0.0, 0.04, 7200.0)]
    assert placed == pytest.approx([0.0, 0.04, 0.08])
    assert timeline.leapt_s == pytest.approx(7200 - 0.08)


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=2))
def test_nothing_lasts_longer_than_the_longest_pause(presented: list[float | None]) -> None:
    timeline = Timeline(interval_s=INTERVAL_S)
    placed = [timeline.place(at) for at in presented]
    assert all(later - earlier <= LEAP_S for earlier, later in pairwise(placed))


@given(st.lists(st.none() | st.floats(-1e6, 1e6), min_size=1))
def test_time_only_runs_forward(presented: list[float | None]) -> None:
    timeline = Timeline(interval_s=INTERVAL_S)
    placed = [timeline.place(at) for at in presented]
    assert placed[0] == 0.0
    assert all(later > earlier for earlier, later in pairwise(placed))


def admitted(limit_fps: float, camera_fps: float, seconds: float) -> int:
    limit = RateLimit(fps=limit_fps)
    return sum(limit.admits(index / camera_fps) for index in range(int(seconds * camera_fps)))


@pytest.mark.parametrize(
    ("limit_fps", "camera_fps", "kept_fps"),
    [(25, 25, 25), (25, 30, 25), (25, 60, 25), (10, 25, 10), (25, 12, 12), (1, 25, 1)],
)
def test_the_rate_is_limited_and_slower_cameras_pass(
    limit_fps: float, camera_fps: float, kept_fps: float
) -> None:
    assert admitted(limit_fps, camera_fps, 60) == pytest.approx(60 * kept_fps, abs=1)


@given(st.lists(st.floats(-0.4, 0.4), min_size=100, max_size=100))
def test_jitter_costs_a_camera_at_the_limit_no_picture(jitter: list[float]) -> None:
    limit = RateLimit(fps=25)
    limit.admits(0.0)
    assert all(
        limit.admits((index + offset) * INTERVAL_S) for index, offset in enumerate(jitter, 1)
    )


def test_a_gap_is_not_made_up_for_by_a_burst() -> None:
    limit = RateLimit(fps=10)
    assert limit.admits(0.0)
    assert limit.admits(50.0)
    assert [limit.admits(50.0 + 0.01 * step) for step in (1, 2, 3)] == [False] * 3
