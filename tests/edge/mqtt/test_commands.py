"""Commands: what is refused and why, and that none is carried out twice."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.mqtt.commands import (
    CLOCK_TOLERANCE_S,
    MAX_COMMAND_BYTES,
    REMEMBERED,
    CommandDesk,
    parse_command,
    sender_of,
)
from pain.alarms import Condition
from pain.clock import Moment
from pain.errors import CommandRefused
from pain.wire import (
    AcknowledgeCommand,
    Command,
    CommandEventPayload,
    EnrolResidentCommand,
    ForgetResidentCommand,
    PauseCommand,
    ReloadCommand,
    ResetBaselineCommand,
    ResumeCommand,
    SetBaselineCommand,
)

NOW = Moment(monotonic_s=500.0, wall=datetime(2026, 11, 24, 14, 0, tzinfo=UTC))
ID = UUID("12345678-1234-4234-8234-123456789abc")
MAX_PAUSE_S = 1800.0


def at(seconds: float) -> str:
    return (NOW.wall + timedelta(seconds=seconds)).isoformat()


def fields(**changes: Any) -> dict[str, Any]:
    usual = {
        "id": str(ID),
        "person": "nurse-7",
        "issued_at": at(-1),
        "expires_at": at(30),
    }
    return {key: value for key, value in {**usual, **changes}.items() if value is not ...}


def encoded(**changes: Any) -> bytes:
    return json.dumps(fields(**changes)).encode()


def parse(name: str, payload: bytes) -> Command:
    return parse_command(name, payload, NOW, max_pause_s=MAX_PAUSE_S)


class TestParsing:
    @pytest.mark.parametrize(
        ("name", "more", "model"),
        [
            ("acknowledge", {}, AcknowledgeCommand),
            ("acknowledge", {"condition": None}, AcknowledgeCommand),
            ("acknowledge", {"condition": "pain_severe"}, AcknowledgeCommand),
            ("acknowledge", {"schema_version": 1}, AcknowledgeCommand),
            ("pause", {"until": at(600)}, PauseCommand),
            ("pause", {"until": at(MAX_PAUSE_S)}, PauseCommand),
            ("resume", {}, ResumeCommand),
            ("resume", {"issued_at": at(CLOCK_TOLERANCE_S)}, ResumeCommand),
            ("set_baseline", {}, SetBaselineCommand),
            ("reset_baseline", {}, ResetBaselineCommand),
            ("enrol_resident", {"consent": "signed by her guardian"}, EnrolResidentCommand),
            ("forget_resident", {}, ForgetResidentCommand),
            ("reload", {"reason": "the camera was moved"}, ReloadCommand),
        ],
    )
    def test_what_is_right_is_understood(
        self, name: str, more: dict[str, Any], model: type[Command]
    ) -> None:
        command = parse(name, encoded(**more))
        assert type(command) is model
        assert command.id == ID
        if isinstance(command, AcknowledgeCommand) and more.get("condition"):
            assert command.condition is Condition.PAIN_SEVERE

    @pytest.mark.parametrize(
        ("name", "payload", "reason"),
        [
            ("dance", encoded(), "no command 'dance'; known: acknowledge, enrol_resident"),
            ("x" * 500, encoded(), "no command 'xxx"),
            ("resume", b"", "malformed"),
            ("resume", b"{", "malformed"),
            ("resume", b"\xff\xfe", "malformed"),
            ("resume", b"[]", "malformed"),
            ("resume", b"null", "malformed"),
            ("resume", b" " * (MAX_COMMAND_BYTES + 1), f"more than {MAX_COMMAND_BYTES} bytes"),
            ("resume", encoded(mood="fine"), "mood: Extra inputs are not permitted"),
            ("resume", encoded(id=...), "id: Field required"),
            ("resume", encoded(id="7"), "id: "),
            ("resume", encoded(id=7), "id: "),
            ("resume", encoded(person=...), "person: Field required"),
            ("resume", encoded(person=""), "person: "),
            ("resume", encoded(person="a\nb"), "person: "),
            ("resume", encoded(person="n" * 65), "person: "),
            ("resume", encoded(schema_version=2), "schema_version: "),
            ("resume", encoded(issued_at="2026-11-24T14:00:00"), "issued_at: "),
            ("resume", encoded(issued_at=1795528800), "issued_at: "),
            ("resume", encoded(expires_at="tomorrow"), "expires_at: "),
            ("resume", encoded(expires_at=at(0)), "expired at 2026-11-24T14:00:00"),
            ("resume", encoded(issued_at=at(CLOCK_TOLERANCE_S + 1)), "from the future"),
            ("acknowledge", encoded(condition="boredom"), "condition: "),
            ("pause", encoded(), "until: Field required"),
            ("pause", encoded(until=at(0)), "would have ended"),
            ("pause", encoded(until=at(MAX_PAUSE_S + 1)), "1800 s at most (alarms.max_pause_s)"),
        ],
    )
    def test_what_is_wrong_is_refused_with_its_reason(
        self, name: str, payload: bytes, reason: str
    ) -> None:
        with pytest.raises(CommandRefused) as refused:
            parse(name, payload)
        assert reason in refused.value.reason

    @given(payload=st.binary(max_size=200))
    def test_noise_is_refused_and_nothing_worse(self, payload: bytes) -> None:
        with pytest.raises(CommandRefused):
            parse("resume", payload)
        assert sender_of(payload).command_id is None

    @given(
        value=st.recursive(
            st.none() | st.booleans() | st.integers() | st.text() | st.just(str(ID)),
            lambda inner: (
                st.lists(inner)
                | st.dictionaries(st.sampled_from(["id", "person", "issued_at", "until"]), inner)
            ),
            max_leaves=8,
        )
    )
    def test_any_json_that_is_no_command_is_refused(self, value: Any) -> None:
        payload = json.dumps(value).encode()
        sender_of(payload)
        with pytest.raises(CommandRefused):
            parse("pause", payload)

    def test_deep_nesting_is_refused(self) -> None:
        payload = b"[" * 4000
        assert sender_of(payload).command_id is None
        with pytest.raises(CommandRefused, match="malformed"):
            parse("resume", payload)


class TestSender:
    @pytest.mark.parametrize(
        ("payload", "command_id", "person"),
        [
            (encoded(mood="fine"), ID, "nurse-7"),
            (encoded(id="7"), None, "nurse-7"),
            (encoded(person=["x"]), ID, None),
            (encoded(person=""), ID, None),
            (b"[1]", None, None),
            (b"{", None, None),
        ],
    )
    def test_what_can_be_read_of_a_bad_command_is_read(
        self, payload: bytes, command_id: UUID | None, person: str | None
    ) -> None:
        sender = sender_of(payload)
        assert (sender.command_id, sender.person) == (command_id, person)


class TestDesk:
    def setup_method(self) -> None:
        self.desk = CommandDesk(max_pause_s=MAX_PAUSE_S)
        self.applied: list[Command] = []

    def take(
        self, payload: bytes, *, name: str = "resume", retained: bool = False, now: Moment = NOW
    ) -> CommandEventPayload:
        return self.desk.take(
            name,
            payload,
            retained=retained,
            now=now,
            apply=lambda command, _: self.applied.append(command),
        )

    def test_a_command_is_carried_out_and_answered(self) -> None:
        answer = self.take(encoded())
        assert len(self.applied) == 1
        assert answer.accepted
        assert answer.reason is None
        assert (answer.command, answer.command_id, answer.person) == ("resume", ID, "nurse-7")
        assert answer.decided_at == NOW.wall

    def test_a_repeated_command_gets_the_same_answer_and_is_not_carried_out_again(self) -> None:
        first = self.take(encoded())
        later = Moment(monotonic_s=900.0, wall=NOW.wall + timedelta(seconds=400))
        assert self.take(encoded(), now=later) == first
        assert len(self.applied) == 1

    def test_a_repeated_refusal_is_the_same_refusal(self) -> None:
        first = self.take(encoded(expires_at=at(-1)))
        assert not first.accepted
        assert self.take(encoded(expires_at=at(-1))) == first

    def test_an_id_cannot_be_used_for_another_command(self) -> None:
        self.take(encoded())
        for answer in (self.take(encoded(person="nurse-8")), self.take(encoded(), name="pause")):
            assert not answer.accepted
            assert answer.reason == "this id was used for another command"
        assert len(self.applied) == 1

    def test_a_retained_command_is_refused(self) -> None:
        answer = self.take(encoded(), retained=True)
        assert not answer.accepted
        assert "without retain" in (answer.reason or "")
        assert self.applied == []

    def test_a_refusal_by_the_room_is_answered_with_its_reason(self) -> None:
        def refuse(_command: Command, _now: Moment) -> None:
            raise CommandRefused("there is nothing to acknowledge")

        answer = self.desk.take("resume", encoded(), retained=False, now=NOW, apply=refuse)
        assert (answer.accepted, answer.reason) == (False, "there is nothing to acknowledge")

    def test_commands_without_an_id_are_answered_each(self) -> None:
        first, second = self.take(encoded(id=...)), self.take(encoded(id=...))
        assert first.command_id is None
        assert first.id != second.id

    def test_a_huge_name_is_cut_in_the_answer(self) -> None:
        assert len(self.take(encoded(), name="x" * 60_000).command) == 64

    def test_answers_are_kept_for_a_bounded_number_of_ids(self) -> None:
        self.take(encoded())
        for _ in range(REMEMBERED - 1):
            self.take(encoded(id=str(uuid4())))
        self.take(encoded())
        assert len(self.applied) == REMEMBERED
        self.take(encoded(id=str(uuid4())))
        self.take(encoded())
        assert len(self.applied) == REMEMBERED + 2


HOUR_S = 3600.0
OFFSETS_S = [-2 * HOUR_S, -40.0, 0.0, 40.0, 2 * HOUR_S]


class TestClocksThatDiffer:
    """A box whose clock is off by some seconds; times in commands are the station's."""

    @staticmethod
    def box(offset_s: float, *, later_s: float = 0.0) -> Moment:
        return Moment(
            monotonic_s=NOW.monotonic_s + later_s,
            wall=NOW.wall + timedelta(seconds=offset_s + later_s),
        )

    @pytest.mark.parametrize("offset_s", OFFSETS_S)
    def test_a_fresh_command_is_taken_by_the_stations_clock(self, offset_s: float) -> None:
        command = parse_command(
            "acknowledge",
            encoded(),
            self.box(offset_s),
            max_pause_s=MAX_PAUSE_S,
            sender_now=NOW.wall,
        )
        assert command.id == ID

    @given(offset_s=st.floats(-1e6, 1e6, allow_nan=False), later_s=st.floats(30.0, 1e6))
    def test_none_may_be_played_back_later_whatever_the_offset(
        self, offset_s: float, later_s: float
    ) -> None:
        """Not even by a desk that has never seen it, as after a restart."""
        with pytest.raises(CommandRefused, match=r"expired at .* by the station's clock"):
            parse_command(
                "acknowledge",
                encoded(),
                self.box(offset_s, later_s=later_s),
                max_pause_s=MAX_PAUSE_S,
                sender_now=NOW.wall + timedelta(seconds=later_s),
            )

    @pytest.mark.parametrize("offset_s", OFFSETS_S)
    def test_a_pause_ends_when_the_person_said_on_our_clock(self, offset_s: float) -> None:
        box = self.box(offset_s)
        command = parse_command(
            "pause",
            encoded(until=at(600)),
            box,
            max_pause_s=MAX_PAUSE_S,
            sender_now=NOW.wall,
        )
        assert isinstance(command, PauseCommand)
        assert command.until == box.wall + timedelta(seconds=600)

    @pytest.mark.parametrize(
        ("offset_s", "words"), [(2 * HOUR_S, "expired at"), (-2 * HOUR_S, "from the future")]
    )
    def test_where_no_station_was_heard_the_refusal_names_the_clock(
        self, offset_s: float, words: str
    ) -> None:
        box = self.box(offset_s)
        with pytest.raises(CommandRefused, match=words) as refused:
            parse_command("acknowledge", encoded(), box, max_pause_s=MAX_PAUSE_S)
        said = box.wall.isoformat(timespec="seconds")
        assert f"by this box's clock ({said}): set it" in str(refused.value)
