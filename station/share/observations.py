"""Minutes and silences as FHIR Observations."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from station.live.values import RoomKey
from station.ports import Minute, Silence
from station.share.places import Places, place
from station.share.terms import (
    COVERAGE,
    HIGHEST,
    MEAN_ROUNDED,
    METHOD,
    NO_LEVEL,
    OBSERVED_LEVEL,
    READINGS,
    ROOM_SILENT,
    UCUM,
    Concept,
    Terms,
    hl7,
)

_LAST_SECOND: Final = timedelta(seconds=59)
"""The end of a FHIR period is part of it, to the precision that it is written with."""

_DIGITS: Final = 3

Resource = dict[str, Any]


def minute_observation(key: RoomKey, minute: Minute, terms: Terms, places: Places) -> Resource:
    """One minute; without a level it has the reason for that and never a 0."""
    at = instant(minute.at)
    found = _observation(key, f"{place(key)}/{at}", terms, places)
    found["effectivePeriod"] = {"start": at, "end": instant(minute.at + _LAST_SECOND)}
    found["component"] = [
        {"code": terms.word(COVERAGE), "valueQuantity": _percent(minute.coverage)},
        {"code": terms.word(READINGS), "valueInteger": minute.readings},
    ]
    if minute.mean is None:
        found["dataAbsentReason"] = _absent("unknown", terms.word(NO_LEVEL))
        return found
    found["valueQuantity"] = _level(minute.mean)
    found["component"].append(
        {"code": terms.word(MEAN_ROUNDED), "valueCodeableConcept": terms.level(minute.mean)}
    )
    if minute.highest is not None:
        found["component"].append(
            {"code": terms.word(HIGHEST), "valueQuantity": _level(minute.highest)}
        )
    return found


def silence_observation(key: RoomKey, silence: Silence, terms: Terms, places: Places) -> Resource:
    """A time in which nothing was known; preliminary and without an end while it lasts."""
    since = instant(silence.since)
    found = _observation(key, f"{place(key)}/silent/{since}", terms, places)
    found["effectivePeriod"] = {"start": since}
    if silence.until is None:
        found["status"] = "preliminary"
    else:
        found["effectivePeriod"]["end"] = instant(silence.until)
    found["dataAbsentReason"] = _absent("error", terms.word(ROOM_SILENT))
    return found


def instant(at: datetime) -> str:
    """ISO 8601 in UTC; whole seconds without a fraction."""
    spec = "milliseconds" if at.microsecond else "seconds"
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=spec) + "Z"


def _observation(key: RoomKey, value: str, terms: Terms, places: Places) -> Resource:
    return {
        "resourceType": "Observation",
        "identifier": [terms.identifier("observation", value)],
        "status": "final",
        "category": [hl7("observation-category", "exam")],
        "code": terms.word(OBSERVED_LEVEL),
        "subject": places.patient_reference(key) or places.location_reference(key),
        "method": terms.word(METHOD),
        "device": places.box_reference(key),
    }


def _absent(code: str, ours: Concept) -> Concept:
    reason = hl7("data-absent-reason", code)
    return {"coding": [*reason["coding"], *ours["coding"]], "text": ours["text"]}


def _level(level: float) -> dict[str, Any]:
    value = round(level, _DIGITS)
    return {"value": value, "unit": "level 0 to 6", "system": UCUM, "code": "{score}"}


def _percent(share: float) -> dict[str, Any]:
    return {"value": round(100 * share, 1), "unit": "%", "system": UCUM, "code": "%"}
