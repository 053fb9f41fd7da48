"""A disk that answers, refuses, and does not come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.mqtt import disk as disk_module
from edge.mqtt.disk import Disk
from pain.errors import StorageError

SOON_S = 30.0


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    monkeypatch.setattr(disk_module, "HANGS_AFTER_S", 0.05)
    made = Disk(Path("/media/card/room.sqlite3"))
    yield made
    made.close()


def wait_for(disk: Disk) -> None:
    deadline_s = time.monotonic() + SOON_S
    while disk.hangs:
        assert time.monotonic() < deadline_s
        time.sleep(0.01)  # between looks; its thread comes back meanwhile


def test_everything_is_done_in_order_in_one_other_thread(disk: Disk) -> None:
    done: list[int] = []
    threads = {disk.do(lambda n=n: (done.append(n), threading.get_ident())[1]) for n in range(20)}
    assert done == list(range(20))
    assert len(threads - {threading.get_ident()}) == 1


def test_what_the_work_raises_is_raised_where_it_was_asked_for(disk: Disk) -> None:
    with pytest.raises(ZeroDivisionError):
        disk.do(lambda: 1 // 0)
    assert disk.do(lambda: 7) == 7


def test_one_that_hangs_is_asked_for_nothing_until_it_comes_back(disk: Disk) -> None:
    gate, reached = threading.Event(), threading.Event()
    with pytest.raises(StorageError, match=r"room\.sqlite3 .* has not answered"):
        disk.do(lambda: gate.wait(SOON_S))
    assert disk.hangs
    with pytest.raises(StorageError, match="has not answered"):
        disk.do(reached.set)
    gate.set()
    wait_for(disk)
    assert disk.do(lambda: "here again") == "here again"
    assert not reached.is_set(), "what was refused is not done later"


def test_a_result_that_comes_too_late_is_handed_over(disk: Disk) -> None:
    gate, came = threading.Event(), threading.Event()
    results: list[str] = []

    def take(result: str) -> None:
        results.append(result)
        came.set()

    with pytest.raises(StorageError):
        disk.do(lambda: gate.wait(SOON_S) and "a file that was opened", late=take)
    gate.set()
    assert came.wait(SOON_S)
    assert results == ["a file that was opened"]


def test_an_error_that_comes_too_late_is_nobodys(disk: Disk) -> None:
    gate = threading.Event()

    def fail() -> str:
        gate.wait(SOON_S)
        raise OSError

    with pytest.raises(StorageError):
        disk.do(fail, late=lambda _result: pytest.fail("there is none"))
    gate.set()
    wait_for(disk)
    assert disk.do(lambda: 7) == 7
