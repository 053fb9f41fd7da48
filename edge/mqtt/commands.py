"""Commands from the nursing station: checked here, carried out once, always answered."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from edge.mqtt.payloads import command_event
from pain.clock import Moment
from pain.errors import CommandRefused
from pain.wire import COMMANDS, Command, CommandEventPayload, PauseCommand, PersonId

MAX_COMMAND_BYTES: Final = 4096
"""Our commands have some 300 bytes; more is a mistake or an attack."""

CLOCK_TOLERANCE_S: Final = 60.0
"""How far the sender's clock may be ahead of the one that judges."""

REMEMBERED: Final = 256
"""Answers kept for repeated ids; a command expires long before as many have come."""

NAME_SHOWN: Final = 64

_COMMAND: Final[TypeAdapter[Command]] = TypeAdapter(Command)
_PERSON: Final[TypeAdapter[str]] = TypeAdapter(PersonId)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What could be read of who sent a command, also when the rest is wrong."""

    command_id: UUID | None
    person: str | None


def sender_of(payload: bytes) -> Sender:
    """Read the ids of a command that may be malformed; None where they cannot be read."""
    try:
        fields = json.loads(payload[: MAX_COMMAND_BYTES + 1])
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        return Sender(command_id=None, person=None)
    return Sender(command_id=_uuid(fields.get("id")), person=_person(fields.get("person")))


def parse_command(
    name: str,
    payload: bytes,
    now: Moment,
    *,
    max_pause_s: float,
    sender_now: datetime | None = None,
) -> Command:
    """Check a command.

    Its times are the sender's. Where the station was heard they are judged by the station's clock,
    so that it does not matter what this box's says; a pause ends at the same moment on ours.

    Args:
        name: last level of its topic, e.g. ``acknowledge``.
        payload: JSON as received.
        now: present moment.
        max_pause_s: longest pause that may be asked for, seconds.
        sender_now: the present by the station's clock, None where it was not heard.

    Raises:
        CommandRefused: it is malformed, unknown, too long, expired, from the future, or asks for a
            pause that cannot be.
    """
    model = COMMANDS.get(name)
    if model is None:
        raise CommandRefused(f"there is no command {name[:NAME_SHOWN]!r}; known: {_known()}")
    if len(payload) > MAX_COMMAND_BYTES:
        raise CommandRefused(f"the command has more than {MAX_COMMAND_BYTES} bytes")
    try:
        command = model.model_validate_json(payload, strict=True)
    except ValidationError as error:
        raise CommandRefused(f"the command is malformed: {_first_fault(error)}") from error
    there = now.wall if sender_now is None else sender_now
    clock = _whose(there, ours=sender_now is None)
    if command.issued_at > there + timedelta(seconds=CLOCK_TOLERANCE_S):
        raise CommandRefused(
            f"the command is from the future ({command.issued_at.isoformat()}) by {clock}"
        )
    if command.expires_at <= there:
        raise CommandRefused(f"the command expired at {command.expires_at.isoformat()} by {clock}")
    if isinstance(command, PauseCommand):
        length_s = (command.until - there).total_seconds()
        _check_pause(command, length_s, max_pause_s)
        here = now.wall + timedelta(seconds=length_s)
        command = command.model_copy(update={"until": here})
    return _COMMAND.validate_python(command)


def _whose(there: datetime, *, ours: bool) -> str:
    said = there.isoformat(timespec="seconds")
    if not ours:
        return f"the station's clock ({said}): if the sender is not the station, set its clock"
    return f"this box's clock ({said}): set it, or the sender's, if that is not the time"


def _check_pause(command: PauseCommand, length_s: float, max_pause_s: float) -> None:
    if length_s <= 0:
        raise CommandRefused(f"the pause would have ended at {command.until.isoformat()}")
    if length_s > max_pause_s:
        raise CommandRefused(
            f"a pause may last {max_pause_s:g} s at most (alarms.max_pause_s), not {length_s:.0f} s"
        )


class CommandDesk:
    """Takes one room's commands; a repeated command gets the same answer and is not applied again.

    Args:
        max_pause_s: longest pause that may be asked for, seconds.
    """

    def __init__(self, *, max_pause_s: float) -> None:
        self._max_pause_s = max_pause_s
        self._answers: OrderedDict[UUID, tuple[bytes, CommandEventPayload]] = OrderedDict()

    def take_over(self, before: CommandDesk) -> None:
        """Know every answer that the room's desk before has given."""
        self._answers = before._answers

    def take(
        self,
        name: str,
        payload: bytes,
        *,
        retained: bool,
        now: Moment,
        apply: Callable[[Command, Moment], None],
        sender_now: datetime | None = None,
    ) -> CommandEventPayload:
        """Carry out a command and return its answer.

        Args:
            name: last level of its topic.
            payload: JSON as received.
            retained: the broker had kept it; it is then as old as it likes, and refused.
            now: present moment.
            apply: carries the command out; raises CommandRefused when that is impossible.
            sender_now: the present by the station's clock, None where it was not heard.
        """
        sender = sender_of(payload)
        fingerprint = name.encode() + b"\0" + payload
        if sender.command_id is not None and sender.command_id in self._answers:
            known, answer = self._answers[sender.command_id]
            if known == fingerprint:
                return answer
            return _answer(name, sender, "this id was used for another command", now)
        refusal = (
            "the command was retained: publish commands without retain"
            if retained
            else self._refusal(name, payload, now=now, apply=apply, sender_now=sender_now)
        )
        answer = _answer(name, sender, refusal, now)
        if sender.command_id is not None:
            self._remember(sender.command_id, fingerprint, answer)
        return answer

    def _refusal(
        self,
        name: str,
        payload: bytes,
        *,
        now: Moment,
        apply: Callable[[Command, Moment], None],
        sender_now: datetime | None,
    ) -> str | None:
        try:
            command = parse_command(
                name, payload, now, max_pause_s=self._max_pause_s, sender_now=sender_now
            )
            apply(command, now)
        except CommandRefused as refused:
            return refused.reason
        return None

    def _remember(self, key: UUID, fingerprint: bytes, answer: CommandEventPayload) -> None:
        self._answers[key] = fingerprint, answer
        if len(self._answers) > REMEMBERED:
            self._answers.popitem(last=False)


def _answer(name: str, sender: Sender, refusal: str | None, now: Moment) -> CommandEventPayload:
    return command_event(
        command=name[:NAME_SHOWN],
        command_id=sender.command_id,
        person=sender.person,
        refusal=refusal,
        now=now,
    )


def _known() -> str:
    return ", ".join(sorted(COMMANDS))


def _first_fault(error: ValidationError) -> str:
    """Say the first thing that is wrong, without repeating what was sent."""
    fault = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    return f"{where}: {fault['msg']}" if where else fault["msg"]


def _uuid(value: Any) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _person(value: Any) -> str | None:
    try:
        return _PERSON.validate_python(value, strict=True)
    except ValidationError:
        return None
