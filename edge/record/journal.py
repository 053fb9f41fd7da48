"""Takes notes from the main loop and writes them from a thread of its own."""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final, Protocol

from edge.record.chain import Chain, RecordBusy
from edge.record.entry import Kind, Link, Note
from pain.clock import Clock

_log = logging.getLogger(__name__)

MOST_WAITING: Final = 10_000
"""Notes that wait for the disk; some 10 MB."""

AT_ONCE: Final = 200
RETRY_S: Final = 5.0
HANGS_AFTER_S: Final = 10.0
"""A write that takes this long is told of: the disk hangs."""

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class Notebook(Protocol):
    """What a room needs of the record."""

    @property
    def trouble(self) -> str | None:
        """What keeps notes from the disk."""
        ...

    def note(self, kind: Kind, body: Mapping[str, Any], *, room: str | None = None) -> None:
        """Record something; never waits and never raises."""
        ...


class Journal:
    """The record of one box. Started once, closed once.

    Monitoring never waits for it: notes queue in memory, a thread writes them, and a disk that is
    full, slow or gone is told of by ``trouble`` and tried again for ever. What finds no place in
    the queue is counted, and the count is recorded.

    Args:
        folder: of the record.
        file_bytes: size after which a new file is begun.
        keep_days: age after which files are deleted.
        clock: the machine's time.
    """

    def __init__(self, folder: Path, *, file_bytes: int, keep_days: int, clock: Clock) -> None:
        self._folder = folder
        self._file_bytes = file_bytes
        self._keep_days = keep_days
        self._clock = clock
        self._boot = _boot_id()
        self._changed = threading.Condition()
        self._waiting: deque[Note] = deque()
        self._lost = 0
        self._closing = False
        self._trouble: str | None = None
        self._busy_since_s: float | None = None
        self._end = Link()
        self._thread = threading.Thread(target=self._run, name="record", daemon=True)

    @property
    def trouble(self) -> str | None:
        """What keeps notes from the disk, in words; None when all is well."""
        with self._changed:
            if self._trouble is not None:
                return self._trouble
            since_s = self._busy_since_s
        if since_s is not None and self._clock.now().monotonic_s - since_s > HANGS_AFTER_S:
            return f"the record in {self._folder} cannot be written: the disk does not answer"
        return None

    @property
    def end(self) -> Link:
        """Where the chain ends on the disk."""
        return self._end

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def note(self, kind: Kind, body: Mapping[str, Any], *, room: str | None = None) -> None:
        """Record something; never waits for the disk and never raises."""
        now = self._clock.now()
        made = Note(kind=kind, room=room, at=now.wall, monotonic_s=now.monotonic_s, body=body)
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._lost += 1
                return
            self._waiting.append(made)
            self._changed.notify_all()

    def close(self, timeout_s: float) -> None:
        """Write what waits and end; a disk that hangs is left alone after ``timeout_s``."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def _run(self) -> None:
        while not self._done():
            try:
                with self._open() as chain:
                    self._write(chain)
            except RecordBusy:
                self._fail("another painwatch writes it")
            except OSError as error:
                self._fail(error.strerror or str(error))
            except Exception:  # noqa: BLE001  the reason follows
                # Without this thread nothing more would be recorded, so it outlives any mistake.
                _log.exception("the record is opened anew")
                self._fail("an internal error")
            self._pause()

    def _open(self) -> Chain:
        now = self._clock.now()
        with self._changed:
            self._busy_since_s = now.monotonic_s
        chain = Chain(
            self._folder,
            boot=self._boot,
            file_bytes=self._file_bytes,
            keep_days=self._keep_days,
            now=Note(kind=Kind.TORN, room=None, at=now.wall, monotonic_s=now.monotonic_s, body={}),
        )
        self._end = chain.end
        return chain

    def _write(self, chain: Chain) -> None:
        while True:
            with self._changed:
                self._busy_since_s = None
                self._changed.wait_for(lambda: self._waiting or self._closing or self._lost)
                batch = list(islice(self._waiting, AT_ONCE))
                lost = self._lost
                if not batch and not lost:
                    return
                now = self._clock.now()
                self._busy_since_s = now.monotonic_s
            missed = Note(
                kind=Kind.LOST,
                room=None,
                at=now.wall,
                monotonic_s=now.monotonic_s,
                body={"lines": lost},
            )
            chain.append([*batch, missed] if lost else batch)
            with self._changed:
                for _ in batch:
                    self._waiting.popleft()
                self._lost -= lost
                self._end = chain.end
                if self._trouble is not None:
                    _log.info("the record in %s is written again", self._folder)
                self._trouble = None

    def _fail(self, why: str) -> None:
        with self._changed:
            self._busy_since_s = None
            told = self._trouble
            self._trouble = f"the record in {self._folder} cannot be written: {why}"
        if self._trouble != told:
            _log.error("%s; it is tried again", self._trouble)

    def _pause(self) -> None:
        with self._changed:
            if self._trouble is not None:
                self._changed.wait_for(lambda: self._closing, RETRY_S)

    def _done(self) -> bool:
        with self._changed:
            return self._closing and (self._trouble is not None or not self._waiting)


def _boot_id() -> str:
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return "unknown"
