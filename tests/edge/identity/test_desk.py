"""Enrolled with consent, kept as numbers, compared with, and deleted for good."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path

import pytest

from edge.config.identity import IdentityConfig
from edge.identity.desk import ResidentDesk
from edge.identity.vault import Vault
from pain.errors import CommandRefused
from pain.values import Reason, Unavailable
from pain.wire import IdentityState, IdentityStatus
from tests.edge.identity.faces import EMBEDDING, like, moment, person, reading, sight

RESIDENT, VISITOR = person(0), person(3)
CONSENT = "signed by her guardian on 2 November"


class Room:
    """A desk, its file and its record; every frame is compared."""

    def __init__(self, folder: Path, *, enabled: bool = True) -> None:
        self.file = folder / "home" / "room-1.resident.json"
        self.notes: list[Mapping[str, object]] = []
        self.at_s = 0.0
        self.enabled = enabled
        self.restart()

    def restart(self, embedding=EMBEDDING) -> None:
        config = IdentityConfig(
            enabled=self.enabled, bundle=Path("/emb"), enrol_window_s=30, enrol_samples=10
        )
        self.desk = ResidentDesk(config, vault=Vault(self.file), note=self.notes.append)
        if self.enabled:
            self.desk.greet(embedding)

    def enrol(self, *, in_pain: bool = False) -> None:
        self.desk.enrol(person="nurse-7", consent=CONSENT, in_pain=in_pain, now=moment(self.at_s))

    def show(self, vector, *, for_s: float, alone: bool = True, in_pain: bool = False):
        """Why the last frame had no score; None when it had one."""
        reason = None
        for _ in range(round(for_s)):
            self.at_s += 1.0
            outcome = self.desk.take(
                reading(self.at_s), sight(vector, alone=alone), in_pain=in_pain
            ).outcome
            reason = outcome.reason if isinstance(outcome, Unavailable) else None
            self.desk.tick(moment(self.at_s))
        return reason

    def enrolled(self) -> Room:
        self.enrol()
        self.show(RESIDENT, for_s=31)
        assert self.status.state is IdentityState.ENROLLED
        return self

    @property
    def status(self) -> IdentityStatus:
        found = self.desk.status(moment(self.at_s))
        assert found is not None
        return found

    @property
    def recorded(self) -> list[object]:
        return [note["what"] for note in self.notes]


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path)


class TestEnrolment:
    def test_everybody_is_scored_until_the_resident_is_enrolled(self, room):
        assert room.status.state is IdentityState.NONE
        assert room.show(VISITOR, for_s=5) is None
        room.enrol()
        assert room.status.state is IdentityState.ENROLLING
        assert room.status.until == moment(35).wall
        assert room.show(RESIDENT, for_s=29) is None
        room.show(RESIDENT, for_s=2)
        assert room.status.state is IdentityState.ENROLLED
        assert (room.status.person, room.status.kept) == ("nurse-7", True)
        assert room.show(RESIDENT, for_s=2) is None
        assert room.status.recognised is True

    def test_a_visitor_is_not_scored_afterwards(self, room):
        room.enrolled()
        assert room.show(VISITOR, for_s=40) is Reason.NOT_RESIDENT
        assert room.status.recognised is False

    def test_consent_and_outcome_are_recorded_without_the_numbers(self, room):
        room.enrolled()
        assert room.recorded == ["consent", "enrolled"]
        assert all(note["consent"] == CONSENT for note in room.notes)
        assert all(note["person"] == "nurse-7" for note in room.notes)
        assert "vector" not in str(room.notes)
        assert "vector" not in room.status.model_dump_json()

    @pytest.mark.parametrize(
        ("window", "why"),
        [
            (lambda room: room.show(RESIDENT, for_s=10, alone=False), "another face"),
            (lambda room: room.show(None, for_s=31), "0 pictures of the window, 10 are needed"),
            (
                lambda room: [room.show(person(n % 8), for_s=1) for n in range(31)],
                "do not agree",
            ),
            (lambda room: room.show(RESIDENT, for_s=10, in_pain=True), "pain alarm"),
        ],
        ids=["a visitor beside", "nobody", "several people", "pain"],
    )
    def test_a_bad_window_enrols_nobody_and_says_why(self, room, window, why):
        room.enrol()
        window(room)
        assert room.status.state is IdentityState.FAILED
        assert why in str(room.status.failure)
        assert not room.file.exists()
        assert room.recorded == ["consent", "enrolment failed"]
        assert room.show(VISITOR, for_s=2) is None

    def test_several_faces_end_it(self, room):
        room.enrol()
        room.desk.take(reading(5, Reason.SEVERAL_FACES), None, in_pain=False)
        assert "another face" in str(room.status.failure)

    def test_one_odd_picture_does_no_harm(self, room):
        room.enrol()
        room.show(like(RESIDENT, distance=0.9), for_s=1)
        room.show(RESIDENT, for_s=30)
        assert room.status.state is IdentityState.ENROLLED
        assert room.show(RESIDENT, for_s=1) is None

    def test_a_failed_one_leaves_the_one_before_in_force(self, room):
        room.enrolled()
        room.enrol()
        room.show(VISITOR, for_s=3, alone=False)
        assert room.status.state is IdentityState.FAILED
        assert room.status.enrolled_at is not None
        assert room.show(VISITOR, for_s=40) is Reason.NOT_RESIDENT
        assert room.show(RESIDENT, for_s=1) is None

    def test_a_sleep_of_the_machine_ends_it_and_makes_every_face_unknown(self, room):
        room.enrolled()
        assert room.show(RESIDENT, for_s=1) is None
        room.enrol()
        room.desk.slept()
        assert "slept" in str(room.status.failure)
        assert room.show(None, for_s=1) is Reason.NOT_RESIDENT
        assert room.show(RESIDENT, for_s=1) is None

    def test_it_ends_without_frames_too(self, room):
        room.enrol()
        assert not room.desk.tick(moment(29))
        assert room.desk.tick(moment(30))
        assert room.status.state is IdentityState.FAILED
        assert not room.desk.tick(moment(31))

    @pytest.mark.parametrize(
        ("ready", "in_pain", "why"),
        [
            (lambda room: None, True, "pain alarm stands"),
            (lambda room: room.desk.greet(None), False, "not ready yet"),
        ],
    )
    def test_is_refused_when_it_cannot_be(self, room, ready, in_pain, why):
        ready(room)
        with pytest.raises(CommandRefused, match=why):
            room.enrol(in_pain=in_pain)
        assert room.notes == []

    def test_is_refused_where_faces_are_not_compared(self, tmp_path):
        room = Room(tmp_path, enabled=False)
        assert room.desk.status(moment(0)) is None
        with pytest.raises(CommandRefused, match=r"identity\.enabled and identity\.bundle"):
            room.enrol()


class TestWhatIsKept:
    def test_is_for_this_user_alone_and_survives_a_restart(self, room):
        room.enrolled()
        assert stat.S_IMODE(room.file.stat().st_mode) == 0o600
        assert [path.name for path in room.file.parent.iterdir()] == [room.file.name]
        room.restart()
        assert room.status.state is IdentityState.ENROLLED
        assert room.show(VISITOR, for_s=2) is Reason.NOT_RESIDENT
        assert room.show(RESIDENT, for_s=2) is None

    def test_is_refused_by_another_embedding_which_says_so(self, room):
        room.enrolled()
        room.restart(EMBEDDING.model_copy(update={"bundle_sha256": "b" * 64}))
        assert room.status.state is IdentityState.FAILED
        assert "enrolled with another embedding" in str(room.status.failure)
        assert (room.status.kept, room.status.enrolled_at) == (True, None)
        assert room.show(VISITOR, for_s=2) is None
        assert room.recorded[-1] == "enrolment not in use"

    @pytest.mark.parametrize("damage", [b"", b"{}", b"\xff\xfe", b'{"vector": [0.123456789]}'])
    def test_is_not_used_when_damaged_and_shows_no_number(self, room, damage, caplog):
        room.enrolled()
        room.file.write_bytes(damage)
        room.restart()
        assert "is damaged" in str(room.status.failure)
        assert "0.123456789" not in caplog.text + str(room.notes) + str(room.status)
        assert room.show(VISITOR, for_s=2) is None

    def test_a_disk_that_takes_nothing_enrols_nobody(self, room):
        room.file.parent.parent.joinpath("home").write_text("a file where the folder should be")
        room.enrol()
        room.show(RESIDENT, for_s=31)
        assert "cannot be written" in str(room.status.failure)
        assert room.show(VISITOR, for_s=2) is None


class TestForgetting:
    def test_deletes_the_file_and_scores_everybody(self, room):
        room.enrolled()
        room.file.with_name(f".{room.file.name}-torn").write_text("left by a power cut")
        room.desk.forget(person="nurse-8")
        assert list(room.file.parent.iterdir()) == []
        assert room.notes[-1] == {"what": "forgotten", "person": "nurse-8"}
        assert room.show(VISITOR, for_s=2) is None
        assert room.status.state is IdentityState.NONE
        room.restart()
        assert not room.status.kept

    def test_ends_an_enrolment(self, room):
        room.enrol()
        room.desk.forget(person="nurse-8")
        room.show(RESIDENT, for_s=40)
        assert room.status.state is IdentityState.NONE
        assert not room.file.exists()

    def test_works_where_faces_are_compared_no_more(self, room):
        room.enrolled()
        room.enabled = False
        room.restart()
        assert room.status.kept
        assert room.show(VISITOR, for_s=2) is None
        room.desk.forget(person="nurse-8")
        assert room.desk.status(moment(0)) is None

    def test_nobody_is_told(self, room):
        with pytest.raises(CommandRefused, match="nobody is enrolled"):
            room.desk.forget(person="nurse-8")
