"""What a network is asked."""

from __future__ import annotations

from enum import StrEnum


class Task(StrEnum):
    """The three tasks of the thesis."""

    ORDINAL = "ordinal"
    """Seven classes in order, levels 0 to 6."""
    REGRESSION = "regression"
    """The level as a number."""
    BINARY = "binary"
    """Pain (level 1 to 6) or none."""
