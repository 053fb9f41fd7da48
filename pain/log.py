"""Logging of a service: one line per record on standard error."""

from __future__ import annotations

import logging

from pain.errors import UsageError

_LEVELS = ("debug", "info", "warning", "error")


def set_up_logging(level: str) -> None:
    """Send log records to standard error.

    Args:
        level: debug, info, warning or error.

    Raises:
        UsageError: another word was given.
    """
    if level not in _LEVELS:
        raise UsageError(f"--log-level {level!r}: choose one of {', '.join(_LEVELS)}")
    logging.basicConfig(
        level=level.upper(),
        format="%(asctime)s %(levelname)-7s %(name)s: %(message)s",
        force=True,
    )
