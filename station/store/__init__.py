"""The station's database: events, minutes, notes, verdicts and the audit."""

from station.store.base import Base, UtcTime
from station.store.engine import open_engine

__all__ = ["Base", "UtcTime", "open_engine"]
