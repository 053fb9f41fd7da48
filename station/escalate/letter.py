"""What a recipient is told, in words; never a resident's name, for the station knows none."""

from __future__ import annotations

from datetime import datetime

from pain.alarms import Condition
from pain.wire import EscalationEnding, EscalationKind, EscalationPayload
from station.escalate.values import ROOM_SILENT, Case, Notice

_SUBJECTS = {
    Condition.PAIN_SEVERE.value: "Severe pain",
    Condition.PAIN_MODERATE.value: "Moderate pain",
    Condition.CAMERA_LOST.value: "Camera lost",
    Condition.MODEL_FAILED.value: "Analysis failed",
    ROOM_SILENT: "Room silent, it is not being watched",
    "broker_lost": "The station hears no room",
    "storage_fails": "The station cannot keep its records",
    "events_not_heard": "The station's history receives no events",
}


def letter(case: Case, notice: Notice, *, station: str, at: datetime) -> EscalationPayload:
    """Write what one notice says."""
    return EscalationPayload(
        id=notice.id,
        case_id=case.id,
        kind=notice.kind,
        recipient=notice.recipient,
        step=notice.step,
        station=station,
        site=case.matter.key.site,
        room=case.matter.key.room or None,
        room_name=case.name,
        subject=case.matter.subject,
        level=case.level,
        since=case.began_at,
        ending=case.ending,
        text=_text(case, notice),
        at=at,
    )


def title(payload: EscalationPayload) -> str:
    """One line for a subject or a heading."""
    what = words(payload.subject)
    if payload.kind is EscalationKind.ALL_CLEAR:
        return one_line(f"All clear: {payload.room_name}: {what}")
    return one_line(f"{payload.room_name}: {what}")


def words(subject: str) -> str:
    """A subject in words; its short name where there are none."""
    return _SUBJECTS.get(subject, subject.replace("_", " ").capitalize())


def one_line(text: str) -> str:
    """A text without control characters: a room's name comes from a box and ends up in headers."""
    return "".join(char if char.isprintable() else " " for char in text)


def _text(case: Case, notice: Notice) -> str:
    since = case.began_at.astimezone().strftime("%d.%m. %H:%M:%S")
    name, what = one_line(case.name), words(case.matter.subject)
    if notice.kind is EscalationKind.ALL_CLEAR:
        why = (
            "somebody has acknowledged it"
            if case.ending is EscalationEnding.ACKNOWLEDGED
            else "the alarm is off"
        )
        return f"All clear: {name}: {what}, since {since}; {why}."
    level = "" if case.level is None else f", level {case.level:.1f} of 6"
    return f"{name}: {what}{level}. Since {since}; nobody has acknowledged it."
