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
