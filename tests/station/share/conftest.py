"""A ward on SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import station.access.tables
import station.escalate.tables  # noqa: F401  the database has all tables
from station.store.engine import open_engine, sqlite_url
from tests.station.share.ward import SETTINGS, Ward


@pytest.fixture
def ward(tmp_path: Path) -> Iterator[Ward]:
    config = tmp_path / "station.yaml"
    config.write_text(SETTINGS)
    folder = tmp_path / "state"
    folder.mkdir()
    engine = open_engine(sqlite_url(folder))
    yield Ward(engine=engine, config=config)
    engine.dispose()
