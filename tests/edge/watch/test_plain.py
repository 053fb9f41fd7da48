from __future__ import annotations

import io
from queue import SimpleQueue

import pytest
from rich.console import Console

from edge.watch.bands import Bands
from edge.watch.feed import Heard, LinkChange, Message, Notice
from edge.watch.plain import PlainBoard
from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Trigger
from tests.edge.watch.payloads import BASE, HandClock, alarm_event, moment, reading


class Lines:
    """A plain board whose output can be read line by line, without times of day."""

    def __init__(self) -> None:
        self.clock = HandClock()
        self.inbox: SimpleQueue[Heard] = SimpleQueue()
        self._out = io.StringIO()
        console = Console(file=self._out, width=60)
        bands = Bands(moderate=3.0, severe=5.0)
        self._board = PlainBoard(console=console, bands=bands, clock=self.clock)

    def after(self, item: Heard | None = None) -> list[str]:
        if item is not None:
            self.inbox.put(item)
        self._out.seek(0)
        self._out.truncate()
        self._board.step(self.inbox, wait_s=0.0)
        return [line.partition(" ")[2] for line in self._out.getvalue().splitlines()]

    def hears(self, leaf: str, payload: bytes) -> list[str]:
        return self.after(Message(topic=f"{BASE}/{leaf}", payload=payload, at=self.clock.now()))


@pytest.fixture
def lines() -> Lines:
    return Lines()


def test_one_line_per_change_and_none_without(lines: Lines) -> None:
    units = {ActionUnit.AU4: 4.0}
    assert lines.hears("availability", b"online") == [
        "room-12: online",
        "room-12: ? unavailable, no reading yet",
    ]
    told = lines.hears("reading", reading(5.2, units=units))
    assert told == ["room-12: ■ severe 5.2, brow lowered"]
    assert lines.hears("reading", reading(5.3, units=units)) == []
    assert lines.hears("reading", reading(0.4)) == ["room-12: ○ calm 0.4"]
    assert lines.after() == []


def test_a_level_that_expires_is_told_without_any_message(lines: Lines) -> None:
    lines.hears("reading", reading(4.0, life_s=5))
    lines.clock.seconds = 6.0
    (line,) = lines.after()
    assert line.startswith("room-12: ? unavailable, no reading since ")
    lines.clock.seconds = 7.0
    assert lines.after() == []


def test_an_alarm_is_told_on_one_line_however_narrow_the_output(lines: Lines) -> None:
    lines.hears("reading", reading(5.2))
    event = alarm_event(
        Condition.PAIN_SEVERE, Trigger.CLEARED, AlarmState.ON, AlarmState.LATCHED, level=1.2
    )
    assert lines.hears("event", event) == [
        "room-12: severe pain over, alarm stays until acknowledged (level 1.2)"
    ]


def test_the_broker_is_told_of(lines: Lines) -> None:
    assert lines.after(LinkChange(connected=True, at=moment(0))) == ["broker connected"]
    assert lines.after(LinkChange(connected=False, at=moment(0))) == ["BROKER LOST"]
    assert lines.after(Notice(text="it was unplugged", at=moment(0))) == [
        "broker: it was unplugged"
    ]
