"""A room that is silent, over a time in which the station itself could not look."""

from __future__ import annotations

import pytest

from pain.wire import Availability, EscalationEnding, EscalationKind
from station.config.escalation import EscalationStep
from station.escalate.casebook import Casebook, Decision
from station.escalate.sights import judgeable, sights_of
from station.escalate.values import Notice
from station.live.bands import Bands
from station.live.messages import Heard
from station.live.rooms import Rooms, Rules
from tests.station.messages import ROOM, moment, reading

STEPS = (EscalationStep(after_s=5.0, to=("pager",)),)
RULES = Rules(
    bands=Bands(moderate=3.0, severe=5.0), silent_after_s=10.0, stopped_silent_after_s=60.0
)


class Ward:
    """One listed room and its escalation, second by second."""

    def __init__(self) -> None:
        self.at = 0
        self.told: list[Notice] = []
        self.decisions: list[Decision] = []
        self.start(Casebook(STEPS))

    def start(self, book: Casebook) -> None:
        """A station that has just connected."""
        self.book = book
        self.rooms = Rooms(expected={ROOM: "Room 12"}, rules=RULES, now=moment(self.at))
        self.rooms.link(moment(self.at), connected=True)

    def restart(self) -> None:
        """Go on with what the database holds."""
        self.start(Casebook(STEPS, cases=self.book.cases, notices=self.told))

    def link(self, *, connected: bool) -> None:
        self.rooms.link(moment(self.at), connected=connected)

    def say(self, body) -> None:
        self.rooms.hear(Heard(key=ROOM, body=body), moment(self.at))

    def wait(self, seconds: int) -> None:
        for _ in range(seconds):
            self.at += 1
            self.rooms.tick(moment(self.at))
            shown = self.rooms.snapshots()
            by_key = {room.key: room for room in shown}
            connected = self.rooms.connected
            decision = self.book.look(
                sights_of(shown, room_silent=True),
                moment(self.at),
                judgeable=lambda matter, by_key=by_key, connected=connected: judgeable(
                    matter, by_key, connected=connected
                ),
            )
            self.decisions.append(decision)
            for notice in decision.notices:
                self.told.append(notice)

    @property
    def kinds(self) -> list[EscalationKind]:
        return [notice.kind for notice in self.told]


def restarted(ward: Ward) -> None:
    ward.restart()


def reconnected(ward: Ward) -> None:
    ward.link(connected=False)
    ward.wait(30)
    ward.link(connected=True)


@pytest.mark.parametrize("interruption", [restarted, reconnected])
@pytest.mark.parametrize("word", [None, Availability.OFFLINE])
def test_a_silence_that_goes_on_is_told_once_and_never_called_over(interruption, word):
    ward = Ward()
    ward.wait(20)
    assert ward.kinds == [EscalationKind.ALARM]
    interruption(ward)
    if word is not None:
        ward.say(word)
    ward.wait(60)
    assert ward.kinds == [EscalationKind.ALARM]


def test_the_last_will_of_a_silent_box_is_no_all_clear():
    ward = Ward()
    ward.say(Availability.ONLINE)
    ward.wait(40)
    ward.say(Availability.OFFLINE)
    ward.wait(60)
    assert ward.kinds == [EscalationKind.ALARM]


def test_a_listed_room_that_was_stopped_while_silent_is_no_all_clear():
    ward = Ward()
    ward.wait(20)
    ward.say(Availability.STOPPED)
    ward.wait(30)
    assert ward.kinds == [EscalationKind.ALARM]


@pytest.mark.parametrize("interruption", [restarted, reconnected])
def test_a_box_that_was_stopped_and_never_returns_is_told_once(interruption):
    ward = Ward()
    ward.say(Availability.STOPPED)
    ward.wait(59)
    assert ward.kinds == []
    ward.wait(10)
    assert ward.kinds == [EscalationKind.ALARM]
    interruption(ward)
    ward.say(Availability.STOPPED)
    ward.wait(100)
    assert ward.kinds == [EscalationKind.ALARM]


def test_a_room_that_speaks_ends_it():
    ward = Ward()
    ward.wait(20)
    ward.say(reading(2.0, at=moment(20).wall, life_s=30.0))
    ward.wait(6)
    [ended] = [case for decision in ward.decisions for case in decision.cases if case.ended_at]
    assert ended.ending is EscalationEnding.OVER
