"""What all config sections share."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen section; unknown keys are refused so that a typing error is never silent."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
