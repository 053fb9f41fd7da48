"""When the station counts as connected."""

from __future__ import annotations

import logging

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from station.config import StationConfig
from station.hear.live_link import LiveLink
from station.hear.refusals import Refusals
from tests.station.messages import HandClock

GRANTED = ReasonCode(PacketTypes.SUBACK, "Granted QoS 1")
DENIED = ReasonCode(PacketTypes.SUBACK, "Not authorized")


class Listener:
    def __init__(self) -> None:
        self.links: list[bool] = []

    def on_message(self, message, now) -> None:
        raise AssertionError(message)

    def on_link(self, now, *, connected: bool) -> None:
        self.links.append(connected)


@pytest.mark.parametrize(
    ("reasons", "heard"),
    [([GRANTED] * 5, [True]), ([GRANTED, DENIED], []), ([DENIED], [])],
)
def test_a_station_that_may_not_hear_every_topic_is_not_connected(reasons, heard, caplog):
    caplog.set_level(logging.ERROR)
    listener = Listener()
    config = StationConfig.model_validate(
        {"site": "elm-court", "station": "ward-2", "mqtt": {"host": "localhost"}}
    )
    link = LiveLink(
        config,
        clock=HandClock(),
        listener=listener,
        refusals=Refusals(),
        listening=lambda: True,
    )
    link._connection._on_subscribe(None, None, 1, reasons, None)
    assert listener.links == heard
    assert link.connected == bool(heard)
    assert ("give the user read access" in caplog.text) == (DENIED in reasons)
