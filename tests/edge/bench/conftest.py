"""The demonstration clip and a face from it."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import av
import numpy as np
import pytest


@pytest.fixture(scope="session")
def clip() -> Path:
    return Path(str(files("edge.demo") / "resident.mp4"))


@pytest.fixture(scope="session")
def portrait(clip: Path) -> np.ndarray:
    with av.open(str(clip)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24")
