"""What a target says to the test that runs it."""

from __future__ import annotations

from typing import Final

OUTCOMES: Final = "outcomes: "
"""Begins the lines that say how many inputs have ended in which way."""
