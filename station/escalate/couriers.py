"""Brings a message to a recipient by the way that the settings name."""

from __future__ import annotations

import asyncio

from pain.errors import DeliveryError
from pain.wire import EscalationPayload
from station.config.escalation import EmailRoute, MqttRoute, NtfyRoute, Recipient, WebhookRoute
from station.config.root import StationConfig
from station.escalate.mail_post import MailPost
from station.escalate.mqtt_post import MqttPost
from station.escalate.web_post import WebPost


class Couriers:
    """All ways that the settings name.

    Args:
        config: the station.
    """

    def __init__(self, config: StationConfig) -> None:
        settings = config.escalation
        self._timeout_s = settings.attempt_timeout_s
        by_broker = any(recipient.mqtt is not None for recipient in settings.recipients)
        self._mqtt = MqttPost(config) if by_broker and settings.steps else None
        self._mail = (
            None
            if settings.smtp is None
            else MailPost(settings.smtp, timeout_s=settings.attempt_timeout_s)
        )
        self._web = WebPost(timeout_s=settings.attempt_timeout_s)

    def start(self) -> None:
        """Connect to the broker where a recipient is reached by it.

        Raises:
            ConfigError: the broker's password or a certificate cannot be used.
        """
        if self._mqtt is not None:
            self._mqtt.start()

    def stop(self) -> None:
        """Disconnect."""
        if self._mqtt is not None:
            self._mqtt.stop()

    async def deliver(self, recipient: Recipient, payload: EscalationPayload) -> None:
        """Try once.

        Raises:
            DeliveryError: it failed or took too long; says where, and shows no secret.
        """
        try:
            async with asyncio.timeout(self._timeout_s):
                await self._try(recipient, payload)
        except TimeoutError:
            raise DeliveryError(f"no answer within {self._timeout_s:g} s") from None

    async def _try(self, recipient: Recipient, payload: EscalationPayload) -> None:
        route = recipient.route
        if isinstance(route, MqttRoute) and self._mqtt is not None:
            await self._mqtt.deliver(payload)
        elif isinstance(route, EmailRoute) and self._mail is not None:
            await self._mail.deliver(route, payload)
        elif isinstance(route, WebhookRoute | NtfyRoute):
            await self._web.deliver(route, payload)
        else:
            raise DeliveryError("the settings no longer have this way")
