"""The words of our FHIR resources: two code systems of our own, and codes of HL7's."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

from pain.alarms import Condition
from pain.errors import UsageError
from pain.scales import LEVEL_COUNT

DEFAULT_BASE: Final = "https://painwatch.example/fhir"
"""Names, not addresses: ``.example`` is nobody's (RFC 2606). A site puts its own there."""

VERSION: Final = "1"
"""Of both code systems; a new one where a code changes its meaning."""

_HL7: Final = "http://terminology.hl7.org/CodeSystem"
UCUM: Final = "http://unitsofmeasure.org"
URI_SYSTEM: Final = "urn:ietf:rfc:3986"

OBSERVED_LEVEL: Final = "observed-pain-level"
METHOD: Final = "automated-facial-analysis"
MEAN_ROUNDED: Final = "level-rounded"
HIGHEST: Final = "highest-level"
COVERAGE: Final = "coverage"
READINGS: Final = "readings"
NO_LEVEL: Final = "no-level"
ROOM_SILENT: Final = "room-silent"
BOX: Final = "room-box"

_WORDS: Final[dict[str, tuple[str, str]]] = {
    OBSERVED_LEVEL: (
        "observed pain level from facial expression",
        "Mean level 0 to 6 that software read from a face; no self-report, no person's rating.",
    ),
    METHOD: (
        "automated facial analysis",
        "A camera in the room and a model of facial expressions; no person took part.",
    ),
    MEAN_ROUNDED: ("observed pain level, rounded", "The mean as the nearest whole level."),
    HIGHEST: ("highest observed pain level", "The highest level of the minute."),
    COVERAGE: (
        "coverage",
        "Mean share of the smoothing window in which the face could be scored.",
    ),
    READINGS: ("readings", "How many readings of the room came within the minute."),
    NO_LEVEL: (
        "no level",
        "The room was heard and could not tell a level: no face, a poor picture, or a fault.",
    ),
    ROOM_SILENT: (
        "room silent",
        "Nothing was heard of the room: a fault of its box, its network or its power.",
    ),
    BOX: ("painwatch room box", "A camera with a computer that watches one room."),
    Condition.PAIN_MODERATE.value: ("alarm: moderate pain", "The level stayed above its limit."),
    Condition.PAIN_SEVERE.value: ("alarm: severe pain", "The level stayed above its limit."),
    Condition.CAMERA_LOST.value: ("alarm: camera lost", "The camera gives no pictures."),
    Condition.NO_FACE.value: ("advisory: no face", "No face was seen for long."),
    Condition.MODEL_FAILED.value: ("alarm: model failed", "Faces are not scored."),
    Condition.DEGRADED_PROVIDER.value: ("alarm: slow hardware", "Other hardware runs than asked."),
    Condition.OUTBOX_STUCK.value: ("alarm: outbox stuck", "Messages wait at the box."),
    Condition.NOBODY_LISTENING.value: ("alarm: nobody listening", "No station was heard."),
    Condition.CLOCK_UNSYNCED.value: ("alarm: clock unsynced", "The box's clock cannot be trusted."),
}

_HL7_WORDS: Final[dict[tuple[str, str], str]] = {
    ("observation-category", "exam"): "Exam",
    ("data-absent-reason", "unknown"): "Unknown",
    ("data-absent-reason", "error"): "Error",
    ("communication-category", "alert"): "Alert",
}

Concept = dict[str, Any]


def hl7(system: str, code: str) -> Concept:
    """A CodeableConcept of HL7's terminology."""
    display = _HL7_WORDS[system, code]
    return {"coding": [{"system": f"{_HL7}/{system}", "code": code, "display": display}]}


_BASE: Final = re.compile(r"(https?://|urn:)[^\s|?#]+")


@dataclass(frozen=True, slots=True)
class Terms:
    """Our own names below one base.

    Attributes:
        base: URL or URN without a slash at its end.
    """

    base: str = DEFAULT_BASE

    @property
    def words(self) -> str:
        """URL of the code system of kinds and conditions."""
        return f"{self.base}/CodeSystem/painwatch"

    @property
    def levels(self) -> str:
        """URL of the code system of levels 0 to 6."""
        return f"{self.base}/CodeSystem/painwatch-level"

    def identifier(self, kind: str, value: str) -> dict[str, str]:
        """An Identifier in a namespace of ours."""
        return {"system": f"{self.base}/sid/{kind}", "value": value}

    def word(self, code: str) -> Concept:
        """A CodeableConcept of our own."""
        coding = {"system": self.words, "version": VERSION, "code": code}
        return {"coding": [{**coding, "display": _WORDS[code][0]}], "text": _WORDS[code][0]}

    def level(self, level: float) -> Concept:
        """The nearest whole level as a CodeableConcept."""
        code = str(round(level))
        coding = {"system": self.levels, "version": VERSION, "code": code}
        return {"coding": [{**coding, "display": f"level {code}"}]}

    def code_systems(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Both code systems as resources."""
        return (
            self._code_system(
                self.words,
                "Painwatch",
                "Kinds of observations and alarms of painwatch",
                [
                    {"code": code, "display": display, "definition": definition}
                    for code, (display, definition) in _WORDS.items()
                ],
            ),
            self._code_system(
                self.levels,
                "PainwatchLevel",
                "Pain level 0 to 6 read from a face by software; never a self-report",
                [
                    {"code": str(level), "display": f"level {level}", "definition": _meaning(level)}
                    for level in range(LEVEL_COUNT)
                ],
            ),
        )

    @staticmethod
    def _code_system(
        url: str, name: str, title: str, concepts: list[dict[str, str]]
    ) -> dict[str, Any]:
        return {
            "resourceType": "CodeSystem",
            "url": url,
            "version": VERSION,
            "name": name,
            "title": title,
            "status": "draft",
            "experimental": True,
            "description": f"{title}. A research aid, not a medical device.",
            "caseSensitive": True,
            "content": "complete",
            "count": len(concepts),
            "concept": concepts,
        }


def terms_of(base: str | None) -> Terms:
    """Our names below a base of the site's own, or below the default one.

    Raises:
        UsageError: it is no URL or URN.
    """
    if base is None:
        return Terms()
    if not _BASE.fullmatch(base):
        raise UsageError(f"--base {base!r}: write a URL or a URN, https://home.example/fhir")
    return Terms(base=base.rstrip("/"))


def _meaning(level: int) -> str:
    return f"Level {level} of 0 (no pain) to 6, the scale of the Delaware Pain Database."
