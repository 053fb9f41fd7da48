"""Words of the loop that stand in files."""

from __future__ import annotations

from enum import StrEnum


class Schedule(StrEnum):
    """How the learning rate goes after its warm-up."""

    CONSTANT = "constant"
    COSINE = "cosine"
