"""The broker."""

from __future__ import annotations

from pydantic import Field

from pain.settings.broker import BrokerConfig


class StationMqttConfig(BrokerConfig):
    """Connection to the site's broker. TLS is the default; plain text must be asked for."""

    client_id: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_-]{0,54}$",
        description=(
            "Fixed client id, '-live' and '-archive' are added; painwatch-<site>-<station> if "
            "absent."
        ),
    )
    session_days: int = Field(
        default=30,
        ge=1,
        le=365,
        description=(
            "The broker keeps events for this station this long while it is away, days (MQTT 5; "
            "older brokers have a setting of their own)."
        ),
    )
    heartbeat_s: float = Field(
        default=15.0,
        ge=1,
        le=300,
        description="The station says this often that it listens; its word is good for four times.",
    )
    command_timeout_s: float = Field(
        default=8.0,
        ge=1,
        le=60,
        description="A command that the room does not answer for this long has failed, s.",
    )
