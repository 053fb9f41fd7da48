"""The queue of events: order, memory, and a disk that fails and comes back."""

from __future__ import annotations

import resource
import shutil
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.mqtt import backlog as backlog_module
from edge.mqtt import disk as disk_module
from edge.mqtt import shelf as shelf_module
from edge.mqtt.backlog import DAMAGE_TOLD_S, RETRY_S, WINDOW, Backlog
from edge.mqtt.shelf import Shelf
from pain.clock import Moment

START = datetime(2026, 1, 1, tzinfo=UTC)


class HandClock:
    def __init__(self) -> None:
        self.monotonic_s = 1000.0

    def now(self) -> Moment:
        return Moment(
            monotonic_s=self.monotonic_s, wall=START + timedelta(seconds=self.monotonic_s)
        )


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "room.sqlite3"


@contextmanager
def full_disk(limit_bytes: int = 0) -> Iterator[None]:
    """The kernel lets no file of this process grow beyond the limit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("what", ["the file", "the folder"])
def test_a_file_that_somebody_deletes_is_told_of_and_written_anew(
    file: Path, clock: HandClock, what: str
) -> None:
    backlog = Backlog(file, clock=clock)
    backlog.append([b"before"], state=b"one")
    if what == "the file":
        file.unlink()
    else:
        shutil.rmtree(file.parent)
    backlog.append([b"after"], state=b"two")
    assert "was deleted" in (backlog.trouble(clock.now()) or "")
    clock.monotonic_s += RETRY_S
    backlog.retry()
    assert backlog.trouble(clock.now()) is None
    backlog.close()
    again = Backlog(file, clock=clock)
    assert again.state == b"two"
    assert [again.head(), again.pop(), again.head()] == [b"before", None, b"after"]
    again.close()


class HangingDisk:
    """A disk that does not come back from one kind of call until it is let go."""

    def __init__(self, patch: pytest.MonkeyPatch, call: str) -> None:
        patch.setattr(disk_module, "HANGS_AFTER_S", 0.05)
        self._gate = threading.Event()
        real = getattr(Shelf, call)

        def hang(*args: object, **kwargs: object) -> object:
            assert self._gate.wait(60)
            return real(*args, **kwargs)

        patch.setattr(Shelf, call, hang)

    def let_go(self) -> None:
        self._gate.set()


def killed(file: Path) -> Path:
    """The file as a killed process leaves it, elsewhere; ours stays open."""
    left = file.parent.with_name(f"{file.parent.name}-left")
    shutil.rmtree(left, ignore_errors=True)
    shutil.copytree(file.parent, left)
    return left / file.name


def drain(backlog: Backlog) -> list[bytes]:
    told = []
    while (head := backlog.head()) is not None:
        told.append(head)
        backlog.pop()
    return told


def test_a_long_queue_stays_on_disk_and_comes_back_in_order(file: Path) -> None:
    events = [b"%d" % number for number in range(WINDOW * 3)]
    backlog = Backlog(file)
    for start in range(0, len(events), 100):
        backlog.append(events[start : start + 100])
    assert (len(backlog), backlog.in_memory) == (WINDOW * 3, WINDOW)
    told = [drain_one(backlog) for _ in range(10)]
    backlog.append([b"last"])
    assert told + drain(backlog) == [*events, b"last"]
    assert len(backlog) == 0
    backlog.close()


def drain_one(backlog: Backlog) -> bytes:
    head = backlog.head()
    assert head is not None
    backlog.pop()
    return head


def test_a_restart_tells_what_was_not_taken_and_knows_the_state(file: Path) -> None:
    backlog = Backlog(file)
    backlog.append([b"1", b"2"], state=b"two")
    drain_one(backlog)
    backlog.append([b"3"], state=b"three")
    left = killed(file)
    backlog.close()
    again = Backlog(left)
    assert again.state == b"three"
    assert drain(again) == [b"2", b"3"]
    again.remember(b"four")
    again.close()
    last = Backlog(left)
    assert last.state == b"four"
    last.close()


def test_a_full_disk_is_trouble_and_events_go_on_in_order(file: Path, clock: HandClock) -> None:
    backlog = Backlog(file, clock=clock)
    backlog.append([b"1"], state=b"one")
    assert backlog.trouble(clock.now()) is None
    with full_disk():
        backlog.append([b"2", b"3"], state=b"three")
        trouble = backlog.trouble(clock.now())
        assert trouble is not None
        assert str(file) in trouble
        assert drain_one(backlog) == b"1"
        assert drain_one(backlog) == b"2"
        clock.monotonic_s += RETRY_S
        backlog.retry()
        assert backlog.trouble(clock.now()) is not None
    clock.monotonic_s += RETRY_S
    backlog.retry()
    assert backlog.trouble(clock.now()) is None
    backlog.append([b"4"])
    left = killed(file)
    backlog.close()
    again = Backlog(left)
    assert again.state == b"three"
    assert drain(again) == [b"3", b"4"], "what was told is not told again"
    again.close()


def mended(backlog: Backlog, clock: HandClock) -> None:
    """Try again, as the room does five times a second, until the disk works."""
    deadline_s = time.monotonic() + 60
    while (trouble := backlog.trouble(clock.now())) is not None:
        assert time.monotonic() < deadline_s, trouble
        time.sleep(0.01)  # between looks; the disk's thread comes back meanwhile
        clock.monotonic_s += RETRY_S
        backlog.retry()


@pytest.mark.parametrize("call", ["store", "forget"])
def test_a_disk_that_hangs_holds_up_no_event_and_gets_all_of_them_in_the_end(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    backlog = Backlog(file, clock=clock)
    backlog.append([b"1", b"2"], state=b"two")
    disk = HangingDisk(monkeypatch, call)
    assert drain_one(backlog) == b"1"
    backlog.append([b"3", b"4"], state=b"four")
    assert "has not answered" in (backlog.trouble(clock.now()) or "")
    assert drain_one(backlog) == b"2"
    assert drain_one(backlog) == b"3"
    clock.monotonic_s += RETRY_S
    backlog.retry()
    assert backlog.trouble(clock.now()) is not None
    disk.let_go()
    mended(backlog, clock)
    left = killed(file)
    again = Backlog(left)
    assert again.state == b"four"
    assert drain(again) == [b"4"], "what was told is not told again"
    again.close()
    assert drain(backlog) == [b"4"]
    backlog.close()


def test_a_disk_that_hangs_from_the_start_holds_up_no_event(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Backlog(file, clock=clock)
    before.append([b"old"])
    before.close()
    clock.monotonic_s += 1
    monkeypatch.setattr(backlog_module, "FIRST_OPEN_S", 0.05)
    disk = HangingDisk(monkeypatch, "_opened")
    backlog = Backlog(file, clock=clock)
    backlog.append([b"new 1", b"new 2"])
    assert drain_one(backlog) == b"new 1"
    disk.let_go()
    # The file that was opened too late is closed: it would be locked else.
    mended(backlog, clock)
    assert drain(backlog) == [b"old", b"new 2"]
    backlog.close()


def test_the_state_of_the_run_before_is_waited_for_longer(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Backlog(file, clock=clock)
    before.append([b"old"], state=b"severe pain stands")
    before.close()
    disk = HangingDisk(monkeypatch, "_opened")
    threading.Timer(4 * disk_module.HANGS_AFTER_S, disk.let_go).start()
    backlog = Backlog(file, clock=clock)
    assert backlog.state == b"severe pain stands"
    assert backlog.trouble(clock.now()) is None
    backlog.close()


def test_a_hanging_disk_does_not_hold_up_the_end(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backlog = Backlog(file, clock=clock)
    disk = HangingDisk(monkeypatch, "store")
    backlog.append([b"1"])
    backlog.close()
    disk.let_go()


def test_a_failing_disk_is_tried_now_and_then_only(file: Path, clock: HandClock) -> None:
    backlog = Backlog(file, clock=clock)
    with full_disk():
        backlog.append([b"1"])
    backlog.retry()
    assert backlog.trouble(clock.now()) is not None, "not yet"
    clock.monotonic_s += RETRY_S
    backlog.retry()
    assert backlog.trouble(clock.now()) is None
    backlog.close()


def test_a_file_that_another_daemon_holds_is_trouble_and_nothing_of_it_is_lost(
    file: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shelf_module, "LOCK_WAIT_S", 0.05)
    first = Backlog(file, clock=clock)
    first.append([b"old 1", b"old 2"])
    clock.monotonic_s += 1
    second = Backlog(file, clock=clock)
    second.append([b"new 1", b"new 2"])
    assert "locked" in (second.trouble(clock.now()) or "")
    assert second.head() == b"new 1"  # on its way when the disk comes back
    first.close()
    clock.monotonic_s += RETRY_S
    second.retry()
    second.pop()
    assert drain(second) == [b"old 1", b"old 2", b"new 2"]
    second.close()


def test_a_damaged_file_is_trouble_for_a_while(file: Path, clock: HandClock) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database" * 1000)
    backlog = Backlog(file, clock=clock)
    assert "damaged" in (backlog.trouble(clock.now()) or "")
    backlog.append([b"1"])
    clock.monotonic_s += DAMAGE_TOLD_S
    assert backlog.trouble(clock.now()) is None
    backlog.close()
    again = Backlog(file)
    assert drain(again) == [b"1"]
    again.close()


def test_age_is_that_of_the_oldest(clock: HandClock) -> None:
    backlog = Backlog(clock=clock)
    assert backlog.waiting_s(clock.now()) == 0
    backlog.append([b"1"])
    clock.monotonic_s += 7
    backlog.append([b"2"])
    assert backlog.waiting_s(clock.now()) == pytest.approx(7)
    drain_one(backlog)
    assert backlog.waiting_s(clock.now()) == 0


STEPS = st.lists(
    st.sampled_from(["append", "append", "pop", "kill", "close", "full", "space", "retry"]),
    max_size=40,
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_nothing_is_lost_or_overtaken_whatever_happens_to_process_and_disk(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    clock = HandClock()
    folder = tmp_path_factory.mktemp("backlog")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backlog_module, "WINDOW", 3)
        file = folder / "a" / "room.sqlite3"
        backlog = Backlog(file, clock=clock)
        expected: deque[bytes] = deque()
        count, full = 0, False
        for step in steps:
            clock.monotonic_s += RETRY_S
            match step:
                case "append":
                    events = [b"%d" % (count + offset) for offset in range(2)]
                    count += 2
                    with full_disk() if full else full_disk(2**30):
                        backlog.append(events, state=events[-1])
                    expected.extend(events)
                case "pop":
                    with full_disk() if full else full_disk(2**30):
                        head = backlog.head()
                        assert head == (expected[0] if expected else None)
                        if head is not None:
                            backlog.pop()
                            expected.popleft()
                case "kill" if not full and backlog.trouble(clock.now()) is None:
                    file = killed(file)
                    backlog.close()
                    backlog = Backlog(file, clock=clock)
                case "close" if not full:
                    backlog.close()
                    backlog = Backlog(file, clock=clock)
                case "retry" if not full:
                    backlog.retry()
                case "full" | "space":
                    full = step == "full"
            assert len(backlog) == len(expected)
        assert drain(backlog) == list(expected)
        backlog.close()
