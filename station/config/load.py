"""Reads a settings file of the station, and the files that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pain.settings import read_settings
from station.config.root import StationConfig

_EXAMPLE: Final = "configs/station.yaml"


def load_config(path: Path) -> StationConfig:
    """Read and check a settings file."""
    config, _document = read_settings(path, StationConfig, example=_EXAMPLE)
    return config
