"""A database for each test; PostgreSQL's own where it is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from station.store import open_engine
from station.store.engine import sqlite_url


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = open_engine(sqlite_url(tmp_path))
    yield opened
    opened.dispose()
