from __future__ import annotations

import pytest

from edge.doctor.prober import probe
from pain.errors import InternalError


def test_a_probe_that_crashes_is_reported_with_its_last_words() -> None:
    with pytest.raises(InternalError, match="crashed with code 1: KeyError: 'weather'"):
        probe("weather", None, timeout_s=30.0)


def test_a_probe_that_hangs_is_ended() -> None:
    with pytest.raises(InternalError, match=r"no answer within 0\.01 s"):
        probe("sandbox", None, timeout_s=0.01)
