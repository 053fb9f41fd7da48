"""How the broker is reached, and who we are there."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal

from pydantic import Field, SecretStr, model_validator

from pain.settings.section import Section
from pain.topics import NAME_PATTERN

_PASSWORDS: Final = ("password", "password_file", "password_env", "password_credential")
"""Keys that say where the password is; one of them at most."""


class TlsConfig(Section):
    """Certificates."""

    ca_file: Path | None = Field(
        default=None,
        description="CA certificates that sign the broker's; the system's when absent.",
    )
    client_cert_file: Path | None = Field(default=None, description="This device's certificate.")
    client_key_file: Path | None = Field(default=None, description="This device's private key.")


class BrokerConfig(Section):
    """Connection to the site's broker. TLS is the default; plain text must be asked for."""

    host: str = Field(min_length=1, description="Name or address of the broker.")
    port: int = Field(default=8883, ge=1, le=65535, description="Port of the broker.")
    plaintext: bool = Field(
        default=False, description="Connect without TLS (loopback and tests only)."
    )
    tls: TlsConfig = Field(default=TlsConfig(), description="Certificates for TLS.")
    protocol: Literal["auto", "5", "3.1.1"] = Field(
        default="auto",
        description="MQTT version. auto: 5, and 3.1.1 where the broker does not speak 5.",
    )
    client_id: str | None = Field(
        default=None,
        pattern=NAME_PATTERN,
        description="Fixed client id, '-<room>' is added; painwatch-<site> if absent.",
    )
    username: str | None = Field(default=None, description="User at the broker.")
    password: SecretStr | None = Field(
        default=None, description="Password; better is one of the three keys below."
    )
    password_file: Path | None = Field(default=None, description="File that holds the password.")
    password_env: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Environment variable that holds the password.",
    )
    password_credential: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9_.-]+$",
        description=(
            "Name of the systemd credential (LoadCredential=, in $CREDENTIALS_DIRECTORY) that "
            "holds the password."
        ),
    )
    keepalive_s: int = Field(default=15, ge=5, le=3600, description="MQTT keep-alive, s.")
    connect_timeout_s: float = Field(
        default=10.0,
        gt=0,
        description="Wait for the first connection before saying it is absent, s.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> BrokerConfig:
        given = [name for name in _PASSWORDS if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"give one of {' and '.join(given)}, not more")
        if (self.tls.client_cert_file is None) != (self.tls.client_key_file is None):
            raise ValueError("tls.client_cert_file and tls.client_key_file belong together")
        return self
