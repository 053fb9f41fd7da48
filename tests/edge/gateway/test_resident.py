"""A room that scores its resident alone: what the nursing station and the record are told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from edge.config import EdgeConfig
from edge.config.identity import IdentityConfig
from edge.gateway.room import RoomGateway
from edge.identity.desk import ResidentDesk
from edge.identity.vault import Vault
from edge.worker.messages import ReadingMessage
from pain.alarms import Condition, Trigger
from pain.values import Reason, Score
from pain.wire import (
    CommandEventPayload,
    EnrolResidentCommand,
    ForgetResidentCommand,
    IdentityState,
    IdentityStatus,
    ReadingPayload,
    StatusPayload,
)
from tests.edge.gateway.test_room import HELLO, HandClock, Wire
from tests.edge.identity.faces import EMBEDDING, person, reading, score, sight

RESIDENT, VISITOR = person(0), person(3)


class Room:
    """The gateway's logic with a worker that compares every frame."""

    def __init__(self, folder: Path, *, desk: bool = True) -> None:
        self.clock, self.wire, self.slept_s = HandClock(), Wire(), 0.0
        self.notes: list[Mapping[str, object]] = []
        self.folder = folder
        self.gateway = self.make(desk=desk)
        self.gateway.handle(HELLO.model_copy(update={"recogniser": EMBEDDING}))

    def reload(self, **identity: object) -> None:
        """Read the settings again, as the daemon does."""
        before = self.gateway.hand_over()
        self.gateway = self.make(**identity)
        self.gateway.take_over(before)
        self.gateway.handle(HELLO.model_copy(update={"recogniser": EMBEDDING}))

    def make(self, *, desk: bool = True, **changes: object) -> RoomGateway:
        identity = {"enabled": True, "bundle": "/emb", "enrol_window_s": 20, **changes}
        config = EdgeConfig.model_validate(
            {
                "site": "home",
                "mqtt": {"host": "broker"},
                "rooms": [
                    {"id": "room-1", "camera": {"uri": "rtsp://camera/"}, "identity": identity}
                ],
            }
        )
        resident = ResidentDesk(
            config.rooms[0].identity,
            vault=Vault(self.folder / "face.json"),
            note=self.notes.append,
        )
        return RoomGateway(
            room=config.rooms[0],
            config=config,
            publisher=self.wire,
            clock=self.clock,
            fast=False,
            asleep_s=lambda: self.slept_s,
            resident=resident if desk else None,
        )

    def show(self, seen, *, for_s: float, outcome: Score | Reason | None = None) -> Reason | None:
        """Why there is no level at the end, None where there is one."""
        for _ in range(round(for_s * 4)):
            self.clock.pass_by(0.25)
            self.gateway.handle(
                ReadingMessage(reading=reading(self.clock.monotonic_s, outcome), sight=seen)
            )
            self.gateway.tick()
        return self.wire.last(ReadingPayload).reason

    def ask(self, kind: type[EnrolResidentCommand | ForgetResidentCommand], name: str, **more):
        now = self.clock.now().wall
        command = kind(
            id=uuid4(),
            person="nurse-7",
            issued_at=now,
            expires_at=now + timedelta(minutes=1),
            **more,
        )
        self.gateway.command(name, command.model_dump_json().encode(), retained=False)
        return self.wire.last(CommandEventPayload)

    def enrol(self):
        return self.ask(
            EnrolResidentCommand, "enrol_resident", consent="signed by her guardian, 2 November"
        )

    @property
    def identity(self) -> IdentityStatus:
        found = self.wire.last(StatusPayload).identity
        assert found is not None
        return found


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture
def enrolled(room: Room) -> Room:
    assert room.enrol().accepted
    assert room.identity.state is IdentityState.ENROLLING
    room.show(sight(RESIDENT), for_s=21)
    assert room.identity.state is IdentityState.ENROLLED
    room.wire.said.clear()
    return room


def test_a_visitor_is_unavailable_and_the_resident_is_scored(enrolled: Room):
    assert enrolled.show(sight(VISITOR, track=2), for_s=20, outcome=score(6)) is Reason.NOT_RESIDENT
    assert enrolled.wire.last(ReadingPayload).level is None
    assert enrolled.wire.events() == []
    assert enrolled.show(sight(RESIDENT, track=3), for_s=20, outcome=score(6)) is None
    assert (Condition.PAIN_SEVERE, Trigger.ONSET) in enrolled.wire.events()


def test_an_unknown_face_for_long_is_told_as_a_long_absence(enrolled: Room):
    enrolled.show(sight(VISITOR, track=2), for_s=290)
    assert enrolled.wire.events() == []
    enrolled.show(sight(VISITOR, track=2), for_s=20)
    assert enrolled.wire.events() == [(Condition.NO_FACE, Trigger.ONSET)]
    enrolled.show(sight(RESIDENT, track=3), for_s=10)
    assert enrolled.wire.events()[1:] == [(Condition.NO_FACE, Trigger.CLEARED)]


def test_pain_that_stands_is_not_cleared_by_an_unknown_face(enrolled: Room):
    enrolled.show(sight(RESIDENT), for_s=12, outcome=score(6))
    enrolled.show(sight(VISITOR, track=2), for_s=60, outcome=score(0))
    told = enrolled.wire.events()
    assert (Condition.PAIN_SEVERE, Trigger.ONSET) in told
    assert (Condition.PAIN_SEVERE, Trigger.CLEARED) not in told


def test_pain_that_changes_the_face_is_alarmed(enrolled: Room):
    grimace = sight(person(5))
    enrolled.show(grimace, for_s=15, outcome=score(6))
    assert (Condition.PAIN_SEVERE, Trigger.ONSET) in enrolled.wire.events()


def test_an_embedding_that_fails_is_a_technical_alarm(enrolled: Room):
    enrolled.show(sight(failed=True, track=2), for_s=20)
    assert enrolled.wire.events() == [(Condition.MODEL_FAILED, Trigger.ONSET)]


def test_a_face_that_was_known_before_the_machine_slept_is_unknown(enrolled: Room):
    assert enrolled.show(sight(), for_s=10) is None
    enrolled.slept_s += 3600
    assert enrolled.show(sight(), for_s=10) is Reason.NOT_RESIDENT


def test_a_reload_ends_neither_an_enrolment_nor_what_is_known_of_the_face(room: Room):
    assert room.enrol().accepted
    room.show(sight(RESIDENT), for_s=10)
    room.reload()
    room.show(sight(RESIDENT), for_s=11)
    assert room.identity.state is IdentityState.ENROLLED
    assert [note["what"] for note in room.notes] == ["consent", "enrolled"]


def test_an_enrolment_whose_settings_change_has_failed_and_says_so(room: Room):
    assert room.enrol().accepted
    room.show(sight(RESIDENT), for_s=10)
    room.reload(threshold=0.3)
    room.show(sight(RESIDENT), for_s=1)
    assert room.identity.state is IdentityState.FAILED
    assert "settings" in (room.identity.failure or "")
    assert [note["what"] for note in room.notes] == ["consent", "enrolment failed"]


def test_forgetting_scores_everybody_and_is_recorded(enrolled: Room):
    assert enrolled.ask(ForgetResidentCommand, "forget_resident").accepted
    assert enrolled.identity.state is IdentityState.NONE
    assert enrolled.show(sight(VISITOR, track=2), for_s=10) is None
    assert [note["what"] for note in enrolled.notes] == ["consent", "enrolled", "forgotten"]


def test_an_enrolment_with_pain_is_refused(room: Room):
    room.show(sight(RESIDENT), for_s=12, outcome=score(6))
    answer = room.enrol()
    assert not answer.accepted
    assert "pain alarm stands" in str(answer.reason)


@pytest.mark.parametrize(
    ("kind", "name", "more"),
    [
        (EnrolResidentCommand, "enrol_resident", {"consent": "signed by her guardian"}),
        (ForgetResidentCommand, "forget_resident", {}),
    ],
)
def test_a_daemon_without_a_place_for_faces_says_so(tmp_path: Path, kind, name, more):
    answer = Room(tmp_path, desk=False).ask(kind, name, **more)
    assert not answer.accepted
    assert "no place to keep" in str(answer.reason)


def test_the_grace_outlasts_the_delays_of_both_pain_alarms():
    alarms = EdgeConfig.model_validate(
        {
            "site": "home",
            "mqtt": {"host": "broker"},
            "rooms": [{"id": "room-1", "camera": {"uri": "rtsp://camera/"}}],
        }
    ).alarms
    slowest_s = max(alarms.pain_moderate.on_delay_s, alarms.pain_severe.on_delay_s)
    assert IdentityConfig().grace_s >= 3 * slowest_s
