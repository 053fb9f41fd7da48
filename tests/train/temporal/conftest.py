from __future__ import annotations

import pytest

from tests.train.engine import fabric, no_wandb, one_thread  # noqa: F401  (fixtures)
from tests.train.temporal.toy import ClipToy, clip_toy


@pytest.fixture(scope="session")
def blinks(tmp_path_factory: pytest.TempPathFactory) -> ClipToy:
    return clip_toy(tmp_path_factory.mktemp("blinks"), people=15)
