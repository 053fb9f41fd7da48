from __future__ import annotations

from enum import StrEnum

import pytest

from edge.watch import words
from pain.alarms import Condition
from pain.values import Reason
from pain.wire import Availability


@pytest.mark.parametrize(
    ("terms", "translated"),
    [
        (Condition, words.CONDITION_WORDS),
        (Reason, words.REASON_WORDS),
        (Availability, words.AVAILABILITY_WORDS),
    ],
)
def test_every_term_of_the_wire_has_words(
    terms: type[StrEnum], translated: dict[StrEnum, str]
) -> None:
    assert set(translated) == set(terms)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 00 min"),
        (7322, "2 h 02 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text
