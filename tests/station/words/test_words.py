"""Every language has every word, with the same places for what is put in."""

from __future__ import annotations

import string
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum

import pytest

from pain.action_units import ActionUnit
from pain.alarms import AlarmState, Condition, Trigger
from pain.values import Reason
from pain.wire import COMMANDS, RestartEventPayload
from station.board.painad import Item
from station.live.values import Absence, Band
from station.ports import OrderState, Trouble, Verdict
from station.words import Language, Text, Words, words_of
from station.words.format import duration, event_line, number, percent, signs
from tests.station.messages import alarm_event, answer

ENGLISH = words_of(Language.EN)
OTHERS = [language for language in Language if language is not Language.EN]

MEMBERS: dict[str, type[StrEnum] | list[str]] = {
    "bands": Band,
    "absences": Absence,
    "reasons": Reason,
    "conditions": Condition,
    "states": AlarmState,
    "triggers": Trigger,
    "units": ActionUnit,
    "troubles": Trouble,
    "outcomes": OrderState,
    "commands": list(COMMANDS),
    "verdicts": Verdict,
    "painad": Item,
    "say": Text,
}

SAME_AS_IN_ENGLISH = {("say", "judged"), ("say", "last_ten_minutes")}
"""No words but what is put in; and French minutes."""


def sentences(words: Words) -> Iterator[tuple[str, str, str]]:
    """Every sentence with where it stands."""
    for field in MEMBERS:
        for key, said in getattr(words, field).items():
            for number_, text in enumerate(said if isinstance(said, tuple) else (said,)):
                yield field, str(key) + (f".{number_}" if number_ else ""), text


def places(text: str) -> set[str | None]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_every_mapping_of_a_language_is_tested():
    mappings = {
        field.name for field in fields(Words) if isinstance(getattr(ENGLISH, field.name), Mapping)
    }
    assert mappings == set(MEMBERS)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("field", list(MEMBERS))
def test_no_word_is_missing_and_none_is_left_over(language, field):
    assert set(getattr(words_of(language), field)) == set(MEMBERS[field])


@pytest.mark.parametrize("language", list(Language))
def test_no_sentence_is_empty_or_has_blanks_around_it(language):
    said = list(sentences(words_of(language)))
    odd = [where for *where, text in said if text != text.strip() or not text]
    assert not odd


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_put_in_has_a_place_in_every_language(language):
    english = {(field, key): places(text) for field, key, text in sentences(ENGLISH)}
    other = {(field, key): places(text) for field, key, text in sentences(words_of(language))}
    assert other == english


@pytest.mark.parametrize("language", OTHERS)
def test_nothing_was_left_in_english(language):
    english = {(field, key): text for field, key, text in sentences(ENGLISH)}
    left = {
        (field, key)
        for field, key, text in sentences(words_of(language))
        if text == english[field, key] and len(text.split()) > 1
    }
    assert left <= SAME_AS_IN_ENGLISH


@pytest.mark.parametrize("language", list(Language))
def test_a_language_knows_its_own_name(language):
    assert words_of(language).language is language
    assert language.own_name


def test_numbers_have_the_languages_decimal_sign():
    assert number(ENGLISH, 5.25) == "5.2"
    assert number(words_of(Language.DE), 5.25, 2) == "5,25"
    assert percent(0.826) == "83\N{NO-BREAK SPACE}%"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-3, "0 s"), (59.9, "59 s"), (60, "1 min"), (3599, "59 min"), (3660, "1 h 01 min")],
)
def test_durations_are_short(seconds, said):
    assert duration(ENGLISH, seconds).replace("\N{NO-BREAK SPACE}", " ") == said


def test_signs_are_the_strongest_that_can_be_seen():
    seen = {
        ActionUnit.AU4: 2.0,
        ActionUnit.AU7: 4.0,
        ActionUnit.AU43: 1.0,
        ActionUnit.AU9: 3.0,
        ActionUnit.AU10: 2.5,
        ActionUnit.AU25: 1.6,
    }
    assert signs(ENGLISH, seen) == "eyes tight, nose wrinkled, upper lip raised, brow lowered"
    assert signs(ENGLISH, {}) == ""


def test_every_kind_of_event_is_one_line():
    at = datetime(2026, 1, 1, tzinfo=UTC)
    restart = RestartEventPayload(
        id=alarm_event().id,
        last_alive_at=None,
        standing=[],
        pause_ended=False,
        decided_at=at,
        published_at=at,
    )
    assert event_line(ENGLISH, alarm_event()) == "Severe pain began (5.2)"
    assert event_line(ENGLISH, answer(None, command="pause")) == "Pause signals · nurse-7"
    refused = answer(None, command="pause", accepted=False, reason="too long")
    assert event_line(ENGLISH, refused) == "Pause signals · nurse-7: ✗ too long"
    assert event_line(ENGLISH, restart) == ENGLISH.restart
