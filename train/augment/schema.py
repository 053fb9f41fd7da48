"""How training faces are varied; one section for ``fit``, ``crossval`` and ``distil``."""

from __future__ import annotations

from pydantic import Field

from pain.settings.section import Section


class Variation(Section):
    """The tracker's jitter, the camera's moods. What is 0 is left out and costs nothing."""

    shift: float = Field(
        default=0.04, ge=0.0, le=0.25, description="Largest shift, as a share of the side."
    )
    rotate_deg: float = Field(default=6.0, ge=0.0, le=45.0, description="Largest rotation.")
    zoom: float = Field(default=0.08, ge=0.0, le=0.5, description="Largest change of size.")
    light: float = Field(
        default=0.25, ge=0.0, le=1.0, description="Largest change of contrast and of brightness."
    )
    grey: float = Field(
        default=0.15, ge=0.0, le=1.0, description="Probability of a picture without colour."
    )
    colour: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Largest change of each colour's gain and of saturation, as lamps do.",
    )
    low_resolution: float = Field(
        default=0.0,
        ge=0.0,
        le=0.9,
        description="Largest loss of detail of a far face: at 0.5 half the side. Every other face.",
    )
    blur: float = Field(
        default=0.0,
        ge=0.0,
        le=0.05,
        description="Largest standard deviation of a blur, as a share of the side.",
    )
    noise: float = Field(
        default=0.05,
        ge=0.0,
        le=1.0,
        description="Largest noise: of pixels in standard deviations, of blendshapes as it is.",
    )
    jpeg: float = Field(
        default=0.0,
        ge=0.0,
        le=1.0,
        description="Probability of the blocks that a camera's JPEG of quality 20 to 90 leaves.",
    )
    cut_out: float = Field(
        default=0.0,
        ge=0.0,
        le=0.7,
        description="Largest side of a square without content, as a share of the side.",
    )
    mixup: float = Field(
        default=0.0,
        ge=0.0,
        le=4.0,
        description="Two faces laid over each other by shares of Beta(a, a), this being a.",
    )
    landmarks: float = Field(
        default=0.004,
        ge=0.0,
        le=0.1,
        description="Standard deviation of noise on landmarks, in the face's own size.",
    )
