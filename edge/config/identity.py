"""Whose face is scored: everybody's, or the enrolled resident's alone."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator

from pain.settings.section import Section

NO_MODEL: Final = (
    "no face embedding is installed: identity.bundle names none, and none is shipped with "
    "painwatch. Make one with 'painwatch export embedding' (docs/identity.md) and name its folder "
    "in identity.bundle, or set identity.enabled to false"
)


class IdentityConfig(Section):
    """Score the enrolled resident alone, not staff and visitors (docs/identity.md)."""

    enabled: bool = Field(
        default=False,
        description=(
            "Whether faces are compared with the resident's enrolled one. It processes biometric "
            "data: enrol with consent (command enrol_resident). Until then everybody is scored."
        ),
    )
    bundle: Path | None = Field(
        default=None,
        description=(
            "Folder of a bundle that 'painwatch export embedding' made; none is shipped. Needed "
            "when enabled."
        ),
    )
    threshold: float = Field(
        default=0.5,
        gt=0,
        lt=2,
        description=(
            "Cosine distance up to which a face counts as the resident's: 0 is the same vector, 1 "
            "is unrelated. It belongs to the embedding and to your residents: measure it."
        ),
    )
    check_every_s: float = Field(
        default=2.0,
        ge=0.5,
        le=60,
        description="How often the followed face is compared, and at once when it is a new one, s.",
    )
    grace_s: float = Field(
        default=30.0,
        gt=0,
        le=600,
        description=(
            "How long a face that was recognised stays so while it is followed without a break and "
            "is not recognised again, s: a grimace or a turned head is no other person."
        ),
    )
    enrol_window_s: float = Field(
        default=60.0,
        ge=10,
        le=600,
        description="Length of the calm window in which the resident is enrolled, s.",
    )
    enrol_samples: int = Field(
        default=10, ge=3, le=300, description="Fewest comparable pictures in that window."
    )

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.enabled and self.bundle is None:
            raise ValueError(NO_MODEL)
        if self.grace_s < self.check_every_s:
            raise ValueError("grace_s is shorter than check_every_s: no face would stay recognised")
        if self.enrol_window_s < self.enrol_samples * self.check_every_s:
            raise ValueError(
                f"{self.enrol_samples} pictures (enrol_samples) every {self.check_every_s:g} s "
                f"(check_every_s) do not fit into {self.enrol_window_s:g} s (enrol_window_s)"
            )
        return self
