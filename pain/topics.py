"""MQTT topics: painwatch/<site>/<room>/..."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pain.alarms import Condition

ROOT: Final = "painwatch"
NAME_PATTERN: Final = r"^[a-z0-9][a-z0-9_-]{0,62}$"
"""Sites and rooms: lower case, digits, '-' and '_', so they are safe in topics and entity ids."""

_NAME = re.compile(NAME_PATTERN)

STATION: Final = "station"
"""Stands where a room stands in the topics of a site's stations, so no room may have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topics:
    """Topics of one room.

    Raises:
        ValueError: site or room does not match ``NAME_PATTERN``, or the room is ``STATION``.
    """

    site: str
    room: str

    def __post_init__(self) -> None:
        for kind, name in (("site", self.site), ("room", self.room)):
            if not _NAME.fullmatch(name):
                raise ValueError(f"{kind} {name!r} must match {NAME_PATTERN}")
        if self.room == STATION:
            raise ValueError(f"no room may be called {STATION!r}: its topics are the stations'")

    @property
    def base(self) -> str:
        """Prefix of every topic of this room."""
        return f"{ROOT}/{self.site}/{self.room}"

    @property
    def availability(self) -> str:
        """QoS 1, retained, last will: online, stopped, offline."""
        return f"{self.base}/availability"

    @property
    def status(self) -> str:
        """QoS 1, retained: health, versions, providers."""
        return f"{self.base}/status"

    @property
    def reading(self) -> str:
        """QoS 0: the smoothed level, about once a second."""
        return f"{self.base}/reading"

    @property
    def event(self) -> str:
        """QoS 1: every transition once, and every answer to a command."""
        return f"{self.base}/event"

    @property
    def commands(self) -> str:
        """Subscription filter of all commands."""
        return f"{self.base}/command/+"

    def alarm(self, condition: Condition) -> str:
        """QoS 1, retained: the state of one condition."""
        return f"{self.base}/alarm/{condition}"

    def command(self, name: str) -> str:
        """QoS 1: one command from the nursing station."""
        return f"{self.base}/command/{name}"


def station_heartbeat(site: str, station: str) -> str:
    """QoS 1, retained: a nursing station says that it hears the rooms of a site."""
    return f"{ROOT}/{site}/{STATION}/{station}/heartbeat"


def station_escalation(site: str, station: str) -> str:
    """QoS 1: a nursing station tells further people of alarms that nobody acknowledges."""
    return f"{ROOT}/{site}/{STATION}/{station}/escalation"


def site_filter(site: str) -> str:
    """Subscription filter for every room of a site, or of all sites with ``+``."""
    return f"{ROOT}/{site}/+/#"


def parse_topic(topic: str) -> tuple[str, str, str] | None:
    """Split a topic into (site, room, rest), or None when it is not one of a room's."""
    parts = topic.split("/", 3)
    if len(parts) != 4 or parts[0] != ROOT or parts[2] == STATION:  # noqa: PLR2004
        return None
    return parts[1], parts[2], parts[3]
