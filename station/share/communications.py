"""Alarms as FHIR Communications: R4 has no resource for alerts of devices."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pain.alarms import Priority
from station.ports import Verdict
from station.share.alarms import Alarm
from station.share.observations import instant
from station.share.places import Places
from station.share.terms import URI_SYSTEM, Terms, hl7

Resource = dict[str, Any]

_PRIORITIES: Final[Mapping[Priority, str]] = {
    Priority.HIGH: "stat",
    Priority.MEDIUM: "asap",
    Priority.LOW: "urgent",
    Priority.INFORMATION: "routine",
}
"""FHIR's request priorities, in its order; the alarm's own one stands in the payload."""

_VERDICTS: Final[Mapping[Verdict, str]] = {
    Verdict.PAIN: "Judged afterwards: pain.",
    Verdict.NOT_PAIN: "Judged afterwards: not pain.",
    Verdict.UNSURE: "Judged afterwards: unsure.",
}


def alarm_communication(alarm: Alarm, terms: Terms, places: Places) -> Resource:
    """One alarm's onset, with a note of its acknowledgement and one of the verdict."""
    onset = alarm.onset
    found: Resource = {
        "resourceType": "Communication",
        "identifier": [{"system": URI_SYSTEM, "value": onset.id.urn}],
        "status": "completed",
        "category": [hl7("communication-category", "alert")],
        "priority": _PRIORITIES[onset.priority],
        "topic": terms.word(onset.condition.value),
        "about": [places.location_reference(alarm.key)],
        "sent": instant(onset.decided_at),
        "sender": places.box_reference(alarm.key),
        "payload": [{"contentString": _sentence(alarm)}],
    }
    patient = places.patient_reference(alarm.key)
    if patient is not None:
        found["subject"] = patient
    notes = _notes(alarm)
    if notes:
        found["note"] = notes
    return found


def _sentence(alarm: Alarm) -> str:
    onset = alarm.onset
    parts = [f"{onset.condition.value}, priority {onset.priority.value}"]
    if onset.level is not None:
        parts.append(f"observed level {onset.level:.1f} of 0 to 6")
    parts.append(f"began {instant(onset.onset_at)}")
    if onset.detail:
        parts.append(_printable(onset.detail))
    return ", ".join(parts)


def _notes(alarm: Alarm) -> list[Resource]:
    notes: list[Resource] = []
    if alarm.acknowledged_at is not None:
        note: Resource = {"time": instant(alarm.acknowledged_at), "text": "Acknowledged."}
        notes.append(_signed(note, alarm.acknowledged_by))
    if alarm.verdict is not None:
        note = {"text": _VERDICTS[alarm.verdict]}
        if alarm.judged_at is not None:
            note["time"] = instant(alarm.judged_at)
        notes.append(_signed(note, alarm.judged_by))
    return notes


def _signed(note: Resource, person: str | None) -> Resource:
    return note if person is None else {**note, "authorString": person}


def _printable(text: str) -> str:
    """FHIR strings hold no control characters."""
    return "".join(letter if letter.isprintable() else " " for letter in text)
