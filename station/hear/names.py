"""What the station is called at the broker."""

from __future__ import annotations

from typing import Final

from pain.topics import ROOT
from station.config.root import StationConfig
from station.live.messages import Leaf

_FILTERS: Final = (
    Leaf.AVAILABILITY,
    Leaf.STATUS,
    Leaf.READING,
    f"{Leaf.ALARM}/+",
    Leaf.EVENT,
)


def client_id(config: StationConfig, part: str) -> str:
    """Fixed client id of one of the station's two connections."""
    prefix = config.mqtt.client_id or f"{ROOT}-{config.site}-{config.station}"
    return f"{prefix}-{part}"


def filters(site: str) -> list[tuple[str, int]]:
    """Subscriptions to all that the rooms of a site say, QoS 1."""
    return [(f"{ROOT}/{site}/+/{leaf}", 1) for leaf in _FILTERS]


def event_filter(site: str) -> str:
    """Subscription to the events of all rooms of a site."""
    return f"{ROOT}/{site}/+/{Leaf.EVENT}"
