"""What a FHIR file says, read back by the library and by eye."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle

from pain.alarms import PRIORITIES, Condition
from station.share.fhir import collection, resources, transactions
from station.share.observations import minute_observation
from station.share.places import Places
from station.share.terms import Terms
from tests.station.messages import OTHER, ROOM, alarm_event
from tests.station.share.ward import SPAN, Ward, acknowledgement, at, fill

TERMS = Terms(base="https://home.example/fhir")
ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
NOW = SPAN.until


def bundle(ward: Ward, *, patients=None, now=NOW) -> dict[str, Any]:
    keys = [ROOM, OTHER]
    places = Places(TERMS, names={ROOM: "Rose room"}, patients=patients or {})
    found = resources(ward.source, keys, SPAN, now=now, terms=TERMS, places=places)
    text = "".join(collection(found, keys, now=now, terms=TERMS, places=places))
    assert Bundle.model_validate_json(text).model_dump_json()
    return json.loads(text)


def sent(ward: Ward, size: int = 200) -> list[dict[str, Any]]:
    places = Places(TERMS, names={}, patients={})
    found = resources(ward.source, [ROOM, OTHER], SPAN, now=NOW, terms=TERMS, places=places)
    texts = list(transactions(found, terms=TERMS, places=places, size=size))
    assert all(Bundle.model_validate_json(text) for text in texts)
    return [json.loads(text) for text in texts]


def of_kind(found: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    every = [entry["resource"] for entry in found["entry"]]
    return [resource for resource in every if resource["resourceType"] == kind]


def components(observation: dict[str, Any]) -> dict[str, Any]:
    return {one["code"]["coding"][0]["code"]: one for one in observation["component"]}


def references(value: Any) -> list[str]:
    if isinstance(value, list):
        return [found for one in value for found in references(one)]
    if not isinstance(value, dict):
        return []
    here = [value["reference"]] if "reference" in value else []
    return here + [found for one in value.values() for found in references(one)]


def test_the_bundle_holds_everything_and_the_code_systems(ward):
    fill(ward)
    kinds = Counter(entry["resource"]["resourceType"] for entry in bundle(ward)["entry"])
    assert kinds == {
        "CodeSystem": 2,
        "Location": 2,
        "Device": 2,
        "Observation": 4 + 1,
        "Communication": 3,
    }


def test_a_minute_is_an_observation_of_a_machine_and_no_self_report(ward):
    ward.watch(4.6)
    (observation,) = of_kind(bundle(ward), "Observation")
    assert observation["status"] == "final"
    assert observation["effectivePeriod"] == {
        "start": "2024-03-05T12:00:00Z",
        "end": "2024-03-05T12:00:59Z",
    }
    assert observation["valueQuantity"]["value"] == 4.6
    assert observation["method"]["text"] == "automated facial analysis"
    assert "dataAbsentReason" not in observation
    parts = components(observation)
    assert parts["highest-level"]["valueQuantity"]["value"] == 4.6
    assert parts["coverage"]["valueQuantity"]["value"] == 75
    assert parts["readings"]["valueInteger"] == 60
    (rounded,) = parts["level-rounded"]["valueCodeableConcept"]["coding"]
    assert (rounded["system"], rounded["code"]) == (TERMS.levels, "5")


def test_no_code_of_anybodys_pain_scale_is_claimed(ward):
    fill(ward)
    text = json.dumps(bundle(ward))
    assert "loinc" not in text.lower()
    assert "snomed" not in text.lower()


def test_every_code_of_ours_is_defined_in_the_bundle(ward):
    for condition in Condition:
        ward.hear(alarm_event(condition, at=at(1)))
    ward.watch(0.0, None, 6.0)
    ward.be_silent(at(10), at(11))
    found = bundle(ward)
    defined = {
        (system["url"], concept["code"])
        for system in of_kind(found, "CodeSystem")
        for concept in system["concept"]
    }
    used: set[tuple[str, str]] = set()

    def look(value: Any) -> None:
        if isinstance(value, list):
            for one in value:
                look(one)
        elif isinstance(value, dict):
            used.update(
                (one["system"], one["code"])
                for one in value.get("coding", ())
                if one["system"].startswith(TERMS.base)
            )
            for one in value.values():
                look(one)

    look([entry["resource"] for entry in found["entry"]])
    assert used
    assert used <= defined


def test_a_minute_without_a_level_says_why_and_never_zero(ward):
    ward.watch(None)
    (observation,) = of_kind(bundle(ward), "Observation")
    assert not [key for key in observation if key.startswith("value")]
    theirs, ours = observation["dataAbsentReason"]["coding"]
    assert (theirs["system"], theirs["code"]) == (ABSENT, "unknown")
    assert ours["code"] == "no-level"
    assert set(components(observation)) == {"coverage", "readings"}


def test_a_calm_minute_is_a_zero_that_was_measured(ward):
    ward.watch(0.0)
    (observation,) = of_kind(bundle(ward), "Observation")
    assert observation["valueQuantity"]["value"] == 0
    assert "dataAbsentReason" not in observation


@pytest.mark.parametrize(("ended", "status"), [(True, "final"), (False, "preliminary")])
def test_a_silence_is_an_error_without_a_level(ward, ended, status):
    ward.be_silent(at(10), at(15) if ended else None)
    (observation,) = of_kind(bundle(ward), "Observation")
    assert observation["status"] == status
    assert [one["code"] for one in observation["dataAbsentReason"]["coding"]] == [
        "error",
        "room-silent",
    ]
    assert observation["effectivePeriod"]["start"] == "2024-03-05T12:10:00Z"
    assert observation["effectivePeriod"].get("end") == ("2024-03-05T12:15:00Z" if ended else None)


def test_a_minute_that_can_still_grow_is_not_given_away(ward):
    ward.watch(1.0, 1.0)
    assert len(of_kind(bundle(ward, now=at(6)), "Observation")) == 1


def test_an_alarm_says_who_acknowledged_it_and_what_was_found(ward):
    fill(ward)
    severe = next(
        one
        for one in of_kind(bundle(ward), "Communication")
        if one["topic"]["coding"][0]["code"] == "pain_severe"
    )
    assert severe["priority"] == "stat"
    assert severe["sent"] == "2024-03-05T12:01:00Z"
    assert "subject" not in severe
    assert severe["note"] == [
        {"authorString": "nurse-7", "time": "2024-03-05T12:02:00Z", "text": "Acknowledged."},
        {
            "authorString": "nurse-8",
            "time": "2024-03-05T13:00:00Z",
            "text": "Judged afterwards: pain.",
        },
    ]


@pytest.mark.parametrize("condition", Condition)
def test_every_alarm_keeps_its_own_priority_in_words(ward, condition):
    ward.hear(alarm_event(condition, at=at(1), detail="cause\x00\n<b>"))
    (found,) = of_kind(bundle(ward), "Communication")
    text = found["payload"][0]["contentString"]
    assert f"{condition.value}, priority {PRIORITIES[condition].value}" in text
    assert text.endswith("cause  <b>")
    assert "note" not in found


def test_references_lead_to_entries_of_the_same_bundle(ward):
    fill(ward)
    for one in (bundle(ward), *sent(ward, size=2)):
        there = {entry["fullUrl"] for entry in one["entry"]}
        assert len(there) == len(one["entry"])
        assert set(references(one)) <= there


def test_a_room_with_a_resident_speaks_of_the_resident(ward):
    fill(ward)
    found = bundle(ward, patients={ROOM: "Patient/123"})
    subjects = Counter(one["subject"]["reference"] for one in of_kind(found, "Observation"))
    assert subjects["Patient/123"] == 4
    assert [one.get("subject") for one in of_kind(found, "Communication")] == [
        {"reference": "Patient/123", "type": "Patient"},
        {"reference": "Patient/123", "type": "Patient"},
        None,
    ]


class TestTransactions:
    def test_create_what_is_complete_and_update_what_can_grow(self, ward):
        fill(ward)
        (one,) = sent(ward)
        asked = Counter(
            (entry["resource"]["resourceType"], entry["request"]["method"])
            for entry in one["entry"]
        )
        assert asked == {
            ("CodeSystem", "POST"): 2,
            ("Location", "POST"): 2,
            ("Device", "POST"): 2,
            ("Observation", "POST"): 4,
            ("Observation", "PUT"): 1,
            ("Communication", "PUT"): 3,
        }

    def test_name_what_they_search_by_the_identifier_of_the_resource(self, ward):
        ward.watch(1.0)
        (one,) = sent(ward)
        entry = one["entry"][-1]
        (identifier,) = entry["resource"]["identifier"]
        assert entry["request"]["ifNoneExist"] == (
            f"identifier={identifier['system']}|{identifier['value']}"
        )
        assert identifier["value"] == "elm-court/room-12/2024-03-05T12:00:00Z"

    def test_search_the_same_when_they_are_sent_again_after_an_acknowledgement(self, ward):
        onset = alarm_event(at=at(1))
        ward.hear(onset)
        (before,) = sent(ward)
        ward.hear(acknowledgement(onset))
        (after,) = sent(ward)
        assert before["entry"][-1]["request"] == after["entry"][-1]["request"]
        assert "note" in after["entry"][-1]["resource"]

    def test_are_of_limited_size(self, ward):
        ward.watch(*[1.0] * 7)
        sizes = [len(of_kind(one, "Observation")) for one in sent(ward, size=3)]
        assert sizes == [3, 3, 1]


def test_two_days_of_minutes_come_once_and_in_order(ward):
    ward.watch(1.0, 2.0, since=SPAN.since)
    ward.watch(3.0, since=SPAN.until - timedelta(minutes=1))
    ward.watch(4.0, since=SPAN.until)
    found = of_kind(bundle(ward, now=SPAN.until + timedelta(hours=1)), "Observation")
    assert [one["valueQuantity"]["value"] for one in found] == [1, 2, 3]


def test_the_example_in_the_docs_is_what_is_written(ward):
    page = (Path(__file__).parents[3] / "docs" / "fhir.md").read_text(encoding="utf-8")
    shown = json.loads(page.split("```json\n")[1].split("```")[0])
    places = Places(Terms(), names={}, patients={})
    ward.watch(4.6)
    (minute,) = ward.source.minutes(ROOM, SPAN)
    made = minute_observation(ROOM, minute, Terms(), places)
    assert {**shown, "component": None} == {**made, "component": None}
