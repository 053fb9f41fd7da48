"""Sends escalations to web servers: webhooks and ntfy."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from pain.certificates import out_of_time
from pain.errors import ConfigError, DeliveryError
from pain.settings.credentials import secret_in
from pain.wire import EscalationKind, EscalationPayload
from station.config.escalation import NtfyRoute, WebhookRoute

_URGENT = 5
_USUAL = 3


class WebPost:
    """POSTs JSON. Redirects are not followed: they would take a token to somebody else.

    Args:
        timeout_s: of each step of the conversation, seconds.
    """

    def __init__(self, *, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        # It would log every address, and a webhook's may be a secret.
        logging.getLogger("httpx").setLevel(logging.WARNING)

    async def deliver(self, route: WebhookRoute | NtfyRoute, payload: EscalationPayload) -> None:
        """Send one message.

        Raises:
            DeliveryError: the server cannot be reached, or does not answer with 2xx.
        """
        if isinstance(route, WebhookRoute):
            body = payload.model_dump(mode="json")
            await self._send(route.url, body, payload, route.bearer_file)
        else:
            await self._send(route.url, _push(route, payload), payload, route.token_file)

    async def _send(
        self, url: str, body: dict[str, Any], payload: EscalationPayload, token_file: Path | None
    ) -> None:
        headers = {"Idempotency-Key": str(payload.id)}
        host = urlsplit(url).hostname
        try:
            if token_file is not None:
                token = await asyncio.to_thread(secret_in, token_file, key="escalation.recipients")
                headers["Authorization"] = f"Bearer {token}"
            async with httpx.AsyncClient(timeout=self._timeout_s) as client:
                answer = await client.post(url, json=body, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            why = out_of_time(error, str(host)) or type(error).__name__
            raise DeliveryError(f"{host} could not be reached ({why})") from None
        except ConfigError as error:
            raise DeliveryError(str(error)) from None
        if not answer.is_success:
            raise DeliveryError(f"{host} did not take the message (HTTP {answer.status_code})")


def _push(route: NtfyRoute, payload: EscalationPayload) -> dict[str, Any]:
    urgent = payload.kind is EscalationKind.ALARM
    return {
        "topic": route.topic,
        "title": payload.title,
        "message": payload.text,
        "priority": _URGENT if urgent else _USUAL,
    }
