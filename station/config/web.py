"""Where the board is served."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, model_validator

from pain.settings.section import Section


class WebConfig(Section):
    """The board's web server. It stays on this computer until told otherwise."""

    host: str = Field(
        default="127.0.0.1",
        min_length=1,
        description="Address to listen at; 0.0.0.0 for the whole network, which needs TLS.",
    )
    port: int = Field(default=8090, ge=1, le=65535, description="Port to listen at.")
    cert_file: Path | None = Field(
        default=None, description="TLS certificate of the board with its chain, PEM."
    )
    key_file: Path | None = Field(default=None, description="Private key to it, PEM.")
    plaintext: bool = Field(
        default=False,
        description="Listen outside this computer without TLS (behind a TLS proxy only).",
    )
    session_hours: float = Field(
        default=12.0, gt=0, le=168, description="A login ends after this time, h."
    )

    @property
    def loopback(self) -> bool:
        """Whether the board can be reached from this computer alone."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    @model_validator(mode="after")
    def _safe(self) -> WebConfig:
        if (self.cert_file is None) != (self.key_file is None):
            raise ValueError("cert_file and key_file belong together")
        if not self.loopback and self.cert_file is None and not self.plaintext:
            raise ValueError(
                f"host {self.host!r} is reached from other computers: give cert_file and key_file, "
                "or plaintext: true behind a proxy that does TLS"
            )
        return self
