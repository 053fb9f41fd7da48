"""From when until when, and of which rooms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from pain.errors import UsageError
from station.live.values import RoomKey

_DAY: Final = timedelta(days=1)

SETTLED: Final = timedelta(minutes=5)
"""A minute is given away when it cannot grow any more: the station writes it in parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time.

    Attributes:
        since: its beginning, UTC.
        until: its end, UTC; itself not in it.
    """

    since: datetime
    until: datetime

    def days(self) -> Iterator[Span]:
        """Pieces of a day at most, oldest first."""
        at = self.since
        while at < self.until:
            end = min(at + _DAY, self.until)
            yield Span(since=at, until=end)
            at = end

    def settled(self, now: datetime) -> Span:
        """The part of it whose minutes are complete."""
        return Span(since=self.since, until=min(self.until, now - SETTLED))


def span_of(since: datetime, until: datetime | None, *, now: datetime) -> Span:
    """The time between two local midnights.

    Args:
        since: the first day; its clock time and zone are absent.
        until: the first day left out; None for all until now.
        now: now, with a zone.

    Returns:
        The stretch, UTC; it never reaches beyond now.

    Raises:
        UsageError: nothing lies between them.
    """
    begin = since.astimezone(UTC)
    end = now.astimezone(UTC) if until is None else min(until.astimezone(UTC), now.astimezone(UTC))
    if begin >= end:
        raise UsageError(
            f"nothing lies between --since {since:%Y-%m-%d} and "
            f"{'now' if until is None else f'--until {until:%Y-%m-%d}'}: --until is the first day "
            "left out, and no day may lie ahead"
        )
    return Span(since=begin, until=end)


def chosen(known: list[RoomKey], *, site: str, room: str | None) -> list[RoomKey]:
    """The rooms that are meant.

    Args:
        known: all that anything was kept of.
        site: the site of the config, for a room without one.
        room: ``ROOM`` or ``SITE/ROOM``; all when None.

    Raises:
        UsageError: nothing was kept of that room.
    """
    if room is None:
        return known
    key = room_key(room, site=site)
    if key not in known:
        names = ", ".join(f"{one.site}/{one.room}" for one in known) or "none"
        raise UsageError(f"nothing was kept of room {room!r}; there are: {names}")
    return [key]


def room_key(room: str, *, site: str) -> RoomKey:
    """What ``ROOM`` or ``SITE/ROOM`` names."""
    before, slash, after = room.partition("/")
    return RoomKey(site=before, room=after) if slash else RoomKey(site=site, room=room)
