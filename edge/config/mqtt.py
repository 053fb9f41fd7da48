"""The broker."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, model_validator

from edge.config.section import Section
from pain.topics import NAME_PATTERN


class TlsConfig(Section):
    """Certificates."""

    ca_file: Path | None = Field(
        default=None,
        description="CA certificates that sign the broker's; the system's when absent.",
    )
    client_cert_file: Path | None = Field(default=None, description="This device's certificate.")
    client_key_file: Path | None = Field(default=None, description="This device's private key.")


class MqttConfig(Section):
    """Connection to the site's broker. TLS is the default; plain text must be asked for."""

    host: str = Field(min_length=1, description="Name or address of the broker.")
    port: int = Field(default=8883, ge=1, le=65535, description="Port of the broker.")
    plaintext: bool = Field(
        default=False, description="Connect without TLS (loopback and tests only)."
    )
    tls: TlsConfig = Field(default=TlsConfig(), description="Certificates for TLS.")
    protocol: Literal["5", "3.1.1"] = Field(default="5", description="MQTT version.")
    client_id: str | None = Field(
        default=None,
        pattern=NAME_PATTERN,
        description="Fixed client id, '-<room>' is added; painwatch-<site> if absent.",
    )
    username: str | None = Field(default=None, description="User at the broker.")
    password: SecretStr | None = Field(default=None, description="Password; prefer password_file.")
    password_file: Path | None = Field(default=None, description="File that holds the password.")
    keepalive_s: int = Field(default=15, ge=5, le=3600, description="MQTT keep-alive, s.")
    connect_timeout_s: float = Field(
        default=10.0,
        gt=0,
        description="Wait for the first connection before saying it is absent, s.",
    )
    homeassistant_prefix: str | None = Field(
        default="homeassistant", description="Discovery prefix; null switches discovery off."
    )

    @model_validator(mode="after")
    def _consistent(self) -> MqttConfig:
        if self.password is not None and self.password_file is not None:
            raise ValueError("give password or password_file, not both")
        if (self.tls.client_cert_file is None) != (self.tls.client_key_file is None):
            raise ValueError("tls.client_cert_file and tls.client_key_file belong together")
        return self
