"""What systemd is told by the real daemon through a real socket."""

from __future__ import annotations

import signal
from pathlib import Path

from tests.edge.gateway.conftest import RESIDENT_CLIP, MakeConfig
from tests.edge.gateway.daemons import Daemon, ServiceManager

WATCHDOG_S = 4.0


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
