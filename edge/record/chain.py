"""Appends to a record: whole lines, on the disk before it returns, into files of a bounded size."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Self

from edge.record.entry import Kind, Link, Note, link_of, opened, sealed
from edge.record.segments import Segment, ends_torn, lines, segment, segments, write_head

_LOCK: Final = "lock"
_SHOWN: Final = 500
"""Bytes of an unfinished line that are kept."""


class RecordBusy(Exception):
    """Another process writes this record."""


class Chain:
    """One record that is open for writing; a context manager.

    What a power cut left unfinished is cut off and told of by a line of its own.

    Args:
        folder: made where it is absent.
        boot: the machine's boot id.
        file_bytes: a file that has grown past this is followed by a new one.
        keep_days: files whose lines are all older than the newest full file's are deleted, and a
            line says so.
        now: the present moment, for what this class records itself.

    Raises:
        RecordBusy: another process writes here.
        OSError: the disk is full, failing or not ours.
    """

    def __init__(
        self, folder: Path, *, boot: str, file_bytes: int, keep_days: int, now: Note
    ) -> None:
        self._folder = folder
        self._boot = boot
        self._file_bytes = file_bytes
        self._keep = timedelta(days=keep_days)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (folder / _LOCK).open("ab")
        try:
            self._claim()
            self._segment, self._link, torn = _end_of(folder)
            self._day = _day_of(self._segment)
            self._file: BinaryIO = self._segment.path.open("ab")
        except BaseException:
            self._lock.close()
            raise
        if torn is not None:
            self.append([_torn(torn, now)])

    @property
    def end(self) -> Link:
        """Where the chain ends."""
        return self._link

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the file and let others write."""
        # What could not be written is told by the append that failed; closing tries it again.
        with suppress(OSError):
            self._file.close()
        self._lock.close()

    def append(self, notes: Sequence[Note]) -> None:
        """Put notes at the end, in order, and wait until the disk has them.

        Raises:
            OSError: the disk did not take them; close, and open anew before another try.
        """
        if not notes:
            return
        turned = self._turn(notes[0].at)
        written = b""
        link = self._link
        for note in [*turned, *notes]:
            line, link = sealed(note, link, boot=self._boot)
            written += line
        self._file.write(written)
        self._file.flush()
        os.fsync(self._file.fileno())
        self._link = link
        write_head(self._folder, link)
        for note in turned:
            _delete(self._folder, note)

    def _claim(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise RecordBusy from error

    def _turn(self, at: datetime) -> list[Note]:
        """Begin a new file where one is due; what is to be recorded about old ones."""
        size = self._file.tell()
        due = size >= self._file_bytes or (size and self._day is not None and self._day < at.date())
        if not due:
            self._day = self._day or at.date()
            return []
        self._file.close()
        self._segment = segment(self._folder, self._segment.number + 1)
        self._file = self._segment.path.open("ab")
        self._day = at.date()
        return self._forgotten(at)

    def _forgotten(self, at: datetime) -> list[Note]:
        # Today may be a clock that leapt ahead, and nothing brings a file back: files are judged by
        # the day before, so that a clock must be wrong for a day and more.
        full = segments(self._folder)[:-1]
        newest = _last_line(full[-1].path) if full else None
        if newest is None:
            return []
        today = min(at, datetime.fromisoformat(newest["at"]))
        old: tuple[Segment, dict[str, Any]] | None = None
        for part in full:
            last = _last_line(part.path)
            if last is None or today - datetime.fromisoformat(last["at"]) < self._keep:
                break
            old = part, last
        if old is None:
            return []
        part, last = old
        end = link_of(last)
        body = {"upto_file": part.number, "upto_seq": end.seq, "upto_hash": end.hash}
        return [Note(kind=Kind.FORGOTTEN, room=None, at=at, monotonic_s=0.0, body=body)]


def _end_of(folder: Path) -> tuple[Segment, Link, bytes | None]:
    """The file to go on with, the end of the chain, and what was cut off as unfinished."""
    parts = segments(folder)
    if not parts:
        return segment(folder, 1), Link(), None
    newest = parts[-1]
    torn = _cut(newest.path) if ends_torn(newest.path) else None
    for part in reversed(parts):
        last = _last_line(part.path)
        if last is not None:
            return newest, link_of(last), torn
    return newest, Link(), torn


def _cut(path: Path) -> bytes:
    """Take off what stands after the last newline; it is given back."""
    content = path.read_bytes()
    keep = content.rfind(b"\n") + 1
    with path.open("r+b") as file:
        file.truncate(keep)
        os.fsync(file.fileno())
    return content[keep:]


def _torn(rest: bytes, now: Note) -> Note:
    return Note(
        kind=Kind.TORN,
        room=None,
        at=now.at,
        monotonic_s=now.monotonic_s,
        body={
            "bytes": len(rest),
            "sha256": hashlib.sha256(rest).hexdigest(),
            "text": rest[:_SHOWN].decode("ascii", "replace"),
        },
    )


def _last_line(path: Path) -> dict[str, Any] | None:
    """The last line that is as it was written; None without one."""
    found: dict[str, Any] | None = None
    for line in lines(path):
        with suppress(ValueError):
            found = opened(line)
    return found


def _day_of(part: Segment) -> date | None:
    if not part.path.exists():
        return None
    last = _last_line(part.path)
    return None if last is None else datetime.fromisoformat(last["at"]).date()


def _delete(folder: Path, note: Note) -> None:
    for part in segments(folder):
        if part.number <= int(note.body["upto_file"]):
            part.path.unlink(missing_ok=True)
