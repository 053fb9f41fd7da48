"""The time at which every input arrives."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

WALL: Final = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
