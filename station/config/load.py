"""Reads a settings file of the station, and looks for the files that it names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from pain.settings import read_settings
from pain.settings.files import absent, homeless, named_files, resolved
from pain.settings.problem import KeyPath
from pain.settings.read import refuse
from station.config.root import StationConfig

_EXAMPLE: Final = "configs/station.yaml"
_MADE: Final[frozenset[KeyPath]] = frozenset({("storage", "folder")})
"""Folders that are made when absent."""


def load_config(path: Path) -> StationConfig:
    """Read and check a settings file and the files that it names.

    Relative paths in it are taken from its own folder; the returned config holds absolute ones.

    Args:
        path: YAML file, UTF-8.

    Returns:
        The settings.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are. No message shows
            a password.
    """
    written, document = read_settings(path, StationConfig, example=_EXAMPLE)
    refuse(list(homeless(written)), document)
    config = resolved(written, path.absolute().parent)
    files = named_files(config, made=_MADE)
    refuse([problem for file in files if (problem := absent(file))], document)
    return config
