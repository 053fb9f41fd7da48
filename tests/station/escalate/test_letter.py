"""What a recipient reads."""

from __future__ import annotations

from uuid import uuid4

import pytest

from pain.alarms import PRIORITIES, Priority
from pain.wire import EscalationEnding, EscalationKind
from station.escalate.letter import letter, named
from station.escalate.values import ROOM_SILENT, Case, Matter, Notice
from station.ports import Trouble
from station.words import Language, words_of
from tests.station.messages import ROOM, START

ENGLISH = words_of(Language.EN)


def case(name: str = "Room 12", subject: str = "pain_severe", level: float | None = 5.4) -> Case:
    matter = Matter(key=ROOM, subject=subject)
    return Case(id=uuid4(), matter=matter, name=name, level=level, began_at=START, stood_at=START)


def notice(kind: EscalationKind) -> Notice:
    return Notice(id=uuid4(), case_id=uuid4(), kind=kind, step=1, recipient="pager", due_at=START)


def text(about: Case, kind: EscalationKind = EscalationKind.ALARM) -> str:
    return letter(about, notice(kind), station="ward-2", at=START, words=ENGLISH).text


def test_room_condition_level_and_time_are_told():
    said = text(case())
    since = START.astimezone().strftime("%H:%M:%S")
    assert all(part in said for part in ("Room 12", "Severe pain", "highest level 5.4 / 6", since))


def test_no_level_is_invented():
    assert "level" not in text(case(subject=ROOM_SILENT, level=None))


@pytest.mark.parametrize(
    ("ending", "why"),
    [(EscalationEnding.ACKNOWLEDGED, "acknowledged"), (EscalationEnding.OVER, "off")],
)
def test_an_all_clear_says_why(ending: EscalationEnding, why: str):
    ended = Case(
        id=uuid4(),
        matter=case().matter,
        name="Room 12",
        level=None,
        began_at=START,
        stood_at=START,
        ended_at=START,
        ending=ending,
    )
    said = text(ended, EscalationKind.ALL_CLEAR)
    assert said.startswith("All clear")
    assert why in said


def test_a_hostile_name_of_a_room_adds_no_header():
    hostile = case(name="Room\r\nBcc: all@example.org")
    payload = letter(
        hostile, notice(EscalationKind.ALARM), station="ward-2", at=START, words=ENGLISH
    )
    assert payload.title.splitlines() == [payload.title]
    assert payload.text.splitlines() == [payload.text]


@pytest.mark.parametrize(
    "subject",
    [
        ROOM_SILENT,
        *(condition.value for condition, rank in PRIORITIES.items() if rank is Priority.HIGH),
        *(trouble.value for trouble in Trouble if trouble is not Trouble.ESCALATION_FAILS),
    ],
)
def test_every_subject_has_words(subject: str):
    for language in Language:
        assert named(subject, words_of(language)) != subject.replace("_", " ").capitalize()


def test_the_language_is_the_boards():
    about = letter(
        case(),
        notice(EscalationKind.ALARM),
        station="ward-2",
        at=START,
        words=words_of(Language.DE),
    )
    assert about.title == "Room 12: Starker Schmerz"
    assert "höchster Wert 5,4 / 6" in about.text
    assert "niemand hat quittiert" in about.text


def test_a_subject_of_a_newer_box_is_told_by_its_short_name():
    assert named("door_open", ENGLISH) == "Door open"
