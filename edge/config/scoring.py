"""The pain model."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from edge.config.section import Section

ProviderName = Literal["cpu", "cuda", "tensorrt"]


class ScoringConfig(Section):
    """Which bundle runs, and on what."""

    bundle: Path | None = Field(
        default=None, description="Folder of a model bundle; the built-in one when absent."
    )
    provider: ProviderName = Field(
        default="cpu", description="ONNX Runtime execution provider: cpu, cuda or tensorrt."
    )
    threads: int = Field(default=1, ge=1, le=64, description="CPU threads of the pain model.")
