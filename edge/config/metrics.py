"""Figures for a monitoring system."""

from __future__ import annotations

from pydantic import Field

from pain.settings.section import Section


class MetricsConfig(Section):
    """Prometheus endpoint. It has no login, so it stays on this box until told otherwise."""

    enabled: bool = Field(
        default=False, description="Serve /metrics (Prometheus), /health and /ready over HTTP."
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="Address to listen at.")
    port: int = Field(default=9464, ge=1, le=65535, description="Port to listen at.")
