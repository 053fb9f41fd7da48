"""One line of the record."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

GENESIS: Final = "0" * 64
"""Stands as the hash before the first line."""

LONGEST_LINE: Final = 64 * 1024
"""Bytes; our lines have some 700."""


class Kind(StrEnum):
    """What a line tells.

    STARTED, STOPPED: of the daemon. CONFIGURED: the settings in force, by their hash, and which
    keys changed. MODEL: what a worker scores with. ALARM, COMMAND, RESTART: the events that went
    out over MQTT, answers to commands with the person's id among them. IDENTITY: who consented
    that a face is enrolled, and what became of it; never the face. BASELINE: what became of a
    measurement of a resident's neutral, or who deleted it. WORKER_LOST, FAULT: what broke. TORN: a
    line that a power cut left unfinished was set aside. LOST: lines that found no place, by their
    number. FORGOTTEN: old files were deleted, as the settings ask.
    """

    STARTED = "started"
    STOPPED = "stopped"
    CONFIGURED = "configured"
    MODEL = "model"
    ALARM = "alarm"
    COMMAND = "command"
    RESTART = "restart"
    IDENTITY = "identity"
    BASELINE = "baseline"
    WORKER_LOST = "worker_lost"
    FAULT = "fault"
    TORN = "torn"
    LOST = "lost"
    FORGOTTEN = "forgotten"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is to be recorded, before it has a place in the chain.

    Attributes:
        kind: what it tells.
        room: short name of the room, None for the whole box.
        at: when it happened, UTC.
        monotonic_s: the same on the monotonic clock, seconds.
        body: the rest; JSON values.
    """

    kind: Kind
    room: str | None
    at: datetime
    monotonic_s: float
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where the chain ends.

    Attributes:
        seq: number of the last line, 0 before the first.
        hash: its hash, 64 hexadecimal digits.
    """

    seq: int = 0
    hash: str = GENESIS


def sealed(note: Note, after: Link, *, boot: str) -> tuple[bytes, Link]:
    """Put a note at the end of the chain.

    Args:
        note: what is recorded.
        after: where the chain ends.
        boot: the machine's boot id; monotonic times compare within one boot alone.

    Returns:
        The line, newline included, and the new end of the chain.
    """
    fields = {
        "seq": after.seq + 1,
        "at": note.at.isoformat(timespec="milliseconds"),
        "monotonic_s": round(note.monotonic_s, 3),
        "boot": boot,
        "kind": note.kind.value,
        "room": note.room,
        "body": dict(note.body),
        "previous": after.hash,
    }
    digest = hashlib.sha256(_canonical(fields)).hexdigest()
    line = _canonical({**fields, "hash": digest}) + b"\n"
    return line, Link(seq=after.seq + 1, hash=digest)


def opened(line: bytes) -> dict[str, Any]:
    """Read a line and check its own hash.

    Args:
        line: without its newline.

    Raises:
        ValueError: it is no line of a record, or not as it was written.
    """
    if len(line) > LONGEST_LINE:
        raise ValueError(f"has {len(line)} bytes, more than any line of a record")
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise ValueError("is no JSON") from error
    if not _is_entry(fields):
        raise ValueError("is no line of a record")
    digest = fields.pop("hash", None)
    if hashlib.sha256(_canonical(fields)).hexdigest() != digest:
        raise ValueError("was changed: its hash does not fit")
    found = {**fields, "hash": digest}
    if _canonical(found) != line:
        raise ValueError("was written anew: it is not in the form in which we write")
    return found


def link_of(fields: Mapping[str, Any]) -> Link:
    """The end of the chain after a line that was opened."""
    return Link(seq=int(fields["seq"]), hash=str(fields["hash"]))


def _is_entry(fields: object) -> bool:
    return isinstance(fields, dict) and isinstance(fields.get("seq"), int)


def _canonical(fields: Mapping[str, Any]) -> bytes:
    return json.dumps(
        fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False
    ).encode()
