"""When a face may be scored."""

from __future__ import annotations

from pydantic import Field

from pain.settings.section import Section


class QualityConfig(Section):
    """Limits of the quality gate; a face outside them is unavailable with the reason."""

    min_face_height_px: float = Field(
        default=40.0, ge=20, description="Below this face height the reason is too_small."
    )
    max_yaw_deg: float = Field(
        default=50.0, gt=0, le=90, description="Beyond this turn to a side: turned_away."
    )
    max_pitch_deg: float = Field(
        default=40.0, gt=0, le=90, description="Beyond this nod or tilt back: turned_away."
    )
    min_brightness: float = Field(
        default=15.0, ge=0, le=255, description="Mean luma of the face below this: too_dark."
    )
    min_sharpness: float = Field(
        default=0.22,
        ge=0,
        description="Laplacian over luma deviation of the face at 48 px below this: blurred.",
    )
    max_hidden: float | None = Field(
        default=0.8,
        gt=0,
        lt=1,
        description=(
            "Probability that brows, eyes or the lower half are covered (mask, blanket, hand, dark "
            "glasses) above which the reason is occluded; null: covered faces are scored."
        ),
    )
