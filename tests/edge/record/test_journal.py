"""The record as the daemon keeps it: never in the way, never silently incomplete."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from edge.record import journal as journal_module
from edge.record.chain import Chain
from edge.record.entry import Kind, Note
from edge.record.journal import HANGS_AFTER_S, Journal
from edge.record.read import Wanted, read
from edge.record.verify import verify
from pain.clock import SystemClock
from tests.edge.capture.clocks import HandClock

PATIENCE_S = 20.0


def journal(folder: Path, clock: HandClock | SystemClock | None = None) -> Journal:
    return Journal(folder, file_bytes=10_000, keep_days=400, clock=clock or SystemClock())


def kinds(folder: Path) -> list[str]:
    return [fields["kind"] for fields in read(folder, Wanted())]


def wait_until(true: Callable[[], bool]) -> None:
    """Poll with a deadline: what is waited for happens in another thread."""
    waited = threading.Event()
    for _ in range(int(PATIENCE_S / 0.02)):
        if true():
            return
        waited.wait(0.02)
    raise AssertionError("waited in vain")


def test_what_was_noted_is_on_the_disk_when_it_is_closed(tmp_path: Path):
    record = journal(tmp_path)
    record.note(Kind.STARTED, {})  # before its thread runs
    record.start()
    for number in range(500):
        record.note(Kind.ALARM, {"number": number}, room="room-1")
    record.close(PATIENCE_S)
    assert verify(tmp_path).flaws == []
    assert kinds(tmp_path) == ["started", *["alarm"] * 500]
    assert [f["body"]["number"] for f in read(tmp_path, Wanted(room="room-1"))] == list(range(500))
    assert record.trouble is None
    assert record.end.seq == 501


def test_a_full_disk_is_told_of_and_nothing_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    full = threading.Event()
    full.set()
    append = Chain.append

    def failing(self: Chain, notes: list[Note]) -> None:
        if full.is_set():
            raise OSError(28, "No space left on device")
        append(self, notes)

    monkeypatch.setattr(Chain, "append", failing)
    monkeypatch.setattr(journal_module, "RETRY_S", 0.01)
    record = journal(tmp_path)
    record.start()
    record.note(Kind.STARTED, {})
    wait_until(lambda: record.trouble is not None)
    assert record.trouble is not None
    assert "No space left on device" in record.trouble
    record.note(Kind.ALARM, {})
    full.clear()
    wait_until(lambda: record.trouble is None)
    record.close(PATIENCE_S)
    assert kinds(tmp_path) == ["started", "alarm"]


def test_what_found_no_place_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(journal_module, "MOST_WAITING", 3)
    record = journal(tmp_path)
    for _ in range(8):
        record.note(Kind.FAULT, {})
    record.start()
    record.close(PATIENCE_S)
    assert kinds(tmp_path) == ["fault", "fault", "fault", "lost"]
    (lost,) = read(tmp_path, Wanted(kinds=frozenset({"lost"})))
    assert lost["body"] == {"lines": 5}


def test_a_disk_that_hangs_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    hanging, go_on = threading.Event(), threading.Event()
    sync = os.fsync

    def hang(descriptor: int) -> None:
        hanging.set()
        assert go_on.wait(PATIENCE_S)
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", hang)
    clock = HandClock()
    record = journal(tmp_path, clock)
    record.start()
    record.note(Kind.STARTED, {})
    assert hanging.wait(PATIENCE_S)
    assert record.trouble is None
    clock.turn(HANGS_AFTER_S + 1)
    assert record.trouble is not None
    assert "does not answer" in record.trouble
    record.note(Kind.ALARM, {})  # returns at once
    go_on.set()
    record.close(PATIENCE_S)
    assert kinds(tmp_path) == ["started", "alarm"]


def test_a_record_that_another_process_writes_is_told_of(tmp_path: Path):
    note = Note(kind=Kind.TORN, room=None, at=SystemClock().now().wall, monotonic_s=0.0, body={})
    with Chain(tmp_path, boot="b", file_bytes=1000, keep_days=400, now=note):
        record = journal(tmp_path)
        record.start()
        record.note(Kind.STARTED, {})
        wait_until(lambda: record.trouble is not None)
        assert "another painwatch" in str(record.trouble)
        record.close(PATIENCE_S)
