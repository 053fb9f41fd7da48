"""Messages of any bytes and values from the broker: answered, or without effect.

``PAINWATCH_FUZZ_SEED`` tries other inputs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.fuzz.campaign import INPUTS, needs_atheris, outcomes_of

pytestmark = [needs_atheris, pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.mark.parametrize("target", ["command", "heartbeat"])
def test_messages_of_any_bytes_and_values(tmp_path: Path, target: str):
    outcomes = outcomes_of(target, tmp_path)
    assert outcomes["refused"] > INPUTS // 10
    assert outcomes["taken"] > 0


@pytest.mark.parametrize(("way", "kind"), [("crash", "crash-"), ("hang", "timeout-")])
def test_an_input_that_breaks_something_is_shown(tmp_path: Path, monkeypatch, way: str, kind: str):
    monkeypatch.setenv("PAINWATCH_FUZZ_BROKEN", way)
    with pytest.raises(AssertionError, match=rf"{kind}[0-9a-f]+: b'\["):
        outcomes_of("broken", tmp_path, "-timeout=2")
