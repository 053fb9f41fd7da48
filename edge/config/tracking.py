"""Finding and following a face at room distance."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator

from pain.settings.section import Section


class TrackingConfig(Section):
    """How the tracker searches."""

    landmarker: Path | None = Field(
        default=None,
        description=(
            "Path of face_landmarker.task; when absent it is taken from the model cache "
            "(painwatch models fetch). Its SHA-256 is checked in every case."
        ),
    )
    tile_sizes_px: tuple[int, ...] = Field(
        default=(896, 448, 224),
        description="Sides of the square search tiles in pixels, largest first.",
    )
    acquire_budget_ms: float = Field(
        default=25.0, gt=0, description="Time to spend on search tiles in one frame, ms."
    )
    roi_scale: float = Field(
        default=2.5, ge=1.2, le=5, description="Side of the follow square, in face heights."
    )
    lost_after_s: float = Field(
        default=0.6, gt=0, description="Time without a face in the follow square before searching."
    )
    lifeless_after_s: float | None = Field(
        default=120.0,
        ge=10,
        description=(
            "A face that neither moves against its surroundings nor blinks for this long is a "
            "picture or a doll: motionless, s. A sleeper breathes about 25 times in the default. "
            "null: a picture is scored, and several faces are told apart by size and place alone."
        ),
    )

    @field_validator("tile_sizes_px")
    @classmethod
    def _sorted(cls, sizes: tuple[int, ...]) -> tuple[int, ...]:
        if not sizes or any(size < 128 for size in sizes):  # noqa: PLR2004
            raise ValueError("needs at least one tile size, each 128 or more")
        return tuple(sorted(set(sizes), reverse=True))
