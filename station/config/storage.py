"""What is kept, and for how long."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, SecretStr, model_validator

from pain.settings.section import Section


class RetentionConfig(Section):
    """How long records are kept; older ones are deleted once an hour."""

    events_days: int = Field(
        default=400, ge=1, le=36500, description="Events, verdicts and times of silence, days."
    )
    minutes_days: int = Field(default=100, ge=1, le=36500, description="Levels by minute, days.")
    notes_days: int = Field(default=400, ge=1, le=36500, description="Notes of people, days.")
    audit_days: int = Field(
        default=400, ge=1, le=36500, description="Who did what, and what was refused, days."
    )


class StorageConfig(Section):
    """The database: a SQLite file in a folder, or any database by its SQLAlchemy URL."""

    folder: Path | None = Field(
        default=None,
        description=(
            "Folder for station.sqlite3, made where it is absent; on a disk that survives a power "
            "cut. When absent: systemd's $STATE_DIRECTORY, else painwatch in the user's state "
            "folder."
        ),
    )
    url: SecretStr | None = Field(
        default=None,
        description=(
            "Database instead of the file, e.g. postgresql+psycopg://station@db.example/painwatch."
        ),
    )
    retention: RetentionConfig = Field(
        default=RetentionConfig(), description="How long records are kept."
    )

    @model_validator(mode="after")
    def _one(self) -> StorageConfig:
        if self.folder is not None and self.url is not None:
            raise ValueError("give folder or url, not both")
        return self
