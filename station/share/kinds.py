"""What may be exported as CSV; apart from the rest, so that the command line starts quickly."""

from __future__ import annotations

from enum import StrEnum


class Table(StrEnum):
    """One file each."""

    EVENTS = "events"
    MINUTES = "minutes"
    SILENCES = "silences"
    NOTES = "notes"
