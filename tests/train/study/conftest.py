from __future__ import annotations

from pathlib import Path

import pytest

from tests.train.study.planted import planted, tracked
from train.study.cohort import Cohort


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for an interval; its width is tested with as many as a study takes."""
    monkeypatch.setattr("train.study.estimate.RESAMPLES", 40)


@pytest.fixture(scope="session")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """Twelve people with eight pictures each; some are turned too far to be found."""
    root: Path = tmp_path_factory.mktemp("planted")
    return Cohort.of(tracked(root, planted()))
