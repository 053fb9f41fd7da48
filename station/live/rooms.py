"""All rooms of a site: a state machine over messages, the connection, and time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from pain.clock import Moment
from station.live.bands import Bands
from station.live.messages import Cleared, Heard, Leaf, Refused
from station.live.room import Room
from station.live.values import RoomKey, RoomSnapshot

MOST_ROOMS: Final = 2000
"""Somebody who may publish could otherwise fill the board, and the memory, with invented rooms."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the board holds against a room.

    Attributes:
        bands: limits of the bands.
        silent_after_s: a room without a reading or a change of availability for this long is
            silent, seconds.
        stopped_silent_after_s: the same for an expected room that was stopped on purpose.
    """

    bands: Bands
    silent_after_s: float
    stopped_silent_after_s: float = 900.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What became different.

    Attributes:
        rooms: rooms that look different now.
        silent: rooms that have just fallen silent, and since when, UTC.
        speaking: rooms that have just been heard again, or for the first time.
    """

    rooms: frozenset[RoomKey] = frozenset()
    silent: tuple[tuple[RoomKey, datetime], ...] = ()
    speaking: tuple[RoomKey, ...] = ()


class Rooms:
    """Holds every room. Not thread-safe; has no clock of its own.

    Args:
        expected: rooms that must be heard, with their names for people.
        rules: what is held against them.
        now: present moment.
        stopped_until: until when an expected room is known to be stopped, UTC.
    """

    def __init__(
        self,
        *,
        expected: Mapping[RoomKey, str | None],
        rules: Rules,
        now: Moment,
        stopped_until: Mapping[RoomKey, datetime] = MappingProxyType({}),
    ) -> None:
        self._rules = rules
        self._connected = False
        self._rooms = {
            key: Room(
                key=key,
                alive_s=now.monotonic_s,
                expected=True,
                expected_name=name,
                stopped_until=stopped_until.get(key),
            )
            for key, name in expected.items()
        }
        self._expected = frozenset(expected)
        self._speaking: set[RoomKey] = set()
        self._shown: dict[RoomKey, RoomSnapshot] = {}
        self._show(now, self._rooms)

    @property
    def connected(self) -> bool:
        """Whether the rooms can be heard at all."""
        return self._connected

    def link(self, now: Moment, *, connected: bool) -> Changes:
        """Take note that the connection to the broker came or went.

        Silence counts from a new connection on: before it, nobody could be heard.
        """
        if connected == self._connected:
            return Changes()
        self._connected = connected
        self._speaking.clear()
        for key, room in self._rooms.items():
            self._rooms[key] = room.reachable(now) if connected else room.unheard()
        return self.tick(now)

    def hear(self, message: Heard | Refused, now: Moment) -> Changes:
        """Take a message in."""
        key = message.key
        if key is None:
            return Changes()
        room = self._rooms.get(key)
        if isinstance(message, Refused):
            if room is None:
                return Changes()  # a room is known by what it says, not by what nobody can read
            self._rooms[key] = replace(room, unreadable=room.unreadable + 1)
        elif isinstance(message.body, Cleared) and (
            room is None or self._has_left(key, message.body)
        ):
            return self._drop(key)
        else:
            if room is None:
                if len(self._rooms) >= MOST_ROOMS:
                    return Changes()
                room = Room(key=key, alive_s=now.monotonic_s)
            self._rooms[key] = room.hear(message, now)
        return self._age(now, (key,))

    def _has_left(self, key: RoomKey, cleared: Cleared) -> bool:
        """Whether its box has taken the room back: then nobody waits for it any more."""
        return cleared.leaf is Leaf.AVAILABILITY and key not in self._expected

    def _drop(self, key: RoomKey) -> Changes:
        gone = self._rooms.pop(key, None)
        if gone is None:
            return Changes()
        self._shown.pop(key, None)
        self._speaking.discard(key)
        over = () if gone.silent_since is None else (key,)
        return Changes(rooms=frozenset({key}), speaking=over)

    def tick(self, now: Moment) -> Changes:
        """Let time pass."""
        return self._age(now, tuple(self._rooms))

    def snapshots(self) -> Sequence[RoomSnapshot]:
        """All rooms as they were at the last message or tick, those in need first."""
        return sorted(self._shown.values(), key=lambda room: room.need)

    def snapshot(self, key: RoomKey) -> RoomSnapshot | None:
        """One room as it was at the last message or tick."""
        return self._shown.get(key)

    def _age(self, now: Moment, keys: Sequence[RoomKey]) -> Changes:
        silent: list[tuple[RoomKey, datetime]] = []
        speaking: list[RoomKey] = []
        if self._connected:
            for key in keys:
                room = self._rooms[key].aged(
                    now,
                    silent_after_s=self._rules.silent_after_s,
                    stopped_silent_after_s=self._rules.stopped_silent_after_s,
                )
                if room.silent_since is not None:
                    if self._rooms[key].silent_since is None:
                        silent.append((key, room.silent_since))
                    self._speaking.discard(key)
                elif room.reading is not None and key not in self._speaking:
                    speaking.append(key)
                    self._speaking.add(key)
                self._rooms[key] = room
        return Changes(rooms=self._show(now, keys), silent=tuple(silent), speaking=tuple(speaking))

    def _show(self, now: Moment, keys: Iterable[RoomKey]) -> frozenset[RoomKey]:
        changed = set()
        for key in keys:
            shown = self._rooms[key].snapshot(
                now, connected=self._connected, bands=self._rules.bands
            )
            if shown != self._shown.get(key):
                self._shown[key] = shown
                changed.add(key)
        return frozenset(changed)
