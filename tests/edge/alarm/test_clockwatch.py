from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.alarm.clockwatch import TOLD_FOR_S, ClockWatch
from edge.config import AlarmsConfig
from edge.gateway import kernel_clock
from pain.clock import Moment

WALL = datetime(2026, 11, 25, 12, tzinfo=UTC)


class World:
    def __init__(self, **config: object) -> None:
        self.monotonic_s = 100.0
        self.wall = WALL
        self.slept_s = 0.0
        self.synchronised: bool | None = True
        self.watch = ClockWatch(
            AlarmsConfig.model_validate(config),
            synchronised=lambda: self.synchronised,
            asleep_s=lambda: self.slept_s,
        )

    def pass_by(self, seconds: float, *, step_s: float = 0.0, asleep_s: float = 0.0) -> bool:
        """Time passes; whether the condition is present afterwards."""
        self.monotonic_s += seconds
        self.slept_s += asleep_s
        self.wall += timedelta(seconds=seconds + step_s + asleep_s)
        return self.present()

    def present(self) -> bool:
        return self.watch.judge(Moment(monotonic_s=self.monotonic_s, wall=self.wall)).present


@given(steps=st.lists(st.floats(-0.4, 0.4), max_size=50))
def test_a_clock_that_a_time_server_corrects_gently_is_trusted(steps: list[float]):
    world = World()
    assert not any(world.pass_by(1.0, step_s=step_s) for step_s in steps)


@pytest.mark.parametrize("step_s", [3600.0, -3600.0, 6.0])
def test_a_step_is_told_for_a_while_with_its_size(step_s: float):
    world = World()
    world.pass_by(1.0)
    assert world.pass_by(1.0, step_s=step_s)
    assert f"set by {step_s:+.0f} s" in str(world.watch.detail)
    assert world.pass_by(TOLD_FOR_S - 2.0)
    assert not world.pass_by(3.0)
    assert world.watch.detail is None


def test_a_machine_that_slept_says_so_and_is_no_stepped_clock():
    world = World()
    world.pass_by(1.0)
    assert world.pass_by(1.0, asleep_s=7200.0)
    assert "slept for 7200 s" in str(world.watch.detail)
    assert "set by" not in str(world.watch.detail)


def test_no_time_server_is_told_after_its_delay_and_ends_with_one():
    world = World(clock_unsynced_after_s=600.0)
    world.synchronised = False
    assert not world.pass_by(1.0)
    assert not world.pass_by(598.0)
    assert world.pass_by(2.0)
    assert "time server" in str(world.watch.detail)
    world.synchronised = True
    assert not world.pass_by(1.0)


@pytest.mark.parametrize(
    ("said", "limit_s"), [(None, 600.0), (True, 600.0), (False, None)], ids=str
)
def test_what_nobody_knows_or_wants_to_know_is_not_invented(
    said: bool | None, limit_s: float | None
):
    world = World(clock_unsynced_after_s=limit_s)
    world.synchronised = said
    assert not any(world.pass_by(500.0) for _ in range(5))


def test_the_kernel_is_asked_without_privileges():
    assert kernel_clock.synchronised() in (True, False, None)
    assert kernel_clock.asleep_s() > -1.0
