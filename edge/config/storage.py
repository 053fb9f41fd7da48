"""What is kept on disk."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from pain.settings.section import Section


class StorageConfig(Section):
    """Events that the broker has not taken, and the state of the alarms."""

    folder: Path | None = Field(
        default=None,
        description=(
            "Folder for them, made where it is absent; on a disk that survives a power cut. When "
            "absent: systemd's $STATE_DIRECTORY, else painwatch in the user's state folder."
        ),
    )
    record_keep_days: int = Field(
        default=400,
        ge=183,
        le=36500,
        description=(
            "The record of alarms, commands, settings and faults is kept this long, days; the EU "
            "AI Act asks for six months at least."
        ),
    )
    record_file_mb: float = Field(
        default=16.0,
        gt=0.01,
        le=1024,
        description="A new file of the record is begun each day, and when one has grown to this.",
    )
