"""A real studio for the slow tests: real textures, real baked head, real OpenGL."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from train.residents.studio import Studio


@pytest.fixture(scope="session")
def assets_obtained() -> None:
    """Fetch and bake through the command that users run; absent npm or assets fail the test."""
    done = subprocess.run(
        [sys.executable, "-m", "painwatch", "train", "residents", "assets"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        pytest.fail(f"the residents' assets cannot be had:\n{done.stderr}")


@pytest.fixture(scope="session")
def studio(assets_obtained: None) -> Iterator[Studio]:
    with Studio() as opened:
        yield opened
