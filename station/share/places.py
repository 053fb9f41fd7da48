"""Rooms, their boxes and their residents as FHIR resources and references."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from pain.errors import UsageError
from station.live.values import RoomKey
from station.share.span import room_key
from station.share.terms import BOX, Terms

_PATIENT: Final = re.compile(r"(https?://[^\s]+/)?Patient/[A-Za-z0-9\-.]{1,64}")

Resource = dict[str, Any]


class Places:
    """Refers to rooms.

    Args:
        terms: our names.
        names: names for people, where they are known.
        patients: references to the residents, where they are known.
    """

    def __init__(
        self, terms: Terms, *, names: Mapping[RoomKey, str], patients: Mapping[RoomKey, str]
    ) -> None:
        self._terms = terms
        self._names = names
        self._patients = patients

    def location(self, key: RoomKey) -> Resource:
        """The room."""
        return {
            "resourceType": "Location",
            "identifier": [self._terms.identifier("room", place(key))],
            "status": "active",
            "name": self._names.get(key, key.room),
            "mode": "instance",
        }

    def box(self, key: RoomKey) -> Resource:
        """What watches the room."""
        name = f"painwatch {self._names.get(key, key.room)}"
        return {
            "resourceType": "Device",
            "identifier": [self._terms.identifier("box", place(key))],
            "deviceName": [{"name": name, "type": "user-friendly-name"}],
            "type": self._terms.word(BOX),
            "location": self.location_reference(key),
            "note": [{"text": "A research aid, not a medical device."}],
        }

    def location_reference(self, key: RoomKey) -> Resource:
        """A reference to the room."""
        return self._reference("Location", self.location_identifier(key))

    def box_reference(self, key: RoomKey) -> Resource:
        """A reference to the box."""
        return self._reference("Device", self._terms.identifier("box", place(key)))

    def location_identifier(self, key: RoomKey) -> dict[str, str]:
        """What names the room anywhere."""
        return self._terms.identifier("room", place(key))

    def patient_reference(self, key: RoomKey) -> Resource | None:
        """A reference to the resident; None where nobody said who that is."""
        patient = self._patients.get(key)
        return None if patient is None else {"reference": patient, "type": "Patient"}

    def _reference(self, kind: str, identifier: dict[str, str]) -> Resource:
        return {"reference": full_url(identifier), "type": kind, "identifier": identifier}


def place(key: RoomKey) -> str:
    """A room in identifiers."""
    return f"{key.site}/{key.room}"


def full_url(identifier: Mapping[str, str]) -> str:
    """The same URN for the same identifier, so that entries of a bundle can name each other."""
    return uuid5(NAMESPACE_URL, f"{identifier['system']}|{identifier['value']}").urn


def patients_of(given: Sequence[str], *, site: str, known: Sequence[RoomKey]) -> dict[RoomKey, str]:
    """Who lives where.

    Args:
        given: each ``ROOM=Patient/ID``, ``SITE/ROOM=Patient/ID`` or with a URL before ``Patient``.
        site: the site of the config, for a room without one.
        known: the rooms that are exported.

    Raises:
        UsageError: one is written otherwise, names a room that is not exported, or names one twice.
    """
    found: dict[RoomKey, str] = {}
    for one in given:
        room, _, patient = one.partition("=")
        if not _PATIENT.fullmatch(patient):
            raise UsageError(f"--patient {one!r}: write ROOM=Patient/ID, room-12=Patient/123")
        key = room_key(room, site=site)
        if key not in known:
            raise UsageError(f"--patient {one!r}: nothing is exported of a room {room!r}")
        if key in found:
            raise UsageError(f"--patient {one!r}: that room has another resident already")
        found[key] = patient
    return found
