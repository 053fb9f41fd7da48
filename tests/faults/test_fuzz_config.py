"""Config files of any bytes and values: refused in the words made for it, or taken.

``PAINWATCH_FUZZ_SEED`` tries other inputs.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pain.settings.document import parse
from tests.faults.fuzz.campaign import INPUTS, needs_atheris, outcomes_of


@needs_atheris
@pytest.mark.slow
@pytest.mark.timeout(600)
def test_config_files_of_any_bytes_and_values(tmp_path: Path):
    outcomes = outcomes_of("config", tmp_path)
    assert outcomes["refused"] > INPUTS // 10
    assert outcomes["taken"] > 0


def test_yaml_bombs_and_deep_nests_are_refused_at_once():
    bomb = "a: &a [x,x]\n" + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [*{chr(97 + n)},*{chr(97 + n)},*{chr(97 + n)}]\n"
        for n in range(20)
    )
    assert parse(bomb, file="x").problems
    assert parse("[" * 50_000, file="x").problems
