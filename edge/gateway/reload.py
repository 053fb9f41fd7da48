"""Read the config file again: wholly or not at all."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from edge.config import EdgeConfig
from edge.gateway.changes import Changes, changes
from pain.broker.client import build_client
from pain.errors import ConfigError, UsageError

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigSource:
    """Where the configuration came from.

    Attributes:
        path: the file.
        read: reads and checks it and the models that it names; raises UsageError.
    """

    path: Path
    read: Callable[[Path], EdgeConfig]


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A configuration that was checked and may be applied."""

    config: EdgeConfig
    changes: Changes


def prepare(source: ConfigSource | None, current: EdgeConfig) -> Prepared:
    """Read the file again and check everything that could keep it from being applied.

    Args:
        source: the file; None when the daemon was started without one.
        current: what is in force.

    Raises:
        UsageError: it cannot be applied; says where the mistake is and what to do.
    """
    if source is None:
        raise UsageError("this daemon was started without a config file")
    try:
        config = source.read(source.path)
    except UsageError:
        raise
    except Exception as error:  # the rooms must be watched on, whatever is wrong with the file
        _log.exception("%s cannot be read", source.path)
        raise UsageError(f"{source.path} cannot be read: {error}") from error
    found = changes(current, config)
    if found.fixed:
        raise ConfigError(
            "was changed, but is read at the start alone: undo that, or restart the service",
            file=str(source.path),
            key=" and ".join(found.fixed),
        )
    if found.added or any(change.link for change in found.changed.values()):
        _try_credentials(config, source.path)
    return Prepared(config=config, changes=found)


def _try_credentials(config: EdgeConfig, path: Path) -> None:
    """Read password and certificates now: a link that cannot be made would end the daemon."""
    try:
        build_client(config.mqtt, "painwatch")
    except ConfigError as error:
        raise ConfigError(
            error.message, file=str(path), key=error.key, value=error.value
        ) from error
