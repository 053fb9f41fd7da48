"""What systemd is told: in the abstract, and by the real daemon through a real socket."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from pain.notify import Notifier, watchdog_interval_s
from tests.edge.gateway.conftest import RESIDENT_CLIP, MakeConfig
from tests.edge.gateway.daemons import Daemon, ServiceManager

WATCHDOG_S = 4.0


@pytest.mark.parametrize(
    ("environment", "interval_s"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
        ({"WATCHDOG_USEC": "30000000"}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 15.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
    ],
)
def test_a_sign_of_life_is_due_at_half_the_limit(
    environment: dict[str, str], interval_s: float | None
):
    assert watchdog_interval_s(environment) == interval_s


class Told:
    def __init__(self) -> None:
        self.said: list[str] = []
        self.notifier = Notifier({"WATCHDOG_USEC": "4000000"}, send=self.said.append)

    def tell(self, now_s: float, *, ready: bool = True, alive: bool = True, status: str = "x"):
        self.said.clear()
        self.notifier.tell(ready=ready, alive=alive, status=status, now_s=now_s)
        return self.said


def test_ready_is_said_once_and_not_before_the_rooms_are_settled():
    told = Told()
    assert "READY=1" not in told.tell(0.0, ready=False)
    assert "READY=1" in told.tell(1.0)
    assert "READY=1" not in told.tell(2.0)


def test_the_status_is_said_when_it_changes():
    told = Told()
    assert told.tell(0.0, status="1 room, 0 watched")[0] == "STATUS=1 room, 0 watched"
    assert not [one for one in told.tell(0.1, status="1 room, 0 watched") if "STATUS" in one]
    assert "STATUS=1 room, 1 watched" in told.tell(0.2, status="1 room, 1 watched")


def test_the_watchdog_hears_nothing_while_a_room_is_silent_unheard():
    told = Told()
    assert "WATCHDOG=1" in told.tell(10.0)
    assert told.tell(11.9) == []
    assert told.tell(12.0) == ["WATCHDOG=1"]
    assert told.tell(14.0, alive=False) == []
    assert told.tell(60.0, alive=False) == []
    assert told.tell(60.1) == ["WATCHDOG=1"]


def test_nothing_is_said_where_nobody_listens():
    notifier = Notifier({"WATCHDOG_USEC": "4000000"})
    notifier.tell(ready=True, alive=True, status="x", now_s=0.0)
    notifier.reloading()
    notifier.reloaded()
    notifier.stopping()


def test_the_daemon_tells_systemd_its_whole_life(make_config: MakeConfig, tmp_path: Path):
    rooms = [
        {"id": "room-1", "camera": {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}},
        {"id": "room-2", "camera": {"uri": "v4l2:///dev/v4l/by-id/absent"}},
    ]
    with ServiceManager(tmp_path / "notify") as manager:
        daemon = Daemon(
            tmp_path / "room.yaml",
            make_config(rooms=rooms),
            NOTIFY_SOCKET=str(manager.path),
            WATCHDOG_USEC=f"{WATCHDOG_S * 1e6:.0f}",
        )
        with daemon:
            manager.wait_for(lambda said: "READY=1" in said)
            assert (
                manager.said[0] == "STATUS=2 rooms, 0 watched; room-1: starting; room-2: starting"
            )
            # A room whose loss was told does not keep systemd from hearing of the others.
            manager.wait_for(lambda said: "STATUS=2 rooms, 1 watched; room-2: camera_lost" in said)
            since = len(manager.said)
            manager.wait_for(lambda said: said[since:].count("WATCHDOG=1") >= 2)
            since = len(manager.said)
            daemon.signal(signal.SIGHUP)
            manager.wait_for(lambda said: "READY=1" in said[since:])
        assert manager.said[-1] == "STOPPING=1"
    reloading, monotonic = next(
        one.split("\n") for one in manager.said[since:] if one.startswith("RELOADING=1")
    )
    assert reloading == "RELOADING=1"
    assert int(monotonic.removeprefix("MONOTONIC_USEC=")) > 0
    assert manager.said.count("READY=1") == 2
    assert "STOPPING=1" not in manager.said[:-1]


def test_a_worker_that_hangs_is_told_and_does_not_cost_the_others_the_service(
    make_config: MakeConfig, tmp_path: Path
):
    camera = {"uri": str(RESIDENT_CLIP), "loop": True, "fps_limit": 5}
    with ServiceManager(tmp_path / "notify") as manager:
        daemon = Daemon(
            tmp_path / "room.yaml", make_config(camera=camera), NOTIFY_SOCKET=str(manager.path)
        )
        with daemon:
            manager.wait_for(lambda said: "STATUS=1 room, 1 watched" in said)
            daemon.workers()["room-1"].suspend()
            manager.wait_for(lambda said: "STATUS=1 room, 0 watched; room-1: model_failed" in said)
            since = len(manager.said)
            # It was ended and another took its place.
            manager.wait_for(lambda said: "STATUS=1 room, 1 watched" in said[since:])
