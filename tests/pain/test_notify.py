"""What systemd is told, and when."""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from pain.notify import Notifier, watchdog_interval_s
from tests.brokers import PATIENCE_S


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


never_closed = pytest.mark.filterwarnings(
    # sdnotify has no way to close its socket.
    "ignore:.*unclosed.*:ResourceWarning",
    "ignore::pytest.PytestUnraisableExceptionWarning",
)


@never_closed
def test_a_service_manager_that_reads_nothing_holds_nobody_up_and_is_told_when_it_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        notifier = Notifier(os.environ)
        done = threading.Event()

        def tell() -> None:
            for number in range(2000):
                notifier.tell(ready=True, alive=True, status=f"{number}", now_s=0.0)
            done.set()

        threading.Thread(target=tell, daemon=True).start()
        assert done.wait(PATIENCE_S)
        manager.setblocking(False)
        with suppress(BlockingIOError):
            while manager.recv(4096):
                pass
        notifier.tell(ready=True, alive=True, status="1999", now_s=0.1)
        assert manager.recv(4096) == b"STATUS=1999"


@never_closed
def test_a_service_manager_that_is_gone_harms_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    Notifier(os.environ).tell(ready=True, alive=True, status="1 room, 1 watched", now_s=0.0)


@never_closed
def test_a_socket_without_a_file_is_told_too(monkeypatch: pytest.MonkeyPatch):
    name = f"painwatch-test-{os.getpid()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{name}")
        monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
        Notifier(os.environ).tell(ready=False, alive=True, status="1 room, 1 watched", now_s=0.0)
        manager.settimeout(PATIENCE_S)
        assert manager.recv(4096) == b"STATUS=1 room, 1 watched"
