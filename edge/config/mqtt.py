"""The broker."""

from __future__ import annotations

from pydantic import Field

from pain.settings.broker import BrokerConfig, TlsConfig
from pain.topics import NAME_PATTERN

__all__ = ["MqttConfig", "TlsConfig"]


class MqttConfig(BrokerConfig):
    """Connection to the site's broker. TLS is the default; plain text must be asked for."""

    station: str | None = Field(
        default=None,
        pattern=NAME_PATTERN,
        description=(
            "Id of the nursing station whose heartbeat is expected: without it, the alarm "
            "nobody_listening. Absent: nothing is expected."
        ),
    )
    homeassistant_prefix: str | None = Field(
        default="homeassistant", description="Discovery prefix; null switches discovery off."
    )
