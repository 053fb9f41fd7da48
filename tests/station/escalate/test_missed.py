"""Pain that goes on, comes again or is acknowledged while the station does not hear it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pain.alarms import AlarmState, Condition
from pain.wire import AlarmPayload, Availability, EscalationEnding, EscalationKind
from station.config.escalation import EscalationStep
from station.escalate.casebook import SETTLE_S, Casebook
from station.escalate.sights import judgeable, sights_of
from station.escalate.values import Case, Matter, Notice
from station.live.bands import Bands
from station.live.messages import Cleared, Heard, Leaf
from station.live.rooms import Rooms, Rules
from tests.station.messages import ROOM, START, alarm, moment

PAIN = Matter(key=ROOM, subject=Condition.PAIN_SEVERE.value)
STEPS = (EscalationStep(after_s=60.0, to=("pager",)), EscalationStep(after_s=180.0, to=("lead",)))
RULES = Rules(bands=Bands(moderate=3.0, severe=5.0), silent_after_s=10.0)
STANDS = (AlarmState.ON, AlarmState.LATCHED)


class Night:
    """A room's box, a broker that keeps what a box tells, and a station that comes and goes."""

    def __init__(self, *, ahead_s: int = 0) -> None:
        self.at = 0
        self.ahead_s = ahead_s
        self.state: AlarmState | None = None
        self.retained: AlarmPayload | None = None
        self.onset_at = START
        self.knew: list[datetime] = []  # every acknowledgement there was, on the room's clock
        self.kept: list[datetime] = []  # by the broker, until they are fetched
        self.stored: list[datetime] = []
        self.cases: dict[object, Case] = {}
        self.notices: list[Notice] = []
        self.up = self.linked = self.fetching = False
        self.start()

    @property
    def there(self) -> datetime:
        return START + timedelta(seconds=self.at + self.ahead_s)

    @property
    def stands(self) -> bool:
        return self.state in STANDS

    def start(self) -> None:
        """The station runs again, with what its database holds."""
        if self.up:
            return
        lasting = [case for case in self.cases.values() if case.ended_at is None]
        ids = {case.id for case in lasting}
        told = [notice for notice in self.notices if notice.case_id in ids]
        self.book = Casebook(STEPS, cases=lasting, notices=told)
        for at in self.stored:
            self.book.acknowledged(PAIN, at)
        self.rooms = Rooms(expected={ROOM: "Room 12"}, rules=RULES, now=moment(self.at))
        self.up = True
        self.link()
        self.fetch()

    def die(self) -> None:
        self.up = self.linked = self.fetching = False

    def link(self) -> None:
        if self.up and not self.linked:
            self.linked = True
            self.rooms.link(moment(self.at), connected=True)
            self.hear(Availability.ONLINE)
            if self.retained is not None:
                self.hear(self.retained)

    def lose(self) -> None:
        if self.linked:
            self.linked = False
            self.rooms.link(moment(self.at), connected=False)

    def fetch(self) -> None:
        self.fetching = self.up
        while self.fetching and self.kept:
            at = self.kept.pop(0)
            self.stored.append(at)
            self.book.acknowledged(PAIN, at)

    def stop_fetching(self) -> None:
        self.fetching = False

    def forget(self) -> None:
        """The broker loses what it had retained."""
        self.retained = None

    def hear(self, body) -> None:
        if self.linked:
            self.rooms.hear(Heard(key=ROOM, body=body), moment(self.at))

    def begin(self) -> None:
        if self.state is not AlarmState.ON and self.state is not AlarmState.ACKNOWLEDGED:
            self.onset_at = self.there
            self.tell(AlarmState.ON)

    def clear(self) -> None:
        match self.state:
            case AlarmState.ON:
                self.tell(AlarmState.LATCHED)
            case AlarmState.ACKNOWLEDGED:
                self.tell(AlarmState.OFF)

    def acknowledge(self) -> None:
        if not self.stands:
            return
        self.tell(AlarmState.ACKNOWLEDGED if self.state is AlarmState.ON else AlarmState.OFF)
        self.knew.append(self.there)
        self.kept.append(self.there)
        if self.fetching:
            self.fetch()

    def tell(self, state: AlarmState) -> None:
        self.state = state
        self.retained = alarm(Condition.PAIN_SEVERE, state).model_copy(
            update={"onset_at": self.onset_at, "changed_at": self.there}
        )
        self.hear(self.retained)

    def take_back(self) -> None:
        """The box leaves the room for good."""
        self.state = AlarmState.OFF
        self.retained = None
        self.hear(Cleared(leaf=Leaf.ALARM, condition=Condition.PAIN_SEVERE))

    def wait(self, seconds: int) -> None:
        self.at += seconds
        if not self.up:
            return
        self.rooms.tick(moment(self.at))
        shown = self.rooms.snapshots()
        known = {room.key: room for room in shown}
        decision = self.book.look(
            sights_of(shown, room_silent=False),
            moment(self.at),
            judgeable=lambda matter: judgeable(matter, known, connected=self.linked),
        )
        self.cases.update({case.id: case for case in decision.cases})
        for notice in decision.notices:
            done = replace(notice, attempts=1, delivered_at=START)
            self.book.delivered(done)
            self.notices.append(done)

    @property
    def kinds(self) -> list[EscalationKind]:
        return [notice.kind for notice in self.notices]

    @property
    def lasting(self) -> list[Case]:
        return [case for case in self.cases.values() if case.ended_at is None]

    def ended(self) -> set[object]:
        return {case.id for case in self.cases.values() if case.ended_at is not None}

    @property
    def endings(self) -> list[EscalationEnding]:
        return [case.ending for case in self.cases.values() if case.ending is not None]


def restart(night: Night) -> None:
    night.die()
    night.wait(30)


def loss(night: Night) -> None:
    night.lose()
    night.stop_fetching()
    night.wait(30)


def back(night: Night) -> None:
    night.start()
    night.link()
    night.fetch()


@pytest.fixture
def night() -> Night:
    """Severe pain that everybody was told of."""
    night = Night()
    night.begin()
    night.wait(200)
    assert len(night.kinds) == 2
    return night


@pytest.mark.parametrize("gap", [restart, loss])
def test_pain_that_comes_again_unheard_is_no_all_clear(night: Night, gap):
    gap(night)
    night.clear()
    night.wait(10)
    night.begin()
    night.wait(1)
    back(night)
    for _ in range(20):
        night.wait(1)
    assert EscalationKind.ALL_CLEAR not in night.kinds
    assert len(night.lasting) == 1


@pytest.mark.parametrize("gap", [restart, loss])
def test_a_new_pain_after_an_acknowledgement_that_was_missed_is_told_anew(night: Night, gap):
    gap(night)
    night.acknowledge()
    night.clear()
    night.wait(10)
    night.begin()
    night.wait(1)
    back(night)
    night.wait(1)
    assert night.endings == [EscalationEnding.ACKNOWLEDGED]
    night.wait(200)
    assert night.kinds[2:] == [EscalationKind.ALL_CLEAR] * 2 + [EscalationKind.ALARM] * 2


def test_a_broker_that_lost_the_alarm_is_no_all_clear(night: Night):
    restart(night)
    night.forget()
    back(night)
    for _ in range(20):
        night.wait(1)
    assert EscalationKind.ALL_CLEAR not in night.kinds


def test_an_alarm_that_was_taken_back_is_over(night: Night):
    night.take_back()
    for _ in range(int(SETTLE_S) + 1):
        night.wait(1)
    assert night.endings == [EscalationEnding.OVER]


ACTS = ["begin", "clear", "acknowledge", "die", "start", "lose", "link", "fetch", "stop_fetching"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(ACTS), st.sampled_from([0, 1, 3, 7, 70, 200])), max_size=30),
    st.sampled_from([0, 3600, -3600]),
)
def test_no_all_clear_without_an_acknowledgement_and_no_pain_forgotten(
    acts: list[tuple[str, int]], ahead_s: int
):
    night = Night(ahead_s=ahead_s)
    for name, seconds in acts:
        night.at += 1  # nothing happens at once
        before = night.ended()
        getattr(night, name)()
        night.wait(seconds)
        for case_id in night.ended() - before:
            assert any(at > night.cases[case_id].stood_at for at in night.knew)
    back(night)
    for _ in range(int(SETTLE_S) + 2):
        night.wait(1)
    assert len(night.lasting) == night.stands
    night.wait(200)
    if night.stands:
        [case] = night.lasting
        told = [n for n in night.notices if n.case_id == case.id]
        assert [n.recipient for n in told] == ["pager", "lead"]
