"""The files of a record: numbered, each one a piece of the same chain."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from edge.record.entry import Link

_NAME: Final = re.compile(r"record-(\d{6})\.jsonl")

HEAD_FILE: Final = "head.json"
"""Where the chain ended when it was written last; lines cut off at the end are missed by it."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Segment:
    """One file.

    Attributes:
        number: 1 for the first that ever was.
        path: the file.
    """

    number: int
    path: Path


def segments(folder: Path) -> list[Segment]:
    """All files of a record, oldest first."""
    found = []
    with suppress(FileNotFoundError):
        for path in folder.iterdir():
            match = _NAME.fullmatch(path.name)
            if match:
                found.append(Segment(number=int(match[1]), path=path))
    return sorted(found)


def segment(folder: Path, number: int) -> Segment:
    """The file of a number, which may not exist yet."""
    return Segment(number=number, path=folder / f"record-{number:06d}.jsonl")


def lines(path: Path) -> Iterator[bytes]:
    """Lines without their newlines; the last one may be torn, see ``ends_torn``."""
    with path.open("rb") as file:
        for line in file:
            yield line.rstrip(b"\n")


def ends_torn(path: Path) -> bool:
    """Whether the last line was not finished."""
    size = path.stat().st_size
    if size == 0:
        return False
    with path.open("rb") as file:
        file.seek(size - 1)
        return file.read(1) != b"\n"


def write_head(folder: Path, link: Link) -> None:
    """Note where the chain ends; atomic."""
    part = folder / f"{HEAD_FILE}.part"
    part.write_text(json.dumps({"seq": link.seq, "hash": link.hash}), encoding="ascii")
    os.replace(part, folder / HEAD_FILE)  # noqa: PTH105  (the atomic one, by its name)


def read_head(folder: Path) -> Link | None:
    """Where the chain ended when the head was written; None without a readable head."""
    try:
        fields = json.loads((folder / HEAD_FILE).read_bytes())
        return Link(seq=int(fields["seq"]), hash=str(fields["hash"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
