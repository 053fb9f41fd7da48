from __future__ import annotations

import pytest

from pain.clock import length


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (119.4, "119 s"),
        (120, "2 min"),
        (7199, "119 min"),
        (7200, "2 h 0 min"),
        (-7500, "2 h 5 min"),
        (2 * 86400 + 3 * 3600, "2 d 3 h"),
    ],
)
def test_a_length_of_time_has_two_units_at_most(seconds: float, words: str) -> None:
    assert length(seconds) == words
