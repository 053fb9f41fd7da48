"""The station's settings file."""

from station.config.root import StationConfig

__all__ = ["StationConfig"]
