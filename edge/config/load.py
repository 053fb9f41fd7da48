"""Read a config file; every mistake in it is told with file, line, key and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from edge.config.files import bad_uris, homeless, named_files, resolved
from edge.config.root import EdgeConfig
from pain.settings.document import Document
from pain.settings.files import absent
from pain.settings.read import read_document, refuse, settings_of

_EXAMPLE: Final = "configs/room.yaml"


def load_config(path: Path) -> EdgeConfig:
    """Read and check a config file and the files that it names.

    Relative paths in it are taken from its own folder; the returned config holds absolute ones.

    Args:
        path: YAML file, UTF-8.

    Returns:
        The configuration.

    Raises:
        ConfigError: anything is wrong; ``ConfigErrors`` when several things are. No message shows
            a password, or the user and password in a camera's address.
    """
    return config_of(read_document(path, example=_EXAMPLE), path.absolute().parent)


def config_of(document: Document, folder: Path) -> EdgeConfig:
    """Check the values of a config file and the files that they name.

    Args:
        document: what was read.
        folder: where relative paths start.

    Raises:
        ConfigError: as ``load_config``.
    """
    written = settings_of(document, EdgeConfig, example=_EXAMPLE)
    refuse(list(homeless(written)), document)
    config = resolved(written, folder)
    refuse(list(bad_uris(config)), document)
    refuse([problem for file in named_files(config) if (problem := absent(file))], document)
    return config
