"""Lines of a record for people and for other programs."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO

from edge.record.entry import opened
from edge.record.segments import lines, segments

COLUMNS: Final = ("seq", "at", "kind", "room", "body", "monotonic_s", "boot", "previous", "hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which lines are asked for.

    Attributes:
        since: not before, with time zone; None for all.
        until: before this moment.
        room: of this room alone.
        kinds: of these kinds alone; empty for all.
    """

    since: datetime | None = None
    until: datetime | None = None
    room: str | None = None
    kinds: frozenset[str] = frozenset()

    def takes(self, fields: dict[str, Any]) -> bool:
        """Whether a line is asked for."""
        at = datetime.fromisoformat(fields["at"])
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (self.room is None or fields["room"] == self.room)
            and (not self.kinds or fields["kind"] in self.kinds)
        )


def read(folder: Path, wanted: Wanted) -> Iterator[dict[str, Any]]:
    """Lines that are as they were written, oldest first; ``verify`` tells of the others."""
    for part in segments(folder):
        for line in lines(part.path):
            with suppress(ValueError):
                fields = opened(line)
                if wanted.takes(fields):
                    yield fields


def write_jsonl(entries: Iterable[dict[str, Any]], file: TextIO) -> int:
    """Write lines as they stand in the record; returns how many."""
    count = 0
    for fields in entries:
        file.write(json.dumps(fields, sort_keys=True, separators=(",", ":")) + "\n")
        count += 1
    return count


def write_csv(entries: Iterable[dict[str, Any]], file: TextIO) -> int:
    """Write lines as CSV, the body as JSON; returns how many."""
    writer = csv.DictWriter(file, COLUMNS)
    writer.writeheader()
    count = 0
    for fields in entries:
        body = json.dumps(fields["body"], sort_keys=True, ensure_ascii=False)
        writer.writerow({**fields, "body": body})
        count += 1
    return count
