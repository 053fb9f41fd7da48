"""A resident's own neutral."""

from __future__ import annotations

from pydantic import Field

from pain.settings.section import Section


class BaselineConfig(Section):
    """How the neutral of a resident is measured (command set_baseline)."""

    window_s: float = Field(
        default=120.0, ge=20, le=3600, description="Length of the calm window, s."
    )
    min_coverage: float = Field(
        default=0.6, gt=0, le=1, description="Share of the window that must have a level."
    )
    max_level: float = Field(
        default=2.0,
        ge=0,
        le=6,
        description="A median above this is no neutral: the resident may be in pain.",
    )
    max_range: float = Field(
        default=1.5,
        gt=0,
        le=6,
        description="A tenth and a ninetieth percentile further apart than this are not calm.",
    )
