"""Smoothing over time."""

from __future__ import annotations

from pydantic import Field

from pain.settings.section import Section


class SmoothingConfig(Section):
    """How per-frame scores become a level that people can act on."""

    median_s: float = Field(
        default=0.8,
        ge=0,
        le=5,
        description="Median over this time before the mean, so that a blink is no spike, s.",
    )
    time_constant_s: float = Field(
        default=1.0, gt=0, description="Time constant of the exponential mean, s."
    )
    window_s: float = Field(
        default=4.0, gt=0, le=60, description="Window over which coverage and spread are taken, s."
    )
    min_coverage: float = Field(
        default=0.5, gt=0, le=1, description="Below this share of valid scores there is no level."
    )
