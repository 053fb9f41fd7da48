"""Whether a record is whole: every line as it was written, none taken out, none put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from edge.record.entry import GENESIS, Kind, Link, link_of, opened
from edge.record.segments import HEAD_FILE, Segment, ends_torn, lines, read_head, segments

MOST_FLAWS: Final = 100
"""A line taken out makes one flaw; a file full of noise would make as many as it has lines."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """One thing that is wrong.

    Attributes:
        file: name of the file.
        line: 1-based line, None for the file as a whole.
        what: what is wrong, for people.
    """

    file: str
    line: int | None
    what: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What was found.

    Attributes:
        flaws: what is wrong, in the order of the files; empty for a whole record.
        entries: lines that were read.
        first: number of the first line that is left.
        end: where the chain ends.
    """

    flaws: list[Flaw] = field(default_factory=list)
    entries: int = 0
    first: int | None = None
    end: Link = field(default_factory=Link)


def verify(folder: Path) -> Verdict:
    """Follow the chain through all files of a record.

    The chain has no key: whoever may write the files can make a whole new chain. Its end, kept
    elsewhere (``painwatch edge log verify`` prints it), is what such a forgery cannot meet.

    Args:
        folder: of the record.
    """
    walk = _Walk(head=read_head(folder))
    found = segments(folder)
    for part in found:
        walk.file(part, newest=part is found[-1])
    walk.check_beginning()
    walk.check_head()
    return walk.verdict


class _Walk:
    """Follows the chain line by line and notes what does not fit."""

    def __init__(self, *, head: Link | None) -> None:
        self.verdict = Verdict()
        self._head = head
        self._at_head: Link | None = None
        self._number: int | None = None
        self._before: Link | None = None
        self._anchor: tuple[str, Link] | None = None
        self._forgotten: set[Link] = set()

    def file(self, part: Segment, *, newest: bool) -> None:
        name = part.path.name
        if self._number is not None and part.number != self._number + 1:
            self._add(name, None, f"the file before it is gone (number {self._number + 1})")
        self._number = part.number
        torn = newest and ends_torn(part.path)
        flaw: tuple[int, str] | None = None
        for at, line in enumerate(lines(part.path), start=1):
            if flaw is not None:
                self._add(name, *flaw)
                flaw = None
            try:
                fields = opened(line)
            except ValueError as error:
                flaw = at, str(error)
                self._before = None
            else:
                self._entry(name, at, fields)
        if flaw is not None:
            at, what = flaw
            self._add(name, at, "is unfinished: a power cut, or cut off" if torn else what)

    def _entry(self, name: str, at: int, fields: Mapping[str, Any]) -> None:
        self.verdict.entries += 1
        after = Link(seq=int(fields["seq"]) - 1, hash=str(fields["previous"]))
        if self._before is not None and after.seq != self._before.seq:
            expected, found = self._before.seq + 1, after.seq + 1
            self._add(name, at, f"line {expected} of the chain was expected, this is {found}")
        elif self._before is not None and after != self._before:
            self._add(name, at, "does not follow the line before it")
        if self._anchor is None:
            self.verdict.first = after.seq + 1
            self._anchor = name, after
        self._before = self.verdict.end = link_of(fields)
        if self._head is not None and self._before.seq == self._head.seq:
            self._at_head = self._before
        if fields["kind"] == Kind.FORGOTTEN:
            body = fields["body"]
            self._forgotten.add(Link(seq=int(body["upto_seq"]), hash=str(body["upto_hash"])))

    def check_beginning(self) -> None:
        if self._anchor is None:
            return
        name, after = self._anchor
        if after != Link(seq=0, hash=GENESIS) and after not in self._forgotten:
            what = f"the {after.seq} lines before it are gone, and no line says that they went"
            self._add(name, 1, what)

    def check_head(self) -> None:
        head, end = self._head, self.verdict.end
        if head is None:
            if self.verdict.entries:
                self._add(HEAD_FILE, None, "is absent or cannot be read")
        elif head.seq > end.seq:
            missing = head.seq - end.seq
            self._add(HEAD_FILE, None, f"{missing} lines are missing at the end of the record")
        elif self._at_head is not None and self._at_head != head:
            self._add(HEAD_FILE, None, f"line {head.seq} is another one than was written")

    def _add(self, file: str, line: int | None, what: str) -> None:
        if len(self.verdict.flaws) < MOST_FLAWS:
            self.verdict.flaws.append(Flaw(file=file, line=line, what=what))
